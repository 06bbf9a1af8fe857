"""What may a recipient see of the driver? A coarse dot, for the last few stops, never at a home.

Shown is the middle of a square of about a hundred metres, only from a fix of the last minutes, only
while the recipient's door is among the next three, and nowhere near the hub, a shop, a pickup
point's back room or the driver's own home. Near another recipient's door there is none either:
nobody is to learn who else gets a parcel. What is not shown is not sent.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kit.geo import EARTH_RADIUS_M, LatLng

#: The door is the next stop, or so many other doors at most come first.
MOST_DOORS_BEFORE = 2
FRESH = timedelta(minutes=3)
#: No dot so near [m] to a hub, a store, a pickup point or the driver's home; to another's door.
HIDDEN_M, HIDDEN_AT_DOORS_M = 150, 80
#: Further away than this the dot would say nothing [m].
FARTHEST_M = 4_000
SQUARE_M = 100


@dataclass(frozen=True, slots=True)
class Hidden:
    """A place that a dot must not point to, and how near is near [m]."""

    position: LatLng
    within_m: int = HIDDEN_M


@dataclass(frozen=True, slots=True)
class Sighting:
    """Where the driver was seen, and when."""

    position: LatLng
    at: datetime


def dot(
    seen: Sighting | None,
    *,
    door: LatLng,
    doors_before: int,
    hidden: Iterable[Hidden],
    now: datetime,
) -> LatLng | None:
    """What the recipient sees of the driver; None for nothing."""
    if seen is None or doors_before > MOST_DOORS_BEFORE or now - seen.at > FRESH:
        return None
    if seen.position.distance_m(door) > FARTHEST_M:
        return None
    if any(seen.position.distance_m(one.position) < one.within_m for one in hidden):
        return None
    return coarse(seen.position)


def coarse(position: LatLng) -> LatLng:
    """The middle of the square that a position lies in; squares are the same for everybody."""
    high = math.degrees(SQUARE_M / EARTH_RADIUS_M)
    latitude = (math.floor(position.latitude / high) + 0.5) * high
    wide = high / max(0.01, math.cos(math.radians(latitude)))
    longitude = (math.floor(position.longitude / wide) + 0.5) * wide
    return LatLng(max(-90, min(90, latitude)), max(-180, min(180, longitude)))
