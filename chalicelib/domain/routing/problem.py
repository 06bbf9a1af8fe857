"""What is there to plan? Places, jobs, vehicles and travel, checked once and never changed.

A job takes parcels from its pickup place to its dropoff place, or from wherever its vehicle was
loaded (the hub) when it has no pickup. Task ``2 k`` is the pickup of job ``k`` and task ``2 k + 1``
its dropoff; a *tour* is one vehicle's tasks in order, with ``RELOAD`` where it goes back for more.
All engines and the checker share these numbers.

Units: seconds [s] since ``Problem.epoch_at``, metres [m], grams [g], millilitres [ml]. Costs and
penalties are *points*, thousandths of a minor currency unit, so that a metre and a second have
whole prices: 0.30 EUR/km = 30 points/m, 18 EUR/h = 500 points/s, 2 EUR = 200,000 points.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from chalicelib.domain.routing.fleet import Vehicle, Window, require
from chalicelib.domain.routing.matrix import Travel
from chalicelib.kit.geo import LatLng

#: What leaving out a job without a penalty costs [points]: 100,000 currency units, so that serving
#: one more of them is worth any detour, yet a thousand of them stay far from 2^63.
MANDATORY_PENALTY = 10_000_000_000

#: In a tour: back to the vehicle's ``reload`` place for the next trip's parcels.
RELOAD = -1

HIGHEST_PRIORITY = 9

type Tour = tuple[int, ...]


def is_pickup(task: int) -> bool:
    return task % 2 == 0


def job_of(task: int) -> int:
    """Index of the job that a task belongs to."""
    return task // 2


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to stop.

    ``setup_s`` [s] is spent once per visit, whatever the number of parcels: park, walk in, ask.
    """

    position: LatLng
    setup_s: int = 0

    def __post_init__(self) -> None:
        require(self.setup_s >= 0, "a place's setup time is not negative")


@dataclass(frozen=True, slots=True)
class Job:
    """Parcels that go together to one place, on one vehicle.

    Parameters
    ----------
    pickup, dropoff
        Indices into ``Problem.places``. ``pickup`` None: loaded where and when the trip begins, at
        the vehicle's start or its reload, and on board from there.
    pickup_window
        When handling at the pickup may begin [s]; its start is the release time. Without a pickup
        only the start counts: the trip leaves no earlier.
    dropoff_windows
        When handing over may begin [s]: one or more, in order, apart from each other.
    pickup_service_s, dropoff_service_s
        Handling per job [s], on top of the place's setup.
    penalty
        Cost of leaving it out [points]; None for a job that must go if any vehicle can.
    priority
        0 to ``HIGHEST_PRIORITY``: leaving it out costs ``1 + priority`` times the penalty.
    skills
        All of them have to be among the vehicle's.
    due_s, late_cost_per_s
        Soft window: each second by which handing over begins after ``due_s`` costs so many points.
    only_vehicle
        Id of the one vehicle that may take it: its parcels are on board, or a dispatcher said so.
    not_vehicles
        Ids of vehicles that may not.
    planned_vehicle, change_cost
        Id of the vehicle that the previous plan gave it to, and what any other one costs [points]:
        keeps plans stable. Any other one costs it also where this problem lacks the planned one,
        which may be in another part of the whole, so that costs of parts add up. Whose vehicle is
        gone for good has nothing to keep: leave it None.
    """

    id: str
    pickup: int | None
    dropoff: int
    pickup_window: Window
    dropoff_windows: tuple[Window, ...]
    pickup_service_s: int = 0
    dropoff_service_s: int = 0
    weight_g: int = 0
    volume_ml: int = 0
    penalty: int | None = None
    parcels: int = 1
    priority: int = 0
    skills: frozenset[str] = frozenset()
    due_s: int | None = None
    late_cost_per_s: int = 0
    only_vehicle: str | None = None
    not_vehicles: frozenset[str] = frozenset()
    planned_vehicle: str | None = None
    change_cost: int = 0

    def __post_init__(self) -> None:
        windows = self.dropoff_windows
        require(bool(windows), f"job {self.id} has no dropoff window")
        require(
            all(a.latest_s < b.earliest_s for a, b in pairwise(windows)),
            f"the dropoff windows of job {self.id} overlap or are out of order",
        )
        amounts = (self.pickup_service_s, self.dropoff_service_s, self.weight_g, self.volume_ml)
        prices = (self.parcels, self.late_cost_per_s, self.change_cost, self.due_s or 0)
        require(min(amounts + prices) >= 0, f"job {self.id} has a negative amount")
        require(
            self.penalty is None or 0 <= self.penalty <= MANDATORY_PENALTY,
            f"the penalty of job {self.id} is out of range",
        )
        require(0 <= self.priority <= HIGHEST_PRIORITY, f"job {self.id} has no such priority")
        require(
            self.pickup is not None or not self.pickup_service_s,
            f"job {self.id} is handled at a pickup that it does not have",
        )

    @property
    def price_of_leaving_out(self) -> int:
        """The penalty [points], with the mandatory one spelled out, times ``1 + priority``."""
        return (1 + self.priority) * (MANDATORY_PENALTY if self.penalty is None else self.penalty)

    @property
    def release_s(self) -> int:
        """When it is ready to be picked up or loaded [s]."""
        return self.pickup_window.earliest_s

    def tasks(self, index: int) -> Tour:
        """Its task numbers if it is job number ``index``: pickup and dropoff, or dropoff alone."""
        return (2 * index + 1,) if self.pickup is None else (2 * index, 2 * index + 1)

    def allows(self, vehicle: Vehicle) -> bool:
        """True if skills, pins and exclusions let this vehicle take it."""
        return (
            self.skills <= vehicle.skills
            and vehicle.id not in self.not_vehicles
            and self.only_vehicle in (None, vehicle.id)
        )


