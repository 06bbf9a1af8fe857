"""How are values counted so that a month's percentiles follow from its days'? By whole minutes.

A spread is a count by bin; two of them add up. Bins are whole minutes to six hours, then wider, so
that a spread has 900 bins at most. A percentile is the nearest rank: the smallest bin that has so
large a share of all values at or below it, told by its lower edge.
"""

from collections.abc import Iterable, Mapping

#: Counts by the bin's lower edge.
Spread = Mapping[int, int]

#: Up to so many minutes bins are this wide; then the next.
_WIDTHS = ((360, 1), (1440, 5), (20_160, 60))
#: Misses of forecasts: half minutes, to an hour.
_HALF_MINUTE_S, _MOST_MISS_S = 30, 3600


def minute_bin(seconds: int) -> int:
    """The minute whose bin holds so many seconds."""
    minutes = max(0, seconds) // 60
    for below, width in _WIDTHS:
        if minutes < below:
            return minutes // width * width
    return _WIDTHS[-1][0]


def miss_bin(seconds: int) -> int:
    """The seconds whose bin holds a miss, early or late."""
    return min(_MOST_MISS_S, abs(seconds)) // _HALF_MINUTE_S * _HALF_MINUTE_S


def count(bins: Iterable[int]) -> dict[int, int]:
    found: dict[int, int] = {}
    for one in bins:
        found[one] = found.get(one, 0) + 1
    return found


def percentile(spread: Spread, percent: int) -> int | None:
    """The nearest rank; None of nothing."""
    total = sum(spread.values())
    wanted, below = -(-total * percent // 100), 0
    for edge in sorted(spread):
        below += spread[edge]
        if below >= max(1, wanted):
            return edge
    return None
