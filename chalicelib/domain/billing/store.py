"""How are entries kept, and how is an account read?

An entry is one item under its book. Each account with an owner gets a line in the same commit, by
month, so a statement of a merchant or a driver is one query and agrees with the journal at every
moment; accounts without one (revenue, tax, wages) are only ever summed at the close of a month,
from the same entries.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.billing.model import Account, AccountKind, Book, Entry, Leg
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
        if leg.account.kind is AccountKind.ENGAGED:
            # It has to be closed also where routes pay nothing but the floor.
            earnings = replace(leg.account, kind=AccountKind.EARNINGS)
            _register(uow, earnings, month_of(entry.at))


def _register(uow: UnitOfWork, account: Account, month: str) -> None:
    """Note that there is such an account, once."""
    known = money_keys.account(str(account))
    if uow.get(known) is None:
        uow.put(known, {"since": month}, expect=0)


def list_accounts(uow: UnitOfWork) -> dict[Account, datetime]:
    """Every account with an owner that ever moved, and the start of the first month that it did."""
    items = uow.query_all(TableName.MONEY, money_keys.ACCOUNTS)
    return {Account.parse(item["sk"]): _month_start(item["since"]) for item in items}


def since_of(uow: UnitOfWork, account: Account) -> datetime | None:
    """The start of the first month in which an account moved; None for one that never did."""
    item = uow.get(money_keys.account(str(account)))
    return None if item is None else _month_start(item["since"])


def load_entries(
    uow: UnitOfWork, names: Sequence[tuple[Book, int]]
) -> dict[tuple[Book, int], Entry]:
    """Entries by book and revision; those that there are not are left out."""
    keys = {money_keys.entry(str(book), revision): (book, revision) for book, revision in names}
    return {keys[key]: _from_item(item) for key, item in uow.get_many(keys).items()}


def list_lines(
    uow: UnitOfWork,
    account: Account,
    month: str,
    *,
    limit: int,
    after: Cursor | None = None,
    since: datetime | None = None,
) -> tuple[list[AccountLine], Cursor | None]:
    """A page of what happened to an account in a month (``2026-11``), the first first."""
    pk = money_keys.account_lines(str(account), month)
    sk_from = "" if since is None else write_instant(since)
    page = uow.query(TableName.MONEY, pk, sk_from=sk_from, limit=limit, after=after)
    return [_line(account, item) for item in page.items], page.cursor


def lines_between(
    uow: UnitOfWork, account: Account, from_at: datetime, until_at: datetime
) -> Iterator[AccountLine]:
    """What happened to an account from the first instant on and before the second, in order."""
    since: datetime | None = from_at
    for month in months_between(from_at, until_at):
        after: Cursor | None = None
        while True:
            lines, after = list_lines(uow, account, month, limit=1000, after=after, since=since)
            for line in lines:
                if line.entry.at >= until_at:
                    return
                yield line
            if after is None:
                break
        since = None


def months_between(from_at: datetime, until_at: datetime) -> Iterator[str]:
    """The months that a span reaches into, the earliest first."""
    at = from_at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    while at < until_at:
        yield month_of(at)
        at = (at + timedelta(days=32)).replace(day=1)


def month_of(at: datetime) -> str:
    """The month that an entry is in, in UTC, so that it is the same for everybody: ``2026-11``."""
    return write_instant(at)[:7]


def _month_start(month: str) -> datetime:
    return read_instant(f"{month}-01T00:00:00Z")


def _line(account: Account, item: dict[str, Any]) -> AccountLine:
    return AccountLine(account, item["amount_minor"], _from_item(item))


def _to_item(entry: Entry) -> dict[str, Any]:
    return {
        "book": [entry.book.kind, entry.book.subject],
        "revision": entry.revision,
        "at": write_instant(entry.at),
        "because": entry.because,
        "legs": {str(leg.account): leg.amount_minor for leg in entry.legs},
        "tax_permille": entry.tax_permille,
        "note": entry.note,
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
        tax_permille=item["tax_permille"],
        note=item["note"],
    )
