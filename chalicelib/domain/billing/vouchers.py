"""What is to be posted because a person says so? Vouchers: who asked for it, when, and why.

A voucher is written where people write (core), with the news that brings it to the function that
keeps the books; what became of it is written there, in the commit of its entry. So whoever may ask
cannot post, nothing that was asked for is lost, and a voucher that comes twice posts once. It has
the reference of what it is about (the bank's, the slip's, the case's), which is its name: the same
one asked for again is the same voucher, with another content it is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.billing import payments, store
from chalicelib.domain.billing.model import LATE_REFUND, Account, AccountKind, Book, Entry, balances
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pricing.faults import RefundReason
from chalicelib.kit.errors import Conflict, Invalid, NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.money import Money
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork


class VoucherKind(StrEnum):
    PAYMENT = "payment"  # a merchant paid us
    REMITTANCE = "remittance"  # we handed collected cash on to a merchant
    CREDIT = "credit"  # some of a price is given back
    COMPENSATION = "compensation"  # goods are paid for
    HANDOVER = "handover"  # a driver handed cash over

    @property
    def is_of_delivery(self) -> bool:
        return self in (VoucherKind.CREDIT, VoucherKind.COMPENSATION)


class VoucherState(StrEnum):
    ASKED = "asked"
    POSTED = "posted"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. ``owner`` is a merchant or a driver; ``because`` names the case or the
    dispute that it follows from, if one does."""

    kind: VoucherKind
    owner: str
    money: Money
    reference: str
    delivery_id: str = ""
    reason: RefundReason | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Voucher:
    id: str
    wanted: Wanted
    by: str
    asked_at: datetime
    state: VoucherState = VoucherState.ASKED
    #: Of what was posted.
    entry_id: str = ""
    #: Why nothing was.
    refusal: str = ""


def ask(uow: UnitOfWork, wanted: Wanted, by: str) -> Voucher:
    """Write a voucher; the one that there is, if it was asked for before.

    Raises
    ------
    Conflict
        If its reference stands for something else.
    Invalid
        If the amount is not above nothing, or a credit names no delivery and no reason.
    """
    _must_be_sound(wanted)
    there = find(uow, wanted)
    if there is not None:
        if there.wanted != wanted:
            raise Conflict("this reference stands for something else")
        return there
    key = money_keys.voucher(wanted.owner, _name(wanted))
    made = Voucher(uow.new_id("vch"), wanted, by, uow.now)
    uow.put(key, _to_item(made), expect=0, subject=made.id)
    uow.put(
        money_keys.voucher_owner(made.id),
        {"owner": wanted.owner, "name": _name(wanted)},
        expect=0,
    )
    data = {"owner": wanted.owner, "name": _name(wanted), "kind": wanted.kind.value}
    uow.emit(Event("voucher.written", made.id, 1, uow.now, data))
    return made


def find(uow: UnitOfWork, wanted: Wanted) -> Voucher | None:
    """What was asked for under this reference, whatever its amount."""
    item = uow.get(money_keys.voucher(wanted.owner, _name(wanted)))
    return None if item is None else _with_outcome(uow, _from_item(item))


def post(uow: UnitOfWork, owner: str, name: str) -> Voucher:
    """Post what a voucher asks for, once, or note why it cannot be.

    Raises
    ------
    NotFound
        If there is no such voucher.
    """
    item = uow.get(money_keys.voucher(owner, name))
    if item is None:
        raise NotFound("there is no such voucher")
    voucher = _with_outcome(uow, _from_item(item))
    if voucher.state is not VoucherState.ASKED:
        return voucher
    outcome = {"state": VoucherState.POSTED.value, "entry_id": "", "refusal": ""}
    try:
        entry = _POST[voucher.wanted.kind](uow, voucher.wanted)
        outcome["entry_id"] = "" if entry is None else entry.id
    except (Conflict, Invalid) as error:
        # It will not become right by trying again: a person has to look at it.
        outcome = {**outcome, "state": VoucherState.REFUSED.value, "refusal": error.detail or ""}
    uow.put(money_keys.voucher_outcome(voucher.id), outcome, expect=0)
    return _told(voucher, outcome)


def load(uow: UnitOfWork, voucher_id: str) -> Voucher:
    """Raise NotFound."""
    pointer = uow.get(money_keys.voucher_owner(voucher_id))
    item = pointer and uow.get(money_keys.voucher(pointer["owner"], pointer["name"]))
    if not item:
        raise NotFound("there is no such voucher")
    return _with_outcome(uow, _from_item(item))


