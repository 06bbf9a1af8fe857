"""Which stop brought how much of a route's pay? Lines per stop that sum to it exactly. Pure.

What a stop brought by itself stands with it: its fee, its waiting, its tips. Way and time are paid
for the route; a stop has its share of both, of the metres and seconds as of the amounts: the way by
the estimated road to it from the stop before, the time by what was planned to get there and to
handle it. Shares are rounded down and what is left goes to the largest remainders, to the earlier
stop where they are alike. What is for the route as a whole (the guarantee's addition, the bonus, a
kept promise) is no stop's and stays a line of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from chalicelib.domain.drivers.pay import (
    WHOLE_PERMILLE,
    LineKind,
    Pay,
    PayLine,
    PayRates,
    share,
    waiting_of,
)


class StopEnd(StrEnum):
    """How a stop ended, as pay sees it."""

    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Visit:
    """One stop of a route that has ended. ``kind``: ``pickup``, ``dropoff`` or ``return``;
    ``way_m`` and ``time_s`` weigh its shares; ``tips_minor`` is what was given at it."""

    stop_id: str
    kind: str
    end: StopEnd
    delivery_ids: tuple[str, ...]
    way_m: int
    time_s: int
    wait_s: int
    tips_minor: int


@dataclass(frozen=True, slots=True)
class StopPay:
    """One stop's part of a route's pay."""

    stop_id: str
    kind: str
    end: StopEnd
    delivery_ids: tuple[str, ...]
    fee_minor: int
    distance_m: int
    distance_minor: int
    duration_s: int
    time_minor: int
    waiting_min: int
    waiting_minor: int
    tips_minor: int

    @property
    def amount_minor(self) -> int:
        parts = (self.fee_minor, self.distance_minor, self.time_minor, self.waiting_minor)
        return sum(parts) + self.tips_minor


#: What the stops have among themselves; all else is the route's.
_OF_STOPS = frozenset(
    {
        LineKind.STOPS,
        LineKind.FAILED_STOPS,
        LineKind.DISTANCE,
        LineKind.TIME,
        LineKind.WAITING,
        LineKind.TIPS,
    }
)


def by_stop(pay: Pay, rates: PayRates, visits: Sequence[Visit]) -> tuple[StopPay, ...]:
    """Each visit's part of a route's pay, in the order of the visits.

    Raises
    ------
    ValueError
        If the parts do not come to what the pay has for stops: it is not these visits' pay.
    """
    if not visits:
        return ()
    ways, times = [one.way_m for one in visits], [one.time_s for one in visits]
    shares = zip(
        shared_out(pay.quantity_of(LineKind.DISTANCE), ways),
        shared_out(pay.amount_of(LineKind.DISTANCE), ways),
        shared_out(pay.quantity_of(LineKind.TIME), times),
        shared_out(pay.amount_of(LineKind.TIME), times),
        strict=True,
    )
    made = tuple(
        _stop_pay(rates, visit, *parts) for visit, parts in zip(visits, shares, strict=True)
    )
    paid = sum(line.amount_minor for line in pay.lines if line.kind in _OF_STOPS)
    if sum(one.amount_minor for one in made) != paid:
        raise ValueError("this is not the pay of these stops")
    return made


def route_lines(pay: Pay, stops: Sequence[StopPay]) -> tuple[PayLine, ...]:
    """The lines that are no stop's: with those of the stops, they sum to the pay."""
    if not stops:
        return pay.lines
    return tuple(line for line in pay.lines if line.kind not in _OF_STOPS)


def shared_out(whole: int, weights: Sequence[int]) -> list[int]:
    """A whole in parts by weights, which sum to it: by the largest remainder, the earlier first.

    Where nothing weighs anything, all weigh alike.
    """
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    parts = [whole * weight // total for weight in weights]
    rests = sorted(range(len(parts)), key=lambda at: (-(whole * weights[at] % total), at))
    for at in rests[: whole - sum(parts)]:
        parts[at] += 1
    return parts


def _stop_pay(
    rates: PayRates,
    visit: Visit,
    distance_m: int,
    distance_minor: int,
    duration_s: int,
    time_minor: int,
) -> StopPay:
    fee_minor = rates.per_stop_minor
    if visit.end is StopEnd.FAILED:
        fee_minor = share(fee_minor, rates.failed_stop_permille, WHOLE_PERMILLE)
    waiting = waiting_of(rates, [visit.wait_s])
    return StopPay(
        stop_id=visit.stop_id,
        kind=visit.kind,
        end=visit.end,
        delivery_ids=visit.delivery_ids,
        fee_minor=fee_minor,
        distance_m=distance_m,
        distance_minor=distance_minor,
        duration_s=duration_s,
        time_minor=time_minor,
        waiting_min=0 if waiting is None else waiting.quantity,
        waiting_minor=0 if waiting is None else waiting.amount_minor,
        tips_minor=visit.tips_minor,
    )


def stop_to_item(one: StopPay) -> list[Any]:
    return [
        one.stop_id,
        one.kind,
        one.end.value,
        list(one.delivery_ids),
        one.fee_minor,
        one.distance_m,
        one.distance_minor,
        one.duration_s,
        one.time_minor,
        one.waiting_min,
        one.waiting_minor,
        one.tips_minor,
    ]


def stop_from_item(item: Sequence[Any]) -> StopPay:
    stop_id, kind, end, delivery_ids, *figures = item
    return StopPay(stop_id, kind, StopEnd(end), tuple(delivery_ids), *figures)
