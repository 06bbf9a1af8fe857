"""Use cases of intake: take in a shop's order, or a merchant's own.

Everything that a webhook causes is one unit of work: the inbox record, the order's lock, the
delivery or the rejection. So copies and races end in one effect (the loser of a race runs again and
finds what the winner wrote), and any order of arrival ends in one state: the newest version by the
shop's clock wins, a cancellation wins over everything.
"""

from dataclasses import dataclass, replace

from chalicelib.domain.deliveries import order_numbers
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.commands import Cancel
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.prices import plain_job
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import answers, drop_points, parts, review, store
from chalicelib.domain.intake.amending import amended
from chalicelib.domain.intake.doors import Finder, Locate
from chalicelib.domain.intake.edits import Edit, edited
from chalicelib.domain.intake.ground import Ground
from chalicelib.domain.intake.order import Kind, Order, Refusal
from chalicelib.domain.intake.store import OrderLock, Outcome, Result, State
from chalicelib.domain.intake.terms import Party, Terms, amend_terms, offer_terms
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.pricing.agreed import Agreed, agree
from chalicelib.kit import tokens
from chalicelib.kit.errors import (
    DuplicateDelivery,
    IllegalTransition,
    NoncancelableDelivery,
)
from chalicelib.kit.geo import LatLng
from chalicelib.kit.money import Money
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

_SUPERSEDED = "superseded"
_BAD_PHONE = ("phone_unusable", "No usable phone number was given: the recipient gets no texts.")


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every step of one intake needs."""

    uow: UnitOfWork
    party: Party
    ground: Ground
    server_key: bytes

    @property
    def merchant_id(self) -> str:
        return self.party.merchant.id


def finder(
    uow: UnitOfWork, merchant_id: str, hub: Hub, locate: Locate, server_key: bytes
) -> Finder:
    """Finds doors by geocoder, by what is covered and by what is remembered of past handovers."""
    return _finder(uow, hub, locate, server_key, Ground(uow, merchant_id, hub))


def _finder(uow: UnitOfWork, hub: Hub, locate: Locate, server_key: bytes, ground: Ground) -> Finder:
    return Finder(hub, locate, drop_points.Memory(uow, hub.id, server_key), ground)


def receive(
    uow: UnitOfWork,
    merchant: Merchant,
    hub: Hub,
    order: Order,
    locate: Locate,
    server_key: bytes,
) -> Outcome:
    """Take in one verified webhook; a copy of an earlier one gets the same answer, no effect.

    Raises
    ------
    PlacesUnavailable
        If an address had to be looked up and could not be; the platform will send it again.
    """
    seen = store.load_seen(uow, merchant.id, order.platform, order.source_event_id)
    if seen is not None:
        return seen
    desk = _desk(uow, merchant, hub, locate, server_key)
    lock = store.load_lock(uow, merchant.id, order)
    if order.further or (lock is not None and lock.parts):
        outcome = _take_parts(desk, order, lock)
    else:
        outcome = _take(desk, order, lock)
    store.save_seen(uow, merchant.id, order, outcome)
    return outcome


def _take_parts(desk: _Desk, order: Order, lock: OrderLock | None) -> Outcome:
    """Take in a version of an order to several addresses; the answer is its first one's."""
    if lock is not None and _is_older(order, lock):
        # Asked of the whole order: its first address may be gone, and then nobody else would ask.
        return _superseded(lock)
    known = lock.parts if lock else None
    (plain, *others), addresses = parts.split(order, known)
    outcome = _take(desk, plain, lock)
    for part in others:
        _take(desk, part, store.load_lock(desk.uow, desk.merchant_id, part))
    now = store.load_lock(desk.uow, desk.merchant_id, plain)
    if now is not None and now.parts != addresses:
        store.save_lock(desk.uow, desk.merchant_id, plain, replace(now, parts=addresses))
    return outcome


