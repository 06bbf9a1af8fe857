"""Use cases of the journal: bring a book to where it should stand.

What was posted is read, what should stand there is given, the difference is posted as the book's
next entry. The entry's place is taken in the commit, so of two that post at once one is refused, is
run again, and finds nothing left to do.
"""

from chalicelib.domain.billing import store, targets
from chalicelib.domain.billing.model import Amounts, Book, Entry, balances, difference
from chalicelib.domain.deliveries import prices
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.drivers import statements
from chalicelib.domain.pricing.charges import Charges
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork


def book_delivery(uow: UnitOfWork, ref: DeliveryRef, because: str) -> Entry | None:
    """Post what a delivery has brought since it was last posted; None if that is nothing.

    Raises
    ------
    NotFound
        If there is no such delivery.
    """
    delivery = deliveries.load(uow, ref)
    book = Book("delivery", str(ref))
    if not delivery.status.is_final and not store.list_entries(uow, book):
        return None
    try:
        due: Charges | None = prices.bill(uow, delivery).charges
    except NotFound:
        due = None
    return settle(uow, book, targets.of_delivery(delivery, due), because)


def book_route(uow: UnitOfWork, driver_id: str, route_id: str, because: str) -> Entry | None:
    """Post what a route's last statement changes; None if that is nothing."""
    last = statements.find_last(uow, driver_id, route_id)
    book = Book("route", f"{driver_id}/{route_id}")
    return settle(uow, book, targets.of_route(last), because)


def settle(uow: UnitOfWork, book: Book, wanted: Amounts, because: str) -> Entry | None:
    """Post the difference between what is wanted and what a book holds; None if there is none."""
    posted = store.list_entries(uow, book)
    legs = difference(wanted, balances(posted))
    if not legs:
        return None
    entry = Entry(book, len(posted) + 1, uow.now, because, legs)
    store.save(uow, entry)
    return entry


def on_delivery(uow: UnitOfWork, event: Event) -> None:
    """A delivery came to its end, or back from it."""
    book_delivery(uow, DeliveryRef(event.data["merchant_id"], event.subject), event.id)


def on_route(uow: UnitOfWork, event: Event) -> None:
    """A route ended, or was taken up again: its pay stands in its driver's statements."""
    if event.data.get("driver_id") is not None:
        book_route(uow, event.data["driver_id"], event.subject, event.id)
