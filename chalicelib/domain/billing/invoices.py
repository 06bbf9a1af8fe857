"""What does a merchant's invoice for a month say? Numbered without a gap, and never changed.

Its lines are the lines of the merchant's account in that month, charges and credits; since nothing
follows into a closed month, they are read where they stand and not copied. The invoice keeps what
they come to. The number is taken in the commit that issues it, so none is lost and none is given
twice; issuing again tells the same invoice. Source: EU VAT directive 2006/112/EC, article 226 (2),
a sequential number that uniquely identifies the invoice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.billing import months, store
from chalicelib.domain.billing.model import Account, AccountKind, Book
from chalicelib.domain.billing.store import AccountLine
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: The books whose entries an invoice is about; payments are not charged.
_CHARGED = frozenset({"delivery", "credit"})


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What one entry charges, or gives back: the tax, the tip that is passed on, and the rest."""

    book: Book
    entry_id: str
    at: datetime
    net_minor: int
    tax_minor: int
    tip_minor: int

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor + self.tip_minor


@dataclass(frozen=True, slots=True)
class Invoice:
    """``number`` counts from 1 within the year in which it was issued: ``2026-000042``."""

    number: str
    merchant_id: str
    currency: str
    month: str
    issued_at: datetime
    lines: int
    net_minor: int
    tax_minor: int
    tip_minor: int

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor + self.tip_minor


def issue(uow: UnitOfWork, merchant_id: str, currency: str, month: str) -> Invoice | None:
    """The invoice of a month; None when there is nothing to charge in it.

    Raises
    ------
    Conflict
        While the month is not over.
    """
    months.must_be_over(month, uow.now)
    key = money_keys.invoice(merchant_id, f"{month}#{currency}")
    known = uow.get(key)
    if known is not None:
        return _from_item(known)
    lines = list(lines_of(uow, merchant_id, currency, month))
    if not lines:
        return None
    made = Invoice(
        number=_next_number(uow),
        merchant_id=merchant_id,
        currency=currency,
        month=month,
        issued_at=uow.now,
        lines=len(lines),
        net_minor=sum(line.net_minor for line in lines),
        tax_minor=sum(line.tax_minor for line in lines),
        tip_minor=sum(line.tip_minor for line in lines),
    )
    uow.put(key, _to_item(made), expect=0)
    return made


def lines_of(uow: UnitOfWork, merchant_id: str, currency: str, month: str) -> Iterator[InvoiceLine]:
    """What is charged in a month, the first first."""
    account = Account(AccountKind.RECEIVABLE, currency, merchant_id)
    for line in store.every_line(uow, account, month):
        if line.entry.book.kind in _CHARGED:
            yield _line(line)


def page_of_lines(
    uow: UnitOfWork,
    merchant_id: str,
    currency: str,
    month: str,
    *,
    limit: int,
    after: Cursor | None,
) -> tuple[list[InvoiceLine], Cursor | None]:
    """A page of the same; a page may be shorter than it could be, where payments stood."""
    account = Account(AccountKind.RECEIVABLE, currency, merchant_id)
    lines, cursor = store.list_lines(uow, account, month, limit=limit, after=after)
    return [_line(one) for one in lines if one.entry.book.kind in _CHARGED], cursor


def list_invoices(uow: UnitOfWork, merchant_id: str) -> list[Invoice]:
    """Every invoice of a merchant, by month: a dozen a year."""
    pk = money_keys.invoices(merchant_id)
    return [_from_item(item) for item in uow.query_all(TableName.MONEY, pk)]


def _next_number(uow: UnitOfWork) -> str:
    year = store.month_of(uow.now)[:4]
    key = money_keys.invoice_numbers(year)
    item = uow.get(key)
    last = 0 if item is None else int(item["last"])
    uow.put(key, {"last": last + 1}, expect=last)
    return f"{year}-{last + 1:06d}"


def _line(line: AccountLine) -> InvoiceLine:
    entry, currency = line.entry, line.account.currency
    tax_minor = -entry.amount_of(Account(AccountKind.TAX, currency))
    tip_minor = -entry.amount_of(Account(AccountKind.TIPS, currency))
    net_minor = line.amount_minor - tax_minor - tip_minor
    return InvoiceLine(entry.book, entry.id, entry.at, net_minor, tax_minor, tip_minor)


def _to_item(made: Invoice) -> dict[str, Any]:
    return {
        "number": made.number,
        "merchant_id": made.merchant_id,
        "currency": made.currency,
        "month": made.month,
        "issued_at": write_instant(made.issued_at),
        "lines": made.lines,
        "net_minor": made.net_minor,
        "tax_minor": made.tax_minor,
        "tip_minor": made.tip_minor,
    }


def _from_item(item: dict[str, Any]) -> Invoice:
    return Invoice(
        number=item["number"],
        merchant_id=item["merchant_id"],
        currency=item["currency"],
        month=item["month"],
        issued_at=read_instant(item["issued_at"]),
        lines=item["lines"],
        net_minor=item["net_minor"],
        tax_minor=item["tax_minor"],
        tip_minor=item["tip_minor"],
    )
