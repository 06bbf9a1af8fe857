"""What does the operator send to set a price? Rate cards, and jobs to try them on."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.pricing.model import (
    MOST_SURGE_PERMILLE,
    Band,
    DistanceBand,
    Job,
    LateRefund,
    RateCard,
    Share,
    Tax,
    Waiting,
)
from chalicelib.entry import rest
from chalicelib.kit.money import Money

Amount = Annotated[int, Field(ge=0, le=10_000_000)]
Measure = Annotated[int, Field(ge=0, le=1_000_000_000)]
Permille = Annotated[int, Field(ge=0, le=10_000)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
ZoneId = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\x21-\x7e]+$")]

MOST_BANDS, MOST_ZONES = 50, 500

EXAMPLE_CARD = {
    "currency": "EUR",
    "base_minor": 390,
    "distance": [{"from_m": 2000, "amount_minor": 0, "per_km_minor": 45}],
    "weight": [
        {"up_to_g": 5000, "amount_minor": 0},
        {"up_to_g": None, "amount_minor": 120},
    ],
    "return_leg": {"flat_minor": 0, "permille": 600},
    "tax": {"permille": 190, "is_included": False},
}


class DistanceBandForm(rest.Body):
    """Beyond ``from_m``: an amount once, and one for each started kilometre."""

    from_m: Measure
    amount_minor: Amount = 0
    per_km_minor: Amount = 0


class WeightBandForm(rest.Body):
    up_to_g: Annotated[int, Field(gt=0, le=1_000_000_000)] | None
    amount_minor: Amount


class SizeBandForm(rest.Body):
    up_to_ml: Annotated[int, Field(gt=0, le=1_000_000_000)] | None
    amount_minor: Amount


class WindowBandForm(rest.Body):
    up_to_s: Annotated[int, Field(gt=0, le=1_000_000_000)] | None
    amount_minor: Amount


class ShareForm(rest.Body):
    """An amount and a share, added up."""

    flat_minor: Amount = 0
    permille: Permille = 0

    def share(self) -> Share:
        return Share(self.flat_minor, self.permille)


class WaitingForm(rest.Body):
    """For each started minute after the free time, up to so many minutes."""

    free_s: Annotated[int, Field(ge=0, le=86_400)]
    per_minute_minor: Amount
    most_minutes: Annotated[int, Field(ge=0, le=1440)] = 60

    def waiting(self) -> Waiting:
        return Waiting(self.free_s, self.per_minute_minor, self.most_minutes)


class LateRefundForm(rest.Body):
    """What is given back for what comes later than its window by more than ``after_s`` through us:
    an amount and a share of the agreed fee."""

    after_s: Annotated[int, Field(ge=0, le=604_800)]
    flat_minor: Amount = 0
    permille: Annotated[int, Field(ge=0, le=1000)] = 0

    def late_refund(self) -> LateRefund:
        return LateRefund(self.after_s, Share(self.flat_minor, self.permille))


class TaxForm(rest.Body):
    permille: Annotated[int, Field(ge=0, le=1000)] = 0
    is_included: bool = False


class RateCardForm(rest.Body):
    """A price list in one currency; what is left out costs nothing."""

    currency: Currency
    base_minor: Amount
    name: Annotated[str, Field(max_length=120)] = ""
    distance: Annotated[tuple[DistanceBandForm, ...], Field(max_length=MOST_BANDS)] = ()
    weight: Annotated[tuple[WeightBandForm, ...], Field(max_length=MOST_BANDS)] = ()
    size: Annotated[tuple[SizeBandForm, ...], Field(max_length=MOST_BANDS)] = ()
    window: Annotated[tuple[WindowBandForm, ...], Field(max_length=MOST_BANDS)] = ()
    zones: Annotated[dict[ZoneId, Amount], Field(default_factory=dict, max_length=MOST_ZONES)]
    volumetric_ml_per_kg: Annotated[int, Field(ge=0, le=1_000_000)] = 5000
    most_surge_permille: Annotated[int, Field(ge=1000, le=MOST_SURGE_PERMILLE)] = 1000
    pickup_point_discount: ShareForm = ShareForm()
    cash_on_delivery: ShareForm = ShareForm()
    redelivery: ShareForm = ShareForm()
    return_leg: ShareForm = ShareForm()
    cancellation: ShareForm = ShareForm()
    waiting_at_pickup: WaitingForm | None = None
    waiting_at_door: WaitingForm | None = None
    late_refund: LateRefundForm | None = None
    tax: TaxForm = TaxForm()

    model_config = rest.example(**EXAMPLE_CARD)

    def card(self) -> RateCard:
        """The card; raise Invalid where its figures do not fit together."""
        at_pickup, at_door = self.waiting_at_pickup, self.waiting_at_door
        return RateCard(
            currency=self.currency,
            base_minor=self.base_minor,
            name=rest.clean(self.name),
            distance=tuple(
                DistanceBand(one.from_m, one.amount_minor, one.per_km_minor)
                for one in self.distance
            ),
            weight=tuple(Band(one.up_to_g, one.amount_minor) for one in self.weight),
            size=tuple(Band(one.up_to_ml, one.amount_minor) for one in self.size),
            window=tuple(Band(one.up_to_s, one.amount_minor) for one in self.window),
            zones=dict(self.zones),
            volumetric_ml_per_kg=self.volumetric_ml_per_kg,
            most_surge_permille=self.most_surge_permille,
            pickup_point_discount=self.pickup_point_discount.share(),
            cash_on_delivery=self.cash_on_delivery.share(),
            redelivery=self.redelivery.share(),
            return_leg=self.return_leg.share(),
            cancellation=self.cancellation.share(),
            waiting_at_pickup=None if at_pickup is None else at_pickup.waiting(),
            waiting_at_door=None if at_door is None else at_door.waiting(),
            late_refund=None if self.late_refund is None else self.late_refund.late_refund(),
            tax=Tax(self.tax.permille, self.tax.is_included),
        )


class NewRateCard(RateCardForm):
    """``merchant_id``: whose card it is; without one it is for all merchants that have none."""

    merchant_id: rest.Name | None = None

    model_config = rest.example(merchant_id="mer_01m83qpn9gec8xh7wbacsaen6x", **EXAMPLE_CARD)


class CashForm(rest.Body):
    amount_minor: Amount
    currency: Currency


class JobForm(rest.Body):
    """A delivery that could be."""

    distance_m: Measure
    weight_g: Measure
    volume_ml: Measure = 0
    zone_id: ZoneId | None = None
    window_s: Measure = 28_800
    surge_permille: Annotated[int, Field(ge=1000, le=MOST_SURGE_PERMILLE)] = 1000
    cash_on_delivery: CashForm | None = None
    is_pickup_point: bool = False

    def job(self, currency: str) -> Job:
        """The job; raise CurrencyMismatch when its cash is not in the card's currency."""
        cash = Money(0, currency)
        if self.cash_on_delivery is not None:
            given = self.cash_on_delivery
            cash = cash + Money(given.amount_minor, given.currency)
        return Job(
            distance_m=self.distance_m,
            weight_g=self.weight_g,
            volume_ml=self.volume_ml,
            zone_id=self.zone_id,
            window_s=self.window_s,
            surge_permille=self.surge_permille,
            cash_on_delivery_minor=cash.amount_minor,
            is_pickup_point=self.is_pickup_point,
        )


class PreviewForm(rest.Body):
    """A job, and the card to price it by; without one, the card that counts now."""

    job: JobForm
    rate_card: RateCardForm | None = None

    model_config = rest.example(
        job={"distance_m": 3400, "weight_g": 1200, "window_s": 28800}, rate_card=EXAMPLE_CARD
    )
