"""OR-Tools carries every rule: each has a small problem with one plain answer, and finds it.

The street of ``street``: five places in a row, 100 s and 1,000 m apart, the hub at its beginning.
"""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from chalicelib.domain.routing.assemble import assemble, usable
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.fleet import Break, Reload, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.ortools_engine import search
from chalicelib.domain.routing.plan import Plan, VisitKind
from chalicelib.domain.routing.problem import RELOAD, Fairness, Problem, Tour
from chalicelib.domain.routing.wire import Limits
from tests.domain.routing.street import SECONDS, TRAVEL, TWO_TRIPS, a_job, a_problem, a_vehicle

DEAR = 1_000_000


def told_by(
    problem: Problem,
    iterations: int = 60,
    initial: Sequence[Tour] | None = None,
    budget_s: float = 2,
) -> list[list[Tour]]:
    """Everything that the engine tells. The seconds end a search that has nothing left to tell."""
    told: list[list[Tour]] = []
    search(problem, Limits(budget_s, iterations), told.append, initial)
    return told


def planned(problem: Problem) -> Plan:
    """The engine's last word as a plan that the checker has passed."""
    plan = assemble(problem, told_by(problem)[-1], engine="ortools")
    check(problem, plan)
    return plan


def jobs_by_vehicle(plan: Plan) -> dict[str, set[str]]:
    return {route.vehicle_id: set(route.job_ids()) for route in plan.routes}


def served(plan: Plan) -> set[str]:
    return set().union(*jobs_by_vehicle(plan).values())


def a_van(id_: str = "van", **changes):
    return a_vehicle(id_, **{"cost_per_m": 1, **changes})


def test_pairs_and_what_the_hub_loaded_share_a_route():
    problem = a_problem((a_van(end=None),), (a_job("milk", None, 4), a_job("book", 1, 3)))
    assert told_by(problem)[-1] == [(2, 3, 1)]
    assert planned(problem).cost.distance == 4_000


@pytest.mark.parametrize("measure", ["weight_g", "volume_ml", "parcels"])
def test_what_the_hub_loads_is_on_board_from_the_start(measure):
    problem = a_problem(
        (a_van(**{f"max_{measure}": 5}),),
        (
            a_job("dear", None, 1, penalty=90_000, **{measure: 3}),
            a_job("cheap", None, 2, penalty=50_000, **{measure: 3}),
            a_job("light", None, 3, penalty=50_000, **{measure: 2}),
        ),
    )
    assert served(planned(problem)) == {"dear", "light"}


@pytest.mark.parametrize("measure", ["weight_g", "volume_ml", "parcels"])
def test_what_is_dropped_off_makes_room(measure):
    problem = a_problem(
        (a_van(**{f"max_{measure}": 5}),),
        (a_job("one", 1, 3, **{measure: 3}), a_job("other", 2, 4, **{measure: 3})),
    )
    assert told_by(problem)[-1] in ([(0, 1, 2, 3)], [(2, 3, 0, 1)])


def test_a_dropoff_may_have_several_windows():
    job = a_job("book", None, 1, dropoff_windows=(Window(0, 50), Window(900, 950)))
    plan = planned(a_problem((a_van(cost_per_s=1),), (job,)))
    assert plan.routes[0].visits[0].start_s == 900
    assert plan.routes[0].start_s == 790


def test_two_pickups_at_one_place_pay_its_setup_once():
    # Leave at 0, stop at 100, 10 s of setup, two times 20 s of handling: 150.
    jobs = (
        a_job("near", 1, 3, dropoff_windows=(Window(0, 150 + 210),)),
        a_job("far", 1, 4, dropoff_windows=(Window(0, 390 + 110),)),
    )
    assert served(planned(a_problem((a_van(),), jobs))) == {"near", "far"}
    hasty = (jobs[0], replace(jobs[1], dropoff_windows=(Window(0, 499),)))
    assert len(served(planned(a_problem((a_van(),), hasty)))) == 1


