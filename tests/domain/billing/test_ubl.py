"""UBL: what EN 16931 and Peppol require stands there, in the schema's order, and sums up."""

import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from chalicelib.domain.billing import details, invoices, payments, ubl
from chalicelib.domain.billing.details import Details
from chalicelib.domain.billing.invoices import Invoice, InvoiceLine, PaperKind, TaxGroup
from chalicelib.domain.billing.model import Book
from chalicelib.domain.billing.ubl import Parties
from chalicelib.kit.money import Money
from tests.domain.billing.histories import a_delivered_one, a_town, book
from tests.domain.billing.test_closing import DECEMBER, EUR, OWED, SETTLED, close, papers

NS = {
    "cac": "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2",
    "cbc": "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2",
}
SELLER = Details(
    legal_name="Neustadt Kurier GmbH",
    line1="Dock Street 1",
    postal_code="34117",
    city="Kassel",
    country="DE",
    vat_id="DE123456789",
    company_id="HRB 1234",
    email="books@example.com",
    endpoint_scheme="9930",
    endpoint="DE123456789",
    iban="DE02120300000000202051",
)
BUYER = Details("Papeterie Sommer", "Lindenweg 7", "10435", "Berlin", "DE", vat_id="DE987654321")
#: The order of UBL 2.1's schema, of what we write.
ORDER = (
    *("CustomizationID", "ProfileID", "ID", "IssueDate", "DueDate", "InvoiceTypeCode"),
    *("CreditNoteTypeCode", "DocumentCurrencyCode", "BuyerReference", "InvoicePeriod"),
    *("AccountingSupplierParty", "AccountingCustomerParty", "PaymentMeans", "PaymentTerms"),
    *("TaxTotal", "LegalMonetaryTotal", "InvoiceLine", "CreditNoteLine"),
)


def a_line(net: int, tax: int, permille: int, tip: int = 0, kind: str = "delivery") -> InvoiceLine:
    at = datetime(2026, 11, 27, tzinfo=UTC)
    book_ = Book(kind, f"mer_1/del_{net}")
    return InvoiceLine(book_, f"{book_}#0001", at, net, tax, tip, permille, f"#{net}")


def an_invoice(lines: list[InvoiceLine], kind: PaperKind = PaperKind.INVOICE) -> Invoice:
    return Invoice(
        number="2026-000001",
        kind=kind,
        merchant_id="mer_1",
        currency=EUR,
        from_at=datetime(2026, 11, 1, tzinfo=UTC),
        until_at=DECEMBER,
        issued_at=DECEMBER + timedelta(hours=3),
        lines=len(lines),
        net_minor=sum(line.net_minor for line in lines),
        tax_minor=sum(line.tax_minor for line in lines),
        tip_minor=sum(line.tip_minor for line in lines),
    )


def read(lines: list[InvoiceLine], kind: PaperKind = PaperKind.INVOICE) -> ET.Element:
    return ET.fromstring(ubl.write(an_invoice(lines, kind), lines, Parties(SELLER, BUYER)))


def amount(root: ET.Element, path: str) -> Decimal:
    found = root.find(path, NS)
    assert found is not None, path
    assert found.get("currencyID") == EUR
    return Decimal(found.text or "")


def check_sums(root: ET.Element, line_name: str) -> None:
    """The rules BR-CO-10, -13, -14, -15, -16 of EN 16931."""
    lines = root.findall(f"cac:{line_name}", NS)
    nets = sum(amount(line, "cbc:LineExtensionAmount") for line in lines)
    total = "cac:LegalMonetaryTotal/cbc:"
    bt106, bt109 = (
        amount(root, f"{total}LineExtensionAmount"),
        amount(root, f"{total}TaxExclusiveAmount"),
    )
    bt110, bt112 = (
        amount(root, "cac:TaxTotal/cbc:TaxAmount"),
        amount(root, f"{total}TaxInclusiveAmount"),
    )
    assert nets == bt106 == bt109
    subtotals = root.findall("cac:TaxTotal/cac:TaxSubtotal", NS)
    assert bt110 == sum(amount(one, "cbc:TaxAmount") for one in subtotals)
    assert bt109 == sum(amount(one, "cbc:TaxableAmount") for one in subtotals)
    assert bt112 == bt109 + bt110 == amount(root, f"{total}PayableAmount")


