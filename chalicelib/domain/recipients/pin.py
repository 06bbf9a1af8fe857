"""Where is a door that lies so many metres to the north-east of the pin?"""

import math

from chalicelib.kit.geo import EARTH_RADIUS_M, LatLng

_DEGREES = {"n": 0, "ne": 45, "e": 90, "se": 135, "s": 180, "sw": 225, "w": 270, "nw": 315}


def towards(pin: LatLng, metres: int, wind: str) -> LatLng:
    """The place; the earth is flat within a neighbourhood. KeyError for what is no wind."""
    angle = math.radians(_DEGREES[wind])
    north, east = metres * math.cos(angle), metres * math.sin(angle)
    shrink = max(0.01, math.cos(math.radians(pin.latitude)))
    return LatLng(
        pin.latitude + math.degrees(north / EARTH_RADIUS_M),
        pin.longitude + math.degrees(east / (EARTH_RADIUS_M * shrink)),
    )
