"""How are figures drawn? As SVG inside of the page, by the server, with the same as a table.

No script, no inline style: shapes carry classes, ``templates/charts.css`` has their colours for
light and dark (``web.style("charts")``, or ``sheet()`` for a file of its own). Nothing is told
by colour alone: lines differ in dashes and marks, hours in height as well. Every chart has a title
and a description for whoever does not see it, and every shape says its number when it is pointed
at. Same input, same bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape

from chalicelib.web.chart_frame import (
    WIDTH,
    Axis,
    Series,
    band,
    grid,
    legend,
    line,
    nothing,
    room_left,
    svg,
)
from chalicelib.web.chart_scale import LETTER, Show, checked, fitted, plain, scale, unit

__all__ = [
    "Axis",
    "Bar",
    "Bin",
    "Mark",
    "Series",
    "bars",
    "binned",
    "heat_strip",
    "histogram",
    "lines",
    "sheet",
    "standalone",
    "table",
]

#: Bars that are drawn; the table has all of them.
MOST_BARS = 40
_SERIES = 4
_LEVELS = 5
_SHEET = Path(__file__).parent / "templates" / "charts.css"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar; ``note`` is written behind its number, such as ``n = 12``."""

    label: str
    value: float
    note: str = ""


@dataclass(frozen=True, slots=True)
class Bin:
    """How often a value fell between ``low`` and ``high``."""

    low: float
    high: float
    count: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across a histogram, such as a median."""

    label: str
    value: float


PLAIN_AXIS = Axis()


def bars(title: str, desc: str, rows: Sequence[Bar], *, axis: Axis = PLAIN_AXIS) -> Markup:
    """Horizontal bars from a common zero, in the order given; labels of any length."""
    shown, left_out = rows[:MOST_BARS], max(0, len(rows) - MOST_BARS)
    if not shown:
        return nothing(title, desc)
    deep, top = 38, 6
    across = scale((row.value for row in shown), start=8, end=WIDTH - 8, from_zero=True)
    zero = across.at(0)
    parts = []
    for index, row in enumerate(shown):
        y, x = top + index * deep, across.at(row.value)
        number = f"{axis.show(row.value)}{f'  ({row.note})' if row.note else ''}"
        label = fitted(row.label, WIDTH - 24 - len(number) * LETTER)
        parts.append(
            f"<g><title>{escape(row.label)}: {escape(number)}</title>"
            f'<text class="label" x="8" y="{y + 13}">{escape(label)}</text>'
            f'<text class="number" x="{WIDTH - 8}" y="{y + 13}">{escape(number)}</text>'
            f'<rect class="s1" x="{unit(min(x, zero))}" y="{y + 19}" '
            f'width="{unit(max(abs(x - zero), 1))}" height="12"/>'
            f'<path class="axis" d="M{unit(zero)} {y + 17}v16"/></g>'
        )
    bottom = top + len(shown) * deep
    if left_out:
        parts.append(f'<text class="tick" x="8" y="{bottom + 14}">and {left_out} more</text>')
        bottom += 18
    return svg(title, desc, bottom + 4, "".join(parts))


def lines(
    title: str,
    desc: str,
    series: Sequence[Series],
    *,
    x: Axis = PLAIN_AXIS,
    y: Axis = PLAIN_AXIS,
    from_zero: bool = False,
    height: int = 230,
) -> Markup:
    """Up to four lines over one x, each with a band of uncertainty where one is given."""
    if len(series) > _SERIES:
        raise ValueError(f"more than {_SERIES} lines are told apart by nobody")
    points = [(a, b) for one in series for a, b in one.points if b is not None]
    if not points:
        return nothing(title, desc)
    edges = [edge for one in series for pair in one.band if pair is not None for edge in pair]
    top = 14 + 20 * ((len(series) + 1) // 2)
    up = scale([b for _, b in points] + edges, start=height - 40, end=top, from_zero=from_zero)
    left = room_left(up, y)
    along = scale((a for a, _ in points), start=left, end=WIDTH - 14, is_rounded=False)
    parts = [grid(along, up, x, y, height)]
    for number, one in enumerate(series, start=1):
        parts.append(band(one, number, along, up))
    for number, one in enumerate(series, start=1):
        parts.append(line(one, number, along, up, x, y))
    parts.append(legend([one.name for one in series]))
    return svg(title, desc, height, "".join(parts))


def histogram(
    title: str,
    desc: str,
    bins: Sequence[Bin],
    *,
    marks: Sequence[Mark] = (),
    x: Axis = PLAIN_AXIS,
    y: Axis = PLAIN_AXIS,
    height: int = 200,
) -> Markup:
    """Counts by range, with lines at values that matter. See ``binned``."""
    if not bins:
        return nothing(title, desc)
    top = 14 + 16 * len(marks)
    up = scale((one.count for one in bins), start=height - 40, end=top, from_zero=True)
    edges = [edge for one in bins for edge in (one.low, one.high)]
    left = room_left(up, y)
    wide = [*edges, *(mark.value for mark in marks)]
    along = scale(wide, start=left, end=WIDTH - 14, is_rounded=False)
    parts = [grid(along, up, x, y, height)]
    for one in bins:
        x1, x2, y1, y2 = along.at(one.low), along.at(one.high), up.at(one.count), up.at(0)
        told = f"{x.show(one.low)} to {x.show(one.high)}: {y.show(one.count)}"
        parts.append(
            f'<rect class="s1" x="{unit(x1 + 0.5)}" y="{unit(min(y1, y2))}" '
            f'width="{unit(max(x2 - x1 - 1, 1))}" height="{unit(abs(y2 - y1))}">'
            f"<title>{escape(told)}</title></rect>"
        )
    for index, mark in enumerate(marks):
        at, from_ = along.at(mark.value), 12 + 16 * index
        side = "end" if at > WIDTH * 0.6 else "start"
        text = f"{mark.label} {x.show(mark.value)}"
        parts.append(
            f'<path class="mark" d="M{unit(at)} {from_ - 8}V{height - 40}"/>'
            f'<text class="name {side}" x="{unit(at + (-5 if side == "end" else 5))}" '
            f'y="{from_ + 2}">{escape(text)}</text>'
        )
    return svg(title, desc, height, "".join(parts))


def heat_strip(
    title: str, desc: str, hours: Sequence[float | None], *, axis: Axis = PLAIN_AXIS
) -> Markup:
    """A day in 24 cells: more is darker and higher; an hour of which nothing is known is a dot."""
    if len(hours) != 24:
        raise ValueError("a day has 24 hours")
    known = [checked(value) for value in hours if value is not None]
    if not known:
        return nothing(title, desc)
    low, high = min(0.0, *known), max(known)
    width, tall, top = (WIDTH - 16) / 24, 48, 8
    parts = []
    for hour, value in enumerate(hours):
        x = 8 + hour * width
        if value is None:
            parts.append(
                f'<circle class="unknown" cx="{unit(x + width / 2)}" cy="{top + tall - 3}" r="1.5">'
                f"<title>{hour:02d}:00: not known</title></circle>"
            )
            continue
        share = (value - low) / (high - low) if high > low else float(value != 0)
        level = min(_LEVELS, int(share * _LEVELS) + 1) if share > 0 else 0
        size = 4 + share * (tall - 4)
        parts.append(
            f'<rect class="h{level}" x="{unit(x + 0.5)}" y="{unit(top + tall - size)}" '
            f'width="{unit(width - 1)}" height="{unit(size)}">'
            f"<title>{hour:02d}:00: {escape(axis.show(value))}</title></rect>"
        )
    for hour in (0, 6, 12, 18):
        x = 8 + hour * width
        parts.append(f'<text class="tick" x="{unit(x)}" y="{top + tall + 16}">{hour:02d}:00</text>')
    most = f"{axis.label + ': ' if axis.label else ''}most {axis.show(high)}"
    parts.append(
        f'<text class="number" x="{WIDTH - 8}" y="{top + tall + 34}">{escape(most)}</text>'
    )
    return svg(title, desc, top + tall + 40, "".join(parts))


def table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str | float | None]],
    *,
    show: Show = plain,
    is_open: bool = False,
) -> Markup:
    """The twin of a chart: the same numbers, for reading, for copying, for whoever sees none.

    The first column stands left, the others right; what is not known is a dash. It opens without
    a script, and scrolls by keyboard where it is wide.
    """
    first, *others = head
    heads = Markup('<th scope="col">{}</th>').format(first) + Markup("").join(
        Markup('<th scope="col" class="n">{}</th>').format(name) for name in others
    )
    body = Markup("").join(_row(row, show) for row in rows)
    closed, opened = (
        Markup('<details class="chart-table">'),
        Markup('<details class="chart-table" open>'),
    )
    return Markup(
        "{}<summary>{} as a table</summary>"
        '<div class="scroll" role="region" aria-label="{}" tabindex="0"><table>'
        '<caption class="hidden">{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>'
        "</div></details>"
    ).format(opened if is_open else closed, caption, caption, caption, heads, body)


def binned(values: Sequence[float], *, most: int = 20) -> list[Bin]:
    """Sort values into ranges of one round width, at most so many."""
    if not values:
        return []
    whole = scale(values, start=0, end=1, most_ticks=most)
    edges = whole.ticks
    # One value alone has one range, around it.
    edges = edges if len(edges) > 1 else (whole.low, whole.high)
    counts = [0] * (len(edges) - 1)
    width = (edges[-1] - edges[0]) / len(counts)
    for value in values:
        counts[min(len(counts) - 1, max(0, int((value - edges[0]) / width + 1e-9)))] += 1
    return [Bin(edges[i], edges[i + 1], count) for i, count in enumerate(counts)]


def sheet() -> str:
    """The colours, for a page that stands alone (a report in one file)."""
    return _SHEET.read_text(encoding="utf-8")


def standalone(chart: Markup) -> str:
    """A chart as a file of its own, with its colours inside."""
    head, _, rest = str(chart).partition(">")
    return f"{head}><style>\n{sheet()}</style>{rest}\n"


def _row(row: Sequence[str | float | None], show: Show) -> Markup:
    made = []
    for index, cell in enumerate(row):
        text = "–" if cell is None else cell if isinstance(cell, str) else show(cell)
        if index == 0:
            made.append(Markup('<th scope="row">{}</th>').format(text))
        else:
            made.append(Markup('<td class="n">{}</td>').format(text))
    return Markup("<tr>{}</tr>").format(Markup("").join(made))
