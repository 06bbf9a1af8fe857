"""How is a change made by hand? Look first, then commit exactly what was looked at.

The preview and the commit are one computation. The commit names the versions that the preview saw:
whoever comes second is told who was first, and decides again. All that a change touches is written
in one transaction: routes, deliveries, the driver of a route that ends, and the journal's entry.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route, RouteStatus
from chalicelib.domain.dispatch.plans import journal
from chalicelib.domain.dispatch.plans.arranging import impossible
from chalicelib.domain.dispatch.plans.assessing import UNLAWFUL
from chalicelib.domain.dispatch.plans.effects import Effect
from chalicelib.domain.dispatch.plans.journal import Change, Touched, Went
from chalicelib.domain.dispatch.plans.wishes import Bench, Wish
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.travel import Roads
from chalicelib.kit.desk_errors import MoveNeedsForce, PreviewStale, RuleBroken
from chalicelib.kit.events import Event
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: From here on a delivery belongs to its driver.
_LOOSE = (Status.PLANNED, Status.ASSIGNED, Status.EN_ROUTE_TO_PICKUP)


@dataclass(frozen=True, slots=True)
class Author:
    """Who changes it, why, and whether limits and rules stand back."""

    by: str
    reason: str = ""
    force: bool = False


def preview(uow: UnitOfWork, hub: Hub, wish: Wish, roads: Roads) -> Effect:
    """What it would do; nothing is written."""
    return wish(Bench(uow, hub, roads))


def commit(
    uow: UnitOfWork,
    hub: Hub,
    wish: Wish,
    roads: Roads,
    author: Author,
    seen: Mapping[str, int],
) -> tuple[Change, Effect]:
    """Make it so, if every route is still as the preview saw it.

    Parameters
    ----------
    seen
        The version of each route that the preview named.

    Raises
    ------
    PreviewStale
        If somebody was faster.
    RuleBroken, MoveNeedsForce
        If a rule or a limit stands in the way and nobody forces it.
    MoveImpossible
        If it cannot be, or the law forbids it.
    NotFound
    """
    must_be_seen(uow, hub.id, seen)
    bench = Bench(uow, hub, roads)
    effect = wish(bench)
    for one in effect.routes:
        if one.was is not None and seen.get(one.route_id) != one.was.version:
            raise _stale(uow, hub.id, one.was)
    _must_be_lawful(effect)
    if not author.force:
        _must_be_within(effect)
    return write(bench, effect, author), effect


def must_be_seen(uow: UnitOfWork, hub_id: str, seen: Mapping[str, int]) -> None:
    """Raise PreviewStale for a route that has moved on, whatever it now is."""
    found = uow.get_many(keys.route(route_id) for route_id in seen)
    for item in found.values():
        route = store.route_from_item(item)
        if route.hub_id == hub_id and route.version != seen[route.id]:
            raise _stale(uow, hub_id, route)


def _stale(uow: UnitOfWork, hub_id: str, route: Route) -> PreviewStale:
    extra = {"route_id": route.id, "version": str(route.version), "route_status": route.status}
    last = journal.last_of_route(uow, hub_id, route.id)
    if last is not None and any(
        one.after.id == route.id and one.after.version == route.version for one in last.routes
    ):
        extra |= {"by": last.by, "change_id": last.id, "change": last.kind}
    return PreviewStale("look at the route again, then decide again", extra=extra)


def _must_be_lawful(effect: Effect) -> None:
    broken = {limit for one in effect.routes for limit in one.new_limits} & UNLAWFUL
    if broken:
        raise impossible(min(broken).value, "the law does not allow this driver to take it")


def _must_be_within(effect: Effect) -> None:
    if effect.breaches:
        codes = sorted({one.code for one in effect.breaches})
        named = ",".join(sorted({one.rule.id for one in effect.breaches}))
        extra = {"violations": ",".join(codes), "rules": named}
        raise RuleBroken("force it with a reason, or delete the rule", extra=extra)
    limits = sorted({limit.value for one in effect.routes for limit in one.new_limits})
    if limits:
        raise MoveNeedsForce("force it with a reason", extra={"violations": ",".join(limits)})


def write(bench: Bench, effect: Effect, author: Author, plan_id: str | None = None) -> Change:
    """Collect the writes of an effect, and its entry in the journal."""
    uow = bench.uow
    change_id = uow.new_id("chg")
    touched = tuple(save_route(uow, one.was, one.after.route, change_id) for one in effect.routes)
    drivers_of = {one.after.id: one.after.driver_id for one in touched}
    bench.load(one.ref for one in effect.went)
    for one in effect.went:
        carry_over(uow, bench.loaded[one.ref], one, drivers_of, author.by)
    change = Change(
        id=change_id,
        hub_id=bench.hub.id,
        kind=effect.kind,
        by=author.by,
        reason=author.reason,
        forced=author.force and effect.needs_force(),
        at=uow.now,
        routes=touched,
        went=effect.went,
        plan_id=plan_id,
    )
    journal.save(uow, change)
    return change


def save_route(uow: UnitOfWork, before: Route | None, after: Route, change_id: str) -> Touched:
    """Save a route as it now is, with its news; free the driver of one that has come to an end."""
    version = 1 if before is None else before.version + 1
    after = replace(after, version=version)
    data = {"hub_id": after.hub_id, "wave_id": after.wave_id, "driver_id": after.driver_id}
    what = "route.changed"
    if before is None:
        what = "route.planned"
        data = {**data, "deliveries": str(sum(1 for _ in after.deliveries()))}
    elif after.status in (RouteStatus.COMPLETED, RouteStatus.CANCELLED):
        what = "route.completed" if after.status is RouteStatus.COMPLETED else "route.cancelled"
        _free_driver(uow, after)
    store.save_route(uow, after)
    uow.emit(Event(what, after.id, version, uow.now, {**data, "change_id": change_id}))
    return Touched(before, after)


def _free_driver(uow: UnitOfWork, route: Route) -> None:
    if route.driver_id is None:
        return
    work = drivers.load_work(uow, route.driver_id)
    if work.route_id == route.id:
        freed = replace(work, route_id=None, last_route_id=route.id, version=work.version + 1)
        drivers.save_work(uow, freed)


def carry_over(
    uow: UnitOfWork,
    delivery: Delivery,
    went: Went,
    drivers_of: Mapping[str, str | None],
    by: str,
) -> None:
    """Take a delivery from where it was to where it goes; raise MoveImpossible if it moved on."""
    must_be_there(delivery, went)
    driver_id = None if went.to_route is None else drivers_of[went.to_route]
    steps: list[life.Command] = []
    if went.to_route is None:
        waits = delivery.status is Status.PLANNED
        steps = [life.Unplan(uow.now, by=by) if waits else life.Unassign(uow.now, "desk", by=by)]
    elif went.from_route is None:
        steps = [life.Plan(uow.now, went.to_route, by=by)]
        if driver_id is not None:
            steps.append(life.Assign(uow.now, driver_id, by=by))
    elif driver_id is None:
        steps = [life.Move(uow.now, went.to_route, by=by)]
    else:
        steps = [life.MoveToDriver(uow.now, went.to_route, driver_id, by=by)]
    deliveries.advance(uow, delivery, *steps)


def must_be_there(delivery: Delivery, went: Went) -> None:
    """Raise MoveImpossible unless the delivery is where it is to be taken from."""
    if went.from_route is None:
        if delivery.status is not Status.READY:
            raise impossible("not_waiting", f"the delivery is {delivery.status}")
    elif delivery.route_id != went.from_route or delivery.status not in _LOOSE:
        raise impossible("delivery_moved_on", f"the delivery is {delivery.status}")


def versions_of(effect: Effect) -> dict[str, int]:
    """What a commit has to name: each route that exists, and its version."""
    return {one.route_id: one.was.version for one in effect.routes if one.was is not None}
