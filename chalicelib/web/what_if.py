"""How is a what-if told? One page that stands alone: tables, charts and maps, light and dark.

It needs no network and no script, so it can be kept, sent and opened anywhere. The maps are drawn
in metres around the hub; streets are not on them, because a route's order is what differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from chalicelib import web

_SHEET = "charts+what_if"
_COLOURS = 6
#: Around everything, of the longer side [%].
_MARGIN = 4

type Spot = tuple[int, int]


@dataclass(frozen=True, slots=True)
class City:
    """A day on the map: metres east and south of the hub."""

    routes: Sequence[Sequence[Spot]]
    doors: Sequence[Spot]
    late: Sequence[Spot]
    failed: Sequence[Spot]
    points: Sequence[Spot]


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a scenario; ``is_sure``: its difference is larger than its interval."""

    value: str
    against: str = ""
    is_sure: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Page:
    """All that the report says."""

    title: str
    lead: str
    key: str
    scenarios: Sequence[tuple[str, str]]
    error_bar: Sequence[Sequence[str]]
    figures: Sequence[Row]
    charts: Sequence[tuple[str, Markup]]
    maps: Sequence[tuple[str, Markup]]


def render(page: Page) -> str:
    """The report; the same page is the same bytes."""
    return web.render("what_if.html", page=page)


def headers(html: str) -> dict[str, str]:
    return web.headers(html, sheet=_SHEET)


def draw(city: City, title: str, desc: str, frame: Sequence[int]) -> Markup:
    """A map; ``frame`` is what is seen of the plane, the same for maps that are compared."""
    across = max(frame[2], frame[3])
    dot, ring, square = max(1, across // 260), max(2, across // 130), max(2, across // 140)
    parts = [
        f'<path class="way r{number % _COLOURS + 1}" d="{_way(route)}"/>'
        for number, route in enumerate(city.routes)
        if len(route) > 1
    ]
    parts += [f'<circle class="door" cx="{x}" cy="{y}" r="{dot}"/>' for x, y in city.doors]
    parts += [f'<circle class="late" cx="{x}" cy="{y}" r="{ring}"/>' for x, y in city.late]
    parts += [f'<circle class="failed" cx="{x}" cy="{y}" r="{2 * dot}"/>' for x, y in city.failed]
    parts += [
        f'<rect class="point" x="{x - square}" y="{y - square}" '
        f'width="{2 * square}" height="{2 * square}"/>'
        for x, y in city.points
    ]
    hub = max(3, across // 90)
    parts.append(f'<path class="hub" d="M0 {-hub}l{hub} {hub}-{hub} {hub}-{hub}-{hub}z"/>')
    box = " ".join(map(str, frame))
    return Markup(  # noqa: S704 - numbers, and texts that were escaped
        f'<svg class="city" xmlns="http://www.w3.org/2000/svg" role="img" viewBox="{box}">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{''.join(parts)}</svg>"
    )


def frame_of(cities: Sequence[City]) -> list[int]:
    """What holds everything of several maps: x, y, width, height [m]."""
    spots = [(0, 0)]
    for city in cities:
        spots += [*city.doors, *city.points, *(spot for route in city.routes for spot in route)]
    west, east = min(x for x, _ in spots), max(x for x, _ in spots)
    north, south = min(y for _, y in spots), max(y for _, y in spots)
    edge = max(50, max(east - west, south - north) * _MARGIN // 100)
    return [west - edge, north - edge, east - west + 2 * edge, south - north + 2 * edge]


def _way(route: Sequence[Spot]) -> str:
    """Absolute once, then relative, which is shorter."""
    (x, y), *rest = route
    text = f"M{x} {y}l"
    steps = []
    for to_x, to_y in rest:
        steps.append(f"{to_x - x} {to_y - y}")
        x, y = to_x, to_y
    return text + " ".join(steps)
