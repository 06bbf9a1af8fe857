"""How is a service area drawn? As SVG inside of the page: outlines, a hub, stores, pickup points.

Units are metres around the middle, as in ``svgmap``; colours are the style sheet's. Nothing is told
by the picture alone: the page lists the same areas and places.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

#: Metres in a degree of latitude on a sphere of the earth's mean radius.
_DEGREE_M = 111_195
_MARGIN = 1.08
_WIDTH = 360

#: Latitude and longitude in degrees.
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Outline:
    """An area: its rings, outlines and holes alike; ``look`` is a class of the sheet."""

    name: str
    rings: Sequence[Sequence[Point]]
    look: str = "ours"


@dataclass(frozen=True, slots=True)
class Spot:
    name: str
    at: Point
    look: str = "store"


def draw(
    title: str, middle: Point, outlines: Iterable[Outline], spots: Iterable[Spot], radius_m: int
) -> Markup:
    """The map; ``radius_m`` draws a circle around the middle, 0 for none."""
    flat = _Flat(middle)
    areas, marks = list(outlines), list(spots)
    seen = [(radius_m, radius_m), (-radius_m, -radius_m)] if radius_m else []
    seen += [flat.of(point) for area in areas for ring in area.rings for point in ring]
    seen += [flat.of(spot.at) for spot in marks]
    half = max((max(abs(x), abs(y)) for x, y in seen), default=1000) * _MARGIN or 1000
    unit = 2 * half / _WIDTH
    parts = []
    if radius_m:
        parts.append(f'<circle class="ours" r="{radius_m}"><title>{escape(title)}</title></circle>')
    for area in areas:
        path = "".join(_ring(flat, ring) for ring in area.rings)
        parts.append(
            f'<path class="{area.look}" fill-rule="evenodd" d="{path}">'
            f"<title>{escape(area.name)}</title></path>"
        )
    for spot in marks:
        x, y = flat.of(spot.at)
        size = round(6 * unit)
        parts.append(
            f'<circle class="{spot.look}" cx="{x}" cy="{y}" r="{size}">'
            f"<title>{escape(spot.name)}</title></circle>"
        )
    frame = f"{-half:.0f} {-half:.0f} {2 * half:.0f} {2 * half:.0f}"
    return Markup(  # noqa: S704 - numbers, and names that are escaped
        f'<svg class="areas" viewBox="{frame}" role="img" aria-label="{escape(title)}">'
        f"{''.join(parts)}</svg>"
    )


@dataclass(frozen=True, slots=True)
class _Flat:
    """Metres east and south of the middle."""

    middle: Point

    def of(self, point: Point) -> tuple[int, int]:
        latitude, longitude = self.middle
        narrow = math.cos(math.radians(latitude))
        east = (point[1] - longitude) * _DEGREE_M * narrow
        return round(east), round((latitude - point[0]) * _DEGREE_M)


def _ring(flat: _Flat, ring: Sequence[Point]) -> str:
    corners = [flat.of(point) for point in ring]
    return "M" + "L".join(f"{x} {y}" for x, y in corners) + "z"
