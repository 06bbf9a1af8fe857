"""What does a change by hand look like? The answers of entry.api.moves, written and documented."""

from typing import Any

from pydantic import AwareDatetime

from chalicelib.domain.dispatch.model import RouteStatus, StopKind, StopStatus
from chalicelib.domain.dispatch.plans import changes
from chalicelib.domain.dispatch.plans.assessing import Assessed
from chalicelib.domain.dispatch.plans.effects import Delay, Effect, RouteEffect
from chalicelib.domain.dispatch.plans.journal import Change, ChangeKind
from chalicelib.domain.routing.cost import Cost
from chalicelib.entry import rest
from chalicelib.kit.timewindow import write_instant

_ROUTE = "rte_01m83qqb5cfmsa2k3w3tegjase"
_DELIVERY = "del_01m83qpnc10y2w525st46371np"


class CostParts(rest.Answer):
    """What a route costs, in points: thousandths of a minor currency unit."""

    driving_points: int
    driver_time_points: int
    fixed_points: int
    lateness_points: int
    total_points: int


class Standing(rest.Answer):
    """A route at one moment: what it costs, how far it goes, how late it is in all."""

    cost: CostParts
    distance_m: int
    duration_s: int
    late_s: int
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    load_weight_g: int
    load_volume_ml: int


class StopAfter(rest.Answer):
    id: str
    kind: StopKind
    status: StopStatus
    deliveries: list[str]
    planned_arrival_at: AwareDatetime


class RouteEffectAnswer(rest.Answer):
    """One route: before (null if the change makes it) and after, with its stops."""

    route_id: str
    route_status: RouteStatus
    before: Standing | None
    after: Standing
    stops: list[StopAfter]
    new_violations: list[str]


class DeliveryEffect(rest.Answer):
    """A delivery that moves, or whose lateness changes; null where it is on no route."""

    delivery_id: str
    late_before_s: int | None
    late_after_s: int | None
    from_route_id: str | None
    to_route_id: str | None


class Violation(rest.Answer):
    """``code`` is stable; the rest says where."""

    code: str
    route_id: str | None
    delivery_id: str | None
    rule_id: str | None
    reason: str | None


class ChangeEffect(rest.Answer):
    """What a change does; ``change_id`` once it is committed.

    ``if_version`` is what the commit has to name. With ``needs_force`` it breaks a limit or a rule.
    """

    kind: ChangeKind
    change_id: str | None
    if_version: dict[str, int]
    routes: list[RouteEffectAnswer]
    deliveries: list[DeliveryEffect]
    violations: list[Violation]
    needs_force: bool
    cost_delta_points: int
    distance_delta_m: int
    duration_delta_s: int
    late_delta_s: int

    model_config = rest.example(
        kind="move",
        change_id=None,
        if_version={_ROUTE: 3},
        routes=[],
        deliveries=[
            {
                "delivery_id": _DELIVERY,
                "late_before_s": 0,
                "late_after_s": None,
                "from_route_id": _ROUTE,
                "to_route_id": None,
            }
        ],
        violations=[],
        needs_force=False,
        cost_delta_points=-412_000,
        distance_delta_m=-2310,
        duration_delta_s=-611,
        late_delta_s=0,
    )


class ChangedDelivery(rest.Answer):
    delivery_id: str
    from_route_id: str | None
    to_route_id: str | None


class JournalEntry(rest.Answer):
    """Who changed what by hand, and why; ``undone_by`` names the change that took it back."""

    id: str
    kind: ChangeKind
    by: str
    reason: str
    forced: bool
    at: AwareDatetime
    routes: list[str]
    deliveries: list[ChangedDelivery]
    plan_id: str | None
    undoes: str | None
    undone_by: str | None

    model_config = rest.example(
        id="chg_01m83qqb5cfmsa2k3w3tegjase",
        kind="move",
        by="marta",
        reason="",
        forced=False,
        at="2026-11-23T08:19:53.067Z",
        routes=[_ROUTE],
        deliveries=[{"delivery_id": _DELIVERY, "from_route_id": _ROUTE, "to_route_id": None}],
        plan_id=None,
        undoes=None,
        undone_by=None,
    )


