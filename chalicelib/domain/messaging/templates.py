"""Which texts are there, and what may they say?

How they are worded: ``wordings``; how they are made to fit one part: ``composing``.
"""

from dataclasses import dataclass
from enum import StrEnum

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.merchants.texting import Tone
from chalicelib.kit.languages import ENGLISH, Translator


class Template(StrEnum):
    ORDER_ACCEPTED = "order_accepted"
    ADDRESS_REVIEW = "address_review"
    OUT_FOR_DELIVERY = "out_for_delivery"
    NEAR = "near"
    ARRIVED = "arrived"
    DELAYED = "delayed"
    DELIVERED = "delivered"
    ATTEMPT_FAILED = "attempt_failed"
    AT_PICKUP_POINT = "at_pickup_point"
    COLLECTION_DUE = "collection_due"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    RETURNING = "returning"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a text may say. ``due``: the promised time as the recipient reads a clock; ``ready``:
    what to have at hand; ``place``, ``code`` and ``until``: where, by what and until when it is
    collected; ``expected``: when the driver should come, ``stops``: after how many others; ``t``:
    in which language, ``tone``: how."""

    brand: str
    name: str
    link: str
    due: str = ""
    reason: FailureReason | None = None
    ready: str = ""
    place: str = ""
    code: str = ""
    until: str = ""
    expected: str = ""
    stops: int | None = None
    t: Translator = ENGLISH
    tone: Tone = Tone.KIND
