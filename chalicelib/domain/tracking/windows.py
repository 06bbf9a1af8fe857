"""How sure is an expected arrival? Windows from what forecasts were off by; the risk to be late.

What a forecast is off by grows with how far ahead it looks, and more on the late side than on the
early: so the 10th, 50th and 90th percentile are kept per bucket of predicted horizon. What people
are shown goes outward to five-minute marks, and a window that once had to be widened keeps that
much of a margin afterwards: it never narrows by more than it may have to take back.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

#: Ends of the buckets of predicted horizon [s]; the last one is open.
HORIZONS_S = (300, 600, 1_200, 2_400, 4_800, 9_600)
BUCKETS = len(HORIZONS_S) + 1
MARK = timedelta(minutes=5)
_EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")
#: How far the tails reach beyond the 10th and 90th percentile, in their distance to the median: an
#: exponential tail with the quantile where it is measured would reach its 1 % there.
_TAIL = 1.4


@dataclass(frozen=True, slots=True)
class Spread:
    """By how much forecasts of one bucket were off [s]; late is positive."""

    p10_s: float
    p50_s: float
    p90_s: float


Spreads = Sequence[Spread]


@dataclass(frozen=True, slots=True)
class Window:
    """When it can be expected: in the middle, and early and late in one case of ten each."""

    p10_at: datetime
    p50_at: datetime
    p90_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """What people are shown, on five-minute marks; the margins are what was once too narrow."""

    start_at: datetime
    end_at: datetime
    margin_before_s: int = 0
    margin_after_s: int = 0


def bucket_of(horizon_s: float) -> int:
    return bisect_right(HORIZONS_S, horizon_s)


def window(at: datetime, horizon_s: float, spreads: Spreads, now: datetime) -> Window:
    """The window of a forecast; none of it in the past."""
    spread = spreads[bucket_of(horizon_s)]
    return Window(
        max(now, at + timedelta(seconds=spread.p10_s)),
        max(now, at + timedelta(seconds=spread.p50_s)),
        max(now, at + timedelta(seconds=spread.p90_s)),
    )


def chance_after(at: datetime, horizon_s: float, spreads: Spreads, limit: datetime) -> float:
    """How likely it is to arrive after a limit, from 0 to 1.

    A straight line through the three percentiles, and on beyond them to where the tails end.
    """
    spread = spreads[bucket_of(horizon_s)]
    late_s = (limit - at).total_seconds()
    early_s = (spread.p50_s - spread.p10_s) or 1.0
    tardy_s = (spread.p90_s - spread.p50_s) or 1.0
    steps = (
        (spread.p10_s - _TAIL * early_s, 0.0),
        (spread.p10_s, 0.1),
        (spread.p50_s, 0.5),
        (spread.p90_s, 0.9),
        (spread.p90_s + _TAIL * tardy_s, 1.0),
    )
    if late_s <= steps[0][0]:
        return 1.0
    for (low_s, low), (high_s, high) in pairwise(steps):
        if late_s <= high_s:
            share = (late_s - low_s) / (high_s - low_s) if high_s > low_s else 1.0
            return round(1.0 - (low + share * (high - low)), 4)
    return 0.0


def show(fresh: Window, before: Shown | None, now: datetime) -> Shown:
    """What to show now, given what was shown before."""
    start_at, end_at = _mark_before(fresh.p10_at), _mark_after(fresh.p90_at)
    early_s = before.margin_before_s if before else 0
    late_s = before.margin_after_s if before else 0
    if before is not None:
        # Time passing is no news: only a start still ahead can have been too late.
        if before.start_at > start_at:
            early_s = max(early_s, int((before.start_at - start_at).total_seconds()))
        if end_at > before.end_at:
            late_s = max(late_s, int((end_at - before.end_at).total_seconds()))
        if start_at > before.start_at:
            start_at = max(before.start_at, start_at - timedelta(seconds=early_s))
        if end_at < before.end_at:
            end_at = min(before.end_at, end_at + timedelta(seconds=late_s))
    start_at = max(start_at, _mark_before(now))
    return Shown(start_at, max(end_at, start_at + MARK), early_s, late_s)


def _mark_before(at: datetime) -> datetime:
    return at - (at - _EPOCH) % MARK


def _mark_after(at: datetime) -> datetime:
    return at + (_EPOCH - at) % MARK
