"""What is a price made of, and what is a rate card?

A :class:`RateCard` is a merchant's price list in one currency; it is never changed, a new version
follows it. A :class:`Job` is what one delivery asks for. A :class:`Price` is a list of components,
each with its rule, the figures that went into it and its amount; the price is their sum, so nothing
can be charged that does not stand in the list.

Amounts are integers of the currency's minor unit, shares are permille.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from chalicelib.kit.errors import Invalid
from chalicelib.kit.money import Money

#: Surge never takes less than the plain price, nor more than twice of it.
LEAST_SURGE_PERMILLE, MOST_SURGE_PERMILLE = 1000, 2000

WHOLE_PERMILLE = 1000


class Kind(StrEnum):
    """What a component is for; those above the tax are agreed, those below follow from events."""

    BASE = "base"
    DISTANCE = "distance"
    WEIGHT = "weight"
    SIZE = "size"
    WINDOW = "window"
    ZONE = "zone"
    SURGE = "surge"
    PICKUP_POINT_DISCOUNT = "pickup_point_discount"
    CASH_ON_DELIVERY = "cash_on_delivery"
    TAX = "tax"
    WAITING = "waiting"
    REDELIVERY = "redelivery"
    RETURN = "return"
    CANCELLATION = "cancellation"
    WAIVED = "waived"
    LATE_REFUND = "late_refund"


@dataclass(frozen=True, slots=True)
class DistanceBand:
    """Beyond ``from_m`` this is added: an amount once, and one for each started kilometre in it."""

    from_m: int
    amount_minor: int
    per_km_minor: int


@dataclass(frozen=True, slots=True)
class Band:
    """The amount for everything up to a limit that the bands before it do not cover; the last
    band has no limit."""

    up_to: int | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Share:
    """A fixed amount and a part of something else, added up."""

    flat_minor: int = 0
    permille: int = 0

    def of(self, amount_minor: int) -> int:
        return self.flat_minor + permille_of(amount_minor, self.permille)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An amount for each started minute after the free time, for so many minutes at most: a
    forgotten tap must not cost a fortune."""

    free_s: int
    per_minute_minor: int
    most_minutes: int


@dataclass(frozen=True, slots=True)
class LateRefund:
    """What is given back for what comes later than its window by more than ``after_s``: an amount
    and a share of the agreed fee."""

    after_s: int
    share: Share


@dataclass(frozen=True, slots=True)
class Tax:
    """The rate, and whether the card's amounts contain it already."""

    permille: int = 0
    is_included: bool = False

    def on(self, amount_minor: int) -> int:
        """The tax on, or contained in, a sum: rounded once, half up."""
        if self.is_included:
            return divide_half_up(amount_minor * self.permille, WHOLE_PERMILLE + self.permille)
        return permille_of(amount_minor, self.permille)


