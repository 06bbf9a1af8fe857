"""Use cases of disputes: open, accept in full or in part, refuse, withdraw, tell what is overdue.

What is given back is a voucher of the same commit, under the dispute's own id: a decision that is
sent twice credits once. The same decision again changes nothing, another one is too late.
"""

from dataclasses import replace

from chalicelib.domain.billing import disputes, findings, store, vouchers
from chalicelib.domain.billing.disputes import Dispute, DisputeStatus, RefusalReason
from chalicelib.domain.billing.findings import DisputeReason
from chalicelib.domain.billing.model import Book
from chalicelib.domain.billing.vouchers import VoucherKind, Wanted
from chalicelib.domain.deliveries import check_items, prices
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.errors import Conflict, Gone, Invalid, NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.money import Money
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork


def open_one(uow: UnitOfWork, ref: DeliveryRef, reason: DisputeReason, text: str) -> Dispute:
    """Dispute what a delivery was charged. While one is open, the same reason again is that one.

    Raises
    ------
    NotFound
        If there is no such delivery, or nothing was charged for it.
    Conflict
        If one is open for another reason, one was decided, or the window has passed.
    Gone
        If the recipient was forgotten: nothing more may be written down.
    """
    delivery = deliveries.load(uow, ref)
    before = disputes.of_delivery(uow, ref)
    if before is not None and before.status is not DisputeStatus.WITHDRAWN:
        if before.status is DisputeStatus.OPEN and before.reason is reason:
            return before
        raise Conflict("this charge is disputed already", extra={"dispute_id": before.id})
    posted = store.list_entries(uow, Book("delivery", str(ref)))
    if not posted:
        raise NotFound("nothing was charged for this delivery")
    if uow.now - posted[-1].at > disputes.WINDOW:
        raise Conflict(f"a charge may be disputed for {disputes.WINDOW.days} days")
    if deliveries.load_recipient(uow, ref) is None:
        raise Gone("the recipient of this delivery was forgotten")
    bill = prices.bill(uow, delivery).charges
    charged_minor = vouchers.creditable_minor(uow, ref, bill.currency)
    check = check_items.load(uow, ref)
    state = None if check is None else check.state
    finding = findings.assess(reason, delivery, state, charged_minor, bill.total_minor)
    made = Dispute(
        id=uow.new_id("dsp"),
        merchant_id=ref.merchant_id,
        delivery_id=ref.delivery_id,
        hub_id=delivery.hub_id,
        order=delivery.order_name,
        currency=bill.currency,
        charged_minor=charged_minor,
        reason=reason,
        finding=finding,
        status=DisputeStatus.OPEN,
        opened_at=uow.now,
        due_at=uow.now + disputes.ANSWER_WITHIN,
        version=1,
    )
    disputes.point_to(uow, made)
    disputes.save_text(uow, made, text)
    disputes.save(uow, made, _event(uow, "dispute.opened", made))
    return made


def accept(uow: UnitOfWork, made: Dispute, amount_minor: int | None, by: str) -> Dispute:
    """Give back an amount, or all that is left of the charge.

    Raises
    ------
    Conflict
        If it was decided otherwise, or more would be given back than was charged.
    """
    left_minor = vouchers.creditable_minor(uow, made.ref, made.currency)
    is_accepted = made.status in (DisputeStatus.ACCEPTED, DisputeStatus.PARTLY_ACCEPTED)
    if is_accepted and amount_minor in (None, made.credited_minor):
        return made
    _must_be_open(made)
    given_minor = left_minor if amount_minor is None else amount_minor
    if given_minor <= 0:
        error = {"field": "amount_minor", "error": "> 0"}
        raise Invalid("there is nothing to give back", fields=[error])
    if given_minor > left_minor:
        raise Conflict("more than the delivery was charged", extra={"most_minor": left_minor})
    wanted = Wanted(
        kind=VoucherKind.CREDIT,
        owner=made.merchant_id,
        money=Money(given_minor, made.currency),
        reference=made.id,
        delivery_id=made.delivery_id,
        reason=findings.REFUND_OF[made.reason],
        because=made.id,
    )
    vouchers.ask(uow, wanted, by)
    is_whole = given_minor == left_minor
    status = DisputeStatus.ACCEPTED if is_whole else DisputeStatus.PARTLY_ACCEPTED
    after = replace(made, status=status, credited_minor=given_minor)
    return _decide(uow, after, "dispute.accepted", by)


def refuse(uow: UnitOfWork, made: Dispute, reason: RefusalReason, by: str) -> Dispute:
    """Let the charge stand; raise Conflict if it was decided otherwise."""
    if made.status is DisputeStatus.REFUSED and made.refusal is reason:
        return made
    _must_be_open(made)
    after = replace(made, status=DisputeStatus.REFUSED, refusal=reason)
    return _decide(uow, after, "dispute.refused", by)


def withdraw(uow: UnitOfWork, made: Dispute) -> Dispute:
    """The merchant takes it back; raise Conflict if it was decided."""
    if made.status is DisputeStatus.WITHDRAWN:
        return made
    _must_be_open(made)
    return _decide(uow, replace(made, status=DisputeStatus.WITHDRAWN), "dispute.withdrawn", "")


def tell_overdue(uow: UnitOfWork, merchant_id: str, dispute_id: str) -> Dispute | None:
    """Tell once that nobody decided in time; None where there is nothing to tell."""
    made = disputes.load(uow, merchant_id, dispute_id)
    if not is_newly_overdue(uow, made):
        return None
    after = replace(made, is_overdue=True, version=made.version + 1)
    disputes.save(uow, after, _event(uow, "dispute.overdue", after))
    return after


def is_newly_overdue(uow: UnitOfWork, made: Dispute) -> bool:
    return made.status is DisputeStatus.OPEN and made.due_at <= uow.now and not made.is_overdue


def _must_be_open(made: Dispute) -> None:
    if made.status is not DisputeStatus.OPEN:
        raise Conflict("this dispute was decided", extra={"dispute_status": made.status.value})


def _decide(uow: UnitOfWork, after: Dispute, what: str, by: str) -> Dispute:
    decided = replace(after, decided_at=uow.now, decided_by=by, version=after.version + 1)
    disputes.save(uow, decided, _event(uow, what, decided))
    return decided


def _event(uow: UnitOfWork, what: str, made: Dispute) -> Event:
    data = {
        "merchant_id": made.merchant_id,
        "hub_id": made.hub_id,
        "delivery_id": made.delivery_id,
        "status": made.status.value,
        "reason": made.reason.value,
        "currency": made.currency,
        "charged_minor": made.charged_minor,
        "credited_minor": made.credited_minor,
        "refusal": None if made.refusal is None else made.refusal.value,
        "due_at": write_instant(made.due_at),
    }
    return Event(what, made.id, made.version, uow.now, data)
