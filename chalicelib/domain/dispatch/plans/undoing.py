"""Can it be taken back? For a quarter of an hour, as long as nothing later rests on it.

Taking back writes the routes as they were before, under new versions; the history keeps both. A
driver may have driven on meanwhile, as long as what was done or is next is the same in both: then
only the rest goes back. What somebody changed later stands in the way, and is named.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.dispatch import itinerary, store
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop
from chalicelib.domain.dispatch.plans import arranging, changes, journal
from chalicelib.domain.dispatch.plans.changes import Author
from chalicelib.domain.dispatch.plans.journal import Change, ChangeKind, Touched, Went
from chalicelib.domain.drivers import store as drivers
from chalicelib.kit.desk_errors import MoveImpossible, UndoRefused
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

UNDO_WITHIN = timedelta(minutes=15)


def undo(uow: UnitOfWork, hub_id: str, change_id: str, author: Author) -> Change:
    """Take a change back; the same wish twice is one.

    Raises
    ------
    NotFound
        If the hub knows no such change.
    UndoRefused
        ``reason`` says why.
    """
    change = journal.load(uow, hub_id, change_id)
    if change.undone_by is not None:
        return journal.load(uow, hub_id, change.undone_by)
    _must_be_fresh(uow, change)
    undo_id = uow.new_id("chg")
    touched = tuple(_restore(uow, one, undo_id) for one in change.routes)
    back = tuple(Went(one.ref, one.to_route, one.from_route) for one in change.went)
    drivers_of = {one.after.id: one.after.driver_id for one in touched}
    found = delivery_store.load_many(uow, (one.ref for one in back))
    for one in back:
        if one.ref not in found:
            raise _refused("delivery_moved_on", "a delivery is not there any more")
        try:
            changes.carry_over(uow, found[one.ref], one, drivers_of, author.by)
        except MoveImpossible as error:
            raise _refused("delivery_moved_on", error.detail) from error
    undone = Change(
        id=undo_id,
        hub_id=hub_id,
        kind=ChangeKind.UNDO,
        by=author.by,
        reason=author.reason,
        forced=False,
        at=uow.now,
        routes=touched,
        went=back,
        plan_id=change.plan_id,
        undoes=change.id,
    )
    journal.save(uow, undone)
    journal.save(uow, replace(change, undone_by=undo_id, version=change.version + 1))
    return undone


def is_open(uow: UnitOfWork, change: Change) -> bool:
    """Whether it may still be taken back, as far as time tells."""
    fresh = uow.now - change.at <= UNDO_WITHIN
    return fresh and change.undone_by is None and change.kind is not ChangeKind.UNDO


def _must_be_fresh(uow: UnitOfWork, change: Change) -> None:
    if change.kind is ChangeKind.UNDO:
        raise _refused("is_an_undo", "make the change again instead")
    if uow.now - change.at > UNDO_WITHIN:
        raise _refused("too_late", "it is more than a quarter of an hour old")


def _restore(uow: UnitOfWork, touched: Touched, undo_id: str) -> Touched:
    current = store.load_route(uow, touched.after.id)
    if touched.before is None:
        return _dissolve(uow, current, touched.after, undo_id)
    restored = restored_route(current, touched)
    if touched.after.status is not touched.before.status and restored.driver_id is not None:
        _bind_driver(uow, restored)
    restored = replace(restored, version=current.version + 1)
    store.save_route(uow, restored)
    data = {"hub_id": restored.hub_id, "wave_id": restored.wave_id}
    more = {"driver_id": restored.driver_id, "change_id": undo_id}
    uow.emit(Event("route.changed", restored.id, restored.version, uow.now, {**data, **more}))
    return Touched(current, restored)


def restored_route(current: Route, touched: Touched) -> Route:
    """A route as it was before the change; what has happened on the road meanwhile stays.

    Raises
    ------
    UndoRefused
        If somebody changed it since, or the driver has come to what was changed.
    """
    before, after = touched.before, touched.after
    assert before is not None
    if current.driver_id != after.driver_id or current.status is RouteStatus.OFFERED:
        raise _refused("driver_changed", f"route {current.id} has found a driver since")
    ended = (RouteStatus.COMPLETED, RouteStatus.CANCELLED)
    if current.status in ended and after.status not in ended:
        raise _refused("route_over", f"route {current.id} is {current.status}")
    done = 0
    if current.stops != after.stops:
        done = arranging.locked(current)
        same_start = _plan(before.stops[:done]) == _plan(after.stops[:done])
        on_the_way = _plan(current.stops[:done]) == _plan(after.stops[:done])
        if not (same_start and on_the_way and current.stops[done:] == after.stops[done:]):
            raise _refused("changed_since", f"route {current.id} has changed since")
    status = before.status
    if current.status is RouteStatus.UNDER_WAY:
        status = RouteStatus.UNDER_WAY
    return replace(
        before,
        status=status,
        stops=(*current.stops[:done], *before.stops[done:]),
        offer_id=current.offer_id,
        refused_by=current.refused_by,
        ignored_by=current.ignored_by,
        live_offers=current.live_offers,
        asked=current.asked,
        released=current.released,
        expected_at=current.expected_at,
        alerted_at=current.alerted_at,
    )


def _plan(stops: Sequence[Stop]) -> list[tuple[object, ...]]:
    """What was to be done where, whatever came of it."""
    return [(stop.id, stop.kind, stop.deliveries) for stop in stops]


def _dissolve(uow: UnitOfWork, current: Route, made: Route, undo_id: str) -> Touched:
    """End a route that the change made."""
    if current.status is not RouteStatus.PLANNED:
        raise _refused("driver_changed", f"route {current.id} has found a driver since")
    if current.stops != made.stops:
        raise _refused("changed_since", f"route {current.id} has changed since")
    ended = itinerary.without_deliveries(current, tuple(current.deliveries()))
    ended = replace(ended, status=RouteStatus.CANCELLED, version=current.version + 1)
    store.save_route(uow, ended)
    data = {"hub_id": ended.hub_id, "change_id": undo_id}
    uow.emit(Event("route.cancelled", ended.id, ended.version, uow.now, data))
    return Touched(current, ended)


def _bind_driver(uow: UnitOfWork, route: Route) -> None:
    """Give the driver of a route that had come to its end the route back."""
    assert route.driver_id is not None
    work = drivers.load_work(uow, route.driver_id)
    if not work.is_free:
        raise _refused("driver_changed", "the driver has something else to do by now")
    drivers.save_work(uow, replace(work, route_id=route.id, version=work.version + 1))


def _refused(reason: str, detail: str) -> UndoRefused:
    return UndoRefused(detail, extra={"reason": reason})
