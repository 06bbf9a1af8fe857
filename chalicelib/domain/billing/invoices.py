"""What does a merchant's invoice for a period say? Numbered without a gap, and never changed.

Its lines are the lines of the merchant's account in that period, one for each delivery; since
nothing follows into a closed period, they are read where they stand and not copied. What is given
back stands in a credit note of the same period, with a series of numbers of its own: no invoice is
below zero. Only what a late delivery gets back with its charge stands below it. Both keep what they
come to. The number is taken in the commit that closes the account, so none is lost and none is
given twice. Source: EU VAT directive 2006/112/EC, article 226 (2), a sequential number, based on
one or more series, that uniquely identifies the invoice.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.billing import store
from chalicelib.domain.billing.model import LATE_REFUND, Account, AccountKind, Book
from chalicelib.domain.billing.store import AccountLine
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: The books whose entries an invoice or a credit note is about; payments are not charged.
CHARGED = frozenset({"delivery", LATE_REFUND, "credit", "compensation"})


class PaperKind(StrEnum):
    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"


_FIRST = PaperKind.INVOICE
_SERIES = {PaperKind.INVOICE: "", PaperKind.CREDIT_NOTE: "CN"}


@dataclass(frozen=True, slots=True)
class InvoiceLine:
    """What one delivery is charged, or given back: the tax, the tip that is passed on, the rest.

    ``entry_id`` is the first entry's; what was taken back within the period is taken off.
    """

    book: Book
    entry_id: str
    at: datetime
    net_minor: int
    tax_minor: int
    tip_minor: int
    tax_permille: int = 0
    note: str = ""

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor + self.tip_minor

    @property
    def delivery_id(self) -> str:
        return self.book.subject.split("/")[1]


@dataclass(frozen=True, slots=True)
class TaxGroup:
    """The lines at one rate; tips are at none."""

    permille: int
    net_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Invoice:
    """``number`` counts from 1 within the year in which it was issued: ``2026-000042``; a credit
    note's is ``CN2026-000007``, and its amounts are what is given back, above zero."""

    number: str
    kind: PaperKind
    merchant_id: str
    currency: str
    from_at: datetime
    until_at: datetime
    issued_at: datetime
    lines: int
    net_minor: int
    tax_minor: int
    tip_minor: int

    @property
    def total_minor(self) -> int:
        return self.net_minor + self.tax_minor + self.tip_minor


def issue(
    uow: UnitOfWork, merchant_id: str, currency: str, from_at: datetime, until_at: datetime
) -> list[Invoice]:
    """The invoice and the credit note of a period, where there is anything to charge or to give.

    Belongs into the commit that closes the merchant's account: that is its guard.
    """
    lines = _by_delivery(uow, merchant_id, currency, from_at, until_at)
    made = []
    for kind in PaperKind:
        own = _lines_on(kind, lines)
        if not own:
            continue
        one = Invoice(
            number=_next_number(uow, kind),
            kind=kind,
            merchant_id=merchant_id,
            currency=currency,
            from_at=from_at,
            until_at=until_at,
            issued_at=uow.now,
            lines=len(own),
            net_minor=sum(line.net_minor for line in own),
            tax_minor=sum(line.tax_minor for line in own),
            tip_minor=sum(line.tip_minor for line in own),
        )
        name = f"{write_instant(until_at)}#{currency}#{kind.value}"
        uow.put(money_keys.invoice(merchant_id, name), _to_item(one), expect=0)
        made.append(one)
    return made


def lines_of(uow: UnitOfWork, made: Invoice) -> list[InvoiceLine]:
    """The lines of an invoice or a credit note; a credit note's are above zero, too."""
    lines = _by_delivery(uow, made.merchant_id, made.currency, made.from_at, made.until_at)
    return _lines_on(made.kind, lines)


def tax_groups(lines: Iterable[InvoiceLine]) -> list[TaxGroup]:
    """What is taxed at which rate, the highest first. Lines sum to it, and it to the invoice."""
    found: dict[int, tuple[int, int]] = {}
    for line in lines:
        net, tax = found.get(line.tax_permille, (0, 0))
        found[line.tax_permille] = (net + line.net_minor, tax + line.tax_minor)
    return [TaxGroup(permille, *found[permille]) for permille in sorted(found, reverse=True)]


def page_of_entries(
    uow: UnitOfWork,
    merchant_id: str,
    currency: str,
    month: str,
    *,
    limit: int,
    after: Cursor | None,
) -> tuple[list[InvoiceLine], Cursor | None]:
    """What was charged in a month, entry by entry, invoiced or not; a page may be shorter than it
    could be, where payments stood."""
    account = Account(AccountKind.RECEIVABLE, currency, merchant_id)
    lines, cursor = store.list_lines(uow, account, month, limit=limit, after=after)
    return [_line(one) for one in lines if one.entry.book.kind in CHARGED], cursor


