"""From what waits to a problem, and from a plan to drafts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import Place
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import MOST_DELIVERIES, StopKind
from chalicelib.domain.dispatch.rules import rule_store
from chalicelib.domain.dispatch.rules.desk_rules import Rule, RuleKind, Rules
from chalicelib.domain.dispatch.waves import adoption, departures, forming, planning
from chalicelib.domain.dispatch.waves.forming import Pending
from chalicelib.domain.dispatch.waves.planning import CHANGE_COST, Availability, Snapshot
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind, Work
from chalicelib.domain.merchants.wave_rules import WaveRules
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.solve import solve
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import DOOR_AT, NOON, STORE_AT, a_driver_at_work, a_hub, a_vehicle
from tests.domain.dispatch.conftest import World

HOUR = timedelta(hours=1)


def matrix(points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel:
    """As the crow flies, at 10 m/s."""
    distance = tuple(tuple(a.distance_m(b) for b in points) for a in points)
    duration = tuple(tuple(metres // 10 for metres in row) for row in distance)
    return Travel(Matrix.of(duration), Matrix.of(distance))


def pending(number: int = 1, **changes: Any) -> Pending:
    base = Pending(
        ref=DeliveryRef("mer_1", f"del_{number}"),
        version=7,
        pickup=Place("str_1", "Blumen Roth", STORE_AT),
        dropoff=DOOR_AT,
        window=TimeWindow(NOON, NOON + 2 * HOUR),
        parcel=Parcel(1200, 4000, 2),
        service_s=180,
        attempts=0,
    )
    return replace(base, **changes)


def snapshot(*due: Pending, works: Sequence[Work] | None = None, **changes: Any) -> Snapshot:
    at_work = [a_driver_at_work()] if works is None else works
    available = tuple(Availability(work, NOON) for work in at_work)
    return replace(Snapshot(a_hub(), NOON, due, available), **changes)


def problem_of(*due: Pending, **changes: Any) -> Problem:
    return planning.build_problem(snapshot(*due, **changes), matrix)


# -- jobs ----------------------------------------------------------------------------------------


def test_handing_over_begins_in_the_window_and_ends_in_it() -> None:
    job = problem_of(pending(window=TimeWindow(NOON + HOUR, NOON + 2 * HOUR))).jobs[0]
    (window,) = job.dropoff_windows
    assert (window.earliest_s, window.latest_s) == (3600, 2 * 3600 - 180 - 1)
    assert (job.weight_g, job.volume_ml, job.pickup_service_s) == (1200, 4000, 40)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (-3 * HOUR, -HOUR),  # over
        (-HOUR, timedelta(seconds=180)),  # its last moment is now
        (-HOUR, timedelta(seconds=60)),  # cannot be handed over in it any more
        (HOUR, HOUR + timedelta(seconds=120)),  # shorter than handing over takes
    ],
)
def test_an_overdue_delivery_is_still_worth_bringing(start: timedelta, end: timedelta) -> None:
    job = problem_of(pending(window=TimeWindow(NOON + start, NOON + end))).jobs[0]
    (window,) = job.dropoff_windows
    assert window.earliest_s == 0
    assert window.latest_s == 2 * a_hub().wave_horizon_s
    assert job.penalty is None, "it comes before everything that can wait"


def test_parcels_of_one_store_share_one_stop_and_doors_never_do() -> None:
    other = Place("str_2", "Vasen Blau", LatLng(51.23, 9.43))
    problem = problem_of(pending(1), pending(2), pending(3, pickup=other))
    assert len(problem.places) == 5
    first, second, third = problem.jobs
    assert first.pickup == second.pickup != third.pickup
    assert len({job.dropoff for job in problem.jobs}) == 3


# -- vehicles ------------------------------------------------------------------------------------


def test_a_shift_ends_a_route_and_so_does_the_horizon() -> None:
    soon = a_driver_at_work("drv_1", shift_ends_at=NOON + HOUR)
    late = a_driver_at_work("drv_2", shift_ends_at=NOON + 10 * HOUR)
    open_end = a_driver_at_work("drv_3", shift_ends_at=None)
    vehicles = problem_of(pending(), works=[soon, late, open_end]).vehicles
    lead = a_hub().offer_ttl_s
    assert {vehicle.shift.earliest_s for vehicle in vehicles} == {lead}
    horizon = lead + a_hub().wave_horizon_s
    assert [vehicle.shift.latest_s for vehicle in vehicles] == [3600, horizon, horizon]


def test_a_shift_that_is_as_good_as_over_leaves_no_time_and_no_error() -> None:
    for ends in (NOON - HOUR, NOON, NOON + timedelta(seconds=10)):
        problem = problem_of(pending(), works=[a_driver_at_work(shift_ends_at=ends)])
        shift = problem.vehicles[0].shift
        assert shift.earliest_s == shift.latest_s


def test_a_busy_driver_starts_when_the_route_should_end() -> None:
    busy = Availability(a_driver_at_work(), NOON + HOUR)
    vehicle = problem_of(pending(), available=(busy,)).vehicles[0]
    assert vehicle.shift.earliest_s == 3600
    assert vehicle.max_jobs == MOST_DELIVERIES


def test_each_kind_of_vehicle_has_its_own_travel() -> None:
    bike = a_driver_at_work("drv_2", vehicle=a_vehicle(kind=VehicleKind.CARGO_BIKE))
    problem = problem_of(pending(), works=[a_driver_at_work(), bike])
    assert set(problem.travel) == {"van", "cargo_bike"}


# -- plans ---------------------------------------------------------------------------------------


def quick(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
    return solve(problem, engine="construct", seed=0, budget_s=1, initial=initial)


def test_without_a_driver_everything_waits_and_says_why() -> None:
    planned = departures.plan_wave(snapshot(pending(), works=[]), "wav_1", matrix, quick)
    assert planned.drafts == ()
    assert [one.reason for one in planned.unserved] == ["no_vehicle"]


def test_a_draft_keeps_the_versions_that_were_seen() -> None:
    due = (pending(1, version=3), pending(2, version=9))
    planned = departures.plan_wave(snapshot(*due), "wav_1", matrix, quick)
    (draft,) = planned.drafts
    assert draft.versions == {due[0].ref: 3, due[1].ref: 9}
    assert draft.stops[0].kind is StopKind.PICKUP
    assert draft.stops[0].place_name == "Blumen Roth"
    assert {stop.place_name for stop in draft.stops[1:]} == {""}, "a door is personal data"
    assert NOON <= draft.starts_at <= draft.stops[0].planned_arrival_at <= draft.ends_at
    assert draft.duration_s == (draft.ends_at - draft.starts_at).total_seconds()


def test_every_due_delivery_is_in_one_draft_or_has_a_reason() -> None:
    heavy = pending(9, parcel=Parcel(9_000_000, 1))
    due = [pending(n, dropoff=LatLng(51.2 + n / 500, 9.4 + n / 700)) for n in range(1, 9)]
    works = [a_driver_at_work(f"drv_{n}") for n in range(2)]
    planned = departures.plan_wave(snapshot(*due, heavy, works=works), "wav_1", matrix, quick)
    drafted = [ref for draft in planned.drafts for ref in draft.versions]
    left = [one.delivery for one in planned.unserved]
    assert sorted(map(str, drafted + left)) == sorted(str(one.ref) for one in (*due, heavy))
    assert {str(one.delivery): one.reason for one in planned.unserved}[str(heavy.ref)] == (
        "no_vehicle_large_enough"
    )


# -- the plan before -----------------------------------------------------------------------------


def test_a_plan_begins_with_the_one_before_and_pays_for_changes() -> None:
    works = [a_driver_at_work("drv_1"), a_driver_at_work("drv_2")]
    due = (pending(1), pending(2), pending(3))
    gone = DeliveryRef("mer_1", "del_gone")
    before = {"drv_2": (due[2].ref, gone, due[0].ref), "drv_9": (gone,)}
    seen: list[tuple[Problem, Sequence[Tour] | None]] = []

    def watched(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
        seen.append((problem, initial))
        return quick(problem, initial)

    departures.plan_wave(snapshot(*due, works=works, before=before), "wav_1", matrix, watched)
    ((problem, initial),) = seen
    assert initial == [(), (4, 0, 5, 1)]
    assert [job.planned_vehicle for job in problem.jobs] == ["drv_2", None, "drv_2"]
    assert [job.change_cost for job in problem.jobs] == [CHANGE_COST, 0, CHANGE_COST]


def test_who_was_planned_for_a_driver_that_is_gone_has_nothing_to_keep() -> None:
    due = [pending(1), pending(2)]
    before = {"drv_9": (due[0].ref,), "drv_1": (due[1].ref,)}
    outline = planning.build_outline(snapshot(*due, before=before))
    assert [(job.planned_vehicle, job.change_cost) for job in outline.jobs] == [
        (None, 0),
        ("drv_1", CHANGE_COST),
    ]


def test_a_first_plan_begins_with_nothing() -> None:
    def unwarmed(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
        assert initial is None
        return quick(problem, initial)

    departures.plan_wave(snapshot(pending()), "wav_1", matrix, unwarmed)


# -- snapshots, from the tables ------------------------------------------------------------------


def test_a_snapshot_counts_free_drivers_less_those_whom_waiting_routes_will_take(
    world: World,
) -> None:
    world.a_planned_route()
    world.a_driver("drv_1")
    world.a_driver("drv_2")
    world.a_ready_delivery(7)
    taken = planning.take_snapshot(world.begin(), world.hub)
    assert [one.work.driver_id for one in taken.available] == ["drv_2"]
    assert [str(one.ref) for one in taken.due] == [str(world.refs[-1])]


def test_a_snapshot_lets_a_busy_driver_start_when_the_route_ends(world: World) -> None:
    route = world.an_assigned_route()
    (one,) = planning.take_snapshot(world.begin(), world.hub).available
    assert (one.work.driver_id, one.from_at) == ("drv_1", route.ends_at)
    world.clock.advance(hours=9)
    (late,) = planning.take_snapshot(world.begin(), world.hub).available
    assert late.from_at == world.clock.now()


def test_a_plan_of_a_snapshot_is_adopted_as_it_is(world: World) -> None:
    for number in range(3):
        world.a_ready_delivery(number)
    world.a_driver()
    taken = planning.take_snapshot(world.begin(), world.hub)
    (draft,) = departures.plan_wave(taken, "wav_1", matrix, quick).drafts
    route, dropped = world.run(lambda uow: adoption.adopt_route(uow, draft))
    assert route is not None
    assert (set(route.deliveries()), dropped) == (set(world.refs), 0)
    assert forming.due_deliveries(world.begin(), world.hub) == []
    again, lost = world.run(lambda uow: adoption.adopt_route(uow, draft))
    assert (again, lost) == (None, 3)


def test_a_driver_off_duty_is_not_counted(world: World) -> None:
    work = world.a_driver()
    away = replace(work, on_duty=False, version=2)
    world.run(lambda uow: drivers.save_work(uow, away))
    assert planning.take_snapshot(world.begin(), world.hub).available == ()
    assert deliveries.ref_of(world.a_ready_delivery()) in world.refs


def a_rule(kind: RuleKind, **what: Any) -> Rules:
    return Rules((Rule("rul_1", "hub_1", kind, "jo", "because", NOON, **what),))


def test_the_desks_rules_are_hard_limits_of_the_problem() -> None:
    refs = [DeliveryRef("mer_1", f"del_{number}") for number in (1, 2)]
    due = [pending(1), pending(2, ref=refs[1], window=TimeWindow(NOON, NOON + 20 * HOUR))]

    def ruled(kind: RuleKind, **what: Any) -> Problem:
        return problem_of(*due, rules=a_rule(kind, **what), hub=a_hub(waves=WaveRules()))

    pinned = ruled(RuleKind.PIN_TO_DRIVER, deliveries=(refs[0],), driver_id="drv_1")
    assert [job.only_vehicle for job in pinned.jobs] == ["drv_1", None]
    away = ruled(RuleKind.EXCLUDE_DRIVER, driver_id="drv_1", deliveries=tuple(refs))
    assert [job.not_vehicles for job in away.jobs] == [frozenset({"drv_1"})] * 2
    bound = ruled(RuleKind.TOGETHER, deliveries=tuple(refs))
    assert bound.same_route == ((0, 1),)
    soon = ruled(RuleKind.LEAVE_BY, deliveries=(refs[1],), leave_by_at=NOON + HOUR)
    assert [job.pickup_window.latest_s for job in soon.jobs][1] == 3600
    # It does not wait for a later wave.
    assert soon.jobs[1].penalty is None
    assert problem_of(*due, hub=a_hub(waves=WaveRules())).jobs[1].penalty is not None


def test_a_wave_leaves_out_what_is_pinned_to_a_route(world: World) -> None:
    route = world.an_assigned_route(1)
    world.a_ready_delivery(7)
    pin = Rule("rul_1", world.hub.id, RuleKind.PIN_TO_ROUTE, "jo", "x", NOON)
    pin = replace(pin, deliveries=(world.refs[-1],), route_id=route.id)
    world.run(lambda uow: rule_store.save(uow, pin))
    assert planning.take_snapshot(world.begin(), world.hub).due == ()
    world.run(lambda uow: rule_store.delete(uow, pin))
    assert len(planning.take_snapshot(world.begin(), world.hub).due) == 1


def test_a_route_remembers_who_may_take_it() -> None:
    mine = (pending(1).ref,)
    away = a_rule(RuleKind.EXCLUDE_DRIVER, driver_id="drv_2", deliveries=mine)

    def simply(problem: Problem, tours: Sequence[Tour] | None) -> Plan:
        return solve(problem, budget_s=1, seed=0, engine="construct")

    planned = departures.plan_wave(snapshot(pending(1), rules=away), "wav_1", matrix, simply)
    (draft,) = planned.drafts
    assert (draft.only_driver_id, draft.barred_drivers) == (None, ("drv_2",))
