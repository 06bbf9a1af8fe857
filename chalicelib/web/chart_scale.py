"""Where on a chart does a number stand, and how is it written there?

Pure arithmetic: a scale from values to units of the drawing, round numbers for its ticks, and texts
that fit.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

#: How a number is written: on an axis, beside a bar, in a table.
Show = Callable[[float], str]

#: Width of a usual letter in units of the drawing, at the size that charts.css sets.
LETTER = 7.6


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values (``low`` to ``high``) to units (``start`` to ``end``)."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.end - self.start)


def scale(
    values: Iterable[float],
    *,
    start: float,
    end: float,
    from_zero: bool = False,
    is_rounded: bool = True,
    most_ticks: int = 5,
) -> Scale:
    """The scale that shows all of these; one for nothing, and for one value alone, has a width."""
    known = [checked(value) for value in values]
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if from_zero:
        low, high = min(low, 0.0), max(high, 0.0)
    if low == high:
        # A level line stands in the middle; of nothing but zeros it is the ground.
        low, high = (low - abs(low) / 2, high + abs(high) / 2) if low else (0.0, 1.0)
    step = _step((high - low) / most_ticks)
    if is_rounded:
        low, high = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    ticks = tuple(_tidy(number * step) for number in range(first, last + 1))
    return Scale(_tidy(low), _tidy(high), start, end, ticks)


def checked(value: float) -> float:
    """Refuse what no chart can show."""
    if not math.isfinite(value):
        raise ValueError(f"a chart shows numbers, not {value}")
    return float(value)


def _step(raw: float) -> float:
    """The next of 1, 2, 2.5, 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(raw))
    times = next(one for one in (1, 2, 2.5, 5, 10) if one >= raw / power - 1e-9)
    return _tidy(times * power)


def _tidy(value: float) -> float:
    """Without the crumbs of binary fractions, and without minus zero."""
    return float(f"{value:.12g}") + 0.0


def plain(value: float) -> str:
    """``1,234``, ``12.5``, ``0.034``, ``−3``: three digits that matter, no idle noughts."""
    size = abs(value)
    digits = 0 if size >= 100 or size == int(size) else 1 if size >= 10 else 2 if size >= 1 else 3
    text = f"{size:,.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"−{text}" if value < 0 and text != "0" else text


def unit(value: float) -> str:
    """A coordinate: tenths of a unit are finer than any screen."""
    text = f"{value:.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def fitted(text: str, width: float) -> str:
    """As much of a text as so many units take, with an ellipsis where some is left out."""
    most = max(1, int(width / LETTER))
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def thinned(count: int, most: int) -> Sequence[int]:
    """Which of so many labels are written when there is room for ``most``: evenly spread."""
    every = max(1, math.ceil(count / max(1, most)))
    return range(0, count, every)
