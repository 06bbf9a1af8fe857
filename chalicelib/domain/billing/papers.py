"""Are the papers of an invoice made, and of what do they tell? Ordered at the close, and by whoever
asks."""

from collections.abc import Iterable

from chalicelib.domain.billing import details, invoices, store
from chalicelib.domain.billing.invoices import Invoice, InvoiceLine, PaperKind
from chalicelib.domain.billing.model import Account, AccountKind, Book
from chalicelib.domain.billing.ubl import Parties
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: What a message on the queue of papers is about; one without it is about a delivery's proof.
INVOICE = "invoice"


def order_of(merchant_id: str, number: str) -> dict[str, str]:
    """The message that orders them."""
    return {"paper": INVOICE, "merchant_id": merchant_id, "number": number}


def orders_of_close(uow: UnitOfWork, account: Account, until: str) -> list[dict[str, str]]:
    """What a merchant's account brought when it was closed up to an instant."""
    return [
        order_of(one.merchant_id, one.number)
        for one in invoices.list_invoices(uow, account.owner)
        if one.currency == account.currency and write_instant(one.until_at) == until
    ]


def are_made(uow: UnitOfWork, merchant_id: str, number: str) -> bool:
    return uow.get(money_keys.invoice_papers(merchant_id, number)) is not None


def note_made(uow: UnitOfWork, merchant_id: str, number: str) -> None:
    key = money_keys.invoice_papers(merchant_id, number)
    uow.put(key, {"at": write_instant(uow.now)}, expect=None)


def parties(uow: UnitOfWork, made: Invoice) -> Parties:
    """Who sells and who buys, as it counted when the invoice was issued.

    Raises
    ------
    Conflict
        While nobody has set one of the two.
    """
    seller = details.load_at(uow, details.SELLER, made.issued_at)
    buyer = details.load_at(uow, made.merchant_id, made.issued_at)
    missing = [who for who, one in (("seller", seller), ("buyer", buyer)) if one is None]
    if seller is None or buyer is None:
        raise Conflict("set the billing details first", extra={"missing": missing})
    return Parties(seller, buyer)


def corrected_by(uow: UnitOfWork, made: Invoice, lines: Iterable[InvoiceLine]) -> list[Invoice]:
    """The invoices in which a credit note's deliveries are charged, the first one first.

    Source: EU VAT directive 2006/112/EC, article 219: what amends an invoice refers to it. One of a
    period that followed is none of them, so that the note's papers stay what they are.
    """
    if made.kind is not PaperKind.CREDIT_NOTE:
        return []
    account = Account(AccountKind.RECEIVABLE, made.currency, made.merchant_id)
    issued = [
        one
        for one in invoices.list_invoices(uow, made.merchant_id)
        if one.kind is PaperKind.INVOICE
        and one.currency == made.currency
        and one.until_at <= made.until_at
    ]
    charged: dict[str, Invoice] = {}
    for subject in sorted({f"{made.merchant_id}/{line.delivery_id}" for line in lines}):
        entries = store.list_entries(uow, Book("delivery", subject))
        for one in issued:
            within = (entry for entry in entries if one.from_at <= entry.at < one.until_at)
            if sum(entry.amount_of(account) for entry in within) > 0:
                charged[one.number] = one
    return [charged[number] for number in sorted(charged)]
