"""Changes by hand: looked at, committed as looked at, seen by the next one, taken back."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import CancelReason, Status
from chalicelib.domain.deliveries.requirements import Requirements
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus, StopKind
from chalicelib.domain.dispatch.plans import changes, journal, undoing, wishes
from chalicelib.domain.dispatch.plans.changes import Author
from chalicelib.domain.dispatch.plans.effects import Effect
from chalicelib.domain.dispatch.plans.journal import Change
from chalicelib.domain.dispatch.plans.wishes import Wish
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.dispatch.rules.desk_rules import Rule, RuleKind
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.routing.travel import matrix
from chalicelib.kit.desk_errors import (
    MoveImpossible,
    MoveNeedsForce,
    PreviewStale,
    RuleBroken,
    UndoRefused,
)
from tests.domain.dispatch.conftest import World

MARTA = Author("marta")


def preview(world: World, wish: Wish) -> Effect:
    return changes.preview(world.begin(), world.hub, wish, matrix)


def commit(
    world: World, wish: Wish, author: Author = MARTA, seen: Mapping[str, int] | None = None
) -> Change:
    """Commit what a preview saw; with ``seen``, what an older one did."""
    versions = changes.versions_of(preview(world, wish)) if seen is None else seen
    return world.run(lambda uow: changes.commit(uow, world.hub, wish, matrix, author, versions))[0]


def undo(world: World, change: Change) -> Change:
    return world.run(lambda uow: undoing.undo(uow, world.hub.id, change.id, MARTA))


def doors(route: Route) -> list[str]:
    return [stop.id for stop in route.stops if stop.kind is StopKind.DROPOFF]


def carried(route: Route) -> list[DeliveryRef]:
    return list(route.deliveries())


def test_a_door_goes_to_another_route_with_its_parcel(world: World) -> None:
    first, second = world.a_planned_route(2), world.a_planned_route(2)
    ref = carried(first)[1]
    wish = wishes.move(first.id, doors(first)[1], second.id, None)
    seen = preview(world, wish)
    made = commit(world, wish)
    shorter, longer = world.route(first.id), world.route(second.id)
    assert (carried(shorter), ref in carried(longer)) == ([carried(first)[0]], True)
    assert [one.after.route.stops for one in seen.routes] == [shorter.stops, longer.stops]
    assert [one.after.route.ends_at for one in seen.routes] == [shorter.ends_at, longer.ends_at]
    # The store of the second route is visited once, for one parcel more.
    assert [stop.kind for stop in longer.stops].count(StopKind.PICKUP) == 1
    assert longer.load_weight_g == 3600
    moved = world.delivery(1)
    assert (moved.status, moved.route_id) == (Status.PLANNED, second.id)
    assert (moved.history[-1].what, moved.history[-1].by) == ("moved", "marta")
    assert [event.type for event in world.heard[-3:]].count("route.changed") == 2
    assert journal.load(world.begin(), world.hub.id, made.id) == made


def test_undoing_restores_exactly(world: World) -> None:
    first, second = world.a_planned_route(3), world.a_planned_route(1)
    change = commit(world, wishes.move(first.id, doors(first)[1], second.id, None))
    undone = undo(world, change)
    for before in (first, second):
        after = world.route(before.id)
        assert replace(after, version=0) == replace(before, version=0)
        assert after.version == 3
    assert world.delivery(1).route_id == first.id
    assert undo(world, change) == undone


def test_a_route_that_is_emptied_ends_and_comes_back(world: World) -> None:
    first, second = world.an_assigned_route(1), world.a_planned_route(1)
    change = commit(world, wishes.move(first.id, doors(first)[0], second.id, None))
    assert world.route(first.id).status is RouteStatus.CANCELLED
    assert world.work().is_free
    assert (world.delivery(0).status, world.delivery(0).driver_id) == (Status.PLANNED, None)
    undo(world, change)
    assert world.route(first.id).status is RouteStatus.ASSIGNED
    assert world.work().route_id == first.id
    assert (world.delivery(0).status, world.delivery(0).driver_id) == (Status.ASSIGNED, "drv_1")


def test_a_delivery_is_taken_off_and_put_back_by_hand(world: World) -> None:
    route = world.a_planned_route(2)
    off = commit(world, wishes.move(route.id, doors(route)[0], None, None))
    assert world.delivery(0).status is Status.READY
    assert world.delivery(0).id in world.pending_ids()
    on = commit(world, wishes.place(world.refs[0], route.id, None))
    assert world.delivery(0).route_id == route.id
    undo(world, on)
    undo(world, off)
    assert replace(world.route(route.id), version=0) == replace(route, version=0)
    assert world.delivery(0).status is Status.PLANNED


def test_what_goes_to_a_pickup_point_goes_there_by_hand_too(world: World) -> None:
    """Else it would count as handed over to its recipient."""
    route = world.a_planned_route(1)
    world.pickup_point_id = "pup_1"
    world.a_ready_delivery(7)
    commit(world, wishes.place(world.refs[1], route.id, None))
    stops = {stop.deliveries[0]: stop for stop in world.route(route.id).stops[1:]}
    assert stops[world.refs[1]].pickup_point_id == "pup_1"


def test_parcels_of_one_visit_to_a_point_change_routes_together(world: World) -> None:
    world.pickup_point_id = "pup_1"
    route = world.a_planned_route(2)
    world.pickup_point_id = None
    other = world.a_planned_route(2)
    (visit,) = doors(route)
    before = doors(other)[1]
    commit(world, wishes.move(route.id, visit, other.id, before))
    longer = world.route(other.id)
    assert [stop.id for stop in longer.stops if stop.kind is StopKind.DROPOFF] == [
        doors(other)[0],
        visit,
        before,
    ]
    assert set(world.refs) == set(carried(longer))
    assert {world.delivery(number).route_id for number in range(4)} == {other.id}
    commit(world, wishes.move(other.id, visit, other.id, doors(other)[0]))
    assert doors(world.route(other.id))[0] == visit
    commit(world, wishes.move(other.id, visit, None, None))
    assert [world.delivery(number).status for number in range(2)] == [Status.READY] * 2


def test_a_waiting_delivery_joins_a_route_under_way_behind_the_next_stop(world: World) -> None:
    route = world.an_assigned_route(2)
    world.run(lambda uow: driving.arrive(uow, "drv_1", route.stops[0].id))
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id))
    world.a_ready_delivery(9)
    commit(world, wishes.place(world.refs[2], route.id, None))
    after = world.route(route.id)
    # What was picked up is picked up: the third parcel needs a stop of its own, behind the next.
    kinds = [stop.kind for stop in after.stops]
    assert kinds.index(StopKind.PICKUP, 1) >= 2
    assert after.stops[:2] == world.route(route.id).stops[:2]
    assert (world.delivery(2).status, world.delivery(2).driver_id) == (Status.ASSIGNED, "drv_1")


def test_what_is_done_on_board_or_next_stays(world: World) -> None:
    route, other = world.an_assigned_route(3), world.a_planned_route(1)
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id))
    first, second, _ = doors(route)
    with pytest.raises(MoveImpossible) as refused:
        preview(world, wishes.move(route.id, first, other.id, None))
    assert refused.value.extra["reason"] == "stop_locked"
    with pytest.raises(MoveImpossible) as refused:
        preview(world, wishes.move(route.id, second, other.id, None))
    assert refused.value.extra["reason"] == "on_board"
    # On its own route it may still change places.
    commit(world, wishes.move(route.id, doors(route)[2], route.id, second))
    assert doors(world.route(route.id)) == [first, doors(route)[2], second]


def test_the_second_of_two_dispatchers_is_told_who_was_first(world: World) -> None:
    route, other = world.a_planned_route(3), world.a_planned_route(1)
    hers = wishes.move(route.id, doors(route)[0], other.id, None)
    his = wishes.move(route.id, doors(route)[0], None, None)
    seen = changes.versions_of(preview(world, his))
    commit(world, hers)
    with pytest.raises(PreviewStale) as refused:
        commit(world, his, Author("jo"), seen)
    told = refused.value.extra
    assert (told["route_id"], told["by"], told["change"]) == (route.id, "marta", "move")
    assert world.delivery(0).route_id == other.id


def test_two_commits_at_the_same_instant_make_one(world: World) -> None:
    route, other = world.a_planned_route(3), world.a_planned_route(1)
    wish = wishes.move(route.id, doors(route)[0], other.id, None)
    seen = changes.versions_of(preview(world, wish))
    late = world.begin()
    changes.commit(late, world.hub, wish, matrix, MARTA, seen)
    commit(world, wish, Author("jo"), seen)
    with pytest.raises(Exception, match="changed"):
        late.commit()
    assert carried(world.route(other.id)).count(world.refs[0]) == 1


def test_a_route_on_offer_is_left_alone(world: World) -> None:
    route = world.a_planned_route(2)
    world.an_offer(route, world.a_driver())
    with pytest.raises(MoveImpossible) as refused:
        preview(world, wishes.move(route.id, doors(route)[0], None, None))
    assert refused.value.extra["reason"] == "route_offered"


def test_stops_are_reordered_but_never_a_door_before_its_pickup(world: World) -> None:
    route = world.a_planned_route(3)
    ids = [stop.id for stop in route.stops]
    commit(world, wishes.reorder(route.id, [ids[0], ids[3], ids[1], ids[2]]))
    assert [stop.id for stop in world.route(route.id).stops] == [ids[0], ids[3], ids[1], ids[2]]
    with pytest.raises(MoveImpossible) as refused:
        preview(world, wishes.reorder(route.id, [ids[3], ids[0], ids[1], ids[2]]))
    assert refused.value.extra["reason"] == "door_before_pickup"
    with pytest.raises(MoveImpossible) as refused:
        preview(world, wishes.reorder(route.id, ids[1:]))
    assert refused.value.extra["reason"] == "other_stops"


def test_a_route_is_split_and_merged_back(world: World) -> None:
    route = world.a_planned_route(4)
    before = carried(route)
    change = commit(world, wishes.split(route.id, doors(route)[2]))
    second = next(one.after for one in change.routes if one.before is None)
    assert carried(world.route(route.id)) == before[:2]
    assert carried(world.route(second.id)) == before[2:]
    assert world.route(second.id).stops[0].kind is StopKind.PICKUP
    commit(world, wishes.merge(route.id, second.id))
    assert carried(world.route(route.id)) == before
    assert world.route(second.id).status is RouteStatus.CANCELLED
    assert {world.delivery(number).route_id for number in range(4)} == {route.id}


def test_a_split_is_undone(world: World) -> None:
    route = world.a_planned_route(4)
    change = commit(world, wishes.split(route.id, doors(route)[1]))
    second = next(one.after for one in change.routes if one.before is None)
    undo(world, change)
    assert replace(world.route(route.id), version=0) == replace(route, version=0)
    assert world.route(second.id).status is RouteStatus.CANCELLED


def test_undoing_is_refused_when_it_is_late_or_something_rests_on_it(world: World) -> None:
    route, other = world.a_planned_route(3), world.a_planned_route(1)
    change = commit(world, wishes.move(route.id, doors(route)[0], other.id, None))
    later = commit(world, wishes.move(route.id, doors(route)[1], other.id, None))
    with pytest.raises(UndoRefused) as refused:
        undo(world, change)
    assert refused.value.extra["reason"] == "changed_since"
    world.clock.advance(minutes=16)
    with pytest.raises(UndoRefused) as refused:
        undo(world, later)
    assert refused.value.extra["reason"] == "too_late"


def test_a_driver_who_drives_on_does_not_stand_in_the_way_of_undoing(world: World) -> None:
    route = world.an_assigned_route(4)
    world.run(lambda uow: driving.complete(uow, "drv_1", route.stops[0].id))
    ids = doors(route)
    change = commit(world, wishes.reorder(route.id, [ids[1], ids[3], ids[2]]))
    world.run(lambda uow: driving.complete(uow, "drv_1", ids[0]))
    undo(world, change)
    after = world.route(route.id)
    assert doors(after) == ids
    assert after.stops[1].status.is_over


def test_a_delivery_cancelled_meanwhile_is_not_carried_over(world: World) -> None:
    route, other = world.a_planned_route(2), world.a_planned_route(1)
    wish = wishes.move(route.id, doors(route)[0], other.id, None)
    seen = changes.versions_of(preview(world, wish))
    uow = world.begin()
    deliveries.carry_out(uow, world.refs[0], Cancel(uow.now, CancelReason.CUSTOMER_REQUEST))
    uow.commit()
    with pytest.raises(MoveImpossible) as refused:
        commit(world, wish, MARTA, seen)
    assert refused.value.extra["reason"] == "delivery_moved_on"


def a_rule(world: World, kind: RuleKind, **what: object) -> Rule:
    rule = Rule("rul_1", world.hub.id, kind, "jo", "because", world.clock.now(), **what)  # type: ignore[arg-type]
    world.run(lambda uow: rule_store.save(uow, rule))
    return rule


def test_a_rule_stands_in_the_way_until_somebody_forces_it(world: World) -> None:
    route, other = world.a_planned_route(2), world.a_planned_route(1)
    a_rule(world, RuleKind.PIN_TO_ROUTE, deliveries=(world.refs[0],), route_id=route.id)
    wish = wishes.move(route.id, doors(route)[0], other.id, None)
    assert [one.code for one in preview(world, wish).breaches] == ["rule_pin_to_route"]
    with pytest.raises(RuleBroken) as refused:
        commit(world, wish)
    assert refused.value.extra == {"violations": "rule_pin_to_route", "rules": "rul_1"}
    forced = commit(world, wish, Author("marta", "the van broke down", force=True))
    assert (forced.forced, forced.reason) == (True, "the van broke down")


def test_a_driver_who_is_kept_away_gets_it_by_no_move(world: World) -> None:
    mine = world.an_assigned_route(1)
    other = world.a_planned_route(1)
    a_rule(world, RuleKind.EXCLUDE_DRIVER, driver_id="drv_1", deliveries=tuple(carried(other)))
    wish = wishes.move(other.id, doors(other)[0], mine.id, None)
    with pytest.raises(RuleBroken, match="force"):
        commit(world, wish)
    # A route that nobody has yet remembers whom not to ask.
    third = world.a_planned_route(1)
    commit(world, wishes.move(third.id, doors(third)[0], other.id, None))
    assert world.route(other.id).barred_drivers == ("drv_1",)


def test_overloading_needs_force(world: World) -> None:
    route = world.an_assigned_route(1)
    other = world.a_planned_route(1)
    work = world.work()
    small = replace(
        work, vehicle=replace(work.vehicle, max_weight_g=2000), version=work.version + 1
    )
    world.run(lambda uow: drivers.save_work(uow, small))
    wish = wishes.move(other.id, doors(other)[0], route.id, None)
    assert [one.new_limits for one in preview(world, wish).routes] == [(), ("overloaded_weight",)]
    with pytest.raises(MoveNeedsForce) as refused:
        commit(world, wish)
    assert refused.value.extra == {"violations": "overloaded_weight"}


@pytest.mark.parametrize("lawful", [True, False], ids=["money", "an age to check"])
def test_by_hand_a_driver_gets_what_he_can_do_or_the_desk_insists_within_the_law(
    world: World, lawful: bool
) -> None:
    mine = world.an_assigned_route(1)
    asked = Requirements(cash_minor=4900, currency="EUR") if lawful else Requirements(id_min_age=18)
    other = replace(world, requirements=asked).a_planned_route(1)
    wish = wishes.move(other.id, doors(other)[0], mine.id, None)
    limit = "lacks_skills" if lawful else "lacks_age_check"
    assert [one.new_limits for one in preview(world, wish).routes] == [(), (limit,)]
    insisting = Author("marta", "nobody else is there", force=True)
    if lawful:
        with pytest.raises(MoveNeedsForce):
            commit(world, wish)
        commit(world, wish, insisting)
        assert world.route(mine.id).skills == {"cash"}
    else:
        with pytest.raises(MoveImpossible) as refused:
            commit(world, wish, insisting)
        assert refused.value.extra == {"reason": limit}


def test_the_journal_is_read_newest_first(world: World) -> None:
    route = world.a_planned_route(4)
    first = commit(world, wishes.split(route.id, doors(route)[2]))
    world.clock.advance(seconds=1)
    second = undo(world, first)
    listed, _ = journal.list_changes(world.begin(), world.hub.id, limit=10, after=None)
    assert [one.id for one in listed] == [second.id, first.id]
    assert listed[1].undone_by == second.id
    assert dispatch.load_route(world.begin(), route.id).version == 3