@dataclass(frozen=True, slots=True)
class Fairness:
    """A route longer than its fair share costs extra.

    ``cost_per_s`` [points] for each second by which a route's duration passes ``share_s`` [s]; the
    caller sets the share, for instance the previous plan's mean.
    """

    share_s: int
    cost_per_s: int

    def __post_init__(self) -> None:
        require(min(self.share_s, self.cost_per_s) >= 0, "fairness has a negative amount")


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything an engine may know.

    Parameters
    ----------
    epoch_at
        The instant that second 0 stands for.
    travel
        One entry for every vehicle's kind.
    same_route
        Groups of job indices that go together: all on one route, or none at all.
    pickup_order
        Pairs of job indices: where both are on one route, the first is picked up before the second.
    fairness
        None: long and short routes are alike.

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
    same_route: tuple[tuple[int, ...], ...] = ()
    pickup_order: tuple[tuple[int, int], ...] = ()
    fairness: Fairness | None = None

    def __post_init__(self) -> None:
        require(self.epoch_at.tzinfo is not None, "the epoch needs a zone")
        _unique("job", [job.id for job in self.jobs])
        _unique("vehicle", [vehicle.id for vehicle in self.vehicles])
        size = len(self.places)
        for index in self._indices():
            require(0 <= index < size, f"there is no place {index}")
        for vehicle in self.vehicles:
            require(vehicle.kind in self.travel, f"no travel for {vehicle.kind}")
        for kind, travel in self.travel.items():
            require(travel.size == size, f"travel of {kind} is not of {size} places")
        for group in (*self.same_route, *self.pickup_order):
            require(all(0 <= job < len(self.jobs) for job in group), f"no such jobs: {group}")
        require(
            all(self.jobs[job].pickup is not None for pair in self.pickup_order for job in pair),
            "what is loaded at the hub has no order of pickups",
        )
        self._check_frozen()

    def _indices(self) -> Iterator[int]:
        for job in self.jobs:
            yield job.dropoff
            if job.pickup is not None:
                yield job.pickup
        for vehicle in self.vehicles:
            yield from (place for place in (vehicle.start, vehicle.end) if place is not None)
            if vehicle.reload is not None:
                yield vehicle.reload.place

    def _check_frozen(self) -> None:
        frozen = [task for v in self.vehicles for task in v.frozen if task != RELOAD]
        require(len(set(frozen)) == len(frozen), "a task is frozen twice")
        real = {task for index, job in enumerate(self.jobs) for task in job.tasks(index)}
        require(real.issuperset(frozen), "a frozen task does not exist")
        for vehicle in self.vehicles:
            require(
                all(
                    self.jobs[job_of(task)].allows(vehicle)
                    for task in vehicle.frozen
                    if task != RELOAD
                ),
                f"what is frozen on vehicle {vehicle.id} is not allowed there",
            )


def _unique(what: str, ids: Sequence[str]) -> None:
    require(len(set(ids)) == len(ids), f"two {what}s have the same id")
