"""The portal's pages for money: invoices with lines and papers, disputes, the statement of account.

Every line leads to its order, where its price is explained rule by rule and the proof of the
handover stands. What is disputed and what is downloaded goes through the views of the API.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from chalice.app import Blueprint, Request, Response

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.billing import account_statements, disputes, invoices, papers
from chalicelib.domain.billing.disputes import ANSWER_WITHIN, MOST_LETTERS, WINDOW
from chalicelib.domain.billing.findings import DisputeReason
from chalicelib.domain.billing.invoices import PaperKind
from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api import disputes as disputes_api
from chalicelib.entry.api import invoice_papers
from chalicelib.entry.api.portal_order import OrderId
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.path_parts import InvoiceNumber
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

Number = Annotated[str, InvoiceNumber()]
VIEWER, STAFF = (portal_page(TeamRole.VIEWER),), (portal_page(TeamRole.STAFF),)
_FORM = (forms.FORM,)
_LINES_SHOWN, _DISPUTES_SHOWN = 100, 50
_USUAL_DAYS = 30
TITLES = {PaperKind.INVOICE: "Invoice", PaperKind.CREDIT_NOTE: "Credit note"}
SAID = {
    "asked": "The papers are being made: reload the page in a few seconds.",
    "made": "The papers are ready.",
    "details": "There are no papers yet: the names and addresses on them are not set.",
    "disputed": "Your dispute is sent. You will be answered within seven days.",
}
REASONS = {
    DisputeReason.LATE: "It came late",
    DisputeReason.NOT_RECEIVED: "The customer did not receive it",
    DisputeReason.WRONG_PLACE: "It was left in the wrong place",
    DisputeReason.DAMAGED: "It arrived damaged",
    DisputeReason.LOST: "It was lost",
    DisputeReason.OVERCHARGED: "The price is not what was agreed",
    DisputeReason.OTHER: "Something else",
}


@doors.route("GET", "/m/invoices", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_invoices(request: Request, caller: Caller) -> Response:
    """Show invoices and credit notes, the newest first, and what is disputed."""
    visit = portal.visit(request, caller)
    uow = work.begin()
    disputed, _ = disputes.list_own(uow, visit.merchant.id, limit=_DISPUTES_SHOWN, after=None)
    return visit.show(
        "portal/invoices.html",
        section="invoices",
        title="Invoices",
        invoices=invoices.list_invoices(uow, visit.merchant.id)[::-1],
        disputes=disputed,
        titles=TITLES,
        reasons=REASONS,
        said=portal.asked(request).get("said", ""),
        texts=SAID,
    )


@doors.route("GET", "/m/invoices/{number}", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_invoice_page(request: Request, caller: Caller, number: Number) -> Response:
    """Show an invoice: what it comes to, its lines with their orders, its papers.

    `page` counts from 1; a page has 100 lines.
    """
    visit = portal.visit(request, caller)
    uow = work.begin()
    made = invoices.load(uow, visit.merchant.id, number)
    lines = invoices.lines_of(uow, made)
    asked = portal.asked(request)
    pages = max(1, -(-len(lines) // _LINES_SHOWN))
    page = min(pages, max(1, _whole(asked.get("page", ""))))
    return visit.show(
        "portal/invoice.html",
        section="invoices",
        title=f"{TITLES[made.kind]} {made.number}",
        made=made,
        last_day=made.until_at - timedelta(milliseconds=1),
        taxes=[group for group in invoices.tax_groups(lines) if group.permille],
        lines=lines[(page - 1) * _LINES_SHOWN : page * _LINES_SHOWN],
        page=page,
        pages=pages,
        are_made=papers.are_made(uow, visit.merchant.id, number),
        said=asked.get("said", ""),
        texts=SAID,
    )


@doors.route(
    "POST",
    "/m/invoices/{number}/papers",
    who=VIEWER,
    answers=portal.FORMS,
    accepts=_FORM,
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
    may_be_empty=True,
)
@portal.in_words
def make_invoice_papers(
    request: Request, caller: Caller, number: Number, raw_body: bytes
) -> Response:
    """Have the papers of an invoice made. The same again makes the same."""
    visit = portal.visit(request, caller)
    try:
        said: str = invoice_papers.order(visit.merchant.id, number)
    except Conflict:
        said = "details"
    return portal.go(request, f"m/invoices/{number}", said=said)


@doors.route("GET", "/m/orders/{delivery_id}/dispute", who=STAFF, answers=portal.PAGES)
@portal.in_words
def ask_to_dispute(request: Request, caller: Caller, delivery_id: OrderId) -> Response:
    """Show the form to dispute what an order was charged, or the dispute that there is."""
    visit = portal.visit(request, caller)
    uow = work.begin()
    ref = DeliveryRef(visit.merchant.id, delivery_id)
    delivery = deliveries.load(uow, ref)
    return visit.show(
        "portal/dispute.html",
        section="invoices",
        title=f"Dispute the charge for {delivery.order_name}",
        delivery=delivery,
        known=disputes.of_delivery(uow, ref),
        reasons=REASONS,
        longest=MOST_LETTERS,
        window_days=WINDOW.days,
        answer_days=ANSWER_WITHIN.days,
    )


@doors.route(
    "POST",
    "/m/orders/{delivery_id}/dispute",
    who=STAFF,
    answers=portal.FORMS,
    accepts=_FORM,
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
)
@portal.in_words
def dispute_order(
    request: Request, caller: Caller, delivery_id: OrderId, raw_body: bytes
) -> Response:
    """Dispute what an order was charged: the fields `reason` and `text`."""
    visit = portal.visit(request, caller)
    told = forms.fields(raw_body)
    body = {
        "delivery_id": delivery_id,
        "reason": told.get("reason", ""),
        "text": told.get("text", ""),
    }
    form = rest.parse_value(disputes_api.DisputeForm, body)
    disputes_api.open_dispute(visit.merchant.id, form)
    return portal.go(request, "m/invoices", said="disputed")


@doors.route("GET", "/m/account", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_account(request: Request, caller: Caller) -> Response:
    """Show the statement of account: `first` and `last` are days in UTC, `account` is `receivable`
    or `collected`, `currency` the hub's when left out."""
    visit = portal.visit(request, caller)
    uow = work.begin()
    asked = portal.asked(request)
    last = _day(asked.get("last"), visit.now.astimezone(UTC).date())
    first = _day(asked.get("first"), last - timedelta(days=_USUAL_DAYS))
    kind = AccountKind.COLLECTED if asked.get("account") == "collected" else AccountKind.RECEIVABLE
    used = [one.currency for one in invoices.list_invoices(uow, visit.merchant.id)]
    currency = asked.get("currency", "").upper()
    if not (len(currency) == 3 and currency.isascii() and currency.isalpha()):
        currency = used[-1] if used else "EUR"
    start = datetime.combine(first, time(), UTC)
    until = datetime.combine(last, time(), UTC) + timedelta(days=1)
    account = Account(kind, currency, visit.merchant.id)
    return visit.show(
        "portal/account.html",
        section="account",
        title="Statement of account",
        statement=account_statements.read(uow, account, start, until),
        first=first,
        last=last,
        is_cash=kind is AccountKind.COLLECTED,
        currency=currency,
    )


def _day(text: str | None, usual: date) -> date:
    try:
        day = usual if text is None else date.fromisoformat(text)
    except ValueError:
        return usual
    return day if rest.is_in_reach(day) else usual


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 1
