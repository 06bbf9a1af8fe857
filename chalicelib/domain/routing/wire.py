"""How do a problem and tours cross a pipe? As JSON, so that nothing that is read is ever run.

The parent writes the problem, its limits and perhaps tours to begin with as one document; the child
answers with one line per better solution, ``{"tours": [[task, ...], ...]}``, and last
``{"done": true}`` or ``{"failed": why}``. Ids stay at home: the child sees positions in lists only.
A job, a vehicle or a skill is called by its position; a vehicle that the problem does not have is
called -1. Travel is written as it lies in memory, 32-bit little-endian row by row, in base64: a
fraction of the time that a million numbers take as text.
"""

import json
import sys
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.routing.fleet import Break, Reload, Vehicle, Window
from chalicelib.domain.routing.matrix import CELL, Matrix, Travel
from chalicelib.domain.routing.problem import Fairness, Job, Place, Problem, Tour
from chalicelib.kit.geo import LatLng


@dataclass(frozen=True, slots=True)
class Limits:
    """When a search stops: after ``iterations`` solutions (the same ones on every run, if the
    budget is long enough for them), and in any case after ``budget_s`` [s] of searching. It begins
    with the ``initial`` tours, one per vehicle, if there are any.
    """

    budget_s: float
    iterations: int | None = None
    initial: tuple[Tour, ...] | None = None


#: Where an engine runs does not matter to it, and so coordinates do not travel.
NOWHERE = LatLng(0, 0)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


def write_problem(problem: Problem, limits: Limits) -> bytes:
    """Problem and limits as UTF-8 JSON."""
    fleet = {vehicle.id: index for index, vehicle in enumerate(problem.vehicles)}
    wanted = frozenset[str]().union(*(job.skills for job in problem.jobs))
    skills = {skill: index for index, skill in enumerate(sorted(wanted))}
    document = {
        "limits": [limits.budget_s, limits.iterations, limits.initial],
        "setups": [place.setup_s for place in problem.places],
        "vehicles": [_vehicle(vehicle, skills) for vehicle in problem.vehicles],
        "jobs": [_job(job, fleet, skills) for job in problem.jobs],
        "travel": {
            kind: [_cells(travel.duration_s), _cells(travel.distance_m)]
            for kind, travel in problem.travel.items()
        },
        "same_route": problem.same_route,
        "pickup_order": problem.pickup_order,
        "fairness": None if problem.fairness is None else astuple(problem.fairness),
    }
    return json.dumps(document, separators=(",", ":")).encode()


def _vehicle(vehicle: Vehicle, skills: Mapping[str, int]) -> dict[str, object]:
    """Skills that no job asks for stay at home."""
    return {
        "kind": vehicle.kind,
        "start": vehicle.start,
        "end": vehicle.end,
        "max_weight_g": vehicle.max_weight_g,
        "max_volume_ml": vehicle.max_volume_ml,
        "shift": _span(vehicle.shift),
        "fixed_cost": vehicle.fixed_cost,
        "cost_per_m": vehicle.cost_per_m,
        "cost_per_s": vehicle.cost_per_s,
        "max_jobs": vehicle.max_jobs,
        "max_parcels": vehicle.max_parcels,
        "max_distance_m": vehicle.max_distance_m,
        "max_duration_s": vehicle.max_duration_s,
        "overtime_after_s": vehicle.overtime_after_s,
        "overtime_cost_per_s": vehicle.overtime_cost_per_s,
        "skills": sorted(skills[skill] for skill in vehicle.skills if skill in skills),
        "breaks": [(*_span(rest.window), rest.duration_s) for rest in vehicle.breaks],
        "reload": None if vehicle.reload is None else astuple(vehicle.reload),
        "frozen": vehicle.frozen,
    }