@dataclass(frozen=True, slots=True)
class RateCard:
    """One version of a price list; ``zones`` holds the surcharge of each zone that has one.

    ``owner`` is a merchant's id, ``network`` (what merchants without a card of their own pay) or
    ``built_in``; ``version`` counts from 1, a draft has 0; ``valid_from`` is when it was saved.
    ``volumetric_ml_per_kg``: so many millilitres are paid like a kilogram, 0 for weight alone.
    ``redelivery``, ``return_leg`` and ``cancellation`` are shares of the agreed fee before tax.

    Raises
    ------
    Invalid
        If a figure cannot be right; ``fields`` says which.
    """

    currency: str
    base_minor: int
    distance: tuple[DistanceBand, ...] = ()
    weight: tuple[Band, ...] = ()
    size: tuple[Band, ...] = ()
    window: tuple[Band, ...] = ()
    zones: Mapping[str, int] = field(default_factory=dict)
    volumetric_ml_per_kg: int = 5000
    most_surge_permille: int = LEAST_SURGE_PERMILLE
    pickup_point_discount: Share = Share()
    cash_on_delivery: Share = Share()
    redelivery: Share = Share()
    return_leg: Share = Share()
    cancellation: Share = Share()
    waiting_at_pickup: Waiting | None = None
    waiting_at_door: Waiting | None = None
    late_refund: LateRefund | None = None
    tax: Tax = Tax()
    name: str = ""
    owner: str = "draft"
    version: int = 0
    valid_from: datetime | None = None

    def __post_init__(self) -> None:
        _check_card(self)


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for. ``surge_inputs`` only explain the surge, they change no amount."""

    distance_m: int
    weight_g: int
    volume_ml: int
    zone_id: str | None
    window_s: int
    surge_permille: int = LEAST_SURGE_PERMILLE
    cash_on_delivery_minor: int = 0
    is_pickup_point: bool = False
    surge_inputs: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        measures = (
            self.distance_m,
            self.weight_g,
            self.volume_ml,
            self.window_s,
            self.surge_permille,
            self.cash_on_delivery_minor,
        )
        if min(measures) < 0:
            raise ValueError("a job measures at least nothing")


@dataclass(frozen=True, slots=True)
class Component:
    """One part of a price: what for, by which rule, from which inputs, how much."""

    kind: Kind
    rule: str
    inputs: Mapping[str, int | str]
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Price:
    """What a delivery costs: the sum of its components, in one currency."""

    currency: str
    components: tuple[Component, ...]

    @property
    def total_minor(self) -> int:
        return sum(component.amount_minor for component in self.components)

    @property
    def total(self) -> Money:
        return Money(self.total_minor, self.currency)

    @property
    def fee_minor(self) -> int:
        """The sum of the components that are no tax: what shares of the fee are taken of."""
        return sum(one.amount_minor for one in self.components if one.kind is not Kind.TAX)

    @property
    def tax_minor(self) -> int:
        """The tax in the total, whether it was added or contained."""
        return sum(int(one.inputs["tax_minor"]) for one in self.components if one.kind is Kind.TAX)


def divide_half_up(amount: int, by: int) -> int:
    """A quotient of integers, halves away from nothing upwards: 0.5 is 1, 1.5 is 2."""
    return (2 * amount + by) // (2 * by)


def permille_of(amount_minor: int, permille: int) -> int:
    return divide_half_up(amount_minor * permille, WHOLE_PERMILLE)


def _check_card(card: RateCard) -> None:
    if not (len(card.currency) == 3 and card.currency.isascii() and card.currency.isupper()):
        raise _wrong("currency", "three capital letters (ISO 4217)")
    _not_negative("base_minor", card.base_minor)
    _not_negative("volumetric_ml_per_kg", card.volumetric_ml_per_kg)
    _check_distance(card.distance)
    _check_bands("weight", "g", card.weight, is_rising=True)
    _check_bands("size", "ml", card.size, is_rising=True)
    _check_bands("window", "s", card.window, is_rising=False)
    for zone_id, amount in card.zones.items():
        _not_negative(f"zones.{zone_id}", amount)
    for name in (
        "pickup_point_discount",
        "cash_on_delivery",
        "redelivery",
        "return_leg",
        "cancellation",
    ):
        share: Share = getattr(card, name)
        _not_negative(name, share.flat_minor, share.permille)
    if card.pickup_point_discount.permille > WHOLE_PERMILLE:
        raise _wrong("pickup_point_discount", "no more than the whole can be taken off")
    for name in ("waiting_at_pickup", "waiting_at_door"):
        waiting: Waiting | None = getattr(card, name)
        if waiting is not None:
            _not_negative(name, waiting.free_s, waiting.per_minute_minor, waiting.most_minutes)
    if card.late_refund is not None:
        _check_late(card.late_refund)
    if not 0 <= card.tax.permille <= WHOLE_PERMILLE:
        raise _wrong("tax.permille", "between 0 and 1000")
    if not LEAST_SURGE_PERMILLE <= card.most_surge_permille <= MOST_SURGE_PERMILLE:
        raise _wrong(
            "most_surge_permille", f"between {LEAST_SURGE_PERMILLE} and {MOST_SURGE_PERMILLE}"
        )


def _check_late(late: LateRefund) -> None:
    _not_negative("late_refund", late.after_s, late.share.flat_minor, late.share.permille)
    if late.share.permille > WHOLE_PERMILLE:
        raise _wrong("late_refund", "no more than the whole can be given back")


def _check_distance(bands: Sequence[DistanceBand]) -> None:
    for number, band in enumerate(bands):
        place = f"distance.{number}"
        _not_negative(place, band.from_m, band.amount_minor, band.per_km_minor)
        if number and band.from_m <= bands[number - 1].from_m:
            raise _wrong(f"{place}.from_m", "each band begins beyond the one before it")


def _check_bands(name: str, unit: str, bands: Sequence[Band], *, is_rising: bool) -> None:
    for number, band in enumerate(bands):
        place = f"{name}.{number}"
        _not_negative(place, band.amount_minor, band.up_to or 0)
        is_last = number == len(bands) - 1
        if (band.up_to is None) != is_last:
            raise _wrong(f"{place}.up_to_{unit}", "the last band has no limit, and only the last")
        if number == 0:
            continue
        before = bands[number - 1]
        if band.up_to is not None and before.up_to is not None and band.up_to <= before.up_to:
            raise _wrong(f"{place}.up_to_{unit}", "each limit is above the one before it")
        if is_rising and band.amount_minor < before.amount_minor:
            raise _wrong(f"{place}.amount_minor", "more may not cost less")


def _not_negative(place: str, *figures: int) -> None:
    if min(figures) < 0:
        raise _wrong(place, "not below zero")


def _wrong(place: str, error: str) -> Invalid:
    return Invalid("the rate card cannot be right", fields=[{"field": place, "error": error}])
