"""How do a problem and tours cross a pipe? As JSON, so that nothing that is read is ever run.

The parent writes the problem and its limits as one document; the child answers with one line per
better solution, ``{"tours": [[task, ...], ...]}``, and last ``{"done": true}`` or
``{"failed": why}``. Ids stay at home: the child sees positions in lists only.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.domain.routing.problem import Job, Place, Problem, Tour, Travel, Vehicle, Window
from chalicelib.kit.geo import LatLng


@dataclass(frozen=True, slots=True)
class Limits:
    """When a search stops: after ``iterations`` solutions (the same ones on every run, if the
    budget is long enough for them), and in any case after ``budget_s`` [s] of searching.
    """

    budget_s: float
    iterations: int | None = None


#: Where an engine runs does not matter to it, and so coordinates do not travel.
NOWHERE = LatLng(0, 0)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def write_problem(problem: Problem, limits: Limits) -> bytes:
    """Problem and limits as UTF-8 JSON."""
    document = {
        "limits": [limits.budget_s, limits.iterations],
        "setups": [place.setup_s for place in problem.places],
        "vehicles": [_vehicle(vehicle) for vehicle in problem.vehicles],
        "jobs": [_job(job) for job in problem.jobs],
        "travel": {
            kind: [travel.duration_s, travel.distance_m] for kind, travel in problem.travel.items()
        },
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _span(window: Window) -> tuple[int, int]:
    return window.earliest_s, window.latest_s


def _vehicle(vehicle: Vehicle) -> list[object]:
    return [
        vehicle.kind,
        vehicle.start,
        vehicle.end,
        vehicle.max_weight_g,
        vehicle.max_volume_ml,
        _span(vehicle.shift),
        vehicle.fixed_cost,
        vehicle.cost_per_m,
        vehicle.cost_per_s,
        vehicle.max_jobs,
    ]


def _job(job: Job) -> list[object]:
    return [
        job.pickup,
        job.dropoff,
        _span(job.pickup_window),
        [_span(window) for window in job.dropoff_windows],
        job.pickup_service_s,
        job.dropoff_service_s,
        job.weight_g,
        job.volume_ml,
        job.penalty,
    ]


def read_problem(text: bytes) -> tuple[Problem, Limits]:
    """What ``write_problem`` wrote, with positions for ids."""
    document = json.loads(text)
    vehicles = (
        Vehicle(str(index), kind, start, end, grams, millilitres, Window(*shift), *rest)
        for index, (kind, start, end, grams, millilitres, shift, *rest) in enumerate(
            document["vehicles"]
        )
    )
    jobs = (
        Job(str(index), pickup, dropoff, Window(*window), tuple(Window(*w) for w in windows), *rest)
        for index, (pickup, dropoff, window, windows, *rest) in enumerate(document["jobs"])
    )
    travel = {
        kind: Travel(tuple(map(tuple, duration_s)), tuple(map(tuple, distance_m)))
        for kind, (duration_s, distance_m) in document["travel"].items()
    }
    places = tuple(Place(NOWHERE, setup_s) for setup_s in document["setups"])
    problem = Problem(EPOCH, places, tuple(vehicles), tuple(jobs), travel)
    return problem, Limits(*document["limits"])


def write_line(message: dict[str, object]) -> bytes:
    """One message of the child: a line of JSON."""
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"


def read_tours(value: object) -> list[Tour] | None:
    """Tours as a child told them, or None when they are not even lists of whole numbers."""
    if not isinstance(value, list):
        return None
    tours: list[Tour] = []
    for tour in value:
        if not _whole_numbers(tour):
            return None
        tours.append(tuple(tour))
    return tours


def _whole_numbers(tour: Sequence[object]) -> bool:
    return isinstance(tour, list) and all(type(task) is int for task in tour)