@pytest.mark.parametrize(
    "wish",
    [
        {"skills": frozenset({"cold"})},
        {"only_vehicle": "cooled"},
        {"not_vehicles": frozenset({"plain"})},
    ],
)
@pytest.mark.parametrize("pickup", [None, 1])
def test_skills_pins_and_exclusions_are_kept_at_any_price(wish, pickup):
    cooled = a_van("cooled", cost_per_m=90, skills=frozenset({"cold", "tall"}))
    problem = a_problem(
        (a_van("plain"), cooled), (a_job("ice", pickup, 2, **wish), a_job("book", pickup, 3))
    )
    who = jobs_by_vehicle(planned(problem))
    assert "ice" in who["cooled"]


def test_what_nobody_may_take_stays_behind_and_hinders_nobody():
    jobs = (
        a_job("ghost", None, 2, only_vehicle="nobody"),
        a_job("late", None, 2, dropoff_windows=(Window(90_000, 91_000),)),
        a_job("unready", None, 2, pickup_window=Window(90_000, 91_000)),
        a_job("over", 1, 2, pickup_window=Window(500, 600), dropoff_windows=(Window(0, 400),)),
        a_job("book", 1, 3),
    )
    assert told_by(a_problem((a_van(),), jobs))[-1] == [(8, 9)]


def test_the_higher_priority_goes_first():
    jobs = (
        a_job("plain", None, 1, penalty=50_000),
        a_job("urgent", None, 3, penalty=50_000, priority=2),
    )
    assert served(planned(a_problem((a_van(max_jobs=1),), jobs))) == {"urgent"}


def test_what_costs_less_to_leave_out_is_left_out():
    jobs = (a_job("near", None, 1, penalty=2_500), a_job("far", None, 4, penalty=5_500))
    assert served(planned(a_problem((a_van(),), jobs))) == {"near"}


def test_no_route_begins_before_its_parcels_are_ready():
    jobs = (
        a_job("early", None, 2, dropoff_windows=(Window(0, 300),)),
        a_job("ready", None, 3, pickup_window=Window(500, 500)),
    )
    plan = planned(a_problem((a_van("one"), a_van("two")), jobs))
    assert sorted(map(sorted, jobs_by_vehicle(plan).values())) == [["early"], ["ready"]]
    assert max(route.start_s for route in plan.routes) >= 500
    assert len(served(planned(a_problem((a_van(),), jobs)))) == 1


