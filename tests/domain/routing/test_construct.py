"""Simple insertion and its gate: every rule is kept, and what it leaves behind has its reason."""

from dataclasses import replace

import pytest

from chalicelib.domain.routing.assemble import assemble, usable
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.fleet import Reload, Window
from chalicelib.domain.routing.plan import Reason
from chalicelib.domain.routing.problem import RELOAD
from chalicelib.domain.routing.solve import solve
from tests.domain.routing.cities import a_city

LITTLE = a_city(3, jobs=3, vehicles=2, kinds=("van",), mandatory=True, span=0.02)


@pytest.mark.parametrize(
    ("wishes", "vans", "rules", "reasons"),
    [
        ({0: {"skills": frozenset({"cold"})}}, {}, {}, [Reason.NO_VEHICLE_ALLOWED]),
        ({0: {"only_vehicle": "gone"}}, {}, {}, [Reason.NO_VEHICLE_ALLOWED]),
        ({0: {"parcels": 9}}, {"max_parcels": 8}, {}, [Reason.NO_VEHICLE_LARGE_ENOUGH]),
        ({}, {"max_distance_m": 10}, {}, [Reason.ROUTE_TOO_LONG] * 3),
        ({}, {"max_duration_s": 10}, {}, [Reason.ROUTE_TOO_LONG] * 3),
        (
            {1: {"only_vehicle": "gone"}},
            {},
            {"same_route": ((0, 2), (2, 1))},
            [Reason.COMPANION_LEFT_OUT, Reason.NO_VEHICLE_ALLOWED, Reason.COMPANION_LEFT_OUT],
        ),
        ({}, {"max_jobs": 2}, {"same_route": ((0, 1, 2),)}, [Reason.CAPACITY_EXHAUSTED] * 3),
    ],
)
def test_every_rule_that_leaves_something_behind_has_its_reason(wishes, vans, rules, reasons):
    jobs = tuple(replace(job, **wishes.get(at, {})) for at, job in enumerate(LITTLE.jobs))
    fleet = tuple(replace(vehicle, **vans) for vehicle in LITTLE.vehicles)
    problem = replace(LITTLE, jobs=jobs, vehicles=fleet, **rules)
    plan = solve(problem, budget_s=1, seed=1, engine="construct")
    assert [one.reason for one in plan.unserved] == reasons


def test_a_reload_is_made_where_only_the_load_does_not_fit():
    problem = a_city(3, jobs=6, vehicles=1, kinds=("van",), mandatory=True, span=0.02)
    calm = (Window(0, 14_000),)
    jobs = tuple(
        replace(job, pickup=None, pickup_service_s=0, dropoff_windows=calm) for job in problem.jobs
    )
    van = replace(problem.vehicles[0], max_parcels=2)
    for times, served in ((None, 2), (1, 4), (2, 6)):
        reload = None if times is None else Reload(0, 120, times)
        rich = replace(problem, jobs=jobs, vehicles=(replace(van, reload=reload),))
        assert assemble(rich, construct(rich), engine="construct").served == served


@pytest.mark.parametrize(
    "broken",
    [
        [(0, 1, 2, 3), (4,)],
        [(0, 1, 2, 3), (5, 4)],
        [(0, 1, 2, 3), (4, 5), ()],
        [(0, 1, 2, 3), (4, 5, 0, 1)],
        [(0, 1, 2, 3), (4, 5, 7)],
        [(0, 1, 2, 3), (4, RELOAD, 5)],
        [(2, 3, 0, 1), (4, 5)],
        [(2, 0, 1, 3), (4, 5)],
        [(0, 1), (4, 5)],
        [(0, 1, 2, 3, 4, 5), ()],
        [(), (0, 1, 2, 3, 4, 5)],
        [(0, 1, 4, 5), (2, 3)],
    ],
)
def test_tours_that_break_a_rule_are_not_usable(broken):
    """Job 1 goes with job 0 and is picked up after it; job 2 has to be on the second vehicle."""
    jobs = (*LITTLE.jobs[:2], replace(LITTLE.jobs[2], only_vehicle="veh_01"))
    fleet = tuple(replace(v, frozen=(0,) * (v.id == "veh_00")) for v in LITTLE.vehicles)
    problem = replace(
        LITTLE, jobs=jobs, vehicles=fleet, same_route=((0, 1),), pickup_order=((0, 1),)
    )
    assert usable(problem, [(0, 1, 2, 3), (4, 5)])
    assert not usable(problem, broken)
