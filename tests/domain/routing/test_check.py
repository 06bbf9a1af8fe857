"""The judge catches every kind of corruption of a plan that was true before."""

from dataclasses import replace

import pytest

from chalicelib.domain.routing.assemble import assemble
from chalicelib.domain.routing.check import InfeasiblePlan, check, findings
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.plan import Plan, PlannedRoute, Reason, Unserved, VisitKind
from chalicelib.domain.routing.problem import Problem
from tests.domain.routing.cities import a_city

PROBLEM = a_city(1, jobs=12, vehicles=3)
PLAN = assemble(PROBLEM, construct(PROBLEM), engine="construct")


def codes(plan: Plan, problem: Problem = PROBLEM) -> set[str]:
    return {found.code for found in findings(problem, plan)}


def with_route(route: PlannedRoute) -> Plan:
    """The plan with another first route."""
    return replace(PLAN, routes=(route, *PLAN.routes[1:]))


ROUTE = PLAN.routes[0]


def test_a_true_plan_has_no_findings():
    check(PROBLEM, PLAN)


def test_a_dropoff_before_its_pickup_is_found():
    turned = tuple(reversed(ROUTE.visits))
    assert "dropoff_before_pickup" in codes(with_route(replace(ROUTE, visits=turned)))


def test_a_job_that_is_lost_is_found():
    assert codes(replace(PLAN, routes=PLAN.routes[1:])) == {"job_lost"}


def test_a_job_that_is_served_and_unserved_is_found():
    job_id = next(ROUTE.job_ids())
    left = (*PLAN.unserved, Unserved(job_id, Reason.CAPACITY_EXHAUSTED))
    assert codes(replace(PLAN, unserved=left)) == {"job_twice"}


def test_a_job_that_is_done_twice_is_found():
    visits = (*ROUTE.visits, ROUTE.visits[-1])
    assert "job_twice" in codes(with_route(replace(ROUTE, visits=visits)))


def test_a_pickup_without_its_dropoff_is_found():
    assert "job_halved" in codes(with_route(replace(ROUTE, visits=ROUTE.visits[:-1])))


def test_a_vehicle_used_twice_is_found():
    assert "vehicle_used_twice" in codes(replace(PLAN, routes=(*PLAN.routes, ROUTE)))


def test_an_unknown_vehicle_is_found():
    assert "unknown_vehicle" in codes(with_route(replace(ROUTE, vehicle_id="veh_none")))


def test_an_unknown_job_is_found():
    last = replace(ROUTE.visits[-1], job_ids=("job_none",))
    assert "unknown_job" in codes(with_route(replace(ROUTE, visits=(*ROUTE.visits[:-1], last))))


@pytest.mark.parametrize("field", ["max_weight_g", "max_volume_ml"])
def test_an_overload_is_found(field):
    smaller = tuple(replace(vehicle, **{field: 1}) for vehicle in PROBLEM.vehicles)
    assert "overloaded" in codes(PLAN, replace(PROBLEM, vehicles=smaller))


def test_too_many_jobs_are_found():
    fewer = tuple(replace(vehicle, max_jobs=1) for vehicle in PROBLEM.vehicles)
    assert "too_many_jobs" in codes(PLAN, replace(PROBLEM, vehicles=fewer))


def test_a_late_handover_is_found():
    late = tuple(
        replace(visit, arrival_s=visit.arrival_s + 90_000, start_s=visit.start_s + 90_000)
        for visit in ROUTE.visits
    )
    assert "outside_window" in codes(with_route(replace(ROUTE, visits=late)))


def test_a_handover_before_the_window_opens_is_found():
    shut = tuple(
        replace(job, pickup_window=replace(job.pickup_window, earliest_s=14_000))
        for job in PROBLEM.jobs
    )
    assert "outside_window" in codes(PLAN, replace(PROBLEM, jobs=shut))


def test_driving_faster_than_travel_is_found():
    slower = {
        kind: replace(
            travel, duration_s=tuple(tuple(2 * s for s in row) for row in travel.duration_s)
        )
        for kind, travel in PROBLEM.travel.items()
    }
    assert "faster_than_travel" in codes(PLAN, replace(PROBLEM, travel=slower))


def test_skipping_the_setup_of_a_place_is_found():
    slower = tuple(replace(place, setup_s=place.setup_s + 600) for place in PROBLEM.places)
    assert "setup_too_short" in codes(PLAN, replace(PROBLEM, places=slower))


def test_skipping_the_handling_is_found():
    slower = tuple(replace(job, dropoff_service_s=600) for job in PROBLEM.jobs)
    assert "handling_too_short" in codes(PLAN, replace(PROBLEM, jobs=slower))


def test_a_route_beyond_the_shift_is_found():
    short = tuple(
        replace(vehicle, shift=replace(vehicle.shift, latest_s=60)) for vehicle in PROBLEM.vehicles
    )
    assert "outside_shift" in codes(PLAN, replace(PROBLEM, vehicles=short))


def test_going_to_the_wrong_place_is_found():
    elsewhere = replace(ROUTE.visits[-1], place=0)
    assert "wrong_place" in codes(
        with_route(replace(ROUTE, visits=(*ROUTE.visits[:-1], elsewhere)))
    )


def test_two_recipients_at_one_stop_are_found():
    first, second = [v for v in ROUTE.visits if v.kind is VisitKind.DROPOFF][:2]
    both = replace(first, job_ids=(*first.job_ids, *second.job_ids))
    visits = tuple(both if v is first else v for v in ROUTE.visits if v is not second)
    assert "several_recipients" in codes(with_route(replace(ROUTE, visits=visits)))


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ("distance_m", "wrong_distance"),
        ("end_s", "wrong_end"),
        ("load_weight_g", "wrong_load"),
        ("load_volume_ml", "wrong_load"),
    ],
)
def test_a_false_figure_of_a_route_is_found(field, code):
    assert code in codes(with_route(replace(ROUTE, **{field: getattr(ROUTE, field) + 1})))


@pytest.mark.parametrize("part", ["vehicles", "distance", "duration", "penalties"])
def test_a_false_cost_is_found(part):
    cost = replace(PLAN.cost, **{part: getattr(PLAN.cost, part) - 1})
    assert codes(replace(PLAN, cost=cost)) == {"wrong_cost"}


def test_an_empty_route_is_found():
    empty = replace(ROUTE, vehicle_id=PROBLEM.vehicles[-1].id, visits=())
    assert "empty_route" in codes(replace(PLAN, routes=(*PLAN.routes, empty)))


def test_every_finding_is_told_at_once():
    with pytest.raises(InfeasiblePlan) as refused:
        check(PROBLEM, with_route(replace(ROUTE, distance_m=0, load_weight_g=0)))
    assert len(refused.value.findings) >= 2