def test_each_kind_of_vehicle_has_its_own_travel():
    quick = Matrix.of([[s // 2 for s in row] for row in SECONDS])
    travel = {**TRAVEL, "bike": Travel(quick, TRAVEL["van"].distance_m)}
    job = a_job("hot", None, 4, dropoff_windows=(Window(0, 250),))
    fleet = (a_van(), a_van("bike", kind="bike", cost_per_m=9))
    problem = replace(
        a_problem((a_van(),), (job, a_job("book", None, 1))), vehicles=fleet, travel=travel
    )
    assert "hot" in jobs_by_vehicle(planned(problem))["bike"]


def test_an_open_route_begins_and_ends_where_its_work_does():
    plan = planned(a_problem((a_van(start=None, end=None),), (a_job("book", 3, 4),)))
    assert plan.cost.distance == 1_000
    assert plan.routes[0].duration_s == 10 + 20 + 100 + 10 + 30


@pytest.mark.parametrize(("latest_s", "who"), [(700, {"near"}), (860, {"near", "far"})])
def test_a_break_is_taken_before_work_goes_on(latest_s, who):
    jobs = (
        a_job("near", None, 2, penalty=90_000, dropoff_windows=(Window(0, 300),)),
        a_job("far", None, 4, penalty=50_000, dropoff_windows=(Window(0, latest_s),)),
    )
    rested = a_van(breaks=(Break(Window(240, 400), 400),))
    plan = planned(a_problem((rested,), jobs))
    assert served(plan) == who
    assert len(plan.routes[0].rests) == 1


def test_who_is_home_before_the_break_needs_none():
    rested = a_van(breaks=(Break(Window(100, 240), 5_000),))
    job = a_job("near", None, 1, dropoff_windows=(Window(0, 200),))
    plan = planned(a_problem((rested,), (job,)))
    assert served(plan) == {"near"}
    assert not plan.routes[0].rests


# One route past place 2 to place 4 and back: 8,000 m and 880 s; two routes: 12,000 m.
BOTH = (a_job("near", None, 2), a_job("far", None, 4))


@pytest.mark.parametrize(
    ("overtime", "fairness", "routes"),
    [(0, 0, 1), (60, 0, 1), (0, 60, 1), (150, 0, 2), (0, 150, 2), (60, 60, 2)],
)
def test_overtime_and_fairness_both_count(overtime, fairness, routes):
    vans = [
        a_van(name, overtime_after_s=845, overtime_cost_per_s=overtime) for name in ("one", "two")
    ]
    problem = a_problem(tuple(vans), BOTH, fairness=Fairness(845, fairness))
    assert len(planned(problem).routes) == routes


@pytest.mark.parametrize(
    ("limit", "routes"),
    [
        ({}, 1),
        ({"max_jobs": 1}, 2),
        ({"max_distance_m": 5_000}, 2),
        ({"max_distance_m": 8_000}, 1),
        ({"max_duration_s": 500}, 2),
        ({"max_duration_s": 1_000}, 1),
    ],
)
def test_a_route_keeps_its_jobs_metres_and_hours(limit, routes):
    vans = tuple(a_van(name, start=2, end=2, fixed_cost=100, **limit) for name in ("one", "two"))
    plan = planned(a_problem(vans, (a_job("east", None, 4), a_job("west", None, 0))))
    assert (len(plan.routes), plan.served) == (routes, 2)


@pytest.mark.parametrize(("times", "most"), [(1, 2), (2, 3), (9, 3)])
def test_a_vehicle_goes_back_for_more(times, most):
    van = a_van(max_parcels=1, reload=Reload(0, service_s=60, max_times=times))
    plan = planned(a_problem((van,), tuple(a_job(f"p{k}", None, k) for k in (1, 2, 3))))
    assert plan.served == most
    kinds = [visit.kind for visit in plan.routes[0].visits]
    assert kinds.count(VisitKind.RELOAD) == most - 1


def test_nobody_goes_back_for_nothing():
    van = a_vehicle(reload=Reload(0, max_times=3))  # where driving is free
    tours = told_by(a_problem((van,), (a_job("milk", None, 2), a_job("book", 1, 3))))[-1]
    assert RELOAD not in tours[0]


def test_a_second_trip_waits_for_what_it_brings():
    salt, rice = TWO_TRIPS.jobs
    salt = replace(salt, dropoff_windows=(Window(0, 300),))
    plan = planned(
        replace(TWO_TRIPS, vehicles=(replace(TWO_TRIPS.vehicles[0], frozen=()),), jobs=(salt, rice))
    )
    assert [visit.kind for visit in plan.routes[0].visits] == ["dropoff", "reload", "dropoff"]
    assert plan.routes[0].visits[1].departure_s >= 450


def test_a_reload_lets_a_pair_stay_on_board():
    van = a_van(max_parcels=2, reload=Reload(0, max_times=1))
    jobs = (
        a_job("milk", None, 1, dropoff_windows=(Window(0, 200),)),
        a_job("book", 1, 2, pickup_window=Window(0, 200)),
        a_job("rice", None, 3, pickup_window=Window(300, 400), parcels=1),
    )
    plan = planned(a_problem((van,), jobs))
    assert plan.served == 3


def test_what_pairs_hold_at_a_reload_makes_no_room_for_the_hub():
    # Without its own room, the ice would be paid for with the book that is still on board.
    van = a_van(max_parcels=2, reload=Reload(0))
    jobs = (
        a_job(
            "book",
            1,
            4,
            pickup_window=Window(0, 150),
            penalty=90_000,
            dropoff_windows=(Window(800, 1_500),),
        ),
        a_job("milk", None, 1, dropoff_windows=(Window(0, 200),), penalty=90_000),
        a_job(
            "crate",
            None,
            2,
            pickup_window=Window(200, 300),
            parcels=2,
            penalty=50_000,
            dropoff_windows=(Window(500, 650),),
        ),
    )
    problem = a_problem((van,), jobs)
    assert all(usable(problem, tours) for tours in told_by(problem))
    assert served(planned(problem)) == {"book", "milk"}
    assert served(planned(replace(problem, vehicles=(replace(van, max_parcels=3),)))) == {
        "book",
        "milk",
        "crate",
    }


def test_what_a_driver_is_about_to_do_is_kept():
    problem = a_problem(
        (a_van("one", frozen=(7, 0)), a_van("two")),
        (a_job("a", 4, 3), *(a_job(f"p{k}", None, k) for k in (1, 2, 3))),
    )
    tour = told_by(problem)[-1][0]
    assert tour[:2] == (7, 0)
    assert 1 in tour
    assert "a" in jobs_by_vehicle(planned(problem))["one"]


def test_a_frozen_reload_is_kept():
    assert told_by(TWO_TRIPS)[-1] == [(1, RELOAD, 3)]
    assert planned(TWO_TRIPS).served == 2


def test_companions_go_together():
    vans = (a_van("one", max_parcels=2), a_van("two", max_parcels=2))
    jobs = tuple(a_job(f"p{k}", None, k) for k in (1, 2, 3, 4))
    apart = jobs_by_vehicle(planned(a_problem(vans, jobs)))
    assert sorted(map(sorted, apart.values())) == [["p1", "p2"], ["p3", "p4"]]
    together = jobs_by_vehicle(planned(a_problem(vans, jobs, same_route=((0, 3),))))
    assert sorted(map(sorted, together.values())) == [["p1", "p4"], ["p2", "p3"]]


def test_companions_stay_behind_together():
    jobs = (a_job("a", 1, 2), a_job("b", None, 3, skills=frozenset({"wings"})), a_job("c", 2, 4))
    assert served(planned(a_problem((a_van(),), jobs, same_route=((0, 1),)))) == {"c"}


def test_pickups_keep_their_order_on_one_route():
    jobs = (a_job("a", 1, 4), a_job("b", 2, 4))
    assert told_by(a_problem((a_van(),), jobs))[-1][0][:2] == (0, 2)
    turned = a_problem((a_van(),), jobs, pickup_order=((1, 0),))
    tour = told_by(turned)[-1][0]
    assert tour.index(2) < tour.index(0)
    # On two routes neither waits for the other.
    apart = replace(turned, vehicles=(a_van("one", max_jobs=1), a_van("two", max_jobs=1)))
    assert planned(apart).served == 2


@pytest.mark.parametrize(("price", "first"), [(10, "near"), (100, "far")])
def test_lateness_is_weighed_against_the_detour(price, first):
    far = a_job("far", None, 4, due_s=410, late_cost_per_s=price)
    plan = planned(a_problem((a_van(end=None),), (a_job("near", None, 2), far)))
    assert next(plan.routes[0].job_ids()) == first


@pytest.mark.parametrize(("price", "routes"), [(1_000, 1), (7_000, 2)])
def test_a_change_of_vehicle_has_its_price(price, routes):
    jobs = (
        a_job("near", None, 3, planned_vehicle="one", change_cost=price),
        a_job("far", 4, 3, planned_vehicle="two", change_cost=price),
    )
    plan = planned(a_problem((a_van("one"), a_van("two"), a_van("three")), jobs))
    assert len(plan.routes) == routes
    assert plan.cost.changes == (price if routes == 1 else 0)


def test_what_was_planned_for_a_vehicle_that_is_gone_may_be_left_out():
    gone = {"planned_vehicle": "gone", "change_cost": 100}
    jobs = (a_job("near", None, 1, penalty=3_000, **gone), a_job("far", 4, 3, penalty=50, **gone))
    plan = planned(a_problem((a_van("one"), a_van("two")), jobs))
    assert served(plan) == {"near"}
    assert plan.cost.changes == 100
