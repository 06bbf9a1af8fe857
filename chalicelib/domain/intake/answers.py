"""Use cases of a doubtful address: somebody answers, and the delivery goes on, or the desk looks.

The same answer twice has one effect: whoever comes after the question is settled is told so and
changes nothing. A recipient holds only a link, so an answer far from what the shop wrote is no
answer but a proposal to the desk: a stolen link must not send a parcel across the town.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store
from chalicelib.domain.deliveries.model import (
    Address,
    CancelReason,
    Confidence,
    Delivery,
    Recipient,
    Status,
)
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import review
from chalicelib.domain.intake.doors import Door, Finder
from chalicelib.domain.intake.order import Refusal
from chalicelib.domain.intake.review import Review, Stage, Who
from chalicelib.kit.errors import Invalid
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Choose:
    """One of the candidates is the door."""

    number: int


@dataclass(frozen=True, slots=True)
class Pin:
    """The door is here."""

    position: LatLng


@dataclass(frozen=True, slots=True)
class Correct:
    """The address was written wrongly; this is the right one."""

    address: Address
    position: LatLng | None = None


@dataclass(frozen=True, slots=True)
class Refuse:
    """There is no such door in reach: the delivery ends."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """Nothing fits: somebody at the desk should look."""


Reply = Choose | Pin | Correct | HandOver | Refuse


class Verdict(StrEnum):
    """What became of an answer."""

    SETTLED = "settled"
    REFERRED = "referred"
    STILL_UNCLEAR = "still_unclear"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class _Case:
    """One open question, and who answers it."""

    uow: UnitOfWork
    delivery: Delivery
    person: Recipient
    asked: Review
    finder: Finder
    who: Who

    @property
    def ref(self) -> DeliveryRef:
        return deliveries.ref_of(self.delivery)


def answer(uow: UnitOfWork, ref: DeliveryRef, finder: Finder, who: Who, reply: Reply) -> Verdict:
    """Take in an answer to an open question.

    Raises
    ------
    NotFound
        If there is no such delivery.
    Invalid
        If what was chosen is no candidate, or no door.
    Undeliverable
        If merchant or operator name a place where we do not deliver.
    PlacesUnavailable
        If a corrected address could not be looked up.
    """
    delivery = store.load(uow, ref)
    asked, person = review.load(uow, ref), store.load_recipient(uow, ref)
    if delivery.status is not Status.ADDRESS_REVIEW or asked is None or person is None:
        return Verdict.OVER
    case = _Case(uow, delivery, person, asked, finder, who)
    match reply:
        case Choose(number):
            return _choose(case, number)
        case Pin(position):
            return _put(case, position, person.address, is_ours=who is Who.OPERATOR)
        case Correct(address, position):
            return _correct(case, address, position)
        case HandOver():
            return _refer(case, None, person.address, "recipient_needs_help")
        case Refuse():
            return _refuse(case)


def _choose(case: _Case, number: int) -> Verdict:
    if not 0 <= number < len(case.asked.candidates):
        field = {"field": "candidate", "error": "is none of the review's candidates"}
        raise Invalid("there is no such candidate", fields=[field])
    chosen = case.asked.candidates[number]
    if not chosen.is_door:
        field = {"field": "candidate", "error": "is a street or an area, not a door"}
        raise Invalid("this candidate is no door", fields=[field])
    address = replace(
        case.person.address,
        line1=chosen.line1,
        postal_code=chosen.postal_code or case.person.address.postal_code,
        city=chosen.city or case.person.address.city,
    )
    return _put(case, chosen.position, address, is_ours=case.who is Who.OPERATOR)


def _correct(case: _Case, given: Address, position: LatLng | None) -> Verdict:
    if not given.country:
        # Which country was never the question.
        given = replace(given, country=case.person.address.country)
    door = case.finder.find(given, position)
    if isinstance(door, Refusal):
        return _unfindable(case, given, door)
    if door.question is None:
        return _put(case, door.position, door.address, is_ours=case.who is not Who.RECIPIENT)
    _keep_address(case, door.address)
    review.save(case.uow, case.ref, review.asked_again(case.asked, door.question))
    return Verdict.STILL_UNCLEAR


def _unfindable(case: _Case, given: Address, refusal: Refusal) -> Verdict:
    """Nobody knows the corrected address: a stranger's word goes to the desk, ours is refused."""
    if case.who is not Who.RECIPIENT:
        raise refusal.error()
    if refusal is Refusal.UNKNOWN_LOCATION:
        return Verdict.STILL_UNCLEAR
    return _refer(case, None, given)


def _put(case: _Case, position: LatLng, address: Address, *, is_ours: bool) -> Verdict:
    """The door is said to be here: believe it, or let the desk look.

    ``is_ours``: the desk's own word, or an address that the merchant gives and the geocoder knows.
    """
    if is_ours:
        if not case.finder.covers(position):
            refusal = Refusal.OUTSIDE_SERVICE_AREA
            raise refusal.error()
    elif not (case.finder.covers(position) and case.asked.believes(position)):
        return _refer(case, position, address)
    _keep_address(case, address)
    key = case.finder.key_of(address)
    deliveries.settle_door(case.uow, case.delivery, position, Confidence.CONFIRMED, key)
    _close(case)
    return Verdict.SETTLED


def _refer(
    case: _Case, position: LatLng | None, address: Address, why: str = "answer_out_of_reach"
) -> Verdict:
    """Show it to the desk; a second proposal replaces the first."""
    before = case.asked
    after = replace(before, stage=Stage.REFERRED, proposed=position, proposed_address=address)
    if after != before:
        review.save(case.uow, case.ref, after)
    told = life.ReferAddress(case.uow.now, why)
    deliveries.advance(case.uow, case.delivery, told)
    return Verdict.REFERRED


def _refuse(case: _Case) -> Verdict:
    ending = life.Cancel(case.uow.now, CancelReason.UNDELIVERABLE_AREA)
    deliveries.advance(case.uow, case.delivery, ending)
    _close(case)
    return Verdict.SETTLED


def _close(case: _Case) -> None:
    after = replace(case.asked, stage=Stage.SETTLED, settled_by=case.who, settled_at=case.uow.now)
    review.save(case.uow, case.ref, after)


def _keep_address(case: _Case, address: Address) -> None:
    if address != case.person.address:
        store.save_recipient(case.uow, case.ref, replace(case.person, address=address))


def reconsider(uow: UnitOfWork, delivery: Delivery, door: Door) -> tuple[life.Command, ...]:
    """What follows for a delivery whose order changed: released, held, or neither.

    The review is written here; the commands are the caller's to carry out with its update.
    """
    ref = deliveries.ref_of(delivery)
    is_asked = delivery.status is Status.ADDRESS_REVIEW
    if door.question is not None:
        if is_asked and delivery.shop_door_key == door.key:
            return ()
        before = review.load(uow, ref)
        review.save(uow, ref, review.asked(door.question, uow.now, before))
        if is_asked:
            return ()
        return (life.AskForAddress(uow.now, door.question.doubt),)
    if not is_asked:
        return ()
    asked = review.load(uow, ref)
    if asked is not None:
        closed = replace(asked, stage=Stage.SETTLED, settled_by=Who.MERCHANT, settled_at=uow.now)
        review.save(uow, ref, closed)
    return (life.MakeReady(uow.now),)
