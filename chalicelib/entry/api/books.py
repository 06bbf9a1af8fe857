"""What do the books say? A merchant's charges and invoices, a driver's payouts; never written."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib.domain.billing import invoices, payouts
from chalicelib.domain.billing.invoices import Invoice, InvoiceLine
from chalicelib.domain.billing.payouts import Payout
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest, work
from chalicelib.entry.auth import DRIVER, merchant
from chalicelib.entry.surface import Doors
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Prices")
mine = Doors(bp, tag="Driver")

Month = Annotated[str, StringConstraints(pattern=r"^20\d{2}-(0[1-9]|1[0-2])$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
_AMOUNTS = {"net_minor": 490, "tax_minor": 93, "tip_minor": 0, "total_minor": 583}


class InvoiceAnswer(rest.Answer):
    """An invoice; its lines are ``GET /v1/invoice-lines`` of its month and currency.

    ``tip_minor``: what your customers gave for their drivers, passed on in full.
    """

    number: str
    month: Month
    currency: Currency
    issued_at: AwareDatetime
    lines: int
    net_minor: int
    tax_minor: int
    tip_minor: int
    total_minor: int

    model_config = rest.example(
        number="2026-000042",
        month="2026-11",
        currency="EUR",
        issued_at="2026-12-01T03:10:04.112Z",
        lines=1,
        **_AMOUNTS,
    )


class InvoiceList(rest.Answer):
    """Every invoice, by month."""

    invoices: list[InvoiceAnswer]

    model_config = rest.example(invoices=[])


class InvoiceLineAnswer(rest.Answer):
    """One entry of the books: a delivery that ended (or was taken back), or a credit for it."""

    entry_id: str
    kind: str
    delivery_id: str
    at: AwareDatetime
    net_minor: int
    tax_minor: int
    tip_minor: int
    total_minor: int


class InvoiceLines(rest.Answer):
    """What is charged in a month, in order; also of the month that is not over yet."""

    lines: list[InvoiceLineAnswer]
    next_cursor: str | None

    model_config = rest.example(
        lines=[
            {
                "entry_id": "delivery#mer_1/del_01m83qpnc10y2w525st46371np#0001",
                "kind": "delivery",
                "delivery_id": "del_01m83qpnc10y2w525st46371np",
                "at": "2026-11-26T14:55:02.118Z",
                **_AMOUNTS,
            }
        ],
        next_cursor=None,
    )


class LinesQuery(rest.Body):
    """A month in UTC and a currency."""

    month: Month
    currency: Currency
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class PayoutAnswer(rest.Answer):
    """``kept_minor``: cash from doors that stays with you; ``paid_minor``: from our bank."""

    id: str
    month: Month
    currency: Currency
    at: AwareDatetime
    kept_minor: int
    paid_minor: int

    model_config = rest.example(
        id="pay_01m83qpnc10y2w525st46371np",
        month="2026-11",
        currency="EUR",
        at="2026-12-01T03:10:05.902Z",
        kept_minor=0,
        paid_minor=61_240,
    )


class PayoutList(rest.Answer):
    """Every payout, by month."""

    payouts: list[PayoutAnswer]

    model_config = rest.example(payouts=[])


@doors.route(
    "GET",
    "/v1/invoices",
    who=(merchant(Scope.DELIVERIES_READ),),
    answers={200: InvoiceList},
)
def list_invoices(merchant_id: str) -> Mapping[str, Any]:
    """List your invoices: one for each month and currency with anything to charge."""
    found = work.read(lambda uow: invoices.list_invoices(uow, merchant_id))
    return {"invoices": [_invoice(one) for one in found]}


@doors.route(
    "GET",
    "/v1/invoice-lines",
    who=(merchant(Scope.DELIVERIES_READ),),
    answers={200: InvoiceLines},
)
def list_invoice_lines(merchant_id: str, query: LinesQuery) -> Mapping[str, Any]:
    """List what is charged in a month, line by line: what an invoice is made of, or will be."""
    lines, cursor = work.read(lambda uow: _page(uow, merchant_id, query))
    return {"lines": [_line(one) for one in lines], "next_cursor": cursor}


@mine.route("GET", "/v1/driver/payouts", who=(DRIVER,), answers={200: PayoutList})
def list_my_payouts(driver_id: str) -> Mapping[str, Any]:
    """List what you were paid, month by month."""
    found = work.read(lambda uow: payouts.list_payouts(uow, driver_id))
    return {"payouts": [_payout(one) for one in found]}


def _page(
    uow: UnitOfWork, merchant_id: str, query: LinesQuery
) -> tuple[list[InvoiceLine], str | None]:
    return invoices.page_of_lines(
        uow, merchant_id, query.currency, query.month, limit=query.limit, after=query.cursor
    )


def _invoice(one: Invoice) -> dict[str, Any]:
    return {
        "number": one.number,
        "month": one.month,
        "currency": one.currency,
        "issued_at": write_instant(one.issued_at),
        "lines": one.lines,
        "net_minor": one.net_minor,
        "tax_minor": one.tax_minor,
        "tip_minor": one.tip_minor,
        "total_minor": one.total_minor,
    }


def _line(one: InvoiceLine) -> dict[str, Any]:
    return {
        "entry_id": one.entry_id,
        "kind": one.book.kind,
        "delivery_id": DeliveryRef.parse(one.book.subject).delivery_id.partition("/")[0],
        "at": write_instant(one.at),
        "net_minor": one.net_minor,
        "tax_minor": one.tax_minor,
        "tip_minor": one.tip_minor,
        "total_minor": one.total_minor,
    }


def _payout(one: Payout) -> dict[str, Any]:
    return {
        "id": one.id,
        "month": one.month,
        "currency": one.currency,
        "at": write_instant(one.at),
        "kept_minor": one.kept_minor,
        "paid_minor": one.paid_minor,
    }
