"""Plans on request: what they would change, committed once, dropped what changed, taken back."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import CancelReason, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, StopKind
from chalicelib.domain.dispatch.plans import (
    proposal_commit,
    proposal_store,
    proposals,
    replanning,
    undoing,
)
from chalicelib.domain.dispatch.plans.changes import Author
from chalicelib.domain.dispatch.plans.proposals import Ask, Loss, Progress, Proposal, Why
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.dispatch.rules.desk_rules import Rule, RuleKind
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.routing import solve as routing
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.travel import matrix
from chalicelib.kit.desk_errors import PlanNotReady, UndoRefused
from tests.domain.dispatch.conftest import World
from tests.domain.pickup_points.test_room import a_point

MARTA = Author("marta")


def simply(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
    """Anew, by insertion: what a search would find does not matter here."""
    return routing.solve(problem, budget_s=1, seed=0, engine="construct")


def asked(world: World) -> Ask:
    """A plan that was asked for and solved."""
    wanted = world.run(lambda uow: proposal_store.ask(uow, world.hub.id, "marta", dry_run=True))
    opened = replanning.open_plan(world.begin(), world.hub)
    proposal = replanning.propose(opened, wanted.id, matrix, simply, world.begin().new_id)
    return world.run(lambda uow: proposal_store.answer(uow, wanted.id, proposal, None))


def proposal_of(wanted: Ask) -> Proposal:
    return proposal_commit.must_be_ready(wanted)


def commit(world: World, wanted: Ask, steps: int = 100) -> Progress:
    for name in proposal_commit.steps_of(proposal_of(wanted))[:steps]:
        world.run(
            partial(
                proposal_commit.take_step,
                hub=world.hub,
                wanted=wanted,
                name=name,
                roads=matrix,
                author=MARTA,
            )
        )
    return world.run(partial(proposal_commit.finish, wanted=wanted, author=MARTA))


def undo(world: World, progress: Progress) -> None:
    for change_id in proposal_commit.undo_steps(world.begin(), world.hub.id, progress):
        world.run(partial(undoing.undo, hub_id=world.hub.id, change_id=change_id, author=MARTA))


def open_routes(world: World) -> list[Route]:
    found = replanning.store.list_unassigned(world.begin(), world.hub.id)
    return [one for one in found if one.status is RouteStatus.PLANNED]


@pytest.fixture
def planned(world: World) -> World:
    """Two short routes that one driver could do in one, and one delivery more."""
    world.a_driver()
    world.a_planned_route(2)
    world.a_planned_route(1)
    world.a_ready_delivery(7)
    return world


def test_a_plan_brings_parcels_for_a_pickup_point_there(world: World) -> None:
    """Planned before or waiting: else each would count as handed over to its recipient."""
    world.run(lambda uow: pickup_points.save(uow, a_point()))
    world.a_driver()
    world.pickup_point_id = "pup_1"
    world.a_planned_route(1)
    world.a_ready_delivery(7)
    progress = commit(world, asked(world))
    assert progress.is_done
    (route,) = open_routes(world)
    visits = [stop for stop in route.stops if stop.kind is StopKind.DROPOFF]
    assert [stop.pickup_point_id for stop in visits] == ["pup_1"]
    assert set(visits[0].deliveries) == set(world.refs)


def test_a_proposal_changes_nothing_and_says_what_it_would(planned: World) -> None:
    before = open_routes(planned)
    proposal = proposal_of(asked(planned))
    assert open_routes(planned) == before
    assert (proposal.before.routes, proposal.after.routes) == (2, 1)
    assert len(list(proposal.routes[0].route.deliveries())) == 4
    assert proposal.after.cost.driven < proposal.before.cost.driven
    why = {one.step.ref: one.why for one in proposal.moved}
    assert why[planned.refs[3]] is Why.NEWLY_PLANNED
    # What stays with the driver who would have had it has not moved.
    stayed = set(planned.refs) - why.keys()
    assert stayed == set(planned.refs[:2]) or stayed == {planned.refs[2]}
    moved = next(one for one in proposal.moved if one.step.ref in planned.refs[:3])
    assert moved.cost_before is not None
    assert moved.cost_after is not None
    assert moved.to_driver == "drv_1"


def test_it_survives_being_kept(planned: World) -> None:
    wanted = asked(planned)
    assert proposal_store.load(planned.begin(), wanted.id) == wanted


def test_a_commit_makes_it_real_and_twice_is_once(planned: World) -> None:
    wanted = asked(planned)
    first = commit(planned, wanted)
    made = proposal_of(wanted).routes[0].route
    assert [route.id for route in open_routes(planned)] == [made.id]
    assert {planned.delivery(number).route_id for number in range(4)} == {made.id}
    assert planned.delivery(0).history[-1].what == "moved"
    assert planned.delivery(3).status is Status.PLANNED
    assert commit(planned, wanted) == first
    assert (first.is_done, [done.dropped for done in first.steps.values()]) == (True, [()])


def test_what_changed_meanwhile_is_dropped_and_named(planned: World) -> None:
    wanted = asked(planned)
    reason = CancelReason.CUSTOMER_REQUEST
    planned.run(lambda uow: deliveries.carry_out(uow, planned.refs[3], Cancel(uow.now, reason)))
    stale = proposal_commit.stale(planned.begin(), proposal_of(wanted))
    assert [(one.ref, one.why, one.now) for one in stale] == [
        (planned.refs[3], Loss.CHANGED, "cancelled")
    ]
    progress = commit(planned, wanted)
    assert [one for done in progress.steps.values() for one in done.dropped] == stale
    assert len(list(open_routes(planned)[0].deliveries())) == 3


def test_a_route_on_offer_since_keeps_what_it_has(planned: World) -> None:
    wanted = asked(planned)
    route = next(one for one in open_routes(planned) if len(list(one.deliveries())) == 2)
    planned.an_offer(route, planned.work())
    progress = commit(planned, wanted)
    dropped = {one.ref: one.why for done in progress.steps.values() for one in done.dropped}
    assert dropped == dict.fromkeys(planned.refs[:2], Loss.ROUTE_TAKEN)
    assert set(planned.route(route.id).deliveries()) == set(planned.refs[:2])


def test_a_committed_plan_is_taken_back(planned: World) -> None:
    before = {route.id: route for route in open_routes(planned)}
    wanted = asked(planned)
    progress = commit(planned, wanted)
    undo(planned, progress)
    after = {route.id: replace(route, version=0) for route in open_routes(planned)}
    assert after == {name: replace(route, version=0) for name, route in before.items()}
    assert planned.delivery(3).status is Status.READY
    undo(planned, progress)


def test_a_plan_whose_route_has_found_a_driver_stays(planned: World) -> None:
    progress = commit(planned, asked(planned))
    planned.an_offer(open_routes(planned)[0], planned.work())
    with pytest.raises(UndoRefused) as refused:
        undo(planned, progress)
    assert refused.value.extra["reason"] == "changed_since"


def test_nothing_is_planned_again_without_need(world: World) -> None:
    world.a_driver()
    world.a_ready_delivery(1)
    commit(world, asked(world))
    again = proposal_of(asked(world))
    assert [one.is_kept for one in again.routes] == [True]
    assert (again.moved, again.ended) == ((), ())
    assert proposal_commit.steps_of(again) == []


def test_what_nobody_may_take_goes_back_to_waiting_with_its_reason(planned: World) -> None:
    rule = Rule("rul_1", planned.hub.id, RuleKind.EXCLUDE_DRIVER, "jo", "x", planned.clock.now())
    away = replace(rule, deliveries=(planned.refs[0],), driver_id="drv_1")
    planned.run(lambda uow: rule_store.save(uow, away))
    wanted = asked(planned)
    (left,) = proposal_of(wanted).left_out
    assert (left.ref, left.reason) == (planned.refs[0], "no_vehicle_allowed")
    assert left.blocking is not None
    assert left.blocking.relaxed is not None
    assert (left.blocking.constraint, left.blocking.relaxed.vehicle_id) == ("permission", "drv_1")
    commit(planned, wanted)
    assert (planned.delivery(0).status, planned.delivery(0).route_id) == (Status.READY, None)


def test_a_route_that_something_is_pinned_to_is_left_alone(planned: World) -> None:
    route = planned.route(str(planned.delivery(0).route_id))
    rule = Rule("rul_1", planned.hub.id, RuleKind.PIN_TO_ROUTE, "jo", "x", planned.clock.now())
    pin = replace(rule, deliveries=(planned.refs[0],), route_id=route.id)
    planned.run(lambda uow: rule_store.save(uow, pin))
    commit(planned, asked(planned))
    assert planned.route(route.id) == route


def test_nobody_on_duty_leaves_all_out(world: World) -> None:
    world.a_planned_route(1)
    proposal = proposal_of(asked(world))
    assert [(one.reason, one.was_on is not None) for one in proposal.left_out] == [
        ("no_vehicle", True)
    ]


def test_a_plan_that_is_not_there_yet_cannot_be_committed(world: World) -> None:
    wanted = world.run(lambda uow: proposal_store.ask(uow, world.hub.id, "x", dry_run=True))
    with pytest.raises(PlanNotReady):
        commit(world, wanted)


REFS = [DeliveryRef("mer_1", f"del_{number}") for number in range(8)]


@st.composite
def arrangements(draw: st.DrawFn, names: str) -> dict[str, tuple[DeliveryRef, ...]]:
    """Some deliveries on some routes, each on one."""
    orders: dict[str, list[DeliveryRef]] = {}
    for ref in draw(st.permutations(REFS)):
        name = draw(st.sampled_from([*names, ""]))
        if name:
            orders.setdefault(name, []).append(ref)
    return {name: tuple(order) for name, order in orders.items()}


@given(old=arrangements("abc"), new=arrangements("abxy"), data=st.data())
def test_a_diff_applied_to_the_old_plan_gives_the_new_one(
    old: dict[str, tuple[DeliveryRef, ...]],
    new: dict[str, tuple[DeliveryRef, ...]],
    data: st.DataObject,
) -> None:
    continues = {name: data.draw(st.sampled_from("abc")) for name in new if name in "xy"}
    change = proposals.diff(old, new, continues)
    assert proposals.apply_diff(change, old) == new
    was = {ref: name for name, order in old.items() for ref in order}
    now = {ref: name for name, order in new.items() for ref in order}
    for step in change.steps:
        assert (step.from_route, step.to_route) == (was.get(step.ref), now.get(step.ref))
    stayed = set(was) | set(now)
    stayed -= {step.ref for step in change.steps}
    assert all(was[ref] == continues.get(now[ref], now[ref]) for ref in stayed)
