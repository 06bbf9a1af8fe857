"""What is around and inside of every chart? The frame with its name, the grid, the lines.

The parts of ``charts``; all of them return SVG whose texts are escaped.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from chalicelib.web.chart_scale import LETTER, Scale, Show, fitted, plain, thinned, unit

#: Units across. A phone of 320 px shows eight tenths of a pixel for each.
WIDTH = 360
#: A line of more points than this has no marks on it.
MOST_MARKS = 40

#: What a point looks like, by the line that it stands on: disc, square, diamond, triangle.
_SHAPES = (
    "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0-6 0z",
    "m-3-3h6v6h-6z",
    "m0-4.2l4.2 4.2l-4.2 4.2l-4.2-4.2z",
    "m0-4l4 7h-8z",
)


@dataclass(frozen=True, slots=True)
class Series:
    """One line: points by x, of which y may be unknown (a gap); ``band``: low and high of each."""

    name: str
    points: Sequence[tuple[float, float | None]]
    band: Sequence[tuple[float, float] | None] = ()


@dataclass(frozen=True, slots=True)
class Axis:
    """What an axis is called and how its numbers are written."""

    label: str = ""
    show: Show = plain


def svg(title: str, desc: str, height: float, inside: str) -> Markup:
    """``inside`` is made by this module: numbers, and texts that were escaped."""
    words = f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>"
    # Named by what is in it: two charts of a page differ, and the same chart is the same bytes.
    mark = hashlib.sha256(f"{words}{inside}".encode()).hexdigest()[:10]
    return Markup(  # noqa: S704 - numbers, and texts that were escaped
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="0 0 {WIDTH} {unit(height)}" aria-labelledby="t{mark} d{mark}">'
        f'<title id="t{mark}">{escape(title)}</title><desc id="d{mark}">{escape(desc)}</desc>'
        f"{inside}</svg>"
    )


def nothing(title: str, desc: str) -> Markup:
    text = f'<text class="none" x="{WIDTH // 2}" y="44">Nothing to show yet</text>'
    return svg(title, desc, 80, text)


def room_left(up: Scale, y: Axis) -> float:
    return 14 + LETTER * max(len(y.show(tick)) for tick in up.ticks)


def grid(along: Scale, up: Scale, x: Axis, y: Axis, height: int) -> str:
    parts = []
    for tick in up.ticks:
        at = up.at(tick)
        kind = "axis" if tick == 0 else "grid"
        parts.append(
            f'<path class="{kind}" d="M{unit(along.start)} {unit(at)}H{WIDTH - 14}"/>'
            f'<text class="tick end" x="{unit(along.start - 5)}" y="{unit(at + 4)}">'
            f"{escape(y.show(tick))}</text>"
        )
    labels = [x.show(tick) for tick in along.ticks]
    widest = max((len(label) for label in labels), default=1) * LETTER + 14
    for index in thinned(len(labels), int((along.end - along.start) / widest)):
        at = along.at(along.ticks[index])
        parts.append(
            f'<text class="tick middle" x="{unit(at)}" y="{height - 24}">'
            f"{escape(labels[index])}</text>"
        )
    if x.label:
        parts.append(
            f'<text class="name end" x="{WIDTH - 14}" y="{height - 6}">'
            f"{escape(fitted(x.label, WIDTH / 2))}</text>"
        )
    if y.label:
        parts.append(
            f'<text class="name" x="4" y="{height - 6}">{escape(fitted(y.label, WIDTH / 2))}</text>'
        )
    return "".join(parts)


def band(one: Series, number: int, along: Scale, up: Scale) -> str:
    """The band's outline: along its upper edge and back along the lower one."""
    pairs = [
        (a, pair)
        for (a, b), pair in zip(one.points, one.band, strict=False)
        if b is not None and pair is not None
    ]
    if not pairs:
        return ""
    there = [f"{unit(along.at(a))} {unit(up.at(high))}" for a, (_, high) in pairs]
    back = [f"{unit(along.at(a))} {unit(up.at(low))}" for a, (low, _) in reversed(pairs)]
    return f'<path class="band b{number}" d="M{"L".join([*there, *back])}Z"/>'


def line(one: Series, number: int, along: Scale, up: Scale, x: Axis, y: Axis) -> str:
    drawn, is_down = [], False
    for a, b in one.points:
        if b is not None:
            drawn.append(f"{'L' if is_down else 'M'}{unit(along.at(a))} {unit(up.at(b))}")
        is_down = b is not None
    parts = [f'<path class="line l{number}" d="{"".join(drawn)}"/>']
    if len(one.points) <= MOST_MARKS:
        for a, b in one.points:
            if b is not None:
                told = f"{one.name}, {x.show(a)}: {y.show(b)}"
                at = f"M{unit(along.at(a))} {unit(up.at(b))}"
                parts.append(
                    f'<path class="dot s{number}" d="{at}{_SHAPES[number - 1]}">'
                    f"<title>{escape(told)}</title></path>"
                )
    return "".join(parts)


def legend(names: Sequence[str]) -> str:
    parts = []
    for index, name in enumerate(names):
        x, y = 8 + (index % 2) * WIDTH // 2, 14 + (index // 2) * 20
        shape = _SHAPES[index]
        parts.append(
            f'<path class="line l{index + 1}" d="M{x} {y - 4}h24"/>'
            f'<path class="dot s{index + 1}" d="M{x + 12} {y - 4}{shape}"/>'
            f'<text class="name" x="{x + 30}" y="{y}">'
            f"{escape(fitted(name, WIDTH / 2 - 40))}</text>"
        )
    return "".join(parts)
