"""What does a merchant read? The answers of entry.api.deliveries, as they are documented."""

from datetime import date
from typing import Any

from pydantic import AwareDatetime

from chalicelib.domain.deliveries.model import Confidence, FailureReason, Status
from chalicelib.domain.deliveries.proofs import ProofState
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.pricing.faults import Party
from chalicelib.entry import rest
from chalicelib.entry.api.door_forms import DoorRequirements
from chalicelib.entry.api.instruction_answers import EXAMPLE_INSTRUCTIONS, InstructionsAnswer
from chalicelib.entry.api.proof_answers import ProofVerdict
from chalicelib.kit.languages import Language

_DELIVERY: dict[str, Any] = {
    "id": "del_01m83qpnc10y2w525st46371np",
    "external_id": "A-1001",
    "platform": "api",
    "order_name": "A-1001",
    "status": "ready",
    "reason": None,
    "version": 2,
    "created_at": "2026-11-23T08:17:33.057Z",
    "updated_at": "2026-11-23T08:17:33.057Z",
    "window": {
        "start_time": "2026-11-23T08:17:33.057Z",
        "end_time": "2026-11-23T11:17:33.057Z",
    },
    "pickup": {
        "id": "str_01m83qpn9g3kyfap0qjtyjyzv2",
        "name": "Papeterie Sommer",
        "latitude": 52.5286,
        "longitude": 13.4102,
    },
    "dropoff": {"latitude": 52.527471, "longitude": 13.397757, "confidence": "accept"},
    "parcel": {"weight_g": 800, "volume_ml": 4000, "count": 2, "assumed_count": 0},
    "requirements": {
        "action": "meet_at_door",
        "pin": False,
        "signature": False,
        "photo": False,
        "id_min_age": None,
        "cash_on_delivery": None,
    },
    "tip": None,
    "pickup_point_id": None,
    "collect_by": None,
    "attempts": [],
    "on_time": None,
    "tracking_url": "https://example.com/t/px7eWHVhU9wi_SMsg1Kjkg",
}


class Window(rest.Answer):
    start_time: AwareDatetime
    end_time: AwareDatetime


class Pickup(rest.Answer):
    id: str
    name: str
    latitude: float
    longitude: float


class Spot(rest.Answer):
    latitude: float
    longitude: float


class Dropoff(Spot):
    confidence: Confidence


class RecipientAddress(rest.Answer):
    line1: str
    line2: str
    city: str
    postal_code: str
    country: str


class WholeDropoff(Dropoff):
    name: str
    phone_number: str | None
    notes: str
    language: Language | None
    instructions: InstructionsAnswer | None
    address: RecipientAddress


class Tip(rest.Answer):
    """What the customer gave for whoever brings it."""

    amount_minor: int
    currency: str


class Load(rest.Answer):
    weight_g: int
    volume_ml: int
    count: int
    assumed_count: int


class Attempt(rest.Answer):
    number: int
    at: AwareDatetime
    reason: FailureReason
    party_at_fault: Party


class _Delivery(rest.Answer):
    id: str
    external_id: str
    platform: Platform
    order_name: str
    status: Status
    reason: str | None
    version: int
    created_at: AwareDatetime
    updated_at: AwareDatetime
    window: Window
    pickup: Pickup
    parcel: Load
    requirements: DoorRequirements
    tip: Tip | None
    pickup_point_id: str | None
    collect_by: AwareDatetime | None
    attempts: list[Attempt]
    on_time: bool | None
    tracking_url: str


class OneDelivery(_Delivery):
    """A delivery."""

    dropoff: Dropoff

    model_config = rest.example(**_DELIVERY)


class CreatedDelivery(OneDelivery):
    """The delivery; `warnings` has `phone_unusable` where its recipient can get no texts."""

    warnings: list[str] | None = None

    model_config = rest.example(**_DELIVERY)


class GivenRating(rest.Answer):
    """What the recipient said of it; `comment` is personal data."""

    stars: int
    comment: str
    rated_at: AwareDatetime


class WholeDelivery(_Delivery):
    """A delivery with its recipient."""

    dropoff: WholeDropoff
    rating: GivenRating | None = None

    model_config = rest.example(
        **{
            **_DELIVERY,
            "dropoff": {
                "latitude": 52.527471,
                "longitude": 13.397757,
                "confidence": "accept",
                "name": "Ada Sommer",
                "phone_number": "+491713920050",
                "notes": "Ring twice",
                "language": "de",
                "instructions": EXAMPLE_INSTRUCTIONS,
                "address": {
                    "line1": "Auguststraße 40",
                    "line2": "",
                    "city": "Berlin",
                    "postal_code": "10117",
                    "country": "DE",
                },
            },
        }
    )


class ListedDelivery(OneDelivery):
    """A delivery of a list; `changed_at` where it was asked what changed since."""

    changed_at: AwareDatetime | None = None

    model_config = rest.example(**_DELIVERY)


class DeliveryPage(rest.Answer):
    """A page of deliveries; `day` is null where it was asked what changed since."""

    deliveries: list[ListedDelivery]
    day: date | None
    next_cursor: str | None

    model_config = rest.example(deliveries=[_DELIVERY], day="2026-11-23", next_cursor=None)


class HistoryEvent(rest.Answer):
    id: str
    type: str
    version: int
    at: AwareDatetime
    status: Status
    reason: str | None
    undoes: int | None


class History(rest.Answer):
    """All that happened to a delivery."""

    events: list[HistoryEvent]

    model_config = rest.example(
        events=[
            {
                "id": "evt_del_01m83qpnc10y2w525st46371np_000001",
                "type": "delivery.created",
                "version": 1,
                "at": "2026-11-23T08:17:33.057Z",
                "status": "created",
                "reason": None,
                "undoes": None,
            }
        ]
    )


class ShownProof(rest.Answer):
    kind: ProofKind
    proof_id: str | None = None
    min_age: int | None = None
    cash_minor: int | None = None
    barcode: str | None = None


class Photo(rest.Answer):
    id: str
    kind: ProofKind
    status: ProofState
    url: str | None


class Proofs(rest.Answer):
    """What was shown at the door."""

    proofs: list[ShownProof]
    photos: list[Photo]
    check: ProofVerdict | None = None

    model_config = rest.example(
        proofs=[{"kind": "photo", "proof_id": "prf_01m83qqbhxz77qpged23k0bcqj"}],
        photos=[
            {
                "id": "prf_01m83qqbhxz77qpged23k0bcqj",
                "kind": "photo",
                "status": "announced",
                "url": None,
            }
        ],
    )


class RejectedOrder(rest.Answer):
    id: str
    at: AwareDatetime
    platform: Platform
    external_id: str
    order_name: str
    code: str
    detail: str
    delivery_id: str | None


class RejectionPage(rest.Answer):
    """A page of orders that did not become what the shop asked."""

    rejections: list[RejectedOrder]
    next_cursor: str | None

    model_config = rest.example(
        rejections=[
            {
                "id": "rej_01m83qpnmtmkff5nc1wfg1tak4",
                "at": "2026-11-23T08:17:33.338Z",
                "platform": "generic",
                "external_id": "G-2",
                "order_name": "G-2",
                "code": "no_shipping_address",
                "detail": "The order has no complete shipping address.",
                "delivery_id": None,
            }
        ],
        next_cursor=None,
    )
