"""What the official rules of EN 16931 and Peppol refused once, each by the rule's own name.

docs/money.md says how the papers are run through those rules themselves, outside of this suite.
"""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from chalicelib.domain.billing import invoices, payments, ubl
from chalicelib.domain.billing import papers as billing_papers
from chalicelib.domain.billing.declared import declare
from chalicelib.domain.billing.details import Details
from chalicelib.domain.billing.invoices import Invoice, InvoiceLine, PaperKind
from chalicelib.domain.billing.ubl import Parties
from chalicelib.kit.money import Money
from tests.domain.billing.histories import Town, a_delivered_one, a_town, book
from tests.domain.billing.test_closing import (
    DECEMBER,
    EUR,
    JANUARY,
    OWED,
    SETTLED,
    close,
    papers,
)
from tests.domain.billing.test_ubl import BUYER, NS, SELLER, a_line, an_invoice

TOTALS = "cac:LegalMonetaryTotal/cbc:"


def written(
    lines: list[InvoiceLine],
    kind: PaperKind = PaperKind.INVOICE,
    *,
    seller: Details = SELLER,
    currency: str = EUR,
) -> ET.Element:
    made = replace(an_invoice(lines, kind), currency=currency)
    return ET.fromstring(ubl.write(made, lines, Parties(seller, BUYER)))


def said(root: ET.Element, path: str) -> str:
    return root.findtext(path, "", NS)


def test_br_61_only_an_invoice_with_an_account_is_a_credit_transfer() -> None:
    line = [a_line(490, 93, 190)]
    account = "cac:PaymentMeans/cac:PayeeFinancialAccount/cbc:ID"
    code = "cac:PaymentMeans/cbc:PaymentMeansCode"
    invoice, note = written(line), written(line, PaperKind.CREDIT_NOTE)
    without = written(line, seller=replace(SELLER, iban=""))
    assert [(said(one, code), said(one, account)) for one in (invoice, note, without)] == [
        ("30", SELLER.iban),
        ("57", ""),
        ("1", ""),
    ]


@pytest.mark.parametrize("kind", list(PaperKind))
@pytest.mark.parametrize(
    ("net", "tax", "many", "currency", "unit_minor"),
    [
        (450, 86, 100, "EUR", 100),
        (450, 86, 300, "EUR", 100),
        (2, 0, 999, "EUR", 100),
        (490, 93, 20, "JPY", 1),
        (450, 86, 300, "KWD", 1000),
    ],
)
def test_br_co_17_the_tax_is_less_than_one_unit_from_the_rate_times_the_sum(
    net: int, tax: int, many: int, currency: str, unit_minor: int, kind: PaperKind
) -> None:
    """And what is to be paid is what the books say, whatever was declared (BR-CO-14, -15, -16)."""
    lines = [a_line(net, tax, 190) for _ in range(many)]
    root = written(lines, kind, currency=currency)
    declared = Decimal(said(root, "cac:TaxTotal/cbc:TaxAmount"))
    assert declared == Decimal(said(root, "cac:TaxTotal/cac:TaxSubtotal/cbc:TaxAmount"))
    unit = Decimal(unit_minor)
    by_rate = (net * many * Decimal("0.19")).quantize(Decimal(1), ROUND_HALF_UP) / unit
    assert abs(declared - by_rate) < 1
    whole = Decimal(said(root, f"{TOTALS}TaxInclusiveAmount"))
    assert whole == net * many / unit + declared
    rounding = Decimal(said(root, f"{TOTALS}PayableRoundingAmount") or "0")
    assert rounding == tax * many / unit - declared
    assert Decimal(said(root, f"{TOTALS}PayableAmount")) == (net + tax) * many / unit


