"""What do the books say? A merchant's charges and invoices, a driver's payouts; never written."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib.domain.billing import invoices, payouts
from chalicelib.domain.billing.invoices import Invoice, InvoiceLine
from chalicelib.domain.billing.payouts import Payout
from chalicelib.entry import rest, work
from chalicelib.entry.api.whose import READ, WhoseQuery, merchant_of
from chalicelib.entry.auth import DRIVER, OPERATOR, Caller
from chalicelib.entry.path_parts import IdOf, InvoiceNumber
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Malformed
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Money")
mine = Doors(bp, tag="Driver")

Number = Annotated[str, InvoiceNumber()]
DriverId = Annotated[str, IdOf("drv", "driver")]
Month = Annotated[str, StringConstraints(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
_AMOUNTS = {"net_minor": 490, "tax_minor": 93, "tip_minor": 0, "total_minor": 583}
_INVOICE: dict[str, Any] = {
    "number": "2026-000042",
    "kind": "invoice",
    "currency": "EUR",
    "from": "2026-11-01T00:00:00Z",
    "until": "2026-12-01T00:00:00Z",
    "issued_at": "2026-12-01T03:10:04.112Z",
    "lines": 1,
    **_AMOUNTS,
}


class InvoiceAnswer(rest.Answer):
    """An invoice or a credit note: what its period was charged, or given back.

    A credit note's amounts are above zero, too. ``from`` counts, ``until`` does not.
    ``tip_minor``: what your customers gave for their drivers, passed on in full.
    """

    number: str
    kind: Literal["invoice", "credit_note"]
    currency: Currency
    from_: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    issued_at: AwareDatetime
    lines: int
    net_minor: int
    tax_minor: int
    tip_minor: int
    total_minor: int

    model_config = rest.example(**_INVOICE)


class InvoiceList(rest.Answer):
    """Every invoice and credit note, the first one first."""

    invoices: list[InvoiceAnswer]

    model_config = rest.example(invoices=[_INVOICE])


class InvoiceLineAnswer(rest.Answer):
    """What a delivery was charged (``kind`` is ``delivery``), or given back for it
    (``late_refund``, ``credit``, ``compensation``). ``order``: the order's name; ``tax_permille``:
    the rate of the tax in it."""

    entry_id: str
    kind: str
    delivery_id: str
    order: str
    at: AwareDatetime
    net_minor: int
    tax_minor: int
    tax_permille: int
    tip_minor: int
    total_minor: int


_LINE: dict[str, Any] = {
    "entry_id": "delivery#mer_1/del_01m83qpnc10y2w525st46371np#0001",
    "kind": "delivery",
    "delivery_id": "del_01m83qpnc10y2w525st46371np",
    "order": "#1042",
    "at": "2026-11-26T14:55:02.118Z",
    "tax_permille": 190,
    **_AMOUNTS,
}


class InvoiceLines(rest.Answer):
    """Lines in the order in which they were posted."""

    lines: list[InvoiceLineAnswer]
    next_cursor: str | None

    model_config = rest.example(lines=[_LINE], next_cursor=None)


class LinesQuery(WhoseQuery):
    """A month in UTC and a currency."""

    month: Month
    currency: Currency
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class InvoiceLinesQuery(WhoseQuery):
    limit: Annotated[int, Field(ge=1, le=500)] = 100
    cursor: Annotated[str, Field(max_length=200)] | None = None


_PAYOUT: dict[str, Any] = {
    "id": "pay_01m83qpnc10y2w525st46371np",
    "currency": "EUR",
    "from": "2026-11-01T00:00:00Z",
    "until": "2026-12-01T00:00:00Z",
    "at": "2026-12-01T03:10:05.902Z",
    "kept_minor": 0,
    "paid_minor": 61_240,
    "topped_up_minor": 1_240,
}


class PayoutAnswer(rest.Answer):
    """``kept_minor``: cash from doors that stays with you; ``paid_minor``: from our bank;
    ``topped_up_minor``: what of both was added to reach the hourly floor."""

    id: str
    currency: Currency
    from_: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    at: AwareDatetime
    kept_minor: int
    paid_minor: int
    topped_up_minor: int

    model_config = rest.example(**_PAYOUT)


class PayoutList(rest.Answer):
    """Every payout, the first one first."""

    payouts: list[PayoutAnswer]

    model_config = rest.example(payouts=[_PAYOUT])


@doors.route("GET", "/v1/invoices", who=READ, answers={200: InvoiceList})
def list_invoices(caller: Caller, query: WhoseQuery) -> Mapping[str, Any]:
    """List invoices and credit notes: one each for every period and currency with anything in it.

    The operator names the merchant in `merchant_id`.
    """
    merchant_id = merchant_of(caller, query)
    found = work.read(lambda uow: invoices.list_invoices(uow, merchant_id))
    return {"invoices": [write_invoice(one) for one in found]}


@doors.route("GET", "/v1/invoices/{number}", who=READ, answers={200: InvoiceAnswer})
def show_invoice(caller: Caller, number: Number, query: WhoseQuery) -> Mapping[str, Any]:
    """Show an invoice or a credit note."""
    merchant_id = merchant_of(caller, query)
    return write_invoice(work.read(lambda uow: invoices.load(uow, merchant_id, number)))


@doors.route("GET", "/v1/invoices/{number}/lines", who=READ, answers={200: InvoiceLines})
def list_lines_of_invoice(
    caller: Caller, number: Number, query: InvoiceLinesQuery
) -> Mapping[str, Any]:
    """List the lines of an invoice or a credit note, one for each delivery; they sum to it."""
    merchant_id = merchant_of(caller, query)
    lines = work.read(lambda uow: _lines(uow, merchant_id, number))
    start = 0
    if query.cursor is not None:
        ids = [line.entry_id for line in lines]
        if query.cursor not in ids:
            raise Malformed("the cursor belongs to another list")
        start = ids.index(query.cursor) + 1
    page = lines[start : start + query.limit]
    is_last = start + query.limit >= len(lines)
    return {
        "lines": [write_line(one) for one in page],
        "next_cursor": None if is_last else page[-1].entry_id,
    }


@doors.route("GET", "/v1/invoice-lines", who=READ, answers={200: InvoiceLines})
def list_invoice_lines(caller: Caller, query: LinesQuery) -> Mapping[str, Any]:
    """List what was charged in a month, entry by entry, also while it is not over and invoiced."""
    merchant_id = merchant_of(caller, query)
    lines, cursor = work.read(lambda uow: _page(uow, merchant_id, query))
    return {"lines": [write_line(one) for one in lines], "next_cursor": cursor}


@mine.route("GET", "/v1/driver/payouts", who=(DRIVER,), answers={200: PayoutList})
def list_my_payouts(driver_id: str) -> Mapping[str, Any]:
    """List what you were paid, period by period."""
    found = work.read(lambda uow: payouts.list_payouts(uow, driver_id))
    return {"payouts": [write_payout(one) for one in found]}


@doors.route("GET", "/v1/drivers/{driver_id}/payouts", who=(OPERATOR,), answers={200: PayoutList})
def list_payouts_of_driver(driver_id: DriverId) -> Mapping[str, Any]:
    """List what a driver was paid, period by period."""
    found = work.read(lambda uow: payouts.list_payouts(uow, driver_id))
    return {"payouts": [write_payout(one) for one in found]}


def _lines(uow: UnitOfWork, merchant_id: str, number: str) -> list[InvoiceLine]:
    return invoices.lines_of(uow, invoices.load(uow, merchant_id, number))


def _page(
    uow: UnitOfWork, merchant_id: str, query: LinesQuery
) -> tuple[list[InvoiceLine], str | None]:
    return invoices.page_of_entries(
        uow, merchant_id, query.currency, query.month, limit=query.limit, after=query.cursor
    )


def write_invoice(one: Invoice) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind.value,
        "currency": one.currency,
        "from": write_instant(one.from_at),
        "until": write_instant(one.until_at),
        "issued_at": write_instant(one.issued_at),
        "lines": one.lines,
        "net_minor": one.net_minor,
        "tax_minor": one.tax_minor,
        "tip_minor": one.tip_minor,
        "total_minor": one.total_minor,
    }


def write_line(one: InvoiceLine) -> dict[str, Any]:
    return {
        "entry_id": one.entry_id,
        "kind": one.book.kind,
        "delivery_id": one.delivery_id,
        "order": one.note,
        "at": write_instant(one.at),
        "net_minor": one.net_minor,
        "tax_minor": one.tax_minor,
        "tax_permille": one.tax_permille,
        "tip_minor": one.tip_minor,
        "total_minor": one.total_minor,
    }


def write_payout(one: Payout) -> dict[str, Any]:
    return {
        "id": one.id,
        "currency": one.currency,
        "from": write_instant(one.from_at),
        "until": write_instant(one.until_at),
        "at": write_instant(one.at),
        "kept_minor": one.kept_minor,
        "paid_minor": one.paid_minor,
        "topped_up_minor": one.topped_up_minor,
    }
