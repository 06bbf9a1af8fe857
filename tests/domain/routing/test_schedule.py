"""Schedules: the earliest end, the latest start, rests where they cost least, every part priced.

The street of ``street``: five places in a row, 100 s and 1,000 m apart, the hub at its beginning.
A visit takes 10 s of setup and 20 s (pickup) or 30 s (dropoff) of handling.
"""

from dataclasses import replace

import pytest

from chalicelib.domain.routing.check import findings
from chalicelib.domain.routing.cost import Cost
from chalicelib.domain.routing.fleet import Break, Reload, Vehicle, Window
from chalicelib.domain.routing.plan import Plan, PlannedRoute, Rest
from chalicelib.domain.routing.problem import RELOAD, Fairness, Job, Problem, Tour
from chalicelib.domain.routing.schedule import drive_within, route_cost, route_price
from chalicelib.domain.routing.tasks import Legs, Tasks, carries, peak_load
from chalicelib.domain.routing.visits import route_of
from tests.domain.routing.street import (
    LONG_DAY,
    MORNING,
    MORNING_PLAN,
    TWO_TRIPS,
    TWO_TRIPS_PLAN,
    WAITING,
    a_job,
    a_problem,
    a_vehicle,
)


def legs_of(problem: Problem, vehicle: int = 0) -> Legs:
    return Legs(Tasks.of(problem), problem.vehicles[vehicle])


def the_route(vehicle: Vehicle, *jobs: Job, tour: Tour, **rules) -> PlannedRoute:
    """The tour's route, as the judge has passed it with all its costs."""
    problem = a_problem((vehicle,), jobs, **rules)
    legs = legs_of(problem)
    route, cost = timed_route(legs, tour), route_price(legs, tour)
    assert route is not None
    assert cost is not None
    assert cost.driven == route_cost(legs, tour)
    assert findings(problem, Plan((route,), (), cost, engine="by hand")) == ()
    return route


def timed_route(legs: Legs, tour: Tour) -> PlannedRoute | None:
    """The tour with its times; None when it is not possible."""
    driven = drive_within(legs, tour)
    return None if driven is None else route_of(legs, tour, driven)


def price_of(vehicle: Vehicle, *jobs: Job, tour: Tour, **rules) -> Cost:
    cost = route_price(legs_of(a_problem((vehicle,), jobs, **rules)), tour)
    assert cost is not None
    return cost


# -- by hand -------------------------------------------------------------------------------------


def test_two_trips_are_timed_as_by_hand():
    """The rice is ready at 450, less 60 s of loading, 5 of setup, 2 times 100 of road, 40 there."""
    route = timed_route(legs_of(TWO_TRIPS), (1, RELOAD, 3))
    by_hand = TWO_TRIPS_PLAN.routes[0]
    assert route is not None
    assert (route.start_s, route.visits[1].departure_s) == (145, 450)
    assert route.visits[2] == by_hand.visits[2]
    assert replace(route, visits=by_hand.visits, start_s=by_hand.start_s) == by_hand


def test_every_part_of_a_cost_is_that_of_the_plan_by_hand():
    """The judge of ``check`` has passed that plan, and it shares no code with the schedule."""
    tours = ((0, 2, 3, 1, 5), (6, 7))
    routes = [timed_route(legs_of(MORNING, at), tour) for at, tour in enumerate(tours)]
    assert [route and route.duration_s for route in routes] == [970, 170]
    for part in ("vehicles", "distance", "duration", "overtime", "fairness", "changes"):
        prices = [route_price(legs_of(MORNING, at), tour) for at, tour in enumerate(tours)]
        assert sum(getattr(cost, part) for cost in prices) == getattr(MORNING_PLAN.cost, part)


def test_pickups_in_a_row_at_one_place_are_one_visit_even_with_a_wait_in_it():
    legs = legs_of(WAITING)
    route = timed_route(legs, (0, 2, 1, 3))
    assert route is not None
    pickup = route.visits[0]
    assert (pickup.job_ids, pickup.departure_s) == (("early", "late"), 320)
    assert [visit.arrival_s - visit.start_s for visit in route.visits[1:]] == [-10, 0]


def test_the_first_stop_pays_its_setup_even_next_to_the_start():
    assert the_route(a_vehicle(start=2), a_job("a", None, 2), tour=(1,)).visits[0].start_s == 10


