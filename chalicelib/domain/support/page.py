"""What does a recipient see of a problem? The form to report it, and what became of it.

Only the recipient's own words and the answers to them: what the desk and the merchant say to each
other is not shown, nor who at the desk wrote.
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.support import model, pictures, service, store
from chalicelib.domain.support.model import Case, CaseKind, CaseStatus, Party
from chalicelib.domain.support.pictures import PictureState
from chalicelib.domain.tracking import words
from chalicelib.domain.tracking.service import delivery_of
from chalicelib.kit.languages import Asked, Translator, mark
from chalicelib.storage.unit_of_work import UnitOfWork

PROBLEMS = {
    CaseKind.NOT_RECEIVED: mark("I did not get it"),
    CaseKind.DAMAGED: mark("It is damaged"),
    CaseKind.WRONG_ITEM: mark("It is the wrong item"),
    CaseKind.MISSING_ITEM: mark("Something is missing"),
    CaseKind.DRIVER_BEHAVIOUR: mark("How the driver behaved"),
    CaseKind.OTHER: mark("Something else"),
}
_HANDED_OVER = (Status.DELIVERED, Status.COLLECTED)
#: What can be wrong with a parcel that has not come yet.
_BEFORE = (CaseKind.DRIVER_BEHAVIOUR, CaseKind.OTHER)


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was written, by whom, and when."""

    is_mine: bool
    text: str
    at: str
    at_machine: str


@dataclass(frozen=True, slots=True)
class ProblemPage:
    """``answer_by``: until when an answer is promised, while one is owed. ``free``: ids of pictures
    that may still be sent, ``sent`` how many were."""

    t: Translator
    brand: str
    order_name: str
    problems: tuple[tuple[str, str], ...]
    is_open: bool
    is_solved: bool
    answer_by: str
    asked_for_person: bool
    lines: tuple[Line, ...]
    may_write: bool
    free: tuple[str, ...]
    sent: int
    phone: str
    email: str
    ref: DeliveryRef


def open_page(uow: UnitOfWork, token: str, asked: Asked) -> ProblemPage:
    """What the holder of a link may see; raise NotFound or LinkExpired."""
    delivery = delivery_of(uow, token)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    hub = merchants.load_hub(uow, delivery.hub_id)
    t = asked.translator(merchant.language)
    reading = words.Reading(ZoneInfo(hub.timezone), words.uses_half_days(hub.country), t)
    case = store.of_delivery(uow, ref, Party.RECIPIENT)
    terms, _ = service.terms_of(uow, delivery.hub_id)
    states = {} if case is None else pictures.states(uow, case)
    return ProblemPage(
        t=t,
        brand=merchant.name,
        order_name=delivery.order_name,
        problems=tuple((kind.value, t.say(PROBLEMS[kind])) for kind in _possible(delivery)),
        is_open=case is not None and case.status is not CaseStatus.RESOLVED,
        is_solved=case is not None and case.status is CaseStatus.RESOLVED,
        answer_by=_answer_by(case, reading, uow.now),
        asked_for_person=case is not None and case.escalated_at is not None,
        lines=() if case is None else _lines(uow, case, reading),
        may_write=case is None or case.of(Party.RECIPIENT) < model.MOST_OF_RECIPIENT,
        free=tuple(one for one, state in states.items() if state is PictureState.ANNOUNCED),
        sent=sum(state is PictureState.ARRIVED for state in states.values()),
        phone=terms.phone,
        email=terms.email,
        ref=ref,
    )


def _possible(delivery: Delivery) -> tuple[CaseKind, ...]:
    return tuple(CaseKind) if delivery.status in _HANDED_OVER else _BEFORE


def _answer_by(case: Case | None, reading: words.Reading, now: datetime) -> str:
    """When we promised to answer; nothing once that has passed, or somebody else has the word."""
    due_at = None
    if case is not None and case.status is CaseStatus.OPEN:
        due_at = case.first_due_at if case.answered_at is None else case.resolve_due_at
    return "" if due_at is None or due_at <= now else reading.moment(due_at, now)


def _lines(uow: UnitOfWork, case: Case, reading: words.Reading) -> tuple[Line, ...]:
    texts = store.texts(uow, case)
    return tuple(
        Line(
            entry.by is Party.RECIPIENT,
            texts[entry.number],
            reading.moment(entry.at, uow.now),
            entry.at.isoformat(),
        )
        for entry in case.shown_to_recipient
        if entry.number in texts
    )
