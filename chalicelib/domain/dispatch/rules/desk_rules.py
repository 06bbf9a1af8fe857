"""What has the desk decided beforehand? Pins, exclusions and groups that every plan keeps.

A rule belongs to a hub, says who made it and why, and may end by itself. Waves and re-plans keep
them as hard limits of the problem; a move by hand that breaks one is refused with the rule's code,
unless it is forced with a reason. Whom a driver does not drive for at all, a merchant or a hub, is
no rule but a block of the driver's (``drivers.model.Block``). Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, StopKind
from chalicelib.kit.desk_errors import RuleConflict

#: A hub's rules are read whole by every wave.
MOST_RULES = 500
#: What goes together fits one route with room to spare.
MOST_TOGETHER = 50


class RuleKind(StrEnum):
    PIN_TO_ROUTE = "pin_to_route"  # stays on this route, or waits until somebody puts it there
    PIN_TO_DRIVER = "pin_to_driver"  # goes with this driver or with nobody
    LEAVE_BY = "leave_by"  # is picked up by then, and does not wait for a later wave
    EXCLUDE_DRIVER = "exclude_driver"  # not this driver: of a delivery, or a recipient's door
    TOGETHER = "together"  # all on one route, or none


@dataclass(frozen=True, slots=True)
class Rule:
    """One decision of the desk.

    Parameters
    ----------
    deliveries
        What it is about: one for a pin, several for a group; empty for a recipient.
    door_key
        The door that a driver is kept from (see ``Delivery.door_key``).
    ends_at
        From when on it does not count any more; None until somebody deletes it.
    """

    id: str
    hub_id: str
    kind: RuleKind
    by: str
    reason: str
    made_at: datetime
    deliveries: tuple[DeliveryRef, ...] = ()
    driver_id: str | None = None
    route_id: str | None = None
    leave_by_at: datetime | None = None
    door_key: str | None = None
    ends_at: datetime | None = None

    def counts_at(self, now: datetime) -> bool:
        return self.ends_at is None or self.ends_at > now


class Parcelled(Protocol):
    """What a rule looks at: a waiting delivery, or one on a route."""

    @property
    def ref(self) -> DeliveryRef: ...
    @property
    def door_key(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that something would break; ``code`` is ``rule_`` and the rule's kind."""

    rule: Rule
    delivery: DeliveryRef

    @property
    def code(self) -> str:
        return f"rule_{self.rule.kind}"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of a hub that count now."""

    every: tuple[Rule, ...] = ()
    _by_ref: Mapping[DeliveryRef, tuple[Rule, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        found: dict[DeliveryRef, list[Rule]] = {}
        for rule in self.every:
            for ref in rule.deliveries:
                found.setdefault(ref, []).append(rule)
        object.__setattr__(self, "_by_ref", {ref: tuple(some) for ref, some in found.items()})

    @classmethod
    def counting(cls, rules: Iterable[Rule], now: datetime) -> "Rules":
        return cls(tuple(rule for rule in rules if rule.counts_at(now)))

    def about(self, one: Parcelled) -> list[Rule]:
        """Every rule that touches a delivery."""
        broad = (rule for rule in self.every if not rule.deliveries and _covers(rule, one))
        return [*self._by_ref.get(one.ref, ()), *broad]

    def barred(self, one: Parcelled) -> frozenset[str]:
        """Drivers who may not have it."""
        rules = self.about(one)
        return frozenset(
            rule.driver_id
            for rule in rules
            if rule.kind is RuleKind.EXCLUDE_DRIVER and rule.driver_id is not None
        )

    def only_driver(self, ref: DeliveryRef) -> str | None:
        return next((rule.driver_id for rule in self._of(ref, RuleKind.PIN_TO_DRIVER)), None)

    def route_of(self, ref: DeliveryRef) -> str | None:
        """The route that it is pinned to."""
        return next((rule.route_id for rule in self._of(ref, RuleKind.PIN_TO_ROUTE)), None)

    def leave_by(self, ref: DeliveryRef) -> datetime | None:
        times = [rule.leave_by_at for rule in self._of(ref, RuleKind.LEAVE_BY)]
        return min((at for at in times if at is not None), default=None)

    def groups(self) -> list[tuple[DeliveryRef, ...]]:
        return [rule.deliveries for rule in self.every if rule.kind is RuleKind.TOGETHER]

    def pinned_routes(self) -> frozenset[str]:
        return frozenset(
            rule.route_id
            for rule in self.every
            if rule.kind is RuleKind.PIN_TO_ROUTE and rule.route_id is not None
        )

    def drivers_for(self, cargo: Sequence[Parcelled]) -> tuple[str | None, tuple[str, ...]]:
        """Who may take a route with all of these: the only one, if any, and those who may not."""
        only = {driver for one in cargo if (driver := self.only_driver(one.ref)) is not None}
        barred = frozenset[str]().union(*(self.barred(one) for one in cargo))
        return min(only, default=None), tuple(sorted(barred))

    def breaches(
        self, route: Route, cargo: Sequence[Parcelled], moved: Iterable[DeliveryRef]
    ) -> list[Breach]:
        """What a route with this cargo breaks, as far as it is about what was moved."""
        touched = set(moved)
        aboard = {one.ref for one in cargo}
        only, _ = self.drivers_for(cargo)
        found = []
        for one in cargo:
            for rule in self.about(one):
                concerned = touched & (set(rule.deliveries) or {one.ref})
                if concerned and _is_broken(rule, one.ref, route, aboard, only):
                    found.append(Breach(rule, one.ref))
        return found

    def _of(self, ref: DeliveryRef, kind: RuleKind) -> list[Rule]:
        return [rule for rule in self._by_ref.get(ref, ()) if rule.kind is kind]


def _is_broken(
    rule: Rule, ref: DeliveryRef, route: Route, aboard: set[DeliveryRef], only: str | None
) -> bool:
    driver = route.driver_id or only
    match rule.kind:
        case RuleKind.PIN_TO_ROUTE:
            return rule.route_id != route.id
        case RuleKind.PIN_TO_DRIVER:
            return driver is not None and driver != rule.driver_id
        case RuleKind.EXCLUDE_DRIVER:
            return driver is not None and driver == rule.driver_id
        case RuleKind.TOGETHER:
            return not set(rule.deliveries) <= aboard
        case RuleKind.LEAVE_BY:
            return rule.leave_by_at is not None and _picked_up_at(route, ref) > rule.leave_by_at


def _picked_up_at(route: Route, ref: DeliveryRef) -> datetime:
    times = (
        stop.planned_arrival_at
        for stop in route.stops
        if stop.kind is StopKind.PICKUP and ref in stop.deliveries
    )
    return next(times, route.starts_at)


def must_agree(rules: Rules, new: Rule, doors: Mapping[DeliveryRef, str | None]) -> None:
    """Refuse a rule that contradicts another, or one too many.

    Parameters
    ----------
    doors
        Which door each delivery of the new rule goes to.

    Raises
    ------
    RuleConflict
        ``rule_id`` names the other one.
    """
    if len(rules.every) >= MOST_RULES:
        raise RuleConflict(f"a hub has at most {MOST_RULES} rules; delete some")
    for other in rules.every:
        if _contradict(new, other, doors):
            detail = f"the rule {other.id} says otherwise"
            raise RuleConflict(detail, extra={"rule_id": other.id})


def _contradict(new: Rule, other: Rule, doors: Mapping[DeliveryRef, str | None]) -> bool:
    """Two pins to different places, or a pin to a driver who is kept away."""
    shared = set(new.deliveries) & set(other.deliveries)
    if new.kind is other.kind:
        pins = (RuleKind.PIN_TO_DRIVER, RuleKind.PIN_TO_ROUTE)
        apart = (new.driver_id, new.route_id) != (other.driver_id, other.route_id)
        return bool(shared) and apart and new.kind in pins
    kinds = {new.kind, other.kind}
    if kinds != {RuleKind.PIN_TO_DRIVER, RuleKind.EXCLUDE_DRIVER}:
        return False
    away, pin = (new, other) if new.kind is RuleKind.EXCLUDE_DRIVER else (other, new)
    if away.driver_id != pin.driver_id:
        return False
    door_shared = away.door_key is not None and away.door_key in doors.values()
    return bool(shared) or (pin is new and door_shared)


def _covers(rule: Rule, one: Parcelled) -> bool:
    return rule.door_key is not None and rule.door_key == one.door_key