def _take(desk: _Desk, order: Order, lock: OrderLock | None) -> Outcome:
    if order.kind is Kind.CANCELLED:
        return _cancel(desk, order, lock)
    if lock is None:
        return _promise_or_reject(desk, order, None)
    return _take_version(desk, order, lock)


def accept(
    uow: UnitOfWork,
    merchant: Merchant,
    hub: Hub,
    order: Order,
    locate: Locate,
    server_key: bytes,
    agreed: Agreed | None = None,
    terms: Terms | None = None,
) -> Delivery:
    """Take in an order that the merchant's own program asks for and waits on; ``agreed`` and
    ``terms`` are those of a quote, if there was one.

    Raises
    ------
    DuplicateDelivery
        If this external id has a delivery already.
    Undeliverable
        If it cannot be promised; ``extra.reason`` is the refusal's code. ImpossibleRequirements
        where the wishes at the door are the matter.
    PlacesUnavailable
    """
    lock = store.load_lock(uow, merchant.id, order)
    if lock is not None and lock.delivery_id is not None:
        raise DuplicateDelivery(extra={"delivery_id": lock.delivery_id})
    desk = _desk(uow, merchant, hub, locate, server_key)
    found = terms or offer_terms(desk.party, order, uow.now)
    if isinstance(found, Refusal):
        raise found.error()
    delivery = _promise(desk, order, found, agreed)
    _lock(desk, order, lock, State.PROMISED, delivery.id)
    return delivery


def edit(
    uow: UnitOfWork,
    merchant: Merchant,
    hub: Hub,
    delivery_id: str,
    wanted: Edit,
    locate: Locate,
    server_key: bytes,
) -> Delivery:
    """Change what a merchant wants otherwise, by the rules of a platform's updated order.

    Raises
    ------
    NotFound
    IllegalTransition
        If the parcel is with a driver, or the delivery is over.
    Undeliverable
        If it cannot be promised so; nothing was changed.
    PlacesUnavailable
    """
    ref = DeliveryRef(merchant.id, delivery_id)
    before = delivery_store.load(uow, ref)
    known = delivery_store.load_recipient(uow, ref)
    if known is None:
        raise IllegalTransition("the recipient's data has been deleted")
    order = edited(merchant, before, known, wanted)
    lock = store.load_lock(uow, merchant.id, order)
    assert lock is not None, "every delivery has its order's lock"
    outcome = _amend(_desk(uow, merchant, hub, locate, server_key), order, lock, before)
    if outcome.code == Refusal.UPDATE_NOT_ALLOWED:
        raise IllegalTransition(
            f"a delivery that is {before.status} can no longer be changed",
            extra={"delivery_status": before.status},
        )
    if outcome.result is not Result.UPDATED and outcome.code != "nothing_changed":
        raise Refusal(outcome.code or "").error()
    return delivery_store.load(uow, ref)


def _desk(
    uow: UnitOfWork, merchant: Merchant, hub: Hub, locate: Locate, server_key: bytes
) -> _Desk:
    ground = Ground(uow, merchant.id, hub, is_counted=merchant.live)
    found = _finder(uow, hub, locate, server_key, ground)
    return _Desk(uow, Party(merchant, hub, found, ground), ground, server_key)


def _promise_or_reject(desk: _Desk, order: Order, lock: OrderLock | None) -> Outcome:
    """The first version of an order that we hear of, whatever its topic, or one that mends it."""
    terms = offer_terms(desk.party, order, desk.uow.now)
    if isinstance(terms, Refusal):
        _lock(desk, order, lock, State.REJECTED, None, terms)
        return _visible(desk, order, lock, terms, Result.REJECTED)
    delivery = _promise(desk, order, terms)
    _lock(desk, order, lock, State.PROMISED, delivery.id)
    code, detail = _BAD_PHONE if order.contact.has_bad_phone else (None, None)
    return Outcome(Result.CREATED, delivery.id, code, detail)


