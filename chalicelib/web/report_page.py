"""What is a report? One HTML file that opens from a disk, without network and without script.

Style and pictures stand inside; a policy in the page forbids everything else. Light and dark follow
the reader's device. The simulator's commands write it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape

from chalicelib.web import charts, render

_SHEET = Path(__file__).parent / "templates" / "report.css"

type Spot = tuple[float, float]

#: Colours of routes in a picture; the ninth looks like the first.
ROUTE_COLOURS = 8
_WIDE, _EDGE = 1_000, 24


@dataclass(frozen=True, slots=True)
class Section:
    """A chapter: ``id`` is its anchor, ``words`` are paragraphs before its pictures and tables."""

    id: str
    title: str
    words: Sequence[str]
    parts: Sequence[Markup]


def page(title: str, intro: Sequence[str], sections: Sequence[Section], *, foot: str = "") -> str:
    """The whole file; the same input gives the same bytes."""
    sheet = charts.sheet() + _SHEET.read_text(encoding="utf-8")
    return render(
        "report.html",
        title=title,
        intro=intro,
        sections=sections,
        foot=foot,
        sheet=Markup(sheet),  # noqa: S704 - our own files
    )


def routes(
    title: str, desc: str, depot: Spot, tours: Sequence[Sequence[Spot]], *, half_m: float
) -> Markup:
    """Tours on a plain plane, north up: ``half_m`` from the middle to the picture's edge.

    Neighbouring tours differ in colour and dashes, and each says its number of stops when it is
    pointed at.
    """

    def dot(spot: Spot) -> str:
        x, y = spot
        scale = (_WIDE / 2 - _EDGE) / half_m
        return f"{round(_WIDE / 2 + x * scale)} {round(_WIDE / 2 - y * scale)}"

    parts = []
    for number, tour in enumerate(tours):
        line = "L".join(map(dot, [depot, *tour, depot]))
        doors = "".join(f"M{dot(spot)}h0" for spot in tour)
        colour = f"r{number % ROUTE_COLOURS}"
        parts.append(
            f'<g class="{colour}"><title>Route {number + 1}: {len(tour)} stops</title>'
            f'<path class="way" d="M{line}"/><path class="door" d="{doors}"/></g>'
        )
    x, y = dot(depot).split()
    parts.append(
        f'<rect class="depot" x="{int(x) - 11}" y="{int(y) - 11}" width="22" height="22"/>'
    )
    return Markup(  # noqa: S704 - numbers, and texts that are escaped here
        f'<figure><svg class="routes" role="img" viewBox="0 0 {_WIDE} {_WIDE}">'
        f"<title>{escape(title)}</title><desc>{escape(desc)}</desc>{''.join(parts)}</svg>"
        f"<figcaption>{escape(title)}. {escape(desc)}</figcaption></figure>"
    )


def side_by_side(parts: Sequence[Markup]) -> Markup:
    """Pictures to be compared: beside each other where there is room."""
    return Markup('<div class="beside">{}</div>').format(Markup("").join(parts))
