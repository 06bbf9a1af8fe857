"""From a plan to what leaves, what waits, and why."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries.model import Place
from chalicelib.domain.dispatch.model import StopKind
from chalicelib.domain.dispatch.reasons import MustGo, Sent
from chalicelib.domain.dispatch.waves import departures, planning, wave_words
from chalicelib.domain.dispatch.waves.departures import ROUTE_WAITS, Desk, Planned
from chalicelib.domain.dispatch.waves.forming import Pending
from chalicelib.domain.dispatch.waves.planning import Snapshot
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.merchants.wave_rules import WaveRules
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.plan import Plan, VisitKind
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour
from chalicelib.domain.routing.solve import solve
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from tests.builders import DOOR_AT, HUB_AT, NOON, a_driver_at_work, a_hub, a_vehicle
from tests.domain.dispatch.waves.test_planning import matrix, pending
from tests.domain.dispatch.waves.test_planning import snapshot as a_snapshot
from tests.domain.dispatch.waves.test_urgency import due_in, patient

NEXT_DOOR = LatLng(DOOR_AT.latitude + 0.0005, DOOR_AT.longitude)
ACROSS_TOWN = LatLng(51.13, 9.29)


def everything(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
    """Insertion, which takes along whatever has room."""
    return solve(problem, engine="construct", seed=0, budget_s=1, initial=initial)


def searched(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
    return solve(problem, seed=0, budget_s=60, iterations=3000, initial=initial)


def snapshot(*due: Pending, hub: Hub | None = None, **changes: Any) -> Snapshot:
    return a_snapshot(*due, **{"hub": hub or patient(), **changes})


def planned(taken: Snapshot, how: Any = everything) -> Planned:
    return departures.plan_wave(taken, "wav_1", matrix, how)


# -- who leaves ------------------------------------------------------------------------------------


def test_what_can_wait_rides_along_with_a_neighbour_that_must_go() -> None:
    urgent, neighbour = due_in(0.5, 1), due_in(2, 2, dropoff=NEXT_DOOR)
    made = planned(snapshot(urgent, neighbour), searched)
    (draft,) = made.drafts
    assert set(draft.versions) == {urgent.ref, neighbour.ref}
    why = draft.departure
    assert why is not None
    assert (why.sent, why.must_go, why.deliveries) == (Sent.MUST_GO, 1, 2)
    assert (why.first, why.why) == (urgent.ref, MustGo.PROMISE)
    assert (made.unserved, made.held) == ((), ())


def test_what_can_wait_is_no_reason_to_drive_across_the_town() -> None:
    urgent, far = due_in(0.5, 1), due_in(8, 2, dropoff=ACROSS_TOWN)
    made = planned(snapshot(urgent, far), searched)
    assert [set(one.versions) for one in made.drafts] == [{urgent.ref}]
    (left,) = made.unserved
    assert (left.delivery, left.reason) == (far.ref, "not_worth_the_detour")
    assert left.until is not None
    assert NOON + timedelta(hours=6) < left.until < NOON + timedelta(hours=8)


def test_a_route_of_what_can_wait_waits_and_says_until_when() -> None:
    sooner, later = due_in(6, 1), due_in(8, 2, dropoff=NEXT_DOOR)
    taken = snapshot(sooner, later)
    problem, _ = planning.build_outline(taken).part(
        planning.build_outline(taken).everything, [()], matrix
    )
    mandatory = replace(problem, jobs=tuple(replace(one, penalty=None) for one in problem.jobs))
    made = planned(taken, lambda *_: everything(mandatory, None))
    assert made.drafts == ()
    (held,) = made.held
    assert (held.sent, held.deliveries, held.must_go, held.first) == (None, 2, 0, sooner.ref)
    assert [one.reason for one in made.unserved] == [ROUTE_WAITS] * 2
    assert held.at == made.unserved[0].until


def test_a_full_vehicle_leaves_although_nothing_must() -> None:
    due = [due_in(8, n, dropoff=NEXT_DOOR, parcel=Parcel(60_000, 10)) for n in range(3)]
    small = a_driver_at_work(vehicle=a_vehicle(max_weight_g=200_000))
    taken = snapshot(*due, works=[small])
    problem = planning.build_problem(taken, matrix)
    mandatory = replace(problem, jobs=tuple(replace(one, penalty=None) for one in problem.jobs))
    made = planned(taken, lambda *_: everything(mandatory, None))
    (draft,) = made.drafts
    assert draft.departure is not None
    assert (draft.departure.sent, draft.departure.full_percent) == (Sent.FULL, 90)


def test_a_hub_that_sends_everything_leaves_nothing_that_can_be_driven() -> None:
    due = [due_in(8, 1), due_in(8, 2, dropoff=ACROSS_TOWN)]
    made = planned(snapshot(*due, hub=a_hub()))
    assert {ref for draft in made.drafts for ref in draft.versions} == {one.ref for one in due}
    assert {draft.departure and draft.departure.sent for draft in made.drafts} == {Sent.NO_WAITING}


def test_what_must_go_and_finds_nobody_does_not_wait_by_choice() -> None:
    heavy = due_in(0.5, 1, parcel=Parcel(9_000_000, 1))
    (left,) = planned(snapshot(heavy)).unserved
    assert (left.reason, left.until) == ("no_vehicle_large_enough", None)


def test_every_delivery_leaves_or_is_explained_once() -> None:
    due = [
        due_in(0.5 + n / 2, n, dropoff=LatLng(51.2 + n % 5 / 60, 9.4 + n / 300)) for n in range(18)
    ]
    made = planned(snapshot(*due, works=[a_driver_at_work(f"drv_{n}") for n in range(3)]), searched)
    sent = [ref for draft in made.drafts for ref in draft.versions]
    left = [one.delivery for one in made.unserved]
    assert sorted(map(str, sent + left)) == sorted(str(one.ref) for one in due)
    assert sent
    assert left


# -- in words --------------------------------------------------------------------------------------


def test_decisions_are_told_in_a_sentence_with_times_on_the_hubs_wall() -> None:
    urgent, far = due_in(0.5, 1), due_in(8, 2, dropoff=ACROSS_TOWN)
    taken = snapshot(urgent, far)
    made = planned(taken, searched)
    assert made.drafts[0].departure is not None
    assert wave_words.of_route(taken.hub, made.drafts[0].departure) == (
        "sent now because 1 of its 1 deliveries must go: del_1 would miss its promise by waiting "
        "for the next wave"
    )
    (left,) = made.unserved
    assert left.until is not None
    wall = f"{left.until + timedelta(hours=1):%H:%M}"
    assert wave_words.of_delivery(taken.hub, left) == (
        f"waits until {wall} because no route of this wave comes near enough"
    )


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"sent": Sent.FULL, "full_percent": 83}, "sent now because it is 83 % full"),
        ({"sent": Sent.CUT_OFF}, "sent now because the cut-off of 13:00 is over"),
        ({"sent": Sent.NO_WAITING}, "sent now because this hub sends everything"),
        (
            {"sent": None, "full_percent": 40},
            "waits until 13:00 because nothing on it has to leave and its route is only 40 % full",
        ),
    ],
)
def test_each_reason_has_its_sentence(changes: dict[str, Any], sentence: str) -> None:
    made = planned(snapshot(due_in(0.5, 1)))
    assert made.drafts[0].departure is not None
    told = replace(made.drafts[0].departure, at=NOON, **changes)
    assert wave_words.of_route(a_hub(), told) == sentence


# -- more than one trip ----------------------------------------------------------------------------

DESK = Place("hub_1", "Hub North", HUB_AT)


def micro_hub(**rules: Any) -> Hub:
    return a_hub(waves=WaveRules(holds_back=False, most_trips=3, reload_s=240, **rules))


def from_the_hub(count: int) -> list[Pending]:
    return [
        due_in(4, n, pickup=DESK, dropoff=LatLng(51.2 + n / 900, 9.41), parcel=Parcel(30_000, 10))
        for n in range(count)
    ]


def a_bike() -> list[Any]:
    small = a_vehicle(kind=VehicleKind.CARGO_BIKE, max_weight_g=100_000)
    return [a_driver_at_work(vehicle=small)]


def test_a_small_vehicle_comes_back_for_more() -> None:
    """Eight parcels, three at a time: loaded at the hub, and twice more."""
    due = from_the_hub(8)
    taken = snapshot(*due, works=a_bike(), hub=micro_hub())
    seen: list[tuple[Problem, Plan]] = []

    def watched(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
        plan = searched(problem, initial)
        check(problem, plan)
        seen.append((problem, plan))
        return plan

    (draft,) = planned(taken, watched).drafts
    loads = [stop for stop in draft.stops if stop.kind is StopKind.PICKUP]
    assert [len(stop.deliveries) for stop in loads] == [3, 3, 2] or len(loads) == 3
    assert sum(len(stop.deliveries) for stop in loads) == 8
    assert {stop.place_name for stop in loads} == {"Hub North"}
    assert {stop.position for stop in loads} == {HUB_AT}
    assert {stop.service_s for stop in loads} == {240}
    assert max(len(stop.deliveries) for stop in loads) <= 3
    assert draft.stops[0].kind is StopKind.PICKUP
    assert draft.starts_at == draft.stops[0].planned_arrival_at
    assert draft.duration_s == (draft.ends_at - draft.starts_at).total_seconds()
    # Nobody is handed a parcel that was not loaded before.
    loaded: set[Any] = set()
    for stop in draft.stops:
        if stop.kind is StopKind.PICKUP:
            loaded |= set(stop.deliveries)
        else:
            assert set(stop.deliveries) <= loaded


def test_a_vehicle_comes_back_no_more_often_than_the_hub_says() -> None:
    taken = snapshot(*from_the_hub(12), works=a_bike(), hub=micro_hub())
    made = planned(taken, searched)
    (draft,) = made.drafts
    assert sum(stop.kind is StopKind.PICKUP for stop in draft.stops) == 3
    assert len(draft.versions) == 9
    assert {one.reason for one in made.unserved} == {"capacity_exhausted"}


def test_what_waits_at_a_store_is_fetched_there_also_by_a_vehicle_of_the_hub() -> None:
    due = [*from_the_hub(2), due_in(4, 9)]
    problem = planning.build_problem(snapshot(*due, hub=micro_hub()), matrix)
    assert [job.pickup is None for job in problem.jobs] == [True, True, False]
    (vehicle,) = problem.vehicles
    assert vehicle.start == 0
    assert vehicle.reload is not None
    assert (vehicle.reload.place, vehicle.reload.max_times) == (0, 2)


def test_without_the_setting_a_hub_is_a_pickup_like_any_other() -> None:
    problem = planning.build_problem(snapshot(*from_the_hub(2), hub=a_hub()), matrix)
    assert [job.pickup for job in problem.jobs] == [0, 0]
    assert problem.vehicles[0].start is None
    assert problem.vehicles[0].reload is None


def test_a_plan_before_is_begun_with_although_nothing_is_fetched_at_the_hub() -> None:
    due = [*from_the_hub(2), due_in(4, 9)]
    before = {"drv_1": tuple(one.ref for one in due)}
    tours = planning.tours_before(snapshot(*due, hub=micro_hub(), before=before))
    assert tours == [(4, 1, 3, 5)]


def test_a_trip_that_loads_nothing_is_no_stop() -> None:
    due = from_the_hub(2)
    taken = snapshot(*due, hub=micro_hub())
    problem = planning.build_problem(taken, matrix)
    plan = everything(problem, None)
    kinds = [visit.kind for route in plan.routes for visit in route.visits]
    assert kinds == [VisitKind.DROPOFF] * 2
    assert RELOAD == -1
    drafts, _, _ = Desk.of(taken, "wav_1").sort_out(problem, plan)
    assert [stop.kind for stop in drafts[0].stops] == [
        StopKind.PICKUP,
        StopKind.DROPOFF,
        StopKind.DROPOFF,
    ]
    assert pending(1).ref