def list_of(uow: UnitOfWork, owner: str) -> list[Voucher]:
    """Every voucher of a merchant or a driver, by kind and reference."""
    items = uow.query_all(TableName.CORE, money_keys.vouchers(owner))
    made = [_from_item(item) for item in items]
    keys = {one.id: money_keys.voucher_outcome(one.id) for one in made}
    outcomes = uow.get_many(keys.values())
    return [_told(one, outcomes.get(keys[one.id])) for one in made]


def creditable_minor(uow: UnitOfWork, ref: DeliveryRef, currency: str) -> int:
    """How much of what a delivery was charged was not given back yet."""
    charged = balances(store.list_entries(uow, Book("delivery", str(ref))))
    books = (Book("credit", str(ref)), Book(LATE_REFUND, str(ref)))
    given = balances(entry for book in books for entry in store.list_entries(uow, book))
    owed = Account(AccountKind.RECEIVABLE, currency, ref.merchant_id)
    return payments.charged_minor(charged, currency) + given.get(owed, 0)


def _must_be_sound(wanted: Wanted) -> None:
    if wanted.money.amount_minor <= 0:
        raise Invalid("an amount is above nothing", fields=[_field("amount_minor", "> 0")])
    if wanted.kind.is_of_delivery and not (wanted.delivery_id and wanted.reason):
        raise Invalid("a credit is for a delivery", fields=[_field("delivery_id", "is missing")])


def _field(name: str, error: str) -> dict[str, str]:
    return {"field": name, "error": error}


def _name(wanted: Wanted) -> str:
    """Credits of two deliveries may share a reference, of one delivery they may not."""
    parts = (wanted.kind.value, wanted.delivery_id, wanted.reference)
    return "#".join(part for part in parts if part)


def _payment(uow: UnitOfWork, wanted: Wanted) -> Entry | None:
    return payments.receive_payment(uow, wanted.owner, wanted.money, wanted.reference)


def _remittance(uow: UnitOfWork, wanted: Wanted) -> Entry | None:
    return payments.hand_on_cash(uow, wanted.owner, wanted.money, wanted.reference)


def _handover(uow: UnitOfWork, wanted: Wanted) -> Entry | None:
    return payments.take_in_cash(uow, wanted.owner, wanted.money, wanted.reference)


def _credit(uow: UnitOfWork, wanted: Wanted) -> Entry | None:
    ref = DeliveryRef(wanted.owner, wanted.delivery_id)
    return payments.credit(uow, ref, wanted.money, wanted.reference)


def _compensation(uow: UnitOfWork, wanted: Wanted) -> Entry | None:
    ref = DeliveryRef(wanted.owner, wanted.delivery_id)
    return payments.compensate(uow, ref, wanted.money, wanted.reference)


_POST: Mapping[VoucherKind, Callable[[UnitOfWork, Wanted], Entry | None]] = {
    VoucherKind.PAYMENT: _payment,
    VoucherKind.REMITTANCE: _remittance,
    VoucherKind.HANDOVER: _handover,
    VoucherKind.CREDIT: _credit,
    VoucherKind.COMPENSATION: _compensation,
}


def _with_outcome(uow: UnitOfWork, voucher: Voucher) -> Voucher:
    return _told(voucher, uow.get(money_keys.voucher_outcome(voucher.id)))


def _told(voucher: Voucher, outcome: Mapping[str, Any] | None) -> Voucher:
    if outcome is None:
        return voucher
    return Voucher(
        id=voucher.id,
        wanted=voucher.wanted,
        by=voucher.by,
        asked_at=voucher.asked_at,
        state=VoucherState(outcome["state"]),
        entry_id=outcome["entry_id"],
        refusal=outcome["refusal"],
    )


def _to_item(made: Voucher) -> dict[str, Any]:
    wanted = made.wanted
    return {
        "id": made.id,
        "kind": wanted.kind.value,
        "owner": wanted.owner,
        "amount_minor": wanted.money.amount_minor,
        "currency": wanted.money.currency,
        "reference": wanted.reference,
        "delivery_id": wanted.delivery_id,
        "reason": None if wanted.reason is None else wanted.reason.value,
        "because": wanted.because,
        "by": made.by,
        "asked_at": write_instant(made.asked_at),
        "version": 1,
    }


def _from_item(item: Mapping[str, Any]) -> Voucher:
    wanted = Wanted(
        kind=VoucherKind(item["kind"]),
        owner=item["owner"],
        money=Money(item["amount_minor"], item["currency"]),
        reference=item["reference"],
        delivery_id=item["delivery_id"],
        reason=None if item["reason"] is None else RefundReason(item["reason"]),
        because=item["because"],
    )
    return Voucher(item["id"], wanted, item["by"], read_instant(item["asked_at"]))