def _promise(desk: _Desk, order: Order, terms: Terms, agreed: Agreed | None = None) -> Delivery:
    """Create the delivery, at the price that a quote promised or the card asks, and its link."""
    uow, door = desk.uow, terms.door
    # offer_terms found one; this tells the type checker.
    assert door is not None
    delivery = deliveries.create(
        uow,
        deliveries.Request(
            merchant_id=desk.merchant_id,
            hub_id=desk.party.hub.id,
            platform=order.platform,
            external_id=order.order_id,
            order_name=order.order_name,
            pickup=terms.pickup,
            dropoff=door.position,
            window=terms.window,
            parcel=terms.parcel,
            service_s=terms.service_s,
            source_updated_at=order.updated_at or uow.now,
            recipient=terms.recipient,
            agreed=agreed or _price(desk, terms, door.position),
            live=desk.party.merchant.live,
            booking=desk.ground.take(terms.place, None),
            confidence=door.confidence,
            doubt=door.question.doubt if door.question else None,
            door_key=door.key,
            requirements=terms.requirements,
            pickup_point_id=terms.point.point.id if terms.point else None,
            tip=_tip(desk, order, None),
            zone_id=terms.zone_id,
        ),
    )
    if terms.point is not None and delivery.live:
        terms.point.take(uow, str(deliveries.ref_of(delivery)))
    if door.question is not None:
        review.save(uow, deliveries.ref_of(delivery), review.asked(door.question, uow.now))
    token = tokens.tracking_token(desk.server_key, delivery.id)
    uow.put(
        keys.tracking_link(tokens.hash_secret(token)),
        {"merchant_id": desk.merchant_id, "delivery_id": delivery.id},
        expect=0,
    )
    order_numbers.save(uow, delivery, terms.recipient.address.postal_code, desk.server_key)
    return delivery


def _price(desk: _Desk, terms: Terms, dropoff: LatLng) -> Agreed:
    job = plain_job(
        terms.pickup.position,
        dropoff,
        terms.parcel,
        terms.window,
        terms.zone_id,
        cash_minor=terms.requirements.cash_minor,
        is_pickup_point=terms.point is not None,
    )
    return agree(desk.uow, desk.merchant_id, job)


def _take_version(desk: _Desk, order: Order, lock: OrderLock) -> Outcome:
    """A further version of a known order."""
    if _is_older(order, lock):
        return _superseded(lock)
    if lock.state is State.REJECTED:
        return _promise_or_reject(desk, order, lock)
    if lock.delivery_id is None or lock.state is State.CANCELLED:
        return _refuse(desk, order, lock, Refusal.ORDER_CANCELLED)
    delivery = delivery_store.load(desk.uow, DeliveryRef(desk.merchant_id, lock.delivery_id))
    if delivery.status is Status.CANCELLED:
        return _refuse(desk, order, lock, Refusal.ORDER_CANCELLED)
    return _amend(desk, order, lock, delivery)


def _is_older(order: Order, lock: OrderLock) -> bool:
    """Whether a newer version was seen; a cancellation counts whenever it comes."""
    if order.kind is Kind.CANCELLED or order.updated_at is None:
        return False
    return order.updated_at < lock.source_updated_at


def _superseded(lock: OrderLock) -> Outcome:
    detail = "A newer version of the order came before this one."
    return Outcome(Result.UNCHANGED, lock.delivery_id, _SUPERSEDED, detail)


