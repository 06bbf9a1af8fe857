"""What did an engine decide? Routes with times, what stays behind and why, and what it costs.

A visit is one stop: consecutive pickups at one place are one visit; every dropoff is a visit of its
own, because behind each is a recipient; going back for more is a visit, too. Times are seconds
since the problem's epoch; cost is in points (see ``problem``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.routing.cost import Cost


class VisitKind(StrEnum):
    PICKUP = "pickup"
    DROPOFF = "dropoff"
    RELOAD = "reload"


class Reason(StrEnum):
    """Why a job stays behind: stable codes, shown to merchants and dispatchers."""

    NO_VEHICLE = "no_vehicle"  # the problem had none
    NO_VEHICLE_ALLOWED = "no_vehicle_allowed"  # skills, pins and exclusions leave none
    NO_VEHICLE_LARGE_ENOUGH = "no_vehicle_large_enough"  # too heavy or bulky for those
    WINDOW_TOO_EARLY = "window_too_early"  # nobody can be there in time, at any hour of duty
    OUTSIDE_SHIFT = "outside_shift"  # somebody could, if the shift began sooner or ended later
    ROUTE_TOO_LONG = "route_too_long"  # alone it passes a vehicle's metres or hours
    COMPANION_LEFT_OUT = "companion_left_out"  # it must go with a job that cannot
    CAPACITY_EXHAUSTED = "capacity_exhausted"  # alone it fits; beside the others it does not
    NOT_WORTH_THE_DETOUR = "not_worth_the_detour"  # it fits, and costs more than leaving it out


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a route.

    Parameters
    ----------
    place
        Index into ``Problem.places``.
    job_ids
        In the order of handling; exactly one for a dropoff. A reload has what its trip brings, in
        the order of dropping off.
    arrival_s
        The vehicle stops [s].
    start_s
        Handling, or loading, begins [s]: after the place's setup and any waiting.
    departure_s
        Handling of the last job ends [s]. A reload's is not before the release of what it loads.
    """

    place: int
    kind: VisitKind
    job_ids: tuple[str, ...]
    arrival_s: int
    start_s: int
    departure_s: int


@dataclass(frozen=True, slots=True)
class Rest:
    """A break as it is taken, within the drive or the wait before a visit or before the end [s]."""

    begins_s: int
    ends_s: int


@dataclass(frozen=True, slots=True)
class PlannedRoute:
    """One vehicle's visits.

    Parameters
    ----------
    start_s, end_s
        Leaves its start [s], not before the release of what it was loaded with; is done at the last
        stop, or back at its end place [s].
    distance_m
        From start to end [m], open ends not counted.
    load_weight_g, load_volume_ml, load_parcels
        The most on board at once [g], [ml], parcels.
    rests
        Those breaks of the vehicle that are due on this route, in order.
    """

    vehicle_id: str
    visits: tuple[Visit, ...]
    start_s: int
    end_s: int
    distance_m: int
    load_weight_g: int
    load_volume_ml: int
    load_parcels: int
    rests: tuple[Rest, ...] = ()

    @property
    def duration_s(self) -> int:
        return self.end_s - self.start_s

    def job_ids(self) -> Iterator[str]:
        """Every job once, in the order of dropping off."""
        return (
            job_id
            for visit in self.visits
            if visit.kind is VisitKind.DROPOFF
            for job_id in visit.job_ids
        )


@dataclass(frozen=True, slots=True)
class Unserved:
    job_id: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Progress:
    """A better plan was known: how long after the search began [s], and its cost [points]."""

    after_s: float
    cost: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The answer.

    Parameters
    ----------
    routes
        Of the vehicles that are used, in the order of ``Problem.vehicles``.
    unserved
        In the order of ``Problem.jobs``.
    engine
        Whose routes these are: ``"native"``, ``"ortools"`` or ``"construct"``.
    iterations
        Steps of the native search, or solutions that another engine told of.
    notes
        What went differently than asked, for the log: no personal data.
    trajectory
        Cost over time, improving; empty where no engine searched. The clock decides what is noted,
        so that equal plans may differ in it.
    """

    routes: tuple[PlannedRoute, ...]
    unserved: tuple[Unserved, ...]
    cost: Cost
    engine: str
    iterations: int = 0
    seed: int = 0
    notes: tuple[str, ...] = ()
    trajectory: tuple[Progress, ...] = field(default=(), compare=False)

    @property
    def served(self) -> int:
        return sum(1 for route in self.routes for _ in route.job_ids())
