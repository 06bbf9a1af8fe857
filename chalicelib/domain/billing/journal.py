"""Use cases of the journal: bring a book to where it should stand.

What was posted is read, what should stand there is given, the difference is posted as the book's
next entry. The entry's place is taken in the commit, so of two that post at once one is refused, is
run again, and finds nothing left to do.
"""

from collections.abc import Sequence

from chalicelib.domain.billing import store, targets
from chalicelib.domain.billing.model import (
    LATE_REFUND,
    Account,
    AccountKind,
    Amounts,
    Book,
    Entry,
    balances,
    difference,
)
from chalicelib.domain.deliveries import prices
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.drivers import statements
from chalicelib.domain.pricing.charges import Charges, before_late_refund
from chalicelib.kit.errors import NotFound
from chalicelib.storage.unit_of_work import UnitOfWork


def book_delivery(uow: UnitOfWork, ref: DeliveryRef, because: str) -> Entry | None:
    """Post what a delivery has brought since it was last posted; None if that is nothing.

    What is given back because it came late has a book and so a line of its own, posted with it.

    Raises
    ------
    NotFound
        If there is no such delivery.
    """
    delivery = deliveries.load(uow, ref)
    due = _due(uow, delivery) if delivery.status.is_final else None
    plain = None if due is None else before_late_refund(due)
    rate, note = 0 if due is None else due.tax_permille, delivery.order_name
    wanted = targets.of_delivery(delivery, plain)
    book = Book("delivery", str(ref))
    entry = settle(uow, book, wanted, because, tax_permille=rate, note=note)
    back: Amounts = {}
    if due is not None and plain is not None and plain != due:
        left_minor = plain.total_minor - _credited(uow, ref, due.currency)
        back = targets.of_late_refund(delivery, plain, due, left_minor)
    book = Book(LATE_REFUND, str(ref))
    refund = settle(uow, book, back, because, tax_permille=rate, note=note)
    return entry or refund


def book_route(uow: UnitOfWork, driver_id: str, route_id: str, because: str) -> Entry | None:
    """Post what a route's last statement changes; None if that is nothing."""
    last = statements.find_last(uow, driver_id, route_id)
    book = Book("route", f"{driver_id}/{route_id}")
    return settle(uow, book, targets.of_route(last), because)


def settle(
    uow: UnitOfWork,
    book: Book,
    wanted: Amounts,
    because: str,
    *,
    tax_permille: int = 0,
    note: str = "",
) -> Entry | None:
    """Post the difference between what is wanted and what a book holds; None if there is none."""
    posted = store.list_entries(uow, book)
    legs = difference(wanted, balances(posted))
    if not legs:
        return None
    if posted and not tax_permille:
        # What is taken back is taken back at its rate, though nothing is due any more.
        tax_permille = posted[-1].tax_permille
    entry = Entry(book, len(posted) + 1, uow.now, because, legs, tax_permille, note)
    store.save(uow, entry)
    return entry


def add(
    uow: UnitOfWork,
    book: Book,
    posted: Sequence[Entry],
    moved: Amounts,
    because: str,
    *,
    tax_permille: int = 0,
    note: str = "",
) -> Entry:
    """Post one more entry, which moves so much, into a book that holds these."""
    legs = difference(moved, {})
    entry = Entry(book, len(posted) + 1, uow.now, because, legs, tax_permille, note)
    store.save(uow, entry)
    return entry


def _credited(uow: UnitOfWork, ref: DeliveryRef, currency: str) -> int:
    given = balances(store.list_entries(uow, Book("credit", str(ref))))
    return -given.get(Account(AccountKind.RECEIVABLE, currency, ref.merchant_id), 0)


def _due(uow: UnitOfWork, delivery: Delivery) -> Charges | None:
    try:
        return prices.bill(uow, delivery).charges
    except NotFound:
        # No price was ever agreed for it.
        return None
