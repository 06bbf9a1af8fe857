"""How long and how far between points, when nobody has asked a road provider?

Great-circle distance times a detour factor that falls with distance, driven at a speed that rises
with distance, slowed by the hour of the day. Short hops have the worst detours and the lowest
speeds, and short hops are what delivery legs are: one constant factor flatters dense routes.

Invariants: symmetric, zero between equal points, longer never faster or shorter. Units: m, s, km/h.
Source: detours of 1.4-1.9 below 2 km and 1.36 at 8 km, and car speeds as the crow flies of 18-20
km/h at 0.3-1 km and 33-39 km/h at 8 km, measured on three OpenStreetMap extracts; distance decay
after Giacomin & Levinson 2015, "Road network circuity in metropolitan areas". The hour profile and
the speeds of bikes and walkers are estimates; ``calibration`` corrects them from what drivers took.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.routing.calibration import Calibration, factor_table
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.kit.geo import EARTH_RADIUS_M, LatLng


class Roads(Protocol):
    """Whoever can tell travel times: this module's :func:`matrix`, or a provider of roads."""

    def __call__(self, points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel: ...


@dataclass(frozen=True, slots=True)
class Pace:
    """Speed on the road [km/h]: ``near`` at 0 km, halfway to ``far`` at ``half_km``."""

    near_kmh: float
    far_kmh: float
    half_km: float
    feels_traffic: bool

    def speed_kmh(self, crow_km: float) -> float:
        share = crow_km / (crow_km + self.half_km)
        return self.near_kmh + (self.far_kmh - self.near_kmh) * share


PACES = {
    "car": Pace(28.0, 54.0, 2.5, feels_traffic=True),
    "van": Pace(26.0, 50.0, 2.5, feels_traffic=True),
    "cargo_bike": Pace(13.0, 18.0, 1.0, feels_traffic=False),
    "walker": Pace(4.8, 4.8, 1.0, feels_traffic=False),
}

#: How much longer than on empty roads, by the hour of day at which it begins; between full hours
#: it is interpolated, so that a minute never changes a plan by a jump.
# fmt: off
TRAFFIC = (
    1.00, 1.00, 1.00, 1.00, 1.00, 1.02, 1.10, 1.25, 1.32, 1.22, 1.14, 1.14,
    1.16, 1.16, 1.16, 1.20, 1.28, 1.36, 1.30, 1.18, 1.10, 1.06, 1.03, 1.00,
)
# fmt: on


def circuity(crow_km: float) -> float:
    """Road distance over distance as the crow flies: 2.2 next door, 1.55 at 1 km, 1.34 at 8 km."""
    return 1.30 + 0.35 / (crow_km + 0.4)


def traffic(depart_at: datetime) -> float:
    """The hour's factor. The hour is read in ``depart_at``'s own zone: give it the hub's."""
    hour, share = depart_at.hour, depart_at.minute / 60
    return TRAFFIC[hour] * (1 - share) + TRAFFIC[(hour + 1) % 24] * share


def matrix(points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel:
    """Travel between all pairs.

    Parameters
    ----------
    points
        (n,) places, in the order of the rows and columns.
    depart_at
        When the routes begin, in the hub's local zone.
    kind
        One of ``PACES``: car, van, cargo_bike, walker.

    Returns
    -------
    Travel
        ``duration_s`` and ``distance_m``, (n, n).

    Raises
    ------
    KeyError
        If the kind is unknown.
    """
    pace = PACES[kind]
    slower = traffic(depart_at) if pace.feels_traffic else 1.0
    vectors = [_unit_vector(point) for point in points]
    size = len(points)
    duration_s = [[0] * size for _ in range(size)]
    distance_m = [[0] * size for _ in range(size)]
    for i, (x, y, z) in enumerate(vectors):
        for j in range(i):
            u, v, w = vectors[j]
            chord = math.sqrt((x - u) ** 2 + (y - v) ** 2 + (z - w) ** 2)
            crow_km = EARTH_RADIUS_M / 500 * math.asin(min(1.0, chord / 2))
            road_km = crow_km * circuity(crow_km)
            metres = math.ceil(road_km * 1000)
            seconds = math.ceil(road_km / pace.speed_kmh(crow_km) * 3600 * slower)
            distance_m[i][j] = distance_m[j][i] = metres
            duration_s[i][j] = duration_s[j][i] = seconds
    return Travel(Matrix.of(duration_s), Matrix.of(distance_m))


#: Steps of a calibrated table [km], and how many: to 60 km, beyond which the last one counts.
_STEP_KM, _STEPS = 0.05, 1200


def calibrated(calibrations: Mapping[str, Calibration]) -> Roads:
    """The model with what was learned of a town, by kind of vehicle.

    Lengths stay the model's: drivers' taps tell times alone.
    """
    tables: dict[tuple[str, tuple[float, ...]], list[float]] = {}

    def corrected(points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel:
        travel = matrix(points, depart_at, kind)
        if kind not in calibrations:
            return travel
        factors = calibrations[kind].at(depart_at)
        if (kind, factors) not in tables:
            tables[kind, factors] = factor_table(factors, _free_flow_s(kind), _STEP_KM)
        return Travel(_slowed(travel.duration_s, points, tables[kind, factors]), travel.distance_m)

    return corrected


def _free_flow_s(kind: str) -> list[float]:
    pace = PACES[kind]
    crow_km = [number * _STEP_KM for number in range(_STEPS + 1)]
    return [km * circuity(km) / pace.speed_kmh(km) * 3600 for km in crow_km]


def _slowed(duration_s: Matrix, points: Sequence[LatLng], table: Sequence[float]) -> Matrix:
    vectors = [_unit_vector(point) for point in points]
    rows = [list(row) for row in (duration_s[i] for i in range(len(points)))]
    per_step, last = EARTH_RADIUS_M / 1000 / _STEP_KM, len(table) - 1
    for i, here in enumerate(vectors):
        for j in range(i):
            at = min(per_step * math.dist(here, vectors[j]), last - 1e-9)
            step = int(at)
            factor = table[step] + (at - step) * (table[step + 1] - table[step])
            rows[i][j] = rows[j][i] = math.ceil(rows[i][j] * factor)
    return Matrix.of(rows)


def _unit_vector(point: LatLng) -> tuple[float, float, float]:
    phi, lam = math.radians(point.latitude), math.radians(point.longitude)
    return math.cos(phi) * math.cos(lam), math.cos(phi) * math.sin(lam), math.sin(phi)