@pytest.mark.parametrize("kind", list(PaperKind))
def test_what_is_required_stands_there_in_the_order_of_the_schema(kind: PaperKind) -> None:
    root = read([a_line(490, 93, 190, tip=250), a_line(200, 14, 70), a_line(0, 0, 0, tip=10)], kind)
    names = [child.tag.partition("}")[2] for child in root]
    places = [ORDER.index(name) for name in names]
    assert all(before <= after for before, after in pairwise(places))
    is_note = kind is PaperKind.CREDIT_NOTE
    required = (
        *("CustomizationID", "ProfileID", "ID", "IssueDate", "DocumentCurrencyCode"),
        *("BuyerReference", "AccountingSupplierParty", "AccountingCustomerParty", "TaxTotal"),
        *("LegalMonetaryTotal", "CreditNoteLine" if is_note else "InvoiceLine"),
        *(("CreditNoteTypeCode",) if is_note else ("InvoiceTypeCode", "DueDate", "PaymentTerms")),
    )
    assert set(required) <= set(names)
    for path in (
        "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
        "cac:AccountingSupplierParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
        "cac:AccountingSupplierParty/cac:Party/cac:PartyTaxScheme/cbc:CompanyID",
        "cac:AccountingSupplierParty/cac:Party/cbc:EndpointID",
        "cac:AccountingCustomerParty/cac:Party/cac:PartyLegalEntity/cbc:RegistrationName",
        "cac:AccountingCustomerParty/cac:Party/cac:PostalAddress/cac:Country/cbc:IdentificationCode",
    ):
        assert root.findtext(path, "", NS), path
    check_sums(root, "CreditNoteLine" if is_note else "InvoiceLine")
    assert not [one.tag for one in root.iter() if not len(one) and not (one.text or "").strip()]


def test_each_rate_has_its_group_and_what_is_untaxed_says_why() -> None:
    root = read([a_line(490, 93, 190, tip=250), a_line(200, 14, 70), a_line(300, 57, 190)])
    groups = {
        one.findtext("cac:TaxCategory/cbc:Percent", "", NS): (
            one.findtext("cac:TaxCategory/cbc:ID", "", NS),
            one.findtext("cbc:TaxableAmount", "", NS),
            one.findtext("cbc:TaxAmount", "", NS),
        )
        for one in root.findall("cac:TaxTotal/cac:TaxSubtotal", NS)
    }
    assert groups == {
        "19": ("S", "7.90", "1.50"),
        "7": ("S", "2.00", "0.14"),
        "0": ("E", "2.50", "0.00"),
    }
    reasons = root.findall(".//cac:TaxSubtotal//cbc:TaxExemptionReason", NS)
    assert len(reasons) == 1


def test_the_same_invoice_gives_the_same_bytes_whatever_was_set_since() -> None:
    """What counted when it was issued stands on it; made first of all, the first that was set."""
    town = a_town()
    book(town, a_delivered_one(town))
    town.clock.at = DECEMBER + SETTLED
    close(town, OWED, DECEMBER)
    (made,) = papers(town)
    lines = invoices.lines_of(town.begin(), made)
    written = []
    for name in ("First GmbH", "Second GmbH", "Second GmbH"):
        town.clock.advance(days=1)
        uow = town.begin()
        details.save(uow, details.SELLER, Details(name, "Dock 1", "34117", "Kassel", "DE"))
        uow.commit()
        seller = details.load_at(town.begin(), details.SELLER, made.issued_at)
        assert seller is not None
        written.append(ubl.write(made, lines, Parties(seller, BUYER)))
    assert len(set(written)) == 1
    last = details.load(town.begin(), details.SELLER)
    assert last is not None
    assert (last.legal_name, last.version) == ("Second GmbH", 2)


def test_a_real_close_writes_an_invoice_and_a_credit_note_that_sum_up() -> None:
    town = a_town()
    ref = a_delivered_one(town)
    book(town, ref)
    uow = town.begin()
    payments.credit(uow, ref, Money(119, EUR), "late-1")
    payments.compensate(uow, ref, Money(900, EUR), "vase")
    uow.commit()
    town.clock.at = DECEMBER + SETTLED
    close(town, OWED, DECEMBER)
    for made, name in zip(papers(town), ("InvoiceLine", "CreditNoteLine"), strict=True):
        lines = invoices.lines_of(town.begin(), made)
        root = ET.fromstring(ubl.write(made, lines, Parties(SELLER, BUYER)))
        check_sums(root, name)
    assert invoices.tax_groups(lines) == [TaxGroup(190, 100, 19), TaxGroup(0, 900, 0)]


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(4_590, "EUR", "45.90"), (-5, "EUR", "-0.05"), (1_200, "JPY", "1200"), (7, "KWD", "0.007")],
)
def test_an_amount_has_its_currencys_digits(minor: int, currency: str, text: str) -> None:
    assert ubl.amount_text(minor, currency) == text
