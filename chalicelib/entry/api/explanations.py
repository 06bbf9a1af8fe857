"""Why is a delivery planned where it is, or why does it wait? For its merchant and for the desk."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Offer, OfferStatus, RouteStatus
from chalicelib.domain.dispatch.plans import explaining
from chalicelib.domain.dispatch.plans.explaining import Elsewhere, Explanation, OnRoute, State
from chalicelib.domain.dispatch.rules.desk_rules import RuleKind
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest, work
from chalicelib.entry.api.move_answers import CostParts, write_cost
from chalicelib.entry.api.naming import named
from chalicelib.entry.api.plan_answers import RelaxationAnswer, write_blocking
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.roads import roads_of
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Plans")


class OwnerQuery(rest.Body):
    """The operator names the merchant; a merchant's key does."""

    merchant_id: Annotated[str, Field(max_length=120)] | None = None


class WaitingAnswer(rest.Answer):
    """``reason``: the wave's, or `next_wave`, `not_due_yet` (until ``from_at``), `pinned_to_route`.

    ``relaxation`` names a driver for the desk only.
    """

    reason: str
    from_at: AwareDatetime | None
    wave_id: str | None
    planned_at: AwareDatetime | None
    constraint: str | None
    relaxation: RelaxationAnswer | None


class PlaceOnRoute(rest.Answer):
    """Where it stands on its route, as of now."""

    route_id: str
    route_status: RouteStatus
    doors_before: int
    planned_arrival_at: AwareDatetime
    late_s: int


class AloneAnswer(rest.Answer):
    """What the route would save without it."""

    cost: CostParts
    distance_m: int
    duration_s: int


class ConsideredDriver(rest.Answer):
    """Who came next, and what each term would have cost [s]."""

    driver_id: str
    terms_s: dict[str, int]
    cost_s: int


class WhyThisDriver(rest.Answer):
    """What each term cost [s]; who came next; how many failed which filter."""

    terms_s: dict[str, int]
    cost_s: int
    runners_up: list[ConsideredDriver]
    considered: int
    ruled_out: dict[str, int]


class AskedDriver(rest.Answer):
    """Somebody who was asked to take the route, and why this one."""

    driver_id: str
    status: OfferStatus
    made_at: AwareDatetime
    approach_m: int
    why: WhyThisDriver | None


class ElsewhereAnswer(rest.Answer):
    """What it would add to another route, at the best place there."""

    route_id: str
    route_status: RouteStatus
    driver_id: str | None
    added_cost_points: int
    added_distance_m: int
    added_duration_s: int
    added_late_s: int
    new_violations: list[str]


class RuleNamed(rest.Answer):
    id: str
    kind: RuleKind
    by: str
    reason: str


class ByHand(rest.Answer):
    """A step of the history that somebody at the desk did."""

    what: str
    at: AwareDatetime
    by: str


class DeskView(rest.Answer):
    """What only the desk sees."""

    driver_id: str | None
    alone: AloneAnswer | None
    asked: list[AskedDriver]
    elsewhere: list[ElsewhereAnswer]
    rules: list[RuleNamed]
    by_hand: list[ByHand]


class ExplainedDelivery(rest.Answer):
    """Why it is where it is. ``drivers_asked``: how many were asked to take its route."""

    delivery_id: str
    status: Status
    state: State
    waits: WaitingAnswer | None
    on_route: PlaceOnRoute | None
    drivers_asked: int
    desk: DeskView | None

    model_config = rest.example(
        delivery_id="del_01m83qpnc10y2w525st46371np",
        status="ready",
        state="waits",
        waits={
            "reason": "outside_shift",
            "from_at": None,
            "wave_id": "wav_01m83qq7j8f2rgbdknvarh78vb",
            "planned_at": "2026-11-23T08:19:50.067Z",
            "constraint": "shift",
            "relaxation": {
                "lever": "shift_later",
                "amount": 840,
                "added_cost_points": 512_000,
                "driver_id": None,
                "pays": True,
            },
        },
        on_route=None,
        drivers_asked=0,
        desk=None,
    )