def list_invoices(uow: UnitOfWork, merchant_id: str) -> list[Invoice]:
    """Every invoice and credit note of a merchant, the first one first: a dozen a year."""
    items = uow.query_all(TableName.MONEY, money_keys.invoices(merchant_id))
    made = (_from_item(item) for item in items)
    return sorted(made, key=lambda one: (one.until_at, one.currency, one.kind is not _FIRST))


def load(uow: UnitOfWork, merchant_id: str, number: str) -> Invoice:
    """Raise NotFound when this merchant has none of that number."""
    for one in list_invoices(uow, merchant_id):
        if one.number == number:
            return one
    raise NotFound("there is no such invoice")


def last_numbers(uow: UnitOfWork) -> dict[str, int]:
    """The last number of each series."""
    items = uow.query_all(TableName.MONEY, money_keys.INVOICE_NUMBERS)
    return {item["sk"]: int(item["last"]) for item in items}


def _by_delivery(
    uow: UnitOfWork, merchant_id: str, currency: str, from_at: datetime, until_at: datetime
) -> list[InvoiceLine]:
    """One line for each book, in the order of its first entry; books that came to nothing none."""
    account = Account(AccountKind.RECEIVABLE, currency, merchant_id)
    found: dict[Book, InvoiceLine] = {}
    for one in store.lines_between(uow, account, from_at, until_at):
        if one.entry.book.kind not in CHARGED:
            continue
        line = _line(one)
        first = found.get(line.book)
        found[line.book] = line if first is None else _added(first, line)
    return [line for line in found.values() if (line.net_minor, line.tip_minor) != (0, 0)]


def _added(first: InvoiceLine, line: InvoiceLine) -> InvoiceLine:
    return replace(
        first,
        at=line.at,
        net_minor=first.net_minor + line.net_minor,
        tax_minor=first.tax_minor + line.tax_minor,
        tip_minor=first.tip_minor + line.tip_minor,
    )


def _lines_on(kind: PaperKind, lines: Sequence[InvoiceLine]) -> list[InvoiceLine]:
    charged = {line.book.subject: line.total_minor for line in lines if line.total_minor >= 0}

    def is_charged(line: InvoiceLine) -> bool:
        # What a late delivery gets back stands below it; alone it would be a credit.
        beside = charged.get(line.book.subject, 0) if line.book.kind == LATE_REFUND else 0
        return line.total_minor + beside >= 0

    if kind is PaperKind.INVOICE:
        return [line for line in lines if is_charged(line)]
    return [_turned(line) for line in lines if not is_charged(line)]


def _turned(line: InvoiceLine) -> InvoiceLine:
    return replace(
        line,
        net_minor=-line.net_minor,
        tax_minor=-line.tax_minor,
        tip_minor=-line.tip_minor,
    )


def _next_number(uow: UnitOfWork, kind: PaperKind) -> str:
    series = f"{_SERIES[kind]}{store.month_of(uow.now)[:4]}"
    key = money_keys.invoice_numbers(series)
    item = uow.get(key)
    last = 0 if item is None else int(item["last"])
    uow.put(key, {"last": last + 1}, expect=last)
    return f"{series}-{last + 1:06d}"


def _line(line: AccountLine) -> InvoiceLine:
    entry, currency = line.entry, line.account.currency
    tax_minor = -entry.amount_of(Account(AccountKind.TAX, currency))
    tip_minor = -entry.amount_of(Account(AccountKind.TIPS, currency))
    net_minor = line.amount_minor - tax_minor - tip_minor
    return InvoiceLine(
        book=entry.book,
        entry_id=entry.id,
        at=entry.at,
        net_minor=net_minor,
        tax_minor=tax_minor,
        tip_minor=tip_minor,
        tax_permille=entry.tax_permille,
        note=entry.note,
    )


def _to_item(made: Invoice) -> dict[str, Any]:
    return {
        "number": made.number,
        "kind": made.kind.value,
        "merchant_id": made.merchant_id,
        "currency": made.currency,
        "from": write_instant(made.from_at),
        "until": write_instant(made.until_at),
        "issued_at": write_instant(made.issued_at),
        "lines": made.lines,
        "net_minor": made.net_minor,
        "tax_minor": made.tax_minor,
        "tip_minor": made.tip_minor,
    }


def _from_item(item: dict[str, Any]) -> Invoice:
    return Invoice(
        number=item["number"],
        kind=PaperKind(item["kind"]),
        merchant_id=item["merchant_id"],
        currency=item["currency"],
        from_at=read_instant(item["from"]),
        until_at=read_instant(item["until"]),
        issued_at=read_instant(item["issued_at"]),
        lines=item["lines"],
        net_minor=item["net_minor"],
        tax_minor=item["tax_minor"],
        tip_minor=item["tip_minor"],
    )
