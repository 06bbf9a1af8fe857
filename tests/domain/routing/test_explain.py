"""Explanations: what is told to be missing is missing, exactly so much of it, and then it goes.

The street of ``street``: five places in a row, 100 s and 1,000 m apart, the hub at its beginning.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chalicelib.domain.routing.assemble import assemble, tours_cost, usable
from chalicelib.domain.routing.construct import Board, companions, complete, construct
from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.explain import Constraint, LeftOut, explain
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.plan import Plan, Reason
from chalicelib.domain.routing.problem import RELOAD, Job, Problem, Tour
from chalicelib.domain.routing.relax import Lever, Relaxation, relaxed
from chalicelib.domain.routing.tasks import Tasks
from tests.domain.routing.rich_cities import a_rich_city
from tests.domain.routing.street import (
    MORNING,
    MORNING_PLAN,
    TWO_TRIPS,
    a_job,
    a_problem,
    a_vehicle,
)

#: Given as a whole, or not a matter of how much.
ALL_OR_NOTHING = (Lever.SKILLS, Lever.PERMISSION, Lever.VEHICLE)


def planned(problem: Problem) -> tuple[list[Tour], Plan]:
    tours = construct(problem)
    return tours, assemble(problem, tours, engine="construct")


def the_left_out(vehicle: Vehicle, *jobs: Job, **rules) -> LeftOut:
    problem = a_problem((vehicle,), jobs, **rules)
    (one,) = explain(problem, planned(problem)[1]).left_out
    return one


def levers(one: LeftOut) -> dict[Lever, int]:
    return {relaxation.lever: relaxation.amount for relaxation in one.relaxations}


# -- left out, by hand ---------------------------------------------------------------------------

FAR = a_job("far", None, 4, weight_g=5, volume_ml=5, parcels=5)

CASES = [
    # What, the vehicle's limit, the job's wish, what stands in the way, what helps.
    ({"max_weight_g": 3}, {}, Constraint.WEIGHT, {Lever.WEIGHT: 2}),
    ({"max_volume_ml": 1}, {}, Constraint.VOLUME, {Lever.VOLUME: 4}),
    ({"max_parcels": 4}, {}, Constraint.PARCELS, {Lever.PARCELS: 1}),
    ({"max_jobs": 0}, {}, Constraint.JOBS, {Lever.JOBS: 1}),
    ({"max_distance_m": 7_500}, {}, Constraint.DISTANCE, {Lever.DISTANCE: 500}),
    ({"max_duration_s": 800}, {}, Constraint.DURATION, {Lever.DURATION: 40}),
    ({"shift": Window(0, 830)}, {}, Constraint.SHIFT, {Lever.SHIFT_LATER: 10}),
    ({}, {"skills": frozenset({"a", "b"})}, Constraint.SKILLS, {Lever.SKILLS: 2}),
    ({}, {"only_vehicle": "gone"}, Constraint.PERMISSION, {Lever.PERMISSION: 1}),
    (
        {},
        {"not_vehicles": frozenset({"van"})},
        Constraint.PERMISSION,
        {Lever.PERMISSION: 1, Lever.VEHICLE: 1},
    ),
    (
        {"shift": Window(100, 9_000)},
        {"dropoff_windows": (Window(0, 480),)},
        Constraint.DROPOFF_WINDOW,
        {Lever.DROPOFF_LATER: 30, Lever.SHIFT_EARLIER: 30},
    ),
    (
        {"shift": Window(0, 1_000)},
        {"dropoff_windows": (Window(600, 700),)},
        Constraint.DROPOFF_WINDOW,
        {Lever.DROPOFF_EARLIER: 30, Lever.SHIFT_LATER: 30},
    ),
    (
        {"shift": Window(0, 1_000)},
        {"pickup_window": Window(200, 200)},
        Constraint.PICKUP_WINDOW,
        {Lever.PICKUP_EARLIER: 40, Lever.SHIFT_LATER: 40},
    ),
    (
        {},
        {"dropoff_windows": (Window(0, 100), Window(200, 380))},
        Constraint.DROPOFF_WINDOW,
        {Lever.DROPOFF_LATER: 30},
    ),
    (
        {"max_weight_g": 3, "max_volume_ml": 3},
        {},
        Constraint.SEVERAL,
        {},
    ),
]


@pytest.mark.parametrize(("limit", "wish", "constraint", "helps"), CASES)
def test_what_stands_in_the_way_and_what_would_help(limit, wish, constraint, helps):
    one = the_left_out(a_vehicle(**limit), replace(FAR, **wish))
    assert (one.constraint, levers(one)) == (constraint, helps)


def test_a_pickup_that_closes_too_soon_would_have_to_close_later():
    book = a_job("book", 2, 4, pickup_window=Window(0, 150))
    one = the_left_out(a_vehicle(), book)
    assert (one.reason, levers(one)) == (Reason.WINDOW_TOO_EARLY, {Lever.PICKUP_LATER: 60})


def test_what_is_not_worth_it_tells_the_penalty_from_which_it_is():
    dear = a_vehicle(cost_per_m=1)
    one = the_left_out(dear, replace(FAR, penalty=2_000, priority=1))
    assert (one.constraint, one.reason) == (Constraint.PENALTY, Reason.NOT_WORTH_THE_DETOUR)
    (only,) = one.relaxations
    assert (only.lever, only.amount, only.added_cost) == (Lever.PENALTY, 4_001, 8_000)


def test_beside_a_full_van_a_larger_one_or_another_would_do():
    near = a_job("near", None, 1, weight_g=4)
    van = a_vehicle(max_weight_g=6, cost_per_m=1, fixed_cost=500)
    one = the_left_out(van, near, replace(FAR, penalty=10_000))
    assert (one.reason, one.constraint) == (Reason.CAPACITY_EXHAUSTED, Constraint.WEIGHT)
    assert one.relaxations == (
        Relaxation(Lever.WEIGHT, 3, 6_000, "van"),
        Relaxation(Lever.VEHICLE, 1, 8_500, "van"),
    )


def test_a_relaxation_that_helps_but_does_not_pay_is_told_as_such():
    one = the_left_out(a_vehicle(max_weight_g=3, cost_per_m=1), replace(FAR, penalty=7_999))
    assert [relaxation.pays for relaxation in one.relaxations] == [False]


def test_who_goes_with_somebody_that_cannot_is_told_so():
    problem = a_problem(
        (a_vehicle(max_weight_g=4),), (FAR, a_job("near", None, 1)), same_route=((0, 1),)
    )
    told = {one.job_id: one for one in explain(problem, planned(problem)[1]).left_out}
    assert told["far"].constraint is Constraint.WEIGHT
    assert told["near"].reason is Reason.COMPANION_LEFT_OUT
    assert told["near"].constraint is Constraint.COMPANION


def test_without_a_fleet_there_is_nothing_to_loosen():
    problem = a_problem((), (FAR,))
    (one,) = explain(problem, planned(problem)[1]).left_out
    assert (one.constraint, one.relaxations) == (Constraint.FLEET, ())


# -- left out, in any city -----------------------------------------------------------------------

rich_cities = st.builds(
    a_rich_city, st.integers(0, 1_000_000), jobs=st.integers(3, 8), vehicles=st.integers(1, 3)
)


def added_cost(problem: Problem, tours: Sequence[Tour], job: int) -> int | None:
    """What the cheapest way to take the job and its companions along adds; None without one."""
    padded = [*tours, *[()] * (len(problem.vehicles) - len(tours))]
    unit = (job, *sorted(companions(problem)[job] - {job}))
    board = Board(Tasks.of(problem), padded)
    costs = [board.together(unit, at, enough=None) for at in range(len(padded))]
    return min((one.added_cost for one in costs if one is not None), default=None)


@settings(max_examples=60)
@given(rich_cities)
def test_so_much_lets_it_go_along_and_one_less_does_not(problem):
    tours, plan = planned(problem)
    assume(plan.unserved)
    for one in explain(problem, plan).left_out:
        job = next(k for k, job in enumerate(problem.jobs) if job.id == one.job_id)
        for how in one.relaxations:
            helped = relaxed(problem, job, how)
            joined = added_cost(helped, tours, job)
            if how.lever is Lever.PENALTY:
                continue
            assert joined is not None
            assert joined <= how.added_cost
            if how.lever not in ALL_OR_NOTHING and how.amount > 1:
                less = relaxed(problem, job, replace(how, amount=how.amount - 1))
                assert added_cost(less, tours, job) is None


@settings(max_examples=60)
@given(rich_cities)
def test_what_pays_makes_the_plan_cheaper_than_leaving_it_out(problem):
    """Applied to the problem, completing the same tours serves the job."""
    tours, plan = planned(problem)
    assume(plan.unserved)
    for one in explain(problem, plan).left_out:
        job = next(k for k, job in enumerate(problem.jobs) if job.id == one.job_id)
        for how in one.relaxations:
            helped = relaxed(problem, job, how)
            alone = Board(Tasks.of(helped), [*tours, *[()] * (how.lever is Lever.VEHICLE)])
            unit = (job, *sorted(companions(problem)[job] - {job}))
            joined = alone.cheapest(unit, enough=None)
            assert joined is not None
            worth = sum(helped.jobs[k].price_of_leaving_out for k in unit)
            assert (joined.added_cost < worth) or not how.pays
            if how.pays:
                longer = list(alone.tours)
                longer[joined.vehicle] = joined.tour
                assert usable(helped, longer)
                assert tours_cost(helped, longer) < tours_cost(helped, alone.tours)


@settings(max_examples=40)
@given(rich_cities)
def test_relaxations_are_ranked_by_what_they_cost(problem):
    _, plan = planned(problem)
    for one in explain(problem, plan).left_out:
        costs = [relaxation.added_cost for relaxation in one.relaxations]
        assert costs == sorted(costs)


def test_one_penalty_less_and_it_stays_behind():
    problem = a_problem((a_vehicle(cost_per_m=1),), (replace(FAR, penalty=10, priority=2),))
    (one,) = explain(problem, planned(problem)[1]).left_out
    how = one.relaxations[0]
    assert complete(relaxed(problem, 0, how), [()]) == [(1,)]
    assert complete(relaxed(problem, 0, replace(how, amount=how.amount - 1)), [()]) == [()]


# -- served --------------------------------------------------------------------------------------


def test_a_served_job_costs_what_the_plan_would_save_without_it():
    served = {one.job_id: one for one in explain(MORNING, MORNING_PLAN).served}
    assert list(served) == ["book", "cake", "milk", "note"]
    # Alone on the bike: everything that the bike costs.
    assert (served["note"].vehicle_id, served["note"].saving.driven) == ("bike", 50 + 1_000 + 340)
    # The door at the far end: 2 km less, 240 s less and so no overtime and no unfair share.
    milk = served["milk"].saving
    assert (milk.vehicles, milk.distance, milk.duration) == (0, 2 * 2_000, 3 * 240)
    assert (milk.overtime, milk.fairness, milk.lateness) == (5 * 70, 6 * 20, 0)
    # It is on the way: 20 s less at the shop, 40 s less at its door.
    book = served["book"].saving
    assert (book.distance, book.duration, book.overtime, book.changes) == (0, 3 * 60, 5 * 60, 80)


@pytest.mark.parametrize(("frozen", "saves_s"), [((), 745 - 240), ((1, RELOAD), 745 - 305)])
def test_without_its_parcel_a_trip_is_not_loaded_unless_that_is_fixed(frozen, saves_s):
    """Back at the hub after 240 s; setup and loading there take 65 s more."""
    van = replace(TWO_TRIPS.vehicles[0], frozen=frozen, cost_per_s=1)
    problem = replace(TWO_TRIPS, vehicles=(van,))
    plan = assemble(problem, [(1, RELOAD, 3)], engine="by hand")
    rice = explain(problem, plan, job_ids={"rice"}).served[0]
    assert rice.saving == Cost(duration=saves_s)


@settings(max_examples=60)
@given(rich_cities)
def test_taking_a_job_out_saves_what_is_told(problem):
    tours, plan = planned(problem)
    whole = tours_cost(problem, tours)
    for one in explain(problem, plan).served:
        job = next(k for k, job in enumerate(problem.jobs) if job.id == one.job_id)
        if any(RELOAD in tour for tour in tours):
            continue
        fewer = [tuple(task for task in tour if task // 2 != job) for tour in tours]
        alone = replace(problem, same_route=())
        if usable(alone, fewer):
            left = problem.jobs[job].price_of_leaving_out
            assert one.saving is not None
            assert one.saving.total == whole - (tours_cost(problem, fewer) - left)


def test_only_the_jobs_that_are_asked_for_are_explained():
    told = explain(MORNING, MORNING_PLAN, job_ids={"milk", "soap"})
    assert [one.job_id for one in told.served] == ["milk"]
    assert [one.job_id for one in told.left_out] == ["soap"]