def test_an_open_route_begins_and_ends_where_its_work_does():
    route = the_route(a_vehicle(start=None, end=None), a_job("a", None, 3), tour=(1,))
    assert (route.start_s, route.end_s, route.distance_m) == (0, 40, 0)


def test_who_would_wait_leaves_later():
    late = a_job("a", None, 1, dropoff_windows=(Window(1_000, 1_010),))
    route = the_route(a_vehicle(), late, tour=(1,))
    assert (route.start_s, route.visits[0].start_s, route.end_s) == (890, 1_000, 1_130)


def test_who_would_be_late_does_not_leave_later_still():
    """Dropped off at 110, and that is due; what waits for it opens at 1,000."""
    first = a_job("a", None, 1, due_s=200, late_cost_per_s=1)
    second = a_job("b", None, 2, dropoff_windows=(Window(1_000, 1_000),))
    route = the_route(a_vehicle(), first, second, tour=(1, 3))
    assert (route.start_s, route.visits[0].start_s) == (90, 200)
    overdue = replace(first, due_s=50)
    route = the_route(a_vehicle(), overdue, second, tour=(1, 3))
    assert (route.start_s, route.visits[0].start_s) == (0, 110)
    assert price_of(a_vehicle(), overdue, second, tour=(1, 3)).lateness == 60


def test_the_first_window_that_is_still_open_counts():
    windows = (Window(0, 50), Window(300, 310), Window(500, 900))
    route = the_route(a_vehicle(), a_job("a", None, 2, dropoff_windows=windows), tour=(1,))
    assert route.visits[0].start_s == 300


def test_a_trip_leaves_when_all_that_it_brings_is_ready():
    jobs = (
        a_job("a", None, 1, pickup_window=Window(50, 50)),
        a_job("b", None, 2, pickup_window=Window(400, 400)),
        a_job("c", None, 3, pickup_window=Window(2_000, 2_000)),
    )
    van = a_vehicle(reload=Reload(0, service_s=60))
    route = the_route(van, *jobs, tour=(1, 3, RELOAD, 5))
    assert (route.start_s, route.visits[2].departure_s) == (1_455, 2_000)
    assert route.visits[2].job_ids == ("c",)
    assert the_route(a_vehicle(), *jobs, tour=(1, 3, 5)).start_s == 2_000


# -- rests ---------------------------------------------------------------------------------------

FAR = a_job("far", None, 4)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (Break(Window(200, 300), 60), (Rest(200, 260), 470, 900)),  # on the road
        (Break(Window(405, 700), 60), (Rest(405, 465), 470, 900)),  # at the door, before handling
        (Break(Window(500, 700), 60), (Rest(500, 560), 410, 900)),  # on the way back
        (Break(Window(840, 900), 60), (None, 410, 840)),  # back by then
        (Break(Window(839, 839), 60), (Rest(839, 899), 410, 900)),  # not quite back
        (Break(Window(0, 0), 60), (None, 470, 900)),  # had at home before leaving
    ],
)
def test_a_rest_is_taken_where_it_is_due(rest, expected):
    route = the_route(a_vehicle(breaks=(rest,)), FAR, tour=(1,))
    taken, start_s, end_s = expected
    assert route.rests == (() if taken is None else (taken,))
    assert (route.visits[0].start_s, route.end_s) == (start_s, end_s)


def test_a_rest_does_not_divide_a_visit():
    """Both parcels are at one shop: the rest comes before or after, not between."""
    jobs = (a_job("a", 1, 3), a_job("b", 1, 4, pickup_window=Window(300, 400)))
    route = the_route(a_vehicle(breaks=(Break(Window(140, 340), 60),)), *jobs, tour=(0, 2, 1, 3))
    shop = route.visits[0]
    assert shop.job_ids == ("a", "b")
    assert not any(shop.start_s < rest.ends_s < shop.departure_s for rest in route.rests)


def test_a_rest_that_cannot_be_taken_makes_a_route_impossible():
    """Handling takes from 100 to 400; the rest had to begin at 200."""
    slow = a_job("slow", None, 1, dropoff_service_s=300, dropoff_windows=(Window(110, 110),))
    problem = a_problem((a_vehicle(breaks=(Break(Window(200, 200), 60),)),), (slow,))
    assert timed_route(legs_of(problem), (1,)) is None
    assert route_cost(legs_of(problem), (1,)) is None


