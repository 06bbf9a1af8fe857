"""What does a geocoder say? One place that an address may mean, in our words.

``kind`` is how fine the answer is, ``score`` (0 to 1) how much of the question it explains. Only
points, units and interpolated numbers are doors; the others are where a door may be.
"""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.kit.geo import LatLng


class PlaceKind(StrEnum):
    POINT = "point"
    UNIT = "unit"
    INTERPOLATED = "interpolated"
    STREET = "street"
    POSTAL_CODE = "postal_code"
    AREA = "area"

    @property
    def is_door(self) -> bool:
        return self in (PlaceKind.POINT, PlaceKind.UNIT, PlaceKind.INTERPOLATED)


@dataclass(frozen=True, slots=True)
class Extent:
    """A box on the map; one that crosses the date line is not made."""

    south: float
    west: float
    north: float
    east: float

    def __post_init__(self) -> None:
        if self.south > self.north or self.west > self.east:
            raise ValueError("an extent runs from the south-west to the north-east")

    def contains(self, position: LatLng) -> bool:
        is_between = self.south <= position.latitude <= self.north
        return is_between and self.west <= position.longitude <= self.east

    @classmethod
    def parse(cls, text: str) -> "Extent":
        """Read what ``str()`` wrote."""
        south, west, north, east = (float(part) for part in text.split(","))
        return cls(south, west, north, east)

    def __str__(self) -> str:
        return f"{self.south:.6f},{self.west:.6f},{self.north:.6f},{self.east:.6f}"


@dataclass(frozen=True, slots=True)
class Found:
    """One answer. ``line1`` is street and house number as the country writes them.

    ``access`` is where one gets from the road to the door, when the geocoder knows it;
    ``is_number_corrected``: the house number is another than the one that was asked for;
    ``number_score``: how well the number fits, None when nothing was said of it.
    """

    kind: PlaceKind
    position: LatLng
    score: float
    line1: str = ""
    postal_code: str = ""
    city: str = ""
    is_number_corrected: bool = False
    is_estimate: bool = False
    number_score: float | None = None
    access: LatLng | None = None
    extent: Extent | None = None

    @property
    def label(self) -> str:
        """``Torstraße 12, 10119 Berlin``."""
        town = f"{self.postal_code} {self.city}".strip()
        return ", ".join(part for part in (self.line1, town) if part)