def test_what_receivers_allow_is_declared_as_the_books_hold_it() -> None:
    few = declare([a_line(450, 86, 190) for _ in range(199)], EUR)
    assert (few.tax_minor, few.rounding_minor) == (199 * 86, 0)
    many = declare([a_line(450, 86, 190) for _ in range(200)], EUR)
    assert (many.tax_minor, many.rounding_minor) == (200 * 450 * 19 // 100, 100)
    untaxed = declare([a_line(450, 0, 0), a_line(20, 4, 190)], EUR)
    assert ([one.permille for one in untaxed.groups], untaxed.rounding_minor) == ([190, 0], 0)


def test_de_r_005_to_007_the_sellers_contact_has_a_name_a_phone_and_a_mailbox() -> None:
    party = "cac:AccountingSupplierParty/cac:Party/cac:Contact"
    for contact, name in (("", SELLER.legal_name), ("Accounts", "Accounts")):
        seller = replace(SELLER, contact=contact, phone="+49 561 1234567")
        found = written([a_line(490, 93, 190)], seller=seller).find(party, NS)
        assert found is not None
        assert [one.tag.partition("}")[2] for one in found] == [
            "Name",
            "Telephone",
            "ElectronicMail",
        ]
        assert said(found, "cbc:Name") == name
    bare = written([a_line(490, 93, 190)], seller=replace(SELLER, email=""))
    assert bare.find(party, NS) is None


def test_br_e_02_and_br_co_26_a_seller_without_a_vat_number_is_told_by_its_tax_number() -> None:
    seller = replace(SELLER, vat_id="", company_id="", tax_number="026 815 08151")
    party = written([a_line(490, 0, 0)], seller=seller).find(
        "cac:AccountingSupplierParty/cac:Party", NS
    )
    assert party is not None
    assert said(party, "cac:PartyIdentification/cbc:ID") == "026 815 08151"
    assert said(party, "cac:PartyTaxScheme/cbc:CompanyID") == "026 815 08151"
    assert said(party, "cac:PartyTaxScheme/cac:TaxScheme/cbc:ID") == "TAX"


def test_nl_r_003_a_register_number_has_its_scheme_where_there_is_one() -> None:
    path = "cac:AccountingSupplierParty/cac:Party/cac:PartyLegalEntity/cbc:CompanyID"
    for scheme in ("", "0106"):
        seller = replace(SELLER, company_id="12345678", company_id_scheme=scheme)
        found = written([a_line(490, 93, 190)], seller=seller).find(path, NS)
        assert found is not None
        assert (found.text, found.get("schemeID")) == ("12345678", scheme or None)


def test_what_xml_cannot_say_is_left_out_and_everything_else_is_said() -> None:
    name = "<A & B>\u0001 \"商店\" 'x' \ud800]]> 🚚\ufffe"
    root = written([replace(a_line(490, 93, 190), note=name)])
    assert said(root, "cac:InvoiceLine/cac:Item/cbc:Name") == (
        "Delivery <A & B> \"商店\" 'x' ]]> 🚚"
    )


def noted(town: Town, made: Invoice) -> list[str]:
    """The invoices that its UBL names."""
    lines = invoices.lines_of(town.begin(), made)
    corrects = billing_papers.corrected_by(town.begin(), made, lines)
    root = ET.fromstring(ubl.write(made, lines, Parties(SELLER, BUYER), corrects))
    path = "cac:BillingReference/cac:InvoiceDocumentReference"
    named = root.findall(path, NS)
    assert all(said(one, "cbc:IssueDate") for one in named)
    order = [child.tag.partition("}")[2] for child in root]
    if named:
        assert order[order.index("BillingReference") - 1] == "InvoicePeriod"
    return [said(one, "cbc:ID") for one in named]


def test_nl_r_001_a_credit_note_names_the_invoices_that_it_corrects_and_no_later_one() -> None:
    """Also article 219 of the EU's VAT directive; made again after the next close, it is so."""
    town = a_town()
    first = a_delivered_one(town)
    book(town, first)
    town.clock.at = DECEMBER + SETTLED
    close(town, OWED, DECEMBER)
    second = a_delivered_one(town)
    book(town, second)
    uow = town.begin()
    payments.credit(uow, first, Money(119, EUR), "late-1")
    payments.credit(uow, second, Money(50, EUR), "late-2")
    uow.commit()
    town.clock.at = JANUARY + SETTLED
    close(town, OWED, JANUARY)
    november, december, note = papers(town)
    assert [one.kind for one in (november, december, note)] == [
        PaperKind.INVOICE,
        PaperKind.INVOICE,
        PaperKind.CREDIT_NOTE,
    ]
    assert noted(town, note) == [november.number, december.number]
    assert noted(town, december) == []
    uow = town.begin()
    payments.credit(uow, first, Money(1, EUR), "late-3")
    uow.commit()
    book(town, a_delivered_one(town))
    town.clock.at += timedelta(days=40)
    close(town, OWED, JANUARY + timedelta(days=31))
    assert noted(town, note) == [november.number, december.number]
    assert noted(town, papers(town)[-1]) == [november.number]
