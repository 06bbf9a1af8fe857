"""Did a period's routes pay what an hour is worth at least? If not, the rest is added.

A hub's rates may promise a floor for each hour of engaged time. What a route's time is worth by it
stands in the books beside the pay, as a memorandum (``engaged``), so it follows every correction.
When a driver's account is closed, the worth of the period's routes is held against their wages;
tips are on top and do not count. What is missing is an entry of its own, put once for the period,
in the commit that closes it. Periods stand alone: a good one makes up for no other.

Source: the usual form of such rules, e.g. California Business and Professions Code section 7453 (a
floor over an earnings period, for engaged time, without gratuities; the difference is paid by the
end of the next period at the latest) and Seattle Municipal Code 8.37 (engaged time begins when the
offer is accepted).
"""

from collections.abc import Iterable
from datetime import datetime

from chalicelib.domain.billing import journal, store
from chalicelib.domain.billing.model import Account, AccountKind, Book, Entry
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

#: The kind of the books of what was added.
FLOOR = "floor"


def top_up(
    uow: UnitOfWork, driver_id: str, currency: str, from_at: datetime, until_at: datetime
) -> int:
    """Post what a period's wages are short of the floor, and return it.

    Belongs into the commit that closes the driver's account: that is its guard.
    """
    missing_minor = short_of(uow, driver_id, currency, from_at, until_at)
    if missing_minor:
        amounts = {
            Account(AccountKind.WAGES, currency): missing_minor,
            Account(AccountKind.EARNINGS, currency, driver_id): -missing_minor,
        }
        book = book_of(driver_id, currency, until_at)
        journal.settle(uow, book, amounts, str(book), note=write_instant(until_at))
    return missing_minor


def short_of(
    uow: UnitOfWork, driver_id: str, currency: str, from_at: datetime, until_at: datetime
) -> int:
    """What the wages of a period are short of the floor; nothing if they reach it."""
    engaged = Account(AccountKind.ENGAGED, currency, driver_id)
    if store.since_of(uow, engaged) is None:
        return 0
    earnings = Account(AccountKind.EARNINGS, currency, driver_id)
    entries = {
        line.entry.id: line.entry
        for account in (engaged, earnings)
        for line in store.lines_between(uow, account, from_at, until_at)
        if line.entry.book.kind == "route"
    }
    wages = Account(AccountKind.WAGES, currency)
    # Pay that was taken back is no hour that was paid too little.
    paid_minor = max(0, _moved(wages, entries.values()))
    return max(0, _moved(engaged, entries.values()) - paid_minor)


def book_of(driver_id: str, currency: str, until_at: datetime) -> Book:
    """The book of what was added for the period that ends then."""
    return Book(FLOOR, f"{driver_id}/{write_instant(until_at)}#{currency}")


def _moved(account: Account, entries: Iterable[Entry]) -> int:
    return sum(entry.amount_of(account) for entry in entries)
