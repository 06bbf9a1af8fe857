"""Where is it? Coordinates, as one value.

A position is always a :class:`LatLng` (WGS 84, degrees, six decimals = 11 cm at the equator), never
a bare pair: swapped latitudes and longitudes are the oldest fault of the trade.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

# Source: IUGG mean Earth radius R1, 6,371,008.8 m.
EARTH_RADIUS_M = 6_371_008.8


@dataclass(frozen=True, slots=True)
class LatLng:
    """A point on the map.

    Raises
    ------
    ValueError
        If a coordinate is not finite or outside of [-90, 90] and [-180, 180].
    """

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        for name, value, limit in (
            ("latitude", self.latitude, 90),
            ("longitude", self.longitude, 180),
        ):
            if not math.isfinite(value) or abs(value) > limit:
                raise ValueError(f"{name} {value!r} is outside of [-{limit}, {limit}]")
            # Adding 0.0 turns -0.0 into 0.0, so equal points have equal texts.
            object.__setattr__(self, name, round(float(value), 6) + 0.0)

    @classmethod
    def parse(cls, text: str) -> "LatLng":
        """Read what ``str()`` wrote: ``"52.520008,13.404954"``."""
        return _parsed(text)

    def distance_m(self, other: "LatLng") -> int:
        """Great-circle distance [m], by the haversine formula (Sinnott 1984)."""
        phi_1, phi_2 = math.radians(self.latitude), math.radians(other.latitude)
        half_phi = (phi_2 - phi_1) / 2
        half_lambda = math.radians(other.longitude - self.longitude) / 2
        chord = (
            math.sin(half_phi) ** 2 + math.cos(phi_1) * math.cos(phi_2) * math.sin(half_lambda) ** 2
        )
        return round(2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord))))

    def offset_m(self, other: "LatLng") -> tuple[int, int]:
        """Metres east and south of here; the earth is flat within a neighbourhood."""
        north = math.radians(other.latitude - self.latitude) * EARTH_RADIUS_M
        shrink = math.cos(math.radians(self.latitude))
        east = math.radians(other.longitude - self.longitude) * EARTH_RADIUS_M * shrink
        return round(east), round(-north)

    def __str__(self) -> str:
        return f"{self.latitude:.6f},{self.longitude:.6f}"


@lru_cache(maxsize=16_384)
def _parsed(text: str) -> LatLng:
    """Kept: a route is read at each tap, and its stops stay where they are."""
    latitude, _, longitude = text.partition(",")
    return LatLng(float(latitude), float(longitude))
