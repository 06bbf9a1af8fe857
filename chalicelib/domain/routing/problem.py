"""What is there to plan? Places, jobs, vehicles and travel, checked once and never changed.

A job takes parcels from its pickup place to its dropoff place. Task ``2 k`` is the pickup of job
``k`` and task ``2 k + 1`` its dropoff; a *tour* is one vehicle's tasks in order. All engines and
the checker share these numbers.

Units: seconds [s] since ``Problem.epoch_at``, metres [m], grams [g], millilitres [ml]. Costs and
penalties are *points*, thousandths of a minor currency unit, so that a metre and a second have
whole prices: 0.30 EUR/km = 30 points/m, 18 EUR/h = 500 points/s, 2 EUR = 200,000 points.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from chalicelib.kit.geo import LatLng

#: What leaving out a job without a penalty costs [points]: 100,000 currency units, so that serving
#: one more of them is worth any detour, yet a thousand of them stay far from 2^63.
MANDATORY_PENALTY = 10_000_000_000


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Window:
    """When something may begin: both ends belong to it."""

    earliest_s: int
    latest_s: int

    def __post_init__(self) -> None:
        _require(0 <= self.earliest_s <= self.latest_s, f"{self} is empty or before the epoch")


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to stop.

    ``setup_s`` [s] is spent once per visit, whatever the number of parcels: park, walk in, ask.
    """

    position: LatLng
    setup_s: int = 0

    def __post_init__(self) -> None:
        _require(self.setup_s >= 0, "a place's setup time is not negative")


@dataclass(frozen=True, slots=True)
class Job:
    """Parcels that go together from one place to another, on one vehicle.

    Parameters
    ----------
    pickup, dropoff
        Indices into ``Problem.places``.
    pickup_window
        When handling at the pickup may begin [s]; its start is the release time.
    dropoff_windows
        When handing over may begin [s]: one or more, in order, apart from each other.
    pickup_service_s, dropoff_service_s
        Handling per job [s], on top of the place's setup.
    penalty
        Cost of leaving it out [points]; None for a job that must go if any vehicle can.
    """

    id: str
    pickup: int
    dropoff: int
    pickup_window: Window
    dropoff_windows: tuple[Window, ...]
    pickup_service_s: int = 0
    dropoff_service_s: int = 0
    weight_g: int = 0
    volume_ml: int = 0
    penalty: int | None = None

    def __post_init__(self) -> None:
        windows = self.dropoff_windows
        _require(bool(windows), f"job {self.id} has no dropoff window")
        _require(
            all(a.latest_s < b.earliest_s for a, b in pairwise(windows)),
            f"the dropoff windows of job {self.id} overlap or are out of order",
        )
        amounts = (self.pickup_service_s, self.dropoff_service_s, self.weight_g, self.volume_ml)
        _require(min(amounts) >= 0, f"job {self.id} has a negative amount")
        _require(
            self.penalty is None or 0 <= self.penalty <= MANDATORY_PENALTY,
            f"the penalty of job {self.id} is out of range",
        )

    @property
    def price_of_leaving_out(self) -> int:
        """The penalty [points], with the mandatory one spelled out."""
        return MANDATORY_PENALTY if self.penalty is None else self.penalty


@dataclass(frozen=True, slots=True)
class Vehicle:
    """Something that drives one route.

    Parameters
    ----------
    kind
        Key into ``Problem.travel``.
    start, end
        Indices into ``Problem.places``; None where the route is open: it then begins at its first
        stop, or ends at its last one.
    shift
        The route begins no earlier [s], and ends (handed over, or back at ``end``) no later [s].
    fixed_cost, cost_per_m, cost_per_s
        [points] for being used, per metre, and per second from leaving the start to the end.
    max_jobs
        The most jobs on one route; None without a limit.
    """

    id: str
    kind: str
    start: int | None
    end: int | None
    max_weight_g: int
    max_volume_ml: int
    shift: Window
    fixed_cost: int = 0
    cost_per_m: int = 0
    cost_per_s: int = 0
    max_jobs: int | None = None

    def __post_init__(self) -> None:
        amounts = (self.max_weight_g, self.max_volume_ml, self.fixed_cost)
        prices = (self.cost_per_m, self.cost_per_s, self.max_jobs or 0)
        _require(min(amounts + prices) >= 0, f"vehicle {self.id} has a negative amount")


type Matrix = tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class Travel:
    """How long and how far, for one kind of vehicle.

    Parameters
    ----------
    duration_s, distance_m
        [s] and [m], (n, n) over ``Problem.places``, row = from; zero on the diagonal. Neither
        needs to be symmetric.
    """

    duration_s: Matrix
    distance_m: Matrix

    def __post_init__(self) -> None:
        size = len(self.duration_s)
        for rows in (self.duration_s, self.distance_m):
            _require(
                len(rows) == size and all(len(row) == size for row in rows),
                "travel matrices are square and of one size",
            )
            _require(all(min(row) >= 0 for row in rows), "travel is not negative")
            _require(all(row[i] == 0 for i, row in enumerate(rows)), "staying takes no travel")


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything an engine may know.

    Parameters
    ----------
    epoch_at
        The instant that second 0 stands for.
    travel
        One entry for every vehicle's kind.

    Raises
    ------
    ValueError
        If anything is negative, empty, doubled, or points to what is not there.
    """

    epoch_at: datetime
    places: tuple[Place, ...]
    vehicles: tuple[Vehicle, ...]
    jobs: tuple[Job, ...]
    travel: Mapping[str, Travel] = field(repr=False)

    def __post_init__(self) -> None:
        _require(self.epoch_at.tzinfo is not None, "the epoch needs a zone")
        _unique("job", [job.id for job in self.jobs])
        _unique("vehicle", [vehicle.id for vehicle in self.vehicles])
        size = len(self.places)
        for index in self._indices():
            _require(0 <= index < size, f"there is no place {index}")
        for vehicle in self.vehicles:
            _require(vehicle.kind in self.travel, f"no travel for {vehicle.kind}")
        for kind, travel in self.travel.items():
            _require(len(travel.duration_s) == size, f"travel of {kind} is not of {size} places")

    def _indices(self) -> Iterator[int]:
        for job in self.jobs:
            yield from (job.pickup, job.dropoff)
        for vehicle in self.vehicles:
            yield from (place for place in (vehicle.start, vehicle.end) if place is not None)


def _unique(what: str, ids: Sequence[str]) -> None:
    _require(len(set(ids)) == len(ids), f"two {what}s have the same id")


type Tour = tuple[int, ...]


def is_pickup(task: int) -> bool:
    return task % 2 == 0


def job_of(task: int) -> int:
    """Index of the job that a task belongs to."""
    return task // 2
