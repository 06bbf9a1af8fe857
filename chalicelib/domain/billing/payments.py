"""What passed between us and others besides the charges: payments, credits, cash handed on.

Each has a reference of its own (the bank's, the case's): the same one again posts nothing, another
amount under it is a contradiction and refused. Raises Invalid unless the amount is above nothing.
Credits and compensations of a delivery share a book: together they never exceed what was charged.
"""

from chalicelib.domain.billing import journal, store
from chalicelib.domain.billing.model import (
    LATE_REFUND,
    Account,
    AccountKind,
    Amounts,
    Book,
    Entry,
    balances,
)
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pricing.model import divide_half_up
from chalicelib.kit.errors import Conflict, Invalid
from chalicelib.kit.money import Money
from chalicelib.storage.unit_of_work import UnitOfWork


def receive_payment(uow: UnitOfWork, merchant_id: str, paid: Money, reference: str) -> Entry | None:
    """A merchant paid us; None if that was noted before."""
    _must_be_something(paid)
    amounts = {
        Account(AccountKind.BANK, paid.currency): paid.amount_minor,
        Account(AccountKind.RECEIVABLE, paid.currency, merchant_id): -paid.amount_minor,
    }
    return _once(uow, Book("payment", f"{merchant_id}/{reference}"), amounts, reference)


def hand_on_cash(uow: UnitOfWork, merchant_id: str, sent: Money, reference: str) -> Entry | None:
    """We sent a merchant what was collected at doors; None if that was noted before."""
    _must_be_something(sent)
    amounts = {
        Account(AccountKind.COLLECTED, sent.currency, merchant_id): sent.amount_minor,
        Account(AccountKind.BANK, sent.currency): -sent.amount_minor,
    }
    return _once(uow, Book("remittance", f"{merchant_id}/{reference}"), amounts, reference)


def take_in_cash(uow: UnitOfWork, driver_id: str, handed: Money, reference: str) -> Entry | None:
    """A driver handed cash over at the hub, and it is in our bank; None if noted before."""
    _must_be_something(handed)
    amounts = {
        Account(AccountKind.BANK, handed.currency): handed.amount_minor,
        Account(AccountKind.CASH, handed.currency, driver_id): -handed.amount_minor,
    }
    return _once(uow, Book("handover", f"{driver_id}/{reference}"), amounts, reference)


def credit(uow: UnitOfWork, ref: DeliveryRef, given: Money, reference: str) -> Entry | None:
    """Give a merchant back some of what a delivery was charged, tax included; None if given before.

    The tax in it is its share of the whole, ``given * rate / (1 + rate)``, half of a unit up, over
    all credits of the delivery and what it got back for being late together: so giving back all of
    it in parts gives back all its tax.

    Raises
    ------
    Conflict
        If more would be given back than was charged, or the reference stands for another amount.
    """
    _must_be_something(given)
    currency = given.currency
    charged = store.list_entries(uow, Book("delivery", str(ref)))
    book = Book("credit", str(ref))
    posted = store.list_entries(uow, book)
    if _stands(posted, reference, given, ref.merchant_id):
        return None
    owed = Account(AccountKind.RECEIVABLE, currency, ref.merchant_id)
    tax = Account(AccountKind.TAX, currency)
    late = store.list_entries(uow, Book(LATE_REFUND, str(ref)))
    given_back = balances([*posted, *late])
    before_minor = -given_back.get(owed, 0)
    after_minor = before_minor + given.amount_minor
    if after_minor > charged_minor(balances(charged), currency):
        raise Conflict("more would be given back than was charged")
    rate = charged[-1].tax_permille
    tax_minor = _tax_in(after_minor, rate) - given_back.get(tax, 0)
    tax_minor = min(given.amount_minor, max(0, tax_minor))
    amounts = {
        Account(AccountKind.REVENUE, currency): given.amount_minor - tax_minor,
        tax: tax_minor,
        owed: -given.amount_minor,
    }
    of = charged[-1]
    return journal.add(
        uow, book, posted, amounts, reference, tax_permille=of.tax_permille, note=of.note
    )


def compensate(uow: UnitOfWork, ref: DeliveryRef, given: Money, reference: str) -> Entry | None:
    """Pay a merchant for goods that were lost or broke in our hands; None if noted before.

    Damages are no price: there is no tax in them.
    """
    _must_be_something(given)
    charged = store.list_entries(uow, Book("delivery", str(ref)))
    book = Book("compensation", str(ref))
    posted = store.list_entries(uow, book)
    if _stands(posted, reference, given, ref.merchant_id):
        return None
    amounts = {
        Account(AccountKind.LOSSES, given.currency): given.amount_minor,
        Account(AccountKind.RECEIVABLE, given.currency, ref.merchant_id): -given.amount_minor,
    }
    note = charged[-1].note if charged else ""
    return journal.add(uow, book, posted, amounts, reference, note=note)


def charged_minor(held: Amounts, currency: str) -> int:
    """What a delivery's book says was charged for it, tax included, tips left out."""
    earned = held.get(Account(AccountKind.REVENUE, currency), 0)
    return -earned - held.get(Account(AccountKind.TAX, currency), 0)


def _tax_in(amount_minor: int, permille: int) -> int:
    return divide_half_up(amount_minor * permille, 1000 + permille)


def _stands(posted: list[Entry], reference: str, given: Money, merchant_id: str) -> bool:
    owed = Account(AccountKind.RECEIVABLE, given.currency, merchant_id)
    for entry in posted:
        if entry.because == reference:
            if -entry.amount_of(owed) != given.amount_minor:
                raise Conflict("another amount stands under this reference")
            return True
    return False


def _must_be_something(money: Money) -> None:
    if money.amount_minor <= 0:
        raise Invalid("an amount is above nothing", fields=[{"field": "amount", "error": "> 0"}])


def _once(uow: UnitOfWork, book: Book, amounts: Amounts, because: str) -> Entry | None:
    moved = {account: amount for account, amount in amounts.items() if amount}
    posted = store.list_entries(uow, book)
    if posted and balances(posted) != moved:
        raise Conflict("another amount stands under this reference")
    return journal.settle(uow, book, moved, because, note=because)
