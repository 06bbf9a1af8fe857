"""How are support cases and a hub's terms of support written and read?"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from chalicelib import wiring
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.support.model import (
    MOST_LETTERS,
    Case,
    CaseKind,
    CaseStatus,
    Late,
    Party,
    Terms,
)
from chalicelib.domain.support.pictures import PictureState
from chalicelib.entry import rest
from chalicelib.entry.api.hours_forms import HoursOfWeek, write_hours
from chalicelib.gateways.photos import proof_key
from chalicelib.kit.timewindow import write_instant

_CASE_ID = "sup_01m83qpnc10y2w525st46371np"
_DELIVERY_ID = "del_01m83qpnc10y2w525st46371np"
_MERCHANT_ID = "mer_01m83qpn9gec8xh7wbacsaen6x"

WrittenText = Annotated[
    str,
    Field(max_length=MOST_LETTERS, json_schema_extra={"pattern": rest.NOT_BLANK}),
    AfterValidator(rest.clean),
    AfterValidator(rest.not_blank),
]
Minutes = Annotated[int, Field(gt=0, le=20_000)]


class CaseForm(rest.Body):
    """A problem with one of your deliveries."""

    delivery_id: Annotated[str, StringConstraints(pattern=r"^del_[0-9a-hjkmnp-tv-z]{26}$")]
    kind: CaseKind
    text: WrittenText

    model_config = rest.example(
        delivery_id=_DELIVERY_ID, kind="damaged", text="The customer says that the vase is broken."
    )


class MessageForm(rest.Body):
    """What is written; ``to`` (whose turn it is) and ``resolves`` are the desk's."""

    text: WrittenText
    to: Party | None = None
    resolves: bool = False

    model_config = rest.example(text="We are looking for it and will tell you by noon.")


class TermsForm(rest.Body):
    """What a hub promises to whoever has a problem; all of it."""

    first_answer_min: Minutes
    resolution_min: Minutes
    hours: HoursOfWeek
    phone: Annotated[str, StringConstraints(pattern=r"^(\+[0-9 ]{6,20})?$")] = ""
    email: Annotated[str, StringConstraints(pattern=r"^([^@\s]{1,64}@[^@\s]{3,120})?$")] = ""

    model_config = rest.example(
        first_answer_min=240,
        resolution_min=1080,
        hours={"monday": [{"opens": "09:00", "closes": "18:00"}]},
        phone="+49 30 1234567",
        email="help@example.com",
    )


class TermsAnswer(rest.Answer):
    """What a hub promises; minutes are those of its hours."""

    first_answer_min: int
    resolution_min: int
    hours: dict[str, list[dict[str, str]]]
    phone: str
    email: str

    model_config = rest.example(
        first_answer_min=240,
        resolution_min=1080,
        hours={"monday": [{"opens": "09:00", "closes": "18:00"}]},
        phone="+49 30 1234567",
        email="help@example.com",
    )


_SHOWN: dict[str, Any] = {
    "id": _CASE_ID,
    "delivery_id": _DELIVERY_ID,
    "merchant_id": _MERCHANT_ID,
    "opened_by": "recipient",
    "kinds": ["not_received"],
    "status": "open",
    "opened_at": "2026-11-23T10:27:41.067Z",
    "due_at": "2026-11-23T14:27:41.067Z",
    "first_due_at": "2026-11-23T14:27:41.067Z",
    "resolve_due_at": "2026-11-25T10:27:41.067Z",
    "answered_at": None,
    "resolved_at": None,
    "escalated": False,
    "breached": [],
}
_WHOLE: dict[str, Any] = {
    **_SHOWN,
    "messages": [
        {
            "number": 1,
            "by": "recipient",
            "to": "desk",
            "at": "2026-11-23T10:27:41.067Z",
            "text": "It is not here.",
        }
    ],
    "pictures": [],
    "delivery": {
        "status": "delivered",
        "version": 9,
        "seen_version": 9,
        "timeline": [{"version": 9, "what": "delivered", "at": "2026-11-23T08:27:41.067Z"}],
    },
    "proof": {"status": "needs_review", "reasons": ["far_from_door"], "away_m": 412},
}