def _job(job: Job, fleet: Mapping[str, int], skills: Mapping[str, int]) -> dict[str, object]:
    return {
        "pickup": job.pickup,
        "dropoff": job.dropoff,
        "pickup_window": _span(job.pickup_window),
        "dropoff_windows": [_span(window) for window in job.dropoff_windows],
        "pickup_service_s": job.pickup_service_s,
        "dropoff_service_s": job.dropoff_service_s,
        "weight_g": job.weight_g,
        "volume_ml": job.volume_ml,
        "penalty": job.penalty,
        "parcels": job.parcels,
        "priority": job.priority,
        "skills": sorted(skills[skill] for skill in job.skills),
        "due_s": job.due_s,
        "late_cost_per_s": job.late_cost_per_s,
        "only_vehicle": _position(fleet, job.only_vehicle),
        "not_vehicles": sorted(fleet[name] for name in job.not_vehicles if name in fleet),
        "planned_vehicle": _position(fleet, job.planned_vehicle),
        "change_cost": job.change_cost,
    }


def _span(window: Window) -> tuple[int, int]:
    return window.earliest_s, window.latest_s


def _position(fleet: Mapping[str, int], name: str | None) -> int | None:
    return None if name is None else fleet.get(name, -1)


def _cells(matrix: Matrix) -> str:
    return b64encode(_little_endian(matrix.cells).tobytes()).decode()


def _little_endian(cells: array[int]) -> array[int]:
    """The same cells, or a copy with the bytes turned round: the way there and back."""
    if sys.byteorder == "big":
        cells = cells[:]
        cells.byteswap()
    return cells


def read_problem(text: bytes) -> tuple[Problem, Limits]:
    """What ``write_problem`` wrote, with positions for ids."""
    document = json.loads(text)
    size = len(document["setups"])
    fairness = document["fairness"]
    problem = Problem(
        epoch_at=EPOCH,
        places=tuple(Place(NOWHERE, setup_s) for setup_s in document["setups"]),
        vehicles=tuple(
            _read_vehicle(str(index), **row) for index, row in enumerate(document["vehicles"])
        ),
        jobs=tuple(_read_job(str(index), **row) for index, row in enumerate(document["jobs"])),
        travel={
            kind: Travel(*(_matrix(size, cells) for cells in both))
            for kind, both in document["travel"].items()
        },
        same_route=tuple(map(tuple, document["same_route"])),
        pickup_order=tuple((first, second) for first, second in document["pickup_order"]),
        fairness=None if fairness is None else Fairness(*fairness),
    )
    budget_s, iterations, initial = document["limits"]
    tours = None if initial is None else tuple(tuple(tour) for tour in initial)
    return problem, Limits(budget_s, iterations, tours)


def _read_vehicle(
    name: str,
    *,
    shift: list[int],
    skills: list[int],
    breaks: list[list[int]],
    reload: list[int] | None,
    frozen: list[int],
    **plain: Any,
) -> Vehicle:
    return Vehicle(
        name,
        shift=Window(*shift),
        skills=_names(skills),
        breaks=tuple(Break(Window(*window), duration_s) for *window, duration_s in breaks),
        reload=None if reload is None else Reload(*reload),
        frozen=tuple(frozen),
        **plain,
    )


def _read_job(
    name: str,
    *,
    pickup_window: list[int],
    dropoff_windows: list[list[int]],
    skills: list[int],
    only_vehicle: int | None,
    not_vehicles: list[int],
    planned_vehicle: int | None,
    **plain: Any,
) -> Job:
    return Job(
        name,
        pickup_window=Window(*pickup_window),
        dropoff_windows=tuple(Window(*window) for window in dropoff_windows),
        skills=_names(skills),
        only_vehicle=None if only_vehicle is None else str(only_vehicle),
        not_vehicles=_names(not_vehicles),
        planned_vehicle=None if planned_vehicle is None else str(planned_vehicle),
        **plain,
    )


def _names(positions: Iterable[int]) -> frozenset[str]:
    return frozenset(map(str, positions))


def _matrix(size: int, text: str) -> Matrix:
    cells = array(CELL)
    cells.frombytes(b64decode(text))
    return Matrix(size, _little_endian(cells))


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
