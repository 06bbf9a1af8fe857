"""What does a driver get for a route? Every line with its quantity and its rate.

    pay = max(guarantee of the route, per stop + per km + per minute) + bonus + tips

The guarantee is for the route, not for each stop, and what it adds is a line of its own
("guarantee"), so that the lines always sum to the total. All amounts are integers of the currency's
minor unit; a part of a kilometre or of a minute is paid in proportion and rounded to the nearest
unit, half of one up. Tips are the driver's, all of them. Source: the field's usual form (per task,
per mile, per minute, one guarantee for a route of several deliveries, tips passed through).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.kit.errors import CurrencyMismatch
from chalicelib.kit.money import Money

METRES_PER_KM = 1000
SECONDS_PER_MINUTE = 60
SECONDS_PER_HOUR = 3600
WHOLE_PERMILLE = 1000
#: Larger amounts are misprints: ten thousand of most currencies' units.
HIGHEST_RATE_MINOR = 1_000_000


class LineKind(StrEnum):
    STOPS = "stops"
    FAILED_STOPS = "failed_stops"
    DISTANCE = "distance"
    TIME = "time"
    GUARANTEE = "guarantee"
    WAITING = "waiting"
    BONUS = "bonus"
    TIPS = "tips"
    KEPT_PROMISE = "kept_promise"


class Unit(StrEnum):
    """What a line's quantity counts."""

    STOP = "stop"
    METRE = "m"
    SECOND = "s"
    MINUTE = "min"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class PayRates:
    """What a hub pays for one kind of vehicle; see the module.

    Parameters
    ----------
    guarantee_minor
        The least for a route.
    failed_stop_permille
        What a stop pays at which nobody took the parcel, of what it pays otherwise.
    wait_free_s, wait_per_minute_minor
        Waiting at a stop is paid by the full minute, after so much of it that is not.
    hourly_floor_minor
        The least for an hour of engaged time, over a payout period; 0: there is no such floor.

    Raises
    ------
    ValueError
        If an amount is negative or beyond reason.
    """

    currency: str
    guarantee_minor: int = 0
    per_stop_minor: int = 0
    per_km_minor: int = 0
    per_minute_minor: int = 0
    failed_stop_permille: int = WHOLE_PERMILLE
    wait_free_s: int = 300
    wait_per_minute_minor: int = 0
    hourly_floor_minor: int = 0
    version: int = 0

    def __post_init__(self) -> None:
        Money(0, self.currency)
        amounts = (
            self.guarantee_minor,
            self.per_stop_minor,
            self.per_km_minor,
            self.per_minute_minor,
            self.wait_per_minute_minor,
            self.hourly_floor_minor,
        )
        if min(amounts) < 0 or max(amounts) > HIGHEST_RATE_MINOR:
            raise ValueError(f"a rate lies between 0 and {HIGHEST_RATE_MINOR}")
        if not 0 <= self.failed_stop_permille <= WHOLE_PERMILLE or self.wait_free_s < 0:
            raise ValueError(
                "a failed stop pays at most what a stop pays, and time is not negative"
            )


@dataclass(frozen=True, slots=True)
class PayLine:
    """``rate_minor``: for one stop, kilometre, minute; None where the amount says it all."""

    kind: LineKind
    quantity: int
    unit: Unit
    rate_minor: int | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Pay:
    """Lines that sum to ``total_minor``; ``rates_version`` tells by which rates."""

    currency: str
    lines: tuple[PayLine, ...]
    rates_version: int = 0

    @property
    def total_minor(self) -> int:
        return sum(line.amount_minor for line in self.lines)

    def quantity_of(self, kind: LineKind) -> int:
        """Of what pays by quantity; 0 where its rate is nothing, and so its quantity no matter."""
        return sum(line.quantity for line in self.lines if line.kind is kind)

    def amount_of(self, kind: LineKind) -> int:
        return sum(line.amount_minor for line in self.lines if line.kind is kind)