def _amend(desk: _Desk, order: Order, lock: OrderLock, before: Delivery) -> Outcome:
    """Take over what changed, when it can still be taken over."""
    uow = desk.uow
    known = delivery_store.load_recipient(uow, deliveries.ref_of(before))
    terms = amend_terms(desk.party, order, before, known, uow.now)
    if isinstance(terms, Refusal):
        return _refuse(desk, order, lock, terms)
    after = replace(amended(before, order, terms), tip=_tip(desk, order, before.tip))
    if after == before and terms.recipient == known:
        if order.updated_at != lock.source_updated_at:
            _lock(desk, order, lock, lock.state, before.id)
        return Outcome(Result.UNCHANGED, before.id, "nothing_changed")
    dated = replace(after, source_updated_at=order.updated_at or uow.now)
    try:
        then = answers.reconsider(uow, before, terms.door) if terms.door else ()
        deliveries.update(uow, before, dated, terms.recipient, *then)
    except IllegalTransition:
        return _refuse(desk, order, lock, Refusal.UPDATE_NOT_ALLOWED)
    desk.ground.take(terms.place, before.booking)
    if terms.point is not None:
        terms.point.take(uow, str(deliveries.ref_of(before)))
    order_numbers.save(desk.uow, dated, terms.recipient.address.postal_code, desk.server_key)
    _lock(desk, order, lock, lock.state, before.id)
    return Outcome(Result.UPDATED, before.id)


def _tip(desk: _Desk, order: Order, before: Money | None) -> Money | None:
    """What the customer gives the driver; what was given stays unless the order says otherwise."""
    if order.tip_minor is None:
        return before
    if order.tip_minor == 0:
        return None
    known = order.tip_currency or (before and before.currency) or desk.ground.currency()
    return Money(order.tip_minor, known)


def _cancel(desk: _Desk, order: Order, lock: OrderLock | None) -> Outcome:
    """End it, whatever version it was; without a delivery the lock alone remembers."""
    if lock is None or lock.delivery_id is None:
        _lock(desk, order, lock, State.CANCELLED, None)
        return Outcome(Result.CANCELLED, None, "no_delivery", "There was no delivery to cancel.")
    ref = DeliveryRef(desk.merchant_id, lock.delivery_id)
    before = delivery_store.load(desk.uow, ref)
    try:
        after = deliveries.advance(desk.uow, before, Cancel(desk.uow.now, order.cancel_reason))
    except NoncancelableDelivery:
        return _refuse(desk, order, lock, Refusal.NONCANCELABLE_DELIVERY, State.CANCELLED)
    _lock(desk, order, lock, State.CANCELLED, lock.delivery_id)
    if after.status is Status.RETURNING:
        detail = "The parcel was on its way already and is brought back."
        return Outcome(Result.CANCELLED, lock.delivery_id, "returning", detail)
    return Outcome(Result.CANCELLED, lock.delivery_id)


def _refuse(
    desk: _Desk, order: Order, lock: OrderLock, refusal: Refusal, state: State | None = None
) -> Outcome:
    """Leave a known order as it is, and say so."""
    _lock(desk, order, lock, state or lock.state, lock.delivery_id, refusal)
    return _visible(desk, order, lock, refusal, Result.UNCHANGED)


def _visible(
    desk: _Desk, order: Order, lock: OrderLock | None, refusal: Refusal, result: Result
) -> Outcome:
    """Tell the merchant, once per order and reason: shops send many versions of one mistake."""
    delivery_id = lock.delivery_id if lock else None
    if lock is None or lock.refusal != refusal:
        store.save_rejection(desk.uow, desk.merchant_id, order, refusal, delivery_id)
    return Outcome(result, delivery_id, refusal.value, refusal.detail)


def _lock(
    desk: _Desk,
    order: Order,
    lock: OrderLock | None,
    state: State,
    delivery_id: str | None,
    refusal: Refusal | None = None,
) -> None:
    """Remember the newest version that we saw, and what became of it."""
    at = order.updated_at or desk.uow.now
    newest = at if lock is None else max(at, lock.source_updated_at)
    version = 0 if lock is None else lock.version
    told = refusal.value if refusal else None
    known = {} if lock is None else lock.parts
    after = OrderLock(state, newest, delivery_id, told, version, known)
    store.save_lock(desk.uow, desk.merchant_id, order, after)