class ShownCase(rest.Answer):
    """A case in a list; `due_at` is null while it is not the desk's turn."""

    id: str
    delivery_id: str
    merchant_id: str
    opened_by: Party
    kinds: list[CaseKind]
    status: CaseStatus
    opened_at: AwareDatetime
    due_at: AwareDatetime | None
    first_due_at: AwareDatetime
    resolve_due_at: AwareDatetime
    answered_at: AwareDatetime | None
    resolved_at: AwareDatetime | None
    escalated: bool
    breached: list[Late]

    model_config = rest.example(**_SHOWN)


class CaseMessage(rest.Answer):
    """`text` is null once the recipient was forgotten."""

    number: int
    by: Party
    to: Party
    at: AwareDatetime
    text: str | None


class CasePicture(rest.Answer):
    id: str
    url: str


class CaseStep(rest.Answer):
    version: int
    what: str
    at: AwareDatetime


class CaseDelivery(rest.Answer):
    """The delivery as it is; `seen_version` is what the case was opened about."""

    status: str
    version: int
    seen_version: int
    timeline: list[CaseStep]


class CaseProof(rest.Answer):
    """What the check of the handover said when the case was opened."""

    status: str
    reasons: list[str]
    away_m: int | None


class WholeCase(ShownCase):
    """A case with what was written, its pictures, the timeline and the proof."""

    messages: list[CaseMessage]
    pictures: list[CasePicture]
    delivery: CaseDelivery
    proof: CaseProof | None

    model_config = rest.example(**_WHOLE)


class CasePage(rest.Answer):
    support_cases: list[ShownCase]
    next_cursor: str | None

    model_config = rest.example(support_cases=[_SHOWN], next_cursor=None)


def write_case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "delivery_id": case.delivery_id,
        "merchant_id": case.merchant_id,
        "opened_by": case.opened_by.value,
        "kinds": [kind.value for kind in case.kinds],
        "status": case.status.value,
        "opened_at": write_instant(case.opened_at),
        "due_at": _written(case.due_at),
        "first_due_at": write_instant(case.first_due_at),
        "resolve_due_at": write_instant(case.resolve_due_at),
        "answered_at": _written(case.answered_at),
        "resolved_at": _written(case.resolved_at),
        "escalated": case.escalated_at is not None,
        "breached": [late.value for late in case.late],
    }


def write_whole(
    case: Case,
    delivery: Delivery,
    texts: Mapping[int, str],
    pictures: Mapping[str, PictureState],
) -> dict[str, Any]:
    proof = case.evidence
    return write_case(case) | {
        "messages": [
            {
                "number": entry.number,
                "by": entry.by.value,
                "to": entry.to.value,
                "at": write_instant(entry.at),
                "text": texts.get(entry.number),
            }
            for entry in case.entries
        ],
        "pictures": [
            {"id": one, "url": wiring.photos().view_url(_key(case, one))}
            for one, state in pictures.items()
            if state is PictureState.ARRIVED
        ],
        "delivery": {
            "status": delivery.status.value,
            "version": delivery.version,
            "seen_version": case.seen_version,
            "timeline": [
                {"version": entry.version, "what": entry.what, "at": write_instant(entry.at)}
                for entry in delivery.history
            ],
        },
        "proof": proof
        and {"status": proof.status, "reasons": list(proof.reasons), "away_m": proof.away_m},
    }


def write_terms(terms: Terms) -> dict[str, Any]:
    return {
        "first_answer_min": terms.first_answer_min,
        "resolution_min": terms.resolution_min,
        "hours": write_hours(terms.hours),
        "phone": terms.phone,
        "email": terms.email,
    }


def _key(case: Case, picture_id: str) -> str:
    return proof_key(case.merchant_id, case.delivery_id, picture_id)


def _written(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)