def pay_of(
    rates: PayRates,
    stops: int,
    distance_m: int,
    duration_s: int,
    bonus_minor: int = 0,
    failed_stops: int = 0,
) -> Pay:
    """What a route pays.

    Parameters
    ----------
    stops
        Stops that pay in full: pickups, doors and the way back to the hub.
    failed_stops
        Doors where nobody took the parcel, on top of ``stops``.

    Raises
    ------
    ValueError
        If anything is negative.
    """
    if min(stops, distance_m, duration_s, bonus_minor, failed_stops) < 0:
        raise ValueError("nobody drives or earns less than nothing")
    failed_rate = share(rates.per_stop_minor, rates.failed_stop_permille, WHOLE_PERMILLE)
    km_minor = share(distance_m, rates.per_km_minor, METRES_PER_KM)
    minutes_minor = share(duration_s, rates.per_minute_minor, SECONDS_PER_MINUTE)
    stop_minor = stops * rates.per_stop_minor
    worked = [
        PayLine(LineKind.STOPS, stops, Unit.STOP, rates.per_stop_minor, stop_minor),
        PayLine(
            LineKind.FAILED_STOPS, failed_stops, Unit.STOP, failed_rate, failed_stops * failed_rate
        ),
        PayLine(LineKind.DISTANCE, distance_m, Unit.METRE, rates.per_km_minor, km_minor),
        PayLine(LineKind.TIME, duration_s, Unit.SECOND, rates.per_minute_minor, minutes_minor),
    ]
    earned = sum(line.amount_minor for line in worked)
    lines = [line for line in worked if line.quantity and line.rate_minor]
    lines += _flat(LineKind.GUARANTEE, max(0, rates.guarantee_minor - earned))
    lines += _flat(LineKind.BONUS, bonus_minor)
    return Pay(rates.currency, tuple(lines), rates.version)


def waiting_of(rates: PayRates, waits_s: Sequence[int]) -> PayLine | None:
    """What waiting at stops pays: of each, the full minutes past the free time; None for nothing.

    Waiting is what a stop took beyond the handling that was planned for it.
    """
    minutes = sum(max(0, wait_s - rates.wait_free_s) // SECONDS_PER_MINUTE for wait_s in waits_s)
    amount = minutes * rates.wait_per_minute_minor
    if amount == 0:
        return None
    return PayLine(LineKind.WAITING, minutes, Unit.MINUTE, rates.wait_per_minute_minor, amount)


def floor_of(rates: PayRates, engaged_s: int) -> int:
    """What engaged time is worth by the hourly floor."""
    return share(engaged_s, rates.hourly_floor_minor, SECONDS_PER_HOUR)


def with_line(pay: Pay, line: PayLine | None) -> Pay:
    """A pay with one line more."""
    return pay if line is None else replace(pay, lines=(*pay.lines, line))


def with_tips(pay: Pay, tips_minor: int) -> Pay:
    """A pay with what customers gave on top; raise ValueError if that is less than nothing."""
    if tips_minor < 0:
        raise ValueError("nobody gives less than nothing")
    return replace(pay, lines=(*pay.lines, *_flat(LineKind.TIPS, tips_minor)))


def at_least(pay: Pay, agreed: Pay) -> Pay:
    """A pay that keeps what was agreed: a line fills up what is missing.

    Raises
    ------
    CurrencyMismatch
    """
    if pay.currency != agreed.currency:
        raise CurrencyMismatch(f"{pay.currency} and {agreed.currency} do not mix")
    missing = agreed.total_minor - pay.total_minor
    return replace(pay, lines=(*pay.lines, *_flat(LineKind.KEPT_PROMISE, max(0, missing))))


def _flat(kind: LineKind, amount_minor: int) -> list[PayLine]:
    return [PayLine(kind, 1, Unit.ROUTE, None, amount_minor)] if amount_minor else []


def share(quantity: int, rate: int, per: int) -> int:
    """``quantity * rate / per`` to the nearest integer, half of one up."""
    return (2 * quantity * rate + per) // (2 * per)
