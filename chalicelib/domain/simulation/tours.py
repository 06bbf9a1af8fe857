"""How does our optimizer plan here? The product's own search, by steps and never by the clock.

Every arm that may plan well gets this same search: pooled and per brand, waves and whole days. A
plan has passed the product's checker, and nobody is ever left behind: an arm is given enough
vehicles, and what is late is counted as late.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.plan import PlannedRoute, VisitKind
from chalicelib.domain.routing.problem import Job, Place, Problem
from chalicelib.domain.routing.solve import solve
from chalicelib.domain.simulation.city import Spot, all_ways, drive_s
from chalicelib.domain.simulation.inputs import Inputs
from chalicelib.kit.geo import LatLng

_AT = datetime(2026, 1, 1, tzinfo=UTC)
#: The clock never ends a search of these sizes.
_NEVER_S = 3_600.0


@dataclass(frozen=True, slots=True)
class Stop:
    """Somewhere to bring something: handing over begins by ``latest_s``, if that is given.

    ``prize``: what bringing it is worth [points]; None: it must be brought.
    """

    at: Spot
    service_s: int
    parcels: int = 1
    latest_s: int | None = None
    prize: int | None = None


@dataclass(frozen=True, slots=True)
class Fleet:
    """Equal vehicles: how many there are at most, and what each may and costs."""

    count: int
    kmh: int
    most_parcels: int
    shift_s: int
    used_minor: int
    km_minor: int
    hour_minor: int
    most_stops: int | None = None


@dataclass(frozen=True, slots=True)
class Tour:
    """Stops by their place in what was asked, and when each is handed over [s]."""

    stops: tuple[int, ...]
    handed_s: tuple[int, ...]
    start_s: int
    end_s: int
    metres: int
    parcels: int

    @property
    def seconds(self) -> int:
        return self.end_s - self.start_s


def vans(inputs: Inputs, count: int) -> Fleet:
    return Fleet(
        count,
        inputs.van_kmh,
        inputs.most_parcels,
        inputs.shift_s,
        inputs.van_day_minor,
        inputs.km_minor,
        inputs.hour_minor,
    )


def plan(inputs: Inputs, depot: Spot, stops: Sequence[Stop], fleet: Fleet, seed: int) -> list[Tour]:
    """The cheapest tours that the search finds; second 0 is when the fleet may leave.

    Raises
    ------
    ValueError
        If somebody who must be served is not: the arm has too few vehicles to be fair.
    """
    if not stops:
        return []
    metres = all_ways(inputs, [depot, *(one.at for one in stops)])
    seconds = [[drive_s(cell, fleet.kmh) for cell in row] for row in metres]
    van = Vehicle(
        "",
        "van",
        start=0,
        end=0,
        max_weight_g=fleet.most_parcels,
        max_volume_ml=1,
        shift=Window(0, fleet.shift_s),
        fixed_cost=1_000 * fleet.used_minor,
        cost_per_m=fleet.km_minor,
        cost_per_s=1_000 * fleet.hour_minor // 3_600,
        max_jobs=fleet.most_stops,
    )
    problem = Problem(
        _AT,
        (Place(LatLng(0, 0)),) * (len(stops) + 1),
        tuple(replace(van, id=f"v{number}") for number in range(fleet.count)),
        tuple(_job(place, one, fleet) for place, one in enumerate(stops, start=1)),
        {"van": Travel(Matrix.of(seconds), Matrix.of(metres))},
    )
    steps = inputs.steps(len(stops))
    made = solve(problem, budget_s=_NEVER_S, seed=seed, iterations=steps, cpu_clock=True)
    left = [stops[int(one.job_id) - 1] for one in made.unserved]
    if any(one.prize is None for one in left):
        raise ValueError(f"{len(left)} of {len(stops)} stops did not fit into {fleet.count} vans")
    return [_tour(route) for route in made.routes]


def _job(place: int, stop: Stop, fleet: Fleet) -> Job:
    anytime = Window(0, fleet.shift_s)
    latest_s = fleet.shift_s if stop.latest_s is None else max(0, stop.latest_s)
    return Job(
        id=str(place),
        pickup=None,
        dropoff=place,
        pickup_window=anytime,
        dropoff_windows=(Window(0, min(latest_s, fleet.shift_s)),),
        dropoff_service_s=stop.service_s,
        weight_g=stop.parcels,
        penalty=stop.prize,
    )


def _tour(route: PlannedRoute) -> Tour:
    visits = [one for one in route.visits if one.kind is VisitKind.DROPOFF]
    return Tour(
        tuple(one.place - 1 for one in visits),
        tuple(one.departure_s for one in visits),
        route.start_s,
        route.end_s,
        route.distance_m,
        route.load_weight_g,
    )
