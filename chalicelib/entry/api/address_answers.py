"""What is read about a doubtful address? The answers of entry.api.addresses, as documented."""

from typing import Any

from pydantic import AwareDatetime

from chalicelib.domain.deliveries.model import Confidence, Status
from chalicelib.domain.intake.addresses import Doubt
from chalicelib.domain.intake.answers import Verdict
from chalicelib.domain.intake.review import Stage, Who
from chalicelib.entry import rest
from chalicelib.entry.api.delivery_answers import RecipientAddress

_STATE: dict[str, Any] = {
    "delivery_id": "del_01m83qpnc10y2w525st46371np",
    "status": "address_review",
    "confidence": "ask",
    "reason": "number_corrected",
    "due_at": "2026-11-23T09:17:33.057Z",
    "latitude": 52.5266,
    "longitude": 13.3889,
    "review": {
        "stage": "asked",
        "doubt": "number_corrected",
        "asked_at": "2026-11-23T08:17:33.057Z",
        "candidates": [
            {
                "number": 0,
                "label": "Torstraße 231, 10119 Berlin",
                "latitude": 52.5266,
                "longitude": 13.3889,
                "is_door": True,
            }
        ],
        "proposed": None,
        "settled_by": None,
        "settled_at": None,
    },
}


class CandidateAnswer(rest.Answer):
    number: int
    label: str
    latitude: float
    longitude: float
    is_door: bool


class ProposedDoor(rest.Answer):
    latitude: float | None
    longitude: float | None
    distance_m: int | None
    address: RecipientAddress | None


class ReviewAnswer(rest.Answer):
    stage: Stage
    doubt: Doubt
    asked_at: AwareDatetime
    candidates: list[CandidateAnswer]
    proposed: ProposedDoor | None
    settled_by: Who | None
    settled_at: AwareDatetime | None


class AddressState(rest.Answer):
    """How sure we are of a door; `review` is the question, if there is or was one."""

    delivery_id: str
    status: Status
    confidence: Confidence
    reason: str | None
    due_at: AwareDatetime | None
    latitude: float
    longitude: float
    review: ReviewAnswer | None

    model_config = rest.example(**_STATE)


class DecidedAddress(AddressState):
    """What came of a decision, and the address as it now is."""

    result: Verdict

    model_config = rest.example(result="still_unclear", **_STATE)


class WaitingAddress(rest.Answer):
    delivery_id: str
    merchant_id: str
    order_name: str
    reason: str | None
    due_at: AwareDatetime
    overdue: bool


class AddressReviewPage(rest.Answer):
    """A page of deliveries that wait for an address."""

    address_reviews: list[WaitingAddress]
    next_cursor: str | None

    model_config = rest.example(
        address_reviews=[
            {
                "delivery_id": "del_01m83qpnc10y2w525st46371np",
                "merchant_id": "mer_01m83qpn9gec8xh7wbacsaen6x",
                "order_name": "A-1001",
                "reason": "number_corrected",
                "due_at": "2026-11-23T09:17:33.057Z",
                "overdue": False,
            }
        ],
        next_cursor=None,
    )
