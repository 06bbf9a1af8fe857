"""How sure is a mean? Its 95 % confidence interval, by Student's t.

Good for means of a few seeds whose figures are roughly normal; paired differences go in as one
difference for each seed.
"""

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

#: Degrees of freedom, and how many standard errors hold 95 %; between two the wider one counts.
_T = (
    (1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (6, 2.447), (7, 2.365),
    (8, 2.306), (9, 2.262), (11, 2.201), (14, 2.145), (19, 2.093), (24, 2.064), (29, 2.045),
    (39, 2.023), (59, 2.001), (99, 1.984),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, and half the width of the interval around it; None of one value alone."""

    mean: float
    half: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> "Interval":
        """
        Raises
        ------
        ValueError
            Of nothing.
        """
        if not values:
            raise ValueError("nothing has no mean")
        mean = fmean(values)
        if len(values) == 1:
            return cls(mean, None)
        degrees = len(values) - 1
        t = _T[bisect_right(_T, (degrees, math.inf)) - 1][1]
        return cls(mean, t * stdev(values) / math.sqrt(len(values)))

    @property
    def low(self) -> float:
        return self.mean - (self.half or 0.0)

    @property
    def high(self) -> float:
        return self.mean + (self.half or 0.0)
