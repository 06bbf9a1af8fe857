"""The town and a day's drives, as an SVG that is light or dark as its reader's screen is."""

from collections.abc import Callable, Iterable, Sequence

from local.town.places import Town
from local.town.streets import Point, metres

_MARGIN = 400
_COLOURS = (  # noqa: SIM905 - one palette, read as one
    "#d1495b #00798c #edae49 #5b5f97 #3a7d44 #b56576 "
    "#2a6f97 #c77d0a #7b2d8e #4f772d #9c6644 #5e548e"
).split()
_STYLE = """
:root{--land:#f4f1ea;--road:#fff;--main:#fbe7b2;--edge:#ddd6c8;--water:#a9cfe3;--ink:#2c2a26}
@media(prefers-color-scheme:dark){:root{--land:#1f2226;--road:#33383e;--main:#4d4632;
--edge:#33383e;--water:#1d3f55;--ink:#e9e5dc}}
.land{fill:var(--land)}.edge{stroke:var(--edge)}.road{stroke:var(--road)}.main{stroke:var(--main)}
.water{stroke:var(--water)}.edge,.road,.main,.water,.drive{fill:none;stroke-linecap:round;
stroke-linejoin:round}text{font:600 190px system-ui,sans-serif;fill:var(--ink);
paint-order:stroke;stroke:var(--land);stroke-width:40px}
.hub{fill:var(--ink)}.store{fill:var(--land);stroke:var(--ink);stroke-width:26}
.door{stroke:var(--land);stroke-width:14}
"""


def draw(town: Town, drives: Iterable[Sequence[Point]] = (), doors: Iterable[Point] = ()) -> str:
    """Return the SVG; ``drives`` and ``doors`` are positions (latitude, longitude)."""
    width, height = (round(side + 2 * _MARGIN) for side in town.size_m)

    def at(point: Point) -> str:
        return f"{point[0] + _MARGIN:.0f} {height - _MARGIN - point[1]:.0f}"

    def line(points: Sequence[Point]) -> str:
        return "M" + "L".join(at(point) for point in points)

    crossings = town.streets.crossings
    side = [s for s in town.streets.streets if not s.is_main]
    main = [s for s in town.streets.streets if s.is_main]
    side_path = "".join(line((crossings[s.start], crossings[s.end])) for s in side)
    main_path = "".join(line((crossings[s.start], crossings[s.end])) for s in main)
    driven = [
        f'<path class="drive" stroke="{_COLOURS[i % len(_COLOURS)]}" stroke-width="44" '
        f'opacity=".8" d="{line([metres(p) for p in drive])}"/>'
        for i, drive in enumerate(drives)
        if len(drive) > 1
    ]
    dots = [
        f'<circle class="door" fill="#c8402f" r="46" cx="{at(metres(p)).split()[0]}" '
        f'cy="{at(metres(p)).split()[1]}"/>'
        for p in doors
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Map of the town with the routes of the day"><style>{_STYLE}</style>'
        f'<rect class="land" width="{width}" height="{height}"/>'
        f'<path class="water" stroke-width="260" d="{line(town.streets.river)}"/>'
        f'<path class="edge" stroke-width="104" d="{side_path}{main_path}"/>'
        f'<path class="road" stroke-width="76" d="{side_path}"/>'
        f'<path class="main" stroke-width="96" d="{main_path}"/>'
        f"{''.join(driven)}{''.join(dots)}{_landmarks(town, at)}</svg>"
    )


def _landmarks(town: Town, at: Callable[[Point], str]) -> str:
    marks = []
    for hub in town.hubs:
        for store in hub.stores:
            x, y = at(metres(store.position)).split()
            marks.append(f'<circle class="store" r="70" cx="{x}" cy="{y}"/>')
        x, y = at(metres(hub.house.position)).split()
        marks.append(
            f'<rect class="hub" x="{int(x) - 110}" y="{int(y) - 110}" width="220" height="220" '
            f'rx="40"/><text x="{int(x) + 170}" y="{int(y) + 65}">{hub.name}</text>'
        )
    return "".join(marks)
