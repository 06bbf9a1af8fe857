"""What passed between us and a merchant besides the charges: payments, credits, cash handed on.

Each has a reference of its own (the bank's, the case's): the same one again posts nothing, another
amount under it is a contradiction and refused. Raises Invalid unless the amount is above nothing.
"""

from chalicelib.domain.billing import journal, store
from chalicelib.domain.billing.model import Account, AccountKind, Amounts, Book, Entry, balances
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


def credit(
    uow: UnitOfWork, ref: DeliveryRef, given: Money, tax_permille: int, reference: str
) -> Entry | None:
    """Give a merchant something back for a delivery, tax included; None if given before.

    The tax in it is its share of the whole: ``given * rate / (1 + rate)``, half of a unit up.
    """
    _must_be_something(given)
    tax_minor = divide_half_up(given.amount_minor * tax_permille, 1000 + tax_permille)
    amounts = {
        Account(AccountKind.REVENUE, given.currency): given.amount_minor - tax_minor,
        Account(AccountKind.TAX, given.currency): tax_minor,
        Account(AccountKind.RECEIVABLE, given.currency, ref.merchant_id): -given.amount_minor,
    }
    return _once(uow, Book("credit", f"{ref}/{reference}"), amounts, reference)


def _must_be_something(money: Money) -> None:
    if money.amount_minor <= 0:
        raise Invalid("an amount is above nothing", fields=[{"field": "amount", "error": "> 0"}])


def _once(uow: UnitOfWork, book: Book, amounts: Amounts, because: str) -> Entry | None:
    moved = {account: amount for account, amount in amounts.items() if amount}
    posted = store.list_entries(uow, book)
    if posted and balances(posted) != moved:
        raise Conflict("another amount stands under this reference")
    return journal.settle(uow, book, moved, because)
