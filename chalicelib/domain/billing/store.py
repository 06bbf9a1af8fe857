"""How are entries kept, and how is an account read?

An entry is one item under its book. Each account with an owner gets a line in the same commit, by
month, so a statement of a merchant or a driver is one query and agrees with the journal at every
moment; accounts without one (revenue, tax, wages) are only ever summed at the close of a month,
from the same entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.billing.model import Account, Book, Entry, Leg
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class AccountLine:
    """What one entry did to one account; the whole entry stands by it."""

    account: Account
    amount_minor: int
    entry: Entry


def list_entries(uow: UnitOfWork, book: Book) -> list[Entry]:
    """Every entry of a book, the first one first."""
    pk = money_keys.entries(str(book))
    return [_from_item(item) for item in uow.query_all(TableName.MONEY, pk)]


def save(uow: UnitOfWork, entry: Entry) -> None:
    """Post it, with its accounts' lines; refused at commit if its place is taken."""
    item = _to_item(entry)
    uow.put(money_keys.entry(str(entry.book), entry.revision), item, expect=0)
    at = write_instant(entry.at)
    for leg in entry.legs:
        if leg.account.kind.has_owner:
            key = money_keys.account_line(str(leg.account), month_of(entry.at), at, entry.id)
            uow.put(key, {**item, "amount_minor": leg.amount_minor}, expect=0)
            _register(uow, leg.account, month_of(entry.at))


def _register(uow: UnitOfWork, account: Account, month: str) -> None:
    """Note that there is such an account, once."""
    known = money_keys.account(str(account))
    if uow.get(known) is None:
        uow.put(known, {"since": month}, expect=0)


def list_accounts(uow: UnitOfWork) -> list[Account]:
    """Every account with an owner that ever moved."""
    items = uow.query_all(TableName.MONEY, money_keys.ACCOUNTS)
    return [Account.parse(item["sk"]) for item in items]


def first_month_of(uow: UnitOfWork, account: Account) -> str | None:
    item = uow.get(money_keys.account(str(account)))
    return None if item is None else str(item["since"])


def list_lines(
    uow: UnitOfWork, account: Account, month: str, *, limit: int, after: Cursor | None = None
) -> tuple[list[AccountLine], Cursor | None]:
    """A page of what happened to an account in a month (``2026-11``), the first first."""
    pk = money_keys.account_lines(str(account), month)
    page = uow.query(TableName.MONEY, pk, limit=limit, after=after)
    return [_line(account, item) for item in page.items], page.cursor


def every_line(uow: UnitOfWork, account: Account, month: str) -> Iterator[AccountLine]:
    """All of a month, page by page."""
    after: Cursor | None = None
    while True:
        lines, after = list_lines(uow, account, month, limit=500, after=after)
        yield from lines
        if after is None:
            return


def month_of(at: datetime) -> str:
    """The month that an entry is in, in UTC, so that it is the same for everybody: ``2026-11``."""
    return write_instant(at)[:7]


def _line(account: Account, item: dict[str, Any]) -> AccountLine:
    return AccountLine(account, item["amount_minor"], _from_item(item))


def _to_item(entry: Entry) -> dict[str, Any]:
    return {
        "book": [entry.book.kind, entry.book.subject],
        "revision": entry.revision,
        "at": write_instant(entry.at),
        "because": entry.because,
        "legs": {str(leg.account): leg.amount_minor for leg in entry.legs},
    }


def _from_item(item: dict[str, Any]) -> Entry:
    kind, subject = item["book"]
    legs = tuple(Leg(Account.parse(name), amount) for name, amount in item["legs"].items())
    return Entry(
        book=Book(kind, subject),
        revision=item["revision"],
        at=read_instant(item["at"]),
        because=item["because"],
        legs=tuple(sorted(legs, key=lambda leg: str(leg.account))),
    )
