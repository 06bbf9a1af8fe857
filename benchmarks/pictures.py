"""How does it look? Gap over time, and the routes of one answer, as plain SVG."""

import math
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

type Row = dict[str, Any]
type Point = tuple[float, float]

_WIDTH, _HEIGHT, _MARGIN = 720, 420, 56
_COLOURS = {"ours": "#0b6e4f", "pyvrp": "#c8553d", "vroom": "#5b5f97", "ortools": "#b58900"}
_HUES = ("#0b6e4f", "#c8553d", "#5b5f97", "#b58900", "#3a86c8", "#8f2d56", "#6a994e", "#7f5539")
_MOMENTS = 60


def gap_over_time(rows: Sequence[Row]) -> str:
    """Mean gap of each engine at each moment, over the instances where it tells of progress.

    A curve begins where each of its instances has an answer. Time [s] is logarithmic.
    """
    told = [row for row in rows if row.get("progress") and row["reference"] and row["feasible"]]
    engines = list(dict.fromkeys(row["engine"] for row in told))
    last = max((row["budget_s"] for row in told), default=1.0)
    moments = [last * 10 ** (-2 * (1 - n / (_MOMENTS - 1))) for n in range(_MOMENTS)]
    curves = {
        engine: _curve([row for row in told if row["engine"] == engine], moments)
        for engine in engines
    }
    highest = max((gap for curve in curves.values() for _, gap in curve), default=1.0)
    highest = min(20, max(4, 4 * math.ceil(highest / 4)))  # whole numbers at every quarter
    drawn = [_axes(moments[0], last, highest)]
    for number, (engine, curve) in enumerate(curves.items()):
        path = " ".join(
            f"{_across(after, moments[0], last):.1f},{_up(gap, highest):.1f}"
            for after, gap in curve
        )
        colour = _COLOURS.get(engine, "#333")
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        drawn.append(_text(_WIDTH - 110, _MARGIN + 18 * number, engine, colour))
    return _svg(drawn)


def _curve(rows: Sequence[Row], moments: Sequence[float]) -> list[Point]:
    """What is found a little past the budget counts at its end."""
    curve = []
    for moment in moments:
        costs = [
            min(
                (c for at, c in row["progress"] if min(at, row["budget_s"]) <= moment), default=None
            )
            for row in rows
        ]
        gaps = [
            100 * (cost / row["reference"] - 1)
            for cost, row in zip(costs, rows, strict=True)
            if cost is not None
        ]
        if len(gaps) == len(rows):
            curve.append((moment, sum(gaps) / len(gaps)))
    return curve


def _across(after_s: float, first_s: float, last_s: float) -> float:
    part = math.log(after_s / first_s) / math.log(last_s / first_s)
    return _MARGIN + part * (_WIDTH - 2 * _MARGIN)


def _up(gap: float, highest: float) -> float:
    return _HEIGHT - _MARGIN - min(gap, highest) / highest * (_HEIGHT - 2 * _MARGIN)


def _axes(first_s: float, last_s: float, highest: float) -> str:
    left, right, bottom = _MARGIN, _WIDTH - _MARGIN, _HEIGHT - _MARGIN
    parts = [f'<path d="M{left},{_MARGIN}V{bottom}H{right}" fill="none" stroke="#555"/>']
    for quarter in range(5):
        gap = highest * quarter / 4
        parts.append(_text(8, _up(gap, highest) + 4, f"{gap:g} %"))
    for part in (0.01, 0.03, 0.1, 0.3, 1):
        at = last_s * part
        parts.append(_text(_across(at, first_s, last_s) - 12, bottom + 20, f"{at:g} s"))
    parts.append(_text(left, 24, "Mean gap to the best known value, by CPU seconds of search"))
    return "".join(parts)


def routes_picture(
    title: str, points: Sequence[Point], depots: Sequence[int], tours: Sequence[Sequence[int]]
) -> str:
    """Routes on a plane.

    Parameters
    ----------
    points
        Of every node, (x, y); north is up.
    tours
        Nodes of each route, from the depot and back.
    """
    west, south = (min(point[axis] for point in points) for axis in (0, 1))
    side = max(max(point[axis] for point in points) - low for axis, low in ((0, west), (1, south)))
    scale = (_WIDTH - 2 * _MARGIN) / (side or 1)

    def at(node: int) -> str:
        x, y = points[node]
        return f"{_MARGIN + (x - west) * scale:.1f},{_WIDTH - _MARGIN - (y - south) * scale:.1f}"

    drawn = [_text(_MARGIN, 24, title)]
    for number, tour in enumerate(tours):
        path = " ".join(at(node) for node in tour)
        colour = _HUES[number % len(_HUES)]
        drawn.append(f'<polyline points="{path}" fill="none" stroke="{colour}"/>')
    for depot in depots:
        x, y = at(depot).split(",")
        drawn.append(f'<circle cx="{x}" cy="{y}" r="5" fill="#111"/>')
    return _svg(drawn, height=_WIDTH)


def _text(x: float, y: float, words: str, colour: str = "#333") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}">{escape(words)}</text>'


def _svg(parts: Sequence[str], height: int = _HEIGHT) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" '
        f'font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="#fff"/>{"".join(parts)}</svg>\n'
    )
