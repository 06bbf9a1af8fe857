"""How is a map drawn before any map library is there? As SVG inside of the page.

Units are metres around the door, so the picture's own numbers are short. Streets are one path each
for main and side ones; the same paths feed the interactive map afterwards (static/track/map.js).
Colours are the style sheet's. Where a hub has no street file the picture is the door, the driver
and the line between them.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from markupsafe import Markup

Corner = tuple[int, int]
#: Half of what is seen at least, and at most [m]; the picture is three wide and two high.
LEAST_M, MOST_M = 330, 4_500


class Lines(Protocol):
    """The streets around a door (domain.routing.street_lines)."""

    @property
    def main(self) -> Sequence[Sequence[Corner]]: ...
    @property
    def side(self) -> Sequence[Sequence[Corner]]: ...


def paths(lines: Lines | None) -> Markup:
    """The streets; drawn once for a door and kept, for they are most of the work."""
    if lines is None:
        return Markup("")
    parts = (("side", lines.side), ("main", lines.main))
    # As an attribute: the sheet's rules do not reach what <use> shows.
    effect = 'vector-effect="non-scaling-stroke"'
    drawn = [
        f'<path id="streets-{name}" {effect} d="{written(streets)}"/>'
        for name, streets in parts
        if streets
    ]
    return Markup("".join(drawn))  # noqa: S704 - numbers only


def written(streets: Sequence[Sequence[Corner]]) -> str:
    """Lines as the ``d`` of a path: ``M12 34l5 6 7-8M…``; static/map/lines.js reads it."""
    return "".join(map(_line, streets))


def frame(dot: Corner | None) -> str:
    """The ``viewBox`` that shows the door, and the driver where one is to be seen."""
    x, y = dot or (0, 0)
    half = max(abs(x) / 2 * 1.35, abs(y) / 2 * 2.1, LEAST_M)
    half = round(min(half, MOST_M))
    high = half * 2 // 3
    return f"{x // 2 - half} {y // 2 - high} {2 * half} {2 * high}"


def pixel(dot: Corner | None) -> float:
    """Metres in one unit of a picture 360 units wide: what keeps marks of one size."""
    return float(frame(dot).split()[2]) / 360


def _line(corners: Iterable[Corner]) -> str:
    """``M12 34l5 6 7-8``: absolute once, then relative, which packs best."""
    (x, y), *rest = corners
    text = f"M{x} {y}"
    for index, (to_x, to_y) in enumerate(rest):
        text += f"{'' if index else 'l'}{_next(to_x - x, not index)}{_next(to_y - y, False)}"
        x, y = to_x, to_y
    return text


def _next(number: int, is_first: bool) -> str:
    return f"{number}" if is_first or number < 0 else f" {number}"
