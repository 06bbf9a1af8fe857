"""The desk's rules: pins, exclusions and groups that every wave and every re-plan keeps."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from pydantic import AwareDatetime, Field, model_validator

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.rules import desk_rules, rule_store
from chalicelib.domain.dispatch.rules.desk_rules import MOST_TOGETHER, Rule, RuleKind, Rules
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import HubId, RuleId
from chalicelib.entry.surface import Doors
from chalicelib.kit.desk_errors import RuleConflict
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import as_utc, write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Plans")

#: What each kind needs beside the reason; everything else has no place in it.
_NEEDS: Mapping[RuleKind, tuple[frozenset[str], ...]] = {
    RuleKind.PIN_TO_ROUTE: (frozenset({"deliveries", "route_id"}),),
    RuleKind.PIN_TO_DRIVER: (frozenset({"deliveries", "driver_id"}),),
    RuleKind.LEAVE_BY: (frozenset({"deliveries", "leave_by_at"}),),
    RuleKind.EXCLUDE_DRIVER: (
        frozenset({"deliveries", "driver_id"}),
        frozenset({"recipient_of", "driver_id"}),
    ),
    RuleKind.TOGETHER: (frozenset({"deliveries"}),),
}


class Pointer(rest.Body):
    """A delivery, and whose it is."""

    merchant_id: rest.Name
    delivery_id: rest.Name

    @property
    def ref(self) -> DeliveryRef:
        return DeliveryRef(self.merchant_id, self.delivery_id)


class RuleForm(rest.Body):
    """``recipient_of``: a delivery whose door the driver is kept from, now and later."""

    kind: RuleKind
    reason: rest.Name
    deliveries: Annotated[list[Pointer], Field(min_length=1, max_length=MOST_TOGETHER)] | None = (
        None
    )
    driver_id: rest.Name | None = None
    route_id: rest.Name | None = None
    leave_by_at: rest.Instant | None = None
    recipient_of: Pointer | None = None
    ends_at: rest.Instant | None = None

    model_config = rest.example(
        kind="exclude_driver",
        reason="asked for by the recipient",
        recipient_of={
            "merchant_id": "mer_01m83qpn9gec8xh7wbacsaen6x",
            "delivery_id": "del_01m83qpndkz5w2c9gq0r8h3v6t",
        },
        driver_id="drv_01m83qpnbb853jczmpgmk52m8t",
        ends_at="2026-11-30T00:00:00Z",
    )

    @model_validator(mode="after")
    def _is_whole(self) -> "RuleForm":
        told = {name for names in _NEEDS.values() for one in names for name in one}
        given = {name for name in told if getattr(self, name) is not None}
        if given not in _NEEDS[self.kind]:
            wanted = " or ".join(" and ".join(sorted(one)) for one in _NEEDS[self.kind])
            raise ValueError(f"{self.kind.value} needs {wanted}, and nothing else")
        if self.kind is RuleKind.TOGETHER and len(self.deliveries or ()) < 2:
            raise ValueError("two deliveries at least go together")
        return self


class DeskRule(rest.Answer):
    """A rule, who made it and why. ``recipient``: it is about one door."""

    id: str
    hub_id: str
    kind: RuleKind
    by: str
    reason: str
    made_at: AwareDatetime
    deliveries: list[str]
    driver_id: str | None
    route_id: str | None
    leave_by_at: AwareDatetime | None
    recipient: bool
    ends_at: AwareDatetime | None

    model_config = rest.example(
        id="rul_01m83qqb5cfmsa2k3w3tegjase",
        hub_id="hub_01m83qpn8tsfztk8g4j2we32hb",
        kind="exclude_driver",
        by="marta",
        reason="asked for by the recipient",
        made_at="2026-11-23T08:19:53.067Z",
        deliveries=[],
        driver_id="drv_01m83qpnbb853jczmpgmk52m8t",
        route_id=None,
        leave_by_at=None,
        recipient=True,
        ends_at="2026-11-30T00:00:00.000Z",
    )


class DeskRules(rest.Answer):
    """The rules of a hub that count now, oldest first."""

    rules: list[DeskRule]

    model_config = rest.example(rules=[])


@doors.route(
    "POST",
    "/v1/hubs/{hub_id}/rules",
    who=(OPERATOR,),
    answers={201: DeskRule},
    errors=(RuleConflict, NotFound),
    headers=(DESK_USER,),
)
def make_rule(hub_id: HubId, body: RuleForm, caller: Caller) -> Mapping[str, Any]:
    """Pin a delivery, keep a driver from one, or bind deliveries together.

    `pin_to_route` and `pin_to_driver` say where a delivery goes, `leave_by` until when it is picked
    up, `exclude_driver` keeps a driver from deliveries or from a recipient's door, `together` puts
    deliveries on one route or on none. Who does not drive for a shop at all has a block instead.
    A rule that contradicts another one is a `rule_conflict`. Routes that have a driver already stay
    as they are.
    """
    by = desk_user(caller)
    return _write(work.run(lambda uow: _make(uow, hub_id, body, by)))


@doors.route("GET", "/v1/hubs/{hub_id}/rules", who=(OPERATOR,), answers={200: DeskRules})
def list_rules(hub_id: HubId) -> Mapping[str, Any]:
    """List the rules of a hub that count now."""

    def counting(uow: UnitOfWork) -> Rules:
        merchant_store.load_hub(uow, hub_id)
        return rule_store.counting(uow, hub_id)

    return {"rules": [_write(rule) for rule in work.read(counting).every]}


@doors.route("DELETE", "/v1/hubs/{hub_id}/rules/{rule_id}", who=(OPERATOR,), answers={204: None})
def delete_rule(hub_id: HubId, rule_id: RuleId) -> Response:
    """Delete a rule; the next wave plans without it."""
    work.run(lambda uow: rule_store.delete(uow, rule_store.load(uow, hub_id, rule_id)))
    return rest.nothing()


def _make(uow: UnitOfWork, hub_id: str, body: RuleForm, by: str) -> Rule:
    merchant_store.load_hub(uow, hub_id)
    named = {one.ref for one in body.deliveries or ()}
    asked = body.recipient_of
    found = delivery_store.load_many(uow, named | ({asked.ref} if asked else set()))
    here = {ref: one for ref, one in found.items() if one.hub_id == hub_id}
    if named - here.keys() or (asked and asked.ref not in here):
        raise NotFound("there is no such delivery at this hub")
    if body.driver_id is not None and drivers.load(uow, body.driver_id).hub_id != hub_id:
        raise NotFound("there is no such driver at this hub")
    if body.route_id is not None and dispatch.load_route(uow, body.route_id).hub_id != hub_id:
        raise NotFound("there is no such route at this hub")
    rule = Rule(
        id=uow.new_id("rul"),
        hub_id=hub_id,
        kind=body.kind,
        by=by,
        reason=body.reason,
        made_at=uow.now,
        deliveries=tuple(sorted(named, key=str)),
        driver_id=body.driver_id,
        route_id=body.route_id,
        leave_by_at=body.leave_by_at and as_utc(body.leave_by_at),
        door_key=_door_of(here[asked.ref].door_key) if asked else None,
        ends_at=body.ends_at and as_utc(body.ends_at),
    )
    doors_named = {ref: one.door_key for ref, one in here.items() if ref in named}
    desk_rules.must_agree(rule_store.counting(uow, hub_id), rule, doors_named)
    rule_store.save(uow, rule)
    return rule


def _door_of(door_key: str | None) -> str:
    if door_key is None:
        raise NotFound("the delivery is from before doors were told apart")
    return door_key


def _write(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "hub_id": rule.hub_id,
        "kind": rule.kind.value,
        "by": rule.by,
        "reason": rule.reason,
        "made_at": write_instant(rule.made_at),
        "deliveries": [ref.delivery_id for ref in rule.deliveries],
        "driver_id": rule.driver_id,
        "route_id": rule.route_id,
        "leave_by_at": rule.leave_by_at and write_instant(rule.leave_by_at),
        "recipient": rule.door_key is not None,
        "ends_at": rule.ends_at and write_instant(rule.ends_at),
    }
