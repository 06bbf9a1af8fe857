"""What is read of rate cards and of prices? The answers, as they are documented."""

import json
from typing import Any, Literal

from pydantic import AwareDatetime

from chalicelib.domain.pricing.model import (
    Band,
    Component,
    Kind,
    LateRefund,
    Price,
    RateCard,
    Share,
    Waiting,
)
from chalicelib.domain.pricing.stages import listed
from chalicelib.domain.pricing.store import BUILT_IN
from chalicelib.entry import rest
from chalicelib.entry.api.rate_card_forms import (
    EXAMPLE_CARD,
    DistanceBandForm,
    LateRefundForm,
    RateCardForm,
    ShareForm,
    SizeBandForm,
    TaxForm,
    WaitingForm,
    WeightBandForm,
    WindowBandForm,
)
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.keys import NETWORK

Owner = Literal["merchant", "network", "built_in"]

_EXAMPLE_COMPONENT = {
    "kind": "base",
    "rule": "the same for every delivery",
    "inputs": {},
    "amount_minor": 390,
}


_EXAMPLE_SAVED = {
    "owner": "merchant",
    "version": 2,
    "valid_from": "2026-11-23T08:19:53.067Z",
    **RateCardForm.model_validate_json(json.dumps(EXAMPLE_CARD)).model_dump(mode="json"),
}


class SavedRateCard(rest.Answer):
    """A version of a rate card; it never changes."""

    owner: Owner
    version: int
    valid_from: AwareDatetime | None
    name: str
    currency: str
    base_minor: int
    distance: list[DistanceBandForm]
    weight: list[WeightBandForm]
    size: list[SizeBandForm]
    window: list[WindowBandForm]
    zones: dict[str, int]
    volumetric_ml_per_kg: int
    most_surge_permille: int
    pickup_point_discount: ShareForm
    cash_on_delivery: ShareForm
    redelivery: ShareForm
    return_leg: ShareForm
    cancellation: ShareForm
    waiting_at_pickup: WaitingForm | None
    waiting_at_door: WaitingForm | None
    late_refund: LateRefundForm | None
    tax: TaxForm

    model_config = rest.example(**_EXAMPLE_SAVED)


class RateCardPage(rest.Answer):
    """The card that counts now, and the versions that were saved, newest first."""

    current: SavedRateCard
    rate_cards: list[SavedRateCard]
    next_cursor: str | None

    model_config = rest.example(
        current=_EXAMPLE_SAVED, rate_cards=[_EXAMPLE_SAVED], next_cursor=None
    )


class FeeComponent(rest.Answer):
    """What for, by which rule, from which figures, how much."""

    kind: Kind
    rule: str
    inputs: dict[str, int | str]
    amount_minor: int


class StageFees(rest.Answer):
    """What could follow after this price was agreed, beside waiting and before tax."""

    redelivery: int
    return_leg: int
    cancellation: int


class PreviewedPrice(rest.Answer):
    """A price that nobody is bound by."""

    currency: str
    components: list[FeeComponent]
    fee_minor: int
    tax_minor: int
    total_minor: int
    stage_fees_minor: StageFees

    model_config = rest.example(
        currency="EUR",
        components=[_EXAMPLE_COMPONENT],
        fee_minor=390,
        tax_minor=0,
        total_minor=390,
        stage_fees_minor={"redelivery": 195, "return_leg": 234, "cancellation": 200},
    )


def write_owner(owner: str) -> str:
    return owner if owner in (NETWORK, BUILT_IN) else "merchant"


def write_card(card: RateCard) -> dict[str, Any]:
    return {
        "owner": write_owner(card.owner),
        "version": card.version,
        "valid_from": None if card.valid_from is None else write_instant(card.valid_from),
        "name": card.name,
        "currency": card.currency,
        "base_minor": card.base_minor,
        "distance": [
            {
                "from_m": one.from_m,
                "amount_minor": one.amount_minor,
                "per_km_minor": one.per_km_minor,
            }
            for one in card.distance
        ],
        "weight": _write_bands("up_to_g", card.weight),
        "size": _write_bands("up_to_ml", card.size),
        "window": _write_bands("up_to_s", card.window),
        "zones": dict(card.zones),
        "volumetric_ml_per_kg": card.volumetric_ml_per_kg,
        "most_surge_permille": card.most_surge_permille,
        "pickup_point_discount": _write_share(card.pickup_point_discount),
        "cash_on_delivery": _write_share(card.cash_on_delivery),
        "redelivery": _write_share(card.redelivery),
        "return_leg": _write_share(card.return_leg),
        "cancellation": _write_share(card.cancellation),
        "waiting_at_pickup": _write_waiting(card.waiting_at_pickup),
        "waiting_at_door": _write_waiting(card.waiting_at_door),
        "late_refund": _write_late(card.late_refund),
        "tax": {"permille": card.tax.permille, "is_included": card.tax.is_included},
    }


def write_component(component: Component) -> dict[str, Any]:
    return {
        "kind": component.kind.value,
        "rule": component.rule,
        "inputs": dict(component.inputs),
        "amount_minor": component.amount_minor,
    }


def write_preview(card: RateCard, made: Price) -> dict[str, Any]:
    fees = listed(card, made.fee_minor)
    return {
        "currency": made.currency,
        "components": [write_component(one) for one in made.components],
        "fee_minor": made.fee_minor,
        "tax_minor": made.tax_minor,
        "total_minor": made.total_minor,
        "stage_fees_minor": {
            "redelivery": fees[Kind.REDELIVERY],
            "return_leg": fees[Kind.RETURN],
            "cancellation": fees[Kind.CANCELLATION],
        },
    }


def _write_bands(limit: str, bands: tuple[Band, ...]) -> list[dict[str, int | None]]:
    return [{limit: one.up_to, "amount_minor": one.amount_minor} for one in bands]


def _write_share(share: Share) -> dict[str, int]:
    return {"flat_minor": share.flat_minor, "permille": share.permille}


def _write_waiting(waiting: Waiting | None) -> dict[str, int] | None:
    if waiting is None:
        return None
    return {
        "free_s": waiting.free_s,
        "per_minute_minor": waiting.per_minute_minor,
        "most_minutes": waiting.most_minutes,
    }


def _write_late(late: LateRefund | None) -> dict[str, int] | None:
    return None if late is None else {"after_s": late.after_s, **_write_share(late.share)}