class ChangePage(rest.Answer):
    """Changes by hand, newest first."""

    changes: list[JournalEntry]
    next_cursor: str | None

    model_config = rest.example(changes=[], next_cursor=None)


def write_effect(effect: Effect, change: Change | None = None) -> dict[str, Any]:
    went = {one.ref: one for one in effect.went}

    def delivery(one: Delay) -> dict[str, Any]:
        moved = went.get(one.ref)
        return {
            "delivery_id": one.ref.delivery_id,
            "late_before_s": one.before_s,
            "late_after_s": one.after_s,
            "from_route_id": moved and moved.from_route,
            "to_route_id": moved and moved.to_route,
        }

    delays = effect.delays()
    late_s = sum((one.after_s or 0) - (one.before_s or 0) for one in delays)
    return {
        "kind": effect.kind.value,
        "change_id": change and change.id,
        "if_version": changes.versions_of(effect),
        "routes": [_write_route(one) for one in effect.routes],
        "deliveries": [delivery(one) for one in delays],
        "violations": _violations(effect),
        "needs_force": effect.needs_force(),
        "cost_delta_points": effect.cost_delta,
        "distance_delta_m": sum(one.distance_delta_m for one in effect.routes),
        "duration_delta_s": sum(one.duration_delta_s for one in effect.routes),
        "late_delta_s": late_s,
    }


def write_change(change: Change) -> dict[str, Any]:
    return {
        "id": change.id,
        "kind": change.kind.value,
        "by": change.by,
        "reason": change.reason,
        "forced": change.forced,
        "at": write_instant(change.at),
        "routes": [one.after.id for one in change.routes],
        "deliveries": [
            {
                "delivery_id": one.ref.delivery_id,
                "from_route_id": one.from_route,
                "to_route_id": one.to_route,
            }
            for one in change.went
        ],
        "plan_id": change.plan_id,
        "undoes": change.undoes,
        "undone_by": change.undone_by,
    }


def write_cost(cost: Cost) -> dict[str, int]:
    return {
        "driving_points": cost.distance,
        "driver_time_points": cost.duration + cost.overtime,
        "fixed_points": cost.vehicles,
        "lateness_points": cost.lateness,
        "total_points": cost.distance
        + cost.duration
        + cost.overtime
        + cost.vehicles
        + cost.lateness,
    }


def write_standing(one: Assessed) -> dict[str, Any]:
    route = one.route
    return {
        "cost": write_cost(one.cost),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "late_s": one.late_in_all_s,
        "starts_at": write_instant(route.starts_at),
        "ends_at": write_instant(route.ends_at),
        "load_weight_g": route.load_weight_g,
        "load_volume_ml": route.load_volume_ml,
    }


def _write_route(one: RouteEffect) -> dict[str, Any]:
    return {
        "route_id": one.route_id,
        "route_status": one.after.route.status.value,
        "before": None if one.before is None else write_standing(one.before),
        "after": write_standing(one.after),
        "stops": [
            {
                "id": stop.id,
                "kind": stop.kind.value,
                "status": stop.status.value,
                "deliveries": [ref.delivery_id for ref in stop.deliveries],
                "planned_arrival_at": write_instant(stop.planned_arrival_at),
            }
            for stop in one.after.route.stops
        ],
        "new_violations": [limit.value for limit in one.new_limits],
    }


def _violations(effect: Effect) -> list[dict[str, Any]]:
    limits = [
        {
            "code": limit.value,
            "route_id": one.route_id,
            "delivery_id": None,
            "rule_id": None,
            "reason": None,
        }
        for one in effect.routes
        for limit in one.new_limits
    ]
    rules = [
        {
            "code": one.code,
            "route_id": None,
            "delivery_id": one.delivery.delivery_id,
            "rule_id": one.rule.id,
            "reason": one.rule.reason,
        }
        for one in effect.breaches
    ]
    return [*limits, *rules]
