"""How far is it? Each family has its own rounding, and a gap means nothing under another one.

``leg`` is what the judge adds up, computed anew for every pair; ``matrix`` is what engines are
given, made at once. They are the same numbers, but for ``EXACT``: its legs are doubles, and engines
of whole numbers get thousandths rounded up, so that what they call in time truly is.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

#: Rows of a matrix that are computed at once: doubles of 20,000 places stay below 100 MB.
_ROWS = 256


@dataclass(frozen=True, slots=True)
class Rounding:
    """What becomes of a straight line.

    Parameters
    ----------
    scale
        Judged units per unit of the file; the file's times are multiplied alike.
    shift
        Added before cutting: 0 cuts, 0.5 rounds; None keeps doubles.
    stated_scale
        Units of the matrix per unit of the file.
    """

    scale: int
    shift: float | None
    stated_scale: int


#: CVRPLIB: to the nearest whole number.
NEAREST = Rounding(1, 0.5, 1)
#: The DIMACS challenge of 2022: cut to one decimal, times 10.
TENTHS = Rounding(10, 0.0, 10)
#: PyVRP's sets of several depots and of skills: to the nearest thousandth, times 1,000.
THOUSANDTHS = Rounding(1000, 0.5, 1000)
#: SINTEF's: doubles.
EXACT = Rounding(1, None, 1000)


class Roads(Protocol):
    """Legs between nodes, by node index."""

    @property
    def scale(self) -> int:
        """Judged units per unit of the file."""

    @property
    def stated_scale(self) -> int:
        """Units of ``matrix`` per unit of the file."""

    def leg(self, a: int, b: int) -> float:
        """From node a to node b, in judged units."""

    def matrix(self) -> "array[int]":
        """All legs for engines, (n * n,) row by row, 32-bit."""


@dataclass(frozen=True, slots=True)
class StraightLines:
    """Euclid's distance between points, rounded as the family does."""

    points: Sequence[tuple[float, float]]
    rounding: Rounding

    @property
    def scale(self) -> int:
        return self.rounding.scale

    @property
    def stated_scale(self) -> int:
        return self.rounding.stated_scale

    def leg(self, a: int, b: int) -> float:
        (x, y), (u, v) = self.points[a], self.points[b]
        line = math.sqrt((x - u) * (x - u) + (y - v) * (y - v))
        how = self.rounding
        return line if how.shift is None else math.floor(how.scale * line + how.shift)

    def matrix(self) -> "array[int]":
        x, y = np.array(self.points, dtype=np.float64).T
        how = self.rounding
        cells = array("i")
        for first in range(0, len(x), _ROWS):
            part = slice(first, first + _ROWS)
            across, up = x[part, None] - x, y[part, None] - y
            lines = how.stated_scale * np.sqrt(across * across + up * up)
            whole = np.ceil(lines) if how.shift is None else np.floor(lines + how.shift)
            cells.frombytes(whole.astype(np.int32).tobytes())
        return cells


@dataclass(frozen=True, slots=True)
class Table:
    """Legs as the file gives them, (n * n,), not symmetric; nothing is scaled."""

    size: int
    cells: "array[int]"
    scale: int = 1
    stated_scale: int = 1

    def leg(self, a: int, b: int) -> float:
        return self.cells[a * self.size + b]

    def matrix(self) -> "array[int]":
        return self.cells