def test_rests_that_fall_on_the_drive_cost_the_least_time():
    problem = replace(LONG_DAY, jobs=LONG_DAY.jobs)
    route = timed_route(legs_of(problem), (1, 3))
    assert route is not None
    # The driver is back before the first of the three begins.
    assert (route.start_s, route.end_s, route.rests) == (0, 880, ())


# -- loads and limits ----------------------------------------------------------------------------


def test_what_the_hub_loads_is_aboard_from_the_start_of_its_trip():
    jobs = (
        a_job("a", None, 1, weight_g=5),
        a_job("b", 2, 3, weight_g=7, volume_ml=4, parcels=3),
        a_job("c", None, 4, weight_g=11),
    )
    tasks = Tasks.of(a_problem((a_vehicle(),), jobs))
    assert peak_load(tasks, (1, 2, 3, 5)) == (18, 4, 4)
    assert peak_load(tasks, (1, 2, 3, RELOAD, 5)) == (11, 4, 3)
    assert peak_load(tasks, (1, 2, RELOAD, 3, 5)) == (18, 4, 4)
    assert peak_load(tasks, ()) == (0, 0, 0)


@pytest.mark.parametrize(
    ("limit", "fits"),
    [
        ({"max_weight_g": 12}, True),
        ({"max_weight_g": 11}, False),
        ({"max_volume_ml": 4}, True),
        ({"max_volume_ml": 3}, False),
        ({"max_parcels": 4}, True),
        ({"max_parcels": 3}, False),
        ({"max_jobs": 2}, True),
        ({"max_jobs": 1}, False),
    ],
)
def test_a_vehicle_carries_up_to_its_limits(limit, fits):
    jobs = (
        a_job("a", None, 1, weight_g=5),
        a_job("b", 2, 3, weight_g=7, volume_ml=4, parcels=3),
    )
    problem = a_problem((a_vehicle(**limit),), jobs)
    assert carries(Tasks.of(problem), problem.vehicles[0], (2, 1, 3)) is fits


@pytest.mark.parametrize(("times", "fits"), [(None, False), (1, False), (2, True)])
def test_a_vehicle_reloads_as_often_as_it_may(times, fits):
    reload = None if times is None else Reload(0, max_times=times)
    problem = a_problem((a_vehicle(reload=reload),), (a_job("a", None, 1),))
    assert carries(Tasks.of(problem), problem.vehicles[0], (RELOAD, RELOAD, 1)) is fits


@pytest.mark.parametrize(
    ("limit", "fits"),
    [
        ({"max_distance_m": 8_000}, True),
        ({"max_distance_m": 7_999}, False),
        ({"max_duration_s": 840}, True),
        ({"max_duration_s": 839}, False),
        ({"shift": Window(100, 940)}, True),
        ({"shift": Window(100, 939)}, False),
    ],
)
def test_a_route_keeps_its_metres_its_hours_and_the_shift(limit, fits):
    legs = legs_of(a_problem((a_vehicle(**limit),), (FAR,)))
    assert (route_cost(legs, (1,)) is not None) is fits
    assert (timed_route(legs, (1,)) is not None) is fits


def test_every_price_is_paid_for_what_it_is():
    van = a_vehicle(
        fixed_cost=1,
        cost_per_m=2,
        cost_per_s=3,
        overtime_after_s=800,
        overtime_cost_per_s=5,
    )
    late = replace(FAR, due_s=400, late_cost_per_s=7, planned_vehicle="gone", change_cost=11)
    assert price_of(van, late, tour=(1,), fairness=Fairness(830, 13)) == Cost(
        vehicles=1,
        distance=2 * 8_000,
        duration=3 * 840,
        overtime=5 * 40,
        lateness=7 * 10,
        fairness=13 * 10,
        changes=11,
    )
    assert price_of(van, replace(late, planned_vehicle="van"), tour=(1,)).changes == 0
    assert price_of(van, replace(late, due_s=410), tour=(1,)).lateness == 0
    assert route_cost(legs_of(a_problem((van,), (late,))), ()) == 0
