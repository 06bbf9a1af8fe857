"""The judge of all plans agrees: what is said to fit breaks nothing, and what is not, would.

Real plans become a day sheet; the newcomer's place is put back into the plan's tours and judged by
code that knows nothing of sheets.
"""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.domain.routing.assemble import assemble, usable
from chalicelib.domain.routing.check import check
from chalicelib.domain.routing.construct import construct
from chalicelib.domain.routing.daysheet import Ahead, Columns, Head, Sheet, Start, Waiting, add_row
from chalicelib.domain.routing.detours import Newcomer
from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.plane import FINEST_SHIFT, Legs, Plane, Spot, legs_of
from chalicelib.domain.routing.problem import Problem, Tour, is_pickup, job_of
from chalicelib.domain.routing.squeeze import Fit, Squeeze, Squeezed
from chalicelib.domain.routing.tasks import Tasks, loads
from tests.domain.routing.cities import a_city

TRAFFIC_PERCENT = 125


def legs_for(vehicle: Vehicle) -> Legs:
    return legs_of(
        vehicle.kind, TRAFFIC_PERCENT, FINEST_SHIFT, vehicle.cost_per_m, vehicle.cost_per_s
    )


def spots_of(problem: Problem) -> list[Spot]:
    plane = Plane(problem.places[0].position)
    return [plane.spot(place.position) for place in problem.places]


def a_town(seed: int) -> Problem:
    """A city with open ends whose travel is the sheet's; its last job is the newcomer."""
    city = a_city(seed, jobs=15 + seed % 10, vehicles=3)
    spots = spots_of(city)
    travel = {}
    for vehicle in city.vehicles:
        legs = legs_for(vehicle)
        steps = [[legs.step(here, there) for there in spots] for here in spots]
        travel[vehicle.kind] = Travel(
            Matrix.of([[legs.seconds[step] for step in row] for row in steps]),
            Matrix.of([[legs.metres[step] for step in row] for row in steps]),
        )
    vehicles = tuple(
        replace(vehicle, end=None, start=None if index == 1 else 0, max_weight_g=60_000)
        for index, vehicle in enumerate(city.vehicles)
    )
    newcomer = replace(
        city.jobs[-1],
        pickup_window=Window(0, 4 * 3600),
        dropoff_windows=(Window(0, (900, 1_500, 6_000)[seed % 3]),),
        penalty=None,
    )
    return replace(city, vehicles=vehicles, jobs=(*city.jobs[:-1], newcomer), travel=travel)


def a_sheet(problem: Problem, tours: list[Tour]) -> Sheet:
    columns, rows, spots = Columns.empty(), [], spots_of(problem)
    waiting = Waiting(600, (), ((0, 1 << 29),))
    tasks = Tasks.of(problem)
    for vehicle, tour in zip(problem.vehicles, tours, strict=True):
        levels = loads(tasks, tour)
        stops = []
        for task, (weight_g, volume_ml, _) in zip(tour, levels[1:], strict=True):
            (window,) = tasks.windows[task]
            place = tasks.place[task]
            stops.append(
                Ahead(
                    spots[place],
                    tasks.setup_s[place],
                    tasks.handling_s[task],
                    *window,
                    weight_g,
                    volume_ml,
                )
            )
        head = Head(
            id=vehicle.id,
            kind=vehicle.kind,
            cost_per_m=vehicle.cost_per_m,
            cost_per_s=vehicle.cost_per_s,
            fixed_cost=0 if tour else vehicle.fixed_cost,
            max_weight_g=vehicle.max_weight_g,
            max_volume_ml=vehicle.max_volume_ml,
            room=98,
            until_s=vehicle.shift.latest_s,
        )
        start = Start(
            None if vehicle.start is None else spots[vehicle.start], vehicle.shift.earliest_s
        )
        rows.append(add_row(columns, head, legs_for(vehicle), start, stops))
    return Sheet(0, 0, 0, FINEST_SHIFT, TRAFFIC_PERCENT, tuple(rows), columns, waiting)


def asked(problem: Problem, tours: list[Tour]) -> Fit | Squeezed:
    job, spots = problem.jobs[-1], spots_of(problem)
    assert job.pickup is not None
    new = Newcomer(
        pickup=spots[job.pickup],
        dropoff=spots[job.dropoff],
        weight_g=job.weight_g,
        volume_ml=job.volume_ml,
        pickup_setup_s=problem.places[job.pickup].setup_s,
        pickup_service_s=job.pickup_service_s,
        dropoff_setup_s=problem.places[job.dropoff].setup_s,
        dropoff_service_s=job.dropoff_service_s,
    )
    (window,) = job.dropoff_windows
    return Squeeze(a_sheet(problem, tours), new).into(window.earliest_s, window.latest_s)


def with_newcomer(
    problem: Problem, tours: list[Tour], row: int, after: int, later: int
) -> list[Tour]:
    """The tours with the last job's pickup and dropoff behind so many tasks of one of them."""
    tour, task = tours[row], 2 * (len(problem.jobs) - 1)
    longer = (*tour[:after], task, *tour[after:later], task + 1, *tour[later:])
    return [*tours[:row], longer, *tours[row + 1 :]]


def everywhere(problem: Problem, tours: list[Tour]) -> Iterator[list[Tour]]:
    for row, tour in enumerate(tours):
        for after in range(len(tour) + 1):
            for later in range(after, len(tour) + 1):
                yield with_newcomer(problem, tours, row, after, later)


@pytest.mark.parametrize("seed", range(30))
def test_the_judge_of_plans_agrees(seed: int) -> None:
    problem = a_town(seed)
    tours = construct(replace(problem, jobs=problem.jobs[:-1]))
    assert any(is_pickup(task) for tour in tours for task in tour)
    found = asked(problem, tours)
    if isinstance(found, Fit):
        gap = found.gap
        longer = with_newcomer(problem, tours, found.row, gap.pickup_after, gap.dropoff_after)
        assert usable(problem, longer)
        check(problem, assemble(problem, longer, engine="construct"))
        left = {job_of(task) for tour in longer for task in tour}
        assert len(problem.jobs) - 1 in left
    else:
        assert not any(usable(problem, longer) for longer in everywhere(problem, tours))


def test_these_towns_have_both_answers() -> None:
    answers = []
    for seed in range(30):
        problem = a_town(seed)
        answers.append(asked(problem, construct(replace(problem, jobs=problem.jobs[:-1]))))
    fits = sum(isinstance(one, Fit) for one in answers)
    assert 5 <= fits <= 25, fits
