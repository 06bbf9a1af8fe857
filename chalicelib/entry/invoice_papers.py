"""What do an invoice's papers say? The same figures as a page, as a table, and for machines.

Made by the function that carries the PDF library; whatever is made again has the same bytes,
because everything in it is what it was when the invoice was issued.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import timedelta

from chalicelib.domain.billing import ubl
from chalicelib.domain.billing.declared import declare
from chalicelib.domain.billing.details import Details
from chalicelib.domain.billing.invoices import Invoice, InvoiceLine, PaperKind
from chalicelib.domain.billing.ubl import Parties, amount_text, percent_text
from chalicelib.entry.spreadsheet import harmless
from chalicelib.kit.timewindow import write_instant

#: Kind of paper -> its media type.
KINDS: Mapping[str, str] = {"pdf": "application/pdf", "xml": "application/xml", "csv": "text/csv"}
_TITLES = {PaperKind.INVOICE: "Invoice", PaperKind.CREDIT_NOTE: "Credit note"}
_WHAT = {
    "delivery": "Delivery",
    "late_refund": "Back for lateness,",
    "credit": "Credit,",
    "compensation": "Goods,",
}
_SUMS = {PaperKind.INVOICE: "To be paid", PaperKind.CREDIT_NOTE: "Given back"}
_FOOT = (
    "Each line is what a delivery was charged, or given back for it; its page says by which rule "
    "and event. The same figures for machines are inside of this file (invoice.xml, UBL 2.1)."
)


def make(
    made: Invoice, lines: Sequence[InvoiceLine], of: Parties, corrects: Sequence[Invoice] = ()
) -> dict[str, bytes]:
    """All papers of an invoice, by kind; ``corrects`` as in ``ubl.write``."""
    xml = ubl.write(made, lines, of, corrects)
    return {"pdf": _pdf(made, lines, of, corrects, xml), "xml": xml, "csv": table(made, lines)}


def table(made: Invoice, lines: Sequence[InvoiceLine]) -> bytes:
    """Comma-separated values with a heading, amounts in the currency's units."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(
        (
            "invoice",
            "kind",
            "order",
            "delivery_id",
            "at",
            "net",
            "tax",
            "tax_percent",
            "tip",
            "total",
        )
    )
    for line in lines:
        money = (amount_text(minor, made.currency) for minor in _amounts(line))
        net, tax, tip, total = money
        writer.writerow(
            (
                made.number,
                line.book.kind,
                harmless(line.note),
                line.delivery_id,
                write_instant(line.at),
                net,
                tax,
                percent_text(line.tax_permille),
                tip,
                total,
            )
        )
    return out.getvalue().encode()


def _amounts(line: InvoiceLine) -> tuple[int, int, int, int]:
    return line.net_minor, line.tax_minor, line.tip_minor, line.total_minor


def _pdf(
    made: Invoice,
    lines: Sequence[InvoiceLine],
    of: Parties,
    corrects: Sequence[Invoice],
    xml: bytes,
) -> bytes:
    # Here and not above: the web function, which registers this one too, has no fpdf2.
    from chalicelib.gateways import papers

    last = made.until_at - timedelta(milliseconds=1)
    currency = made.currency
    span = f"{made.from_at:%Y-%m-%d} to {last:%Y-%m-%d}"
    rows = [
        (
            f"{line.at:%Y-%m-%d}",
            f"{_WHAT[line.book.kind]} {line.note or line.delivery_id}",
            *(amount_text(minor, currency) for minor in _amounts(line)),
        )
        for line in lines
    ]
    columns = ("Day", "Order", "Net", "Tax", "Tip", "Total")
    whole = (made.net_minor, made.tax_minor, made.tip_minor, made.total_minor)
    totals = ("", "All lines", *(amount_text(minor, currency) for minor in whole))
    paper = papers.Paper(
        title=f"{_TITLES[made.kind]} {made.number}",
        lead=f"{span}, issued {made.issued_at:%Y-%m-%d}; {currency}",
        parts=[
            papers.Part("From", _party(of.seller), beside=papers.Part("To", _party(of.buyer))),
            papers.Part(_SUMS[made.kind], _payment(made, of, corrects), sums=_sums(made, lines)),
            papers.Part(
                f"Lines ({len(rows)})",
                table=papers.Table(columns, (20, 66, 21, 21, 20, 26), rows, 4, totals),
            ),
        ],
        foot=_FOOT,
        facts=xml,
        made_at=made.issued_at,
        facts_name="invoice.xml",
    )
    return papers.make(paper)


def _party(of: Details) -> list[tuple[str, str]]:
    place = f"{of.postal_code} {of.city}, {of.country}"
    rows = [("", of.legal_name), ("", of.line1), ("", of.line2), ("", place)]
    rows += [("VAT", of.vat_id), ("Tax number", of.tax_number), ("Register", of.company_id)]
    rows += [("Contact", of.contact), ("Phone", of.phone), ("E-mail", of.email)]
    return [row for row in rows if row[1]]


def _payment(made: Invoice, of: Parties, corrects: Sequence[Invoice]) -> list[tuple[str, str]]:
    """Until when, and where to; a credit note asks for nothing, and names what it corrects."""
    if made.kind is PaperKind.CREDIT_NOTE:
        named = ", ".join(f"{one.number} of {one.issued_at:%Y-%m-%d}" for one in corrects)
        return [("Corrects", named)] if named else []
    due = made.issued_at.date() + timedelta(days=of.seller.payment_days)
    rows = [("Due", due.isoformat()), ("Reference", made.number)]
    if of.seller.iban:
        groups = (of.seller.iban[at : at + 4] for at in range(0, len(of.seller.iban), 4))
        rows.append(("IBAN", " ".join(groups)))
    return rows


def _sums(made: Invoice, lines: Sequence[InvoiceLine]) -> list[tuple[str, str]]:
    currency = made.currency

    def money(minor: int) -> str:
        return f"{amount_text(minor, currency)} {currency}"

    rows = [("Net", money(made.net_minor))]
    tax = declare(lines, currency)
    for group in tax.groups:
        if group.permille:
            label = f"Tax {percent_text(group.permille)} % on {money(group.net_minor)}"
            rows.append((label, money(group.tax_minor)))
    if tax.rounding_minor:
        rows.append(("Rounding of each delivery's tax", money(tax.rounding_minor)))
    if made.tip_minor:
        rows.append(("Tips, passed on in full and not taxed", money(made.tip_minor)))
    rows.append(("Total", money(made.total_minor)))
    return rows