@doors.route(
    "GET",
    "/v1/deliveries/{delivery_id}/explain",
    who=(merchant(Scope.DELIVERIES_READ), OPERATOR),
    answers={200: ExplainedDelivery},
    errors=(Invalid,),
)
def explain_delivery(
    caller: Caller, delivery_id: DeliveryId, query: OwnerQuery
) -> Mapping[str, Any]:
    """Explain why a delivery is planned where it is, or why it waits.

    What waits has the reason of the latest wave, the rule that stands in the way and the cheapest
    way around it. What is on a route has its place there and how late it is. The desk, which names
    the merchant in `merchant_id`, also reads what the delivery costs its route by itself, who was
    asked and by which terms, what it would add to the other routes, the rules about it, and what
    was done by hand.
    """
    for_desk = caller.role is Role.OPERATOR
    owner = query.merchant_id if for_desk else caller.id
    if owner is None:
        field = {"field": "merchant_id", "error": "the operator names the merchant"}
        raise Invalid("whose delivery is it?", fields=[field])
    ref: DeliveryRef = named(owner, delivery_id)
    told = work.read(lambda uow: explaining.explain(uow, ref, roads_of, for_desk=for_desk))
    return _write(told, for_desk=for_desk)


def _write(told: Explanation, *, for_desk: bool) -> dict[str, Any]:
    delivery = told.delivery
    return {
        "delivery_id": delivery.id,
        "status": delivery.status.value,
        "state": told.state.value,
        "waits": _write_waits(told, for_desk=for_desk),
        "on_route": told.on_route and _write_place(told.on_route),
        "drivers_asked": len(told.offers),
        "desk": _write_desk(told) if for_desk else None,
    }


def _write_waits(told: Explanation, *, for_desk: bool) -> dict[str, Any] | None:
    waits = told.waits
    if waits is None:
        return None
    blocking = write_blocking(waits.blocking)
    if blocking["relaxation"] and not for_desk:
        blocking["relaxation"]["driver_id"] = None
    return {
        "reason": waits.reason,
        "from_at": waits.from_at and write_instant(waits.from_at),
        "wave_id": waits.wave_id,
        "planned_at": waits.planned_at and write_instant(waits.planned_at),
        **blocking,
    }


def _write_place(one: OnRoute) -> dict[str, Any]:
    return {
        "route_id": one.route.id,
        "route_status": one.route.status.value,
        "doors_before": one.doors_before,
        "planned_arrival_at": write_instant(one.door.planned_arrival_at),
        "late_s": one.late_s,
    }


def _write_desk(told: Explanation) -> dict[str, Any]:
    one = told.on_route
    return {
        "driver_id": told.delivery.driver_id,
        "alone": one
        and {
            "cost": write_cost(one.alone),
            "distance_m": one.alone_m,
            "duration_s": one.alone_s,
        },
        "asked": [_write_offer(offer) for offer in told.offers],
        "elsewhere": [_write_elsewhere(other) for other in told.elsewhere],
        "rules": [
            {"id": rule.id, "kind": rule.kind.value, "by": rule.by, "reason": rule.reason}
            for rule in told.rules
        ],
        "by_hand": [
            {"what": entry.what, "at": write_instant(entry.at), "by": entry.by}
            for entry in told.by_hand()
        ],
    }


def _write_offer(offer: Offer) -> dict[str, Any]:
    why = offer.why
    return {
        "driver_id": offer.driver_id,
        "status": offer.status.value,
        "made_at": write_instant(offer.made_at),
        "approach_m": offer.approach_m,
        "why": why
        and {
            "terms_s": dict(why.terms),
            "cost_s": why.cost_s,
            "runners_up": [
                {
                    "driver_id": one.driver_id,
                    "terms_s": dict(one.terms),
                    "cost_s": sum(one.terms.values()),
                }
                for one in why.runners_up
            ],
            "considered": why.considered,
            "ruled_out": dict(why.ruled_out),
        },
    }


def _write_elsewhere(one: Elsewhere) -> dict[str, Any]:
    return {
        "route_id": one.route.id,
        "route_status": one.route.status.value,
        "driver_id": one.route.driver_id,
        "added_cost_points": one.added_cost,
        "added_distance_m": one.added_m,
        "added_duration_s": one.added_s,
        "added_late_s": one.late_s,
        "new_violations": list(one.limits),
    }
