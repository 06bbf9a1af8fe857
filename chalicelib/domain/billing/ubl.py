"""How is an invoice written for machines? UBL 2.1, as EN 16931 and Peppol BIS 3.0 ask. Pure.

The elements stand in the order of UBL's schema. Tips are a line of their own, outside of the tax;
what has no tax is exempt ("E") and says why. Amounts are those of the books; which tax is declared
where its roundings sum up, ``declared`` says. A credit note names the invoices that it corrects.
Source: EN 16931-1 (business terms BT-..), its UBL binding CEN/TS 16931-3-2, Peppol BIS Billing 3.0.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.billing.declared import declare
from chalicelib.domain.billing.details import Details
from chalicelib.domain.billing.invoices import Invoice, InvoiceLine, PaperKind, TaxGroup
from chalicelib.kit.money import decimals

_CAC = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_CBC = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"
_ROOT = "urn:oasis:names:specification:ubl:schema:xsd:{}-2"
_CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
#: UNTDID 1001: commercial invoice, credit note.
_TYPES = {
    PaperKind.INVOICE: ("InvoiceTypeCode", "380"),
    PaperKind.CREDIT_NOTE: ("CreditNoteTypeCode", "381"),
}
#: UNTDID 4461: credit transfer, which must name an account (BR-61), and not defined; what a credit
#: note gives back is set off in the merchant's account: standing agreement.
_TRANSFER, _NOT_DEFINED, _SET_OFF = "30", "1", "57"
#: UN/ECE Recommendation 20: one.
_ONE = "C62"
_TIPS = "Tips of recipients, passed on to drivers in full"
_NO_TAX = "No tax was agreed"
_TIPS_EXEMPT = "Tips and damages are no turnover of the seller"
_WHAT = {
    "delivery": "Delivery",
    "late_refund": "Back for lateness of delivery",
    "credit": "Credit for a delivery",
    "compensation": "Compensation for goods",
}
#: What XML 1.0 cannot say, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Parties:
    seller: Details
    buyer: Details


def write(
    made: Invoice,
    lines: Sequence[InvoiceLine],
    parties: Parties,
    corrects: Sequence[Invoice] = (),
) -> bytes:
    """The document: the same invoice gives the same bytes.

    Parameters
    ----------
    corrects
        The invoices in which stands what a credit note gives back.
    """
    return _Writer(made, lines, parties, corrects).document()


class _Writer:
    def __init__(
        self,
        made: Invoice,
        lines: Sequence[InvoiceLine],
        parties: Parties,
        corrects: Sequence[Invoice],
    ) -> None:
        self.made, self.lines, self.parties, self.corrects = made, lines, parties, corrects
        self.tax = declare(lines, made.currency)
        self.is_note = made.kind is PaperKind.CREDIT_NOTE
        self.name = "CreditNote" if self.is_note else "Invoice"
        self.root = ET.Element(_q(_ROOT.format(self.name), self.name))

    def document(self) -> bytes:
        for prefix, uri in (("cac", _CAC), ("cbc", _CBC), ("", _ROOT.format(self.name))):
            ET.register_namespace(prefix, uri)
        self._head()
        self._party("AccountingSupplierParty", self.parties.seller)
        self._party("AccountingCustomerParty", self.parties.buyer)
        self._payment()
        self._taxes()
        self._totals()
        for number, line in enumerate(self.lines, start=1):
            self._line(number, line)
        if self.made.tip_minor:
            self._write_line(len(self.lines) + 1, self.made.tip_minor, _TIPS, "tips", 0)
        ET.indent(self.root, " ")
        text = ET.tostring(self.root, encoding="unicode")
        return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode()

    def _head(self) -> None:
        made, root = self.made, self.root
        issued = made.issued_at.date()
        _text(root, "CustomizationID", _CUSTOMIZATION)
        _text(root, "ProfileID", _PROFILE)
        _text(root, "ID", made.number)
        _text(root, "IssueDate", issued.isoformat())
        if not self.is_note:
            due = issued + timedelta(days=self.parties.seller.payment_days)
            _text(root, "DueDate", due.isoformat())
        _text(root, *_TYPES[made.kind])
        _text(root, "DocumentCurrencyCode", made.currency)
        # Peppol asks for a reference of the buyer's; ours for the buyer stands in for it.
        _text(root, "BuyerReference", made.merchant_id)
        period = _group(root, "InvoicePeriod")
        _text(period, "StartDate", made.from_at.date().isoformat())
        last = made.until_at - timedelta(milliseconds=1)
        _text(period, "EndDate", last.date().isoformat())
        for one in self.corrects:
            reference = _group(_group(root, "BillingReference"), "InvoiceDocumentReference")
            _text(reference, "ID", one.number)
            _text(reference, "IssueDate", one.issued_at.date().isoformat())

    def _party(self, role: str, of: Details) -> None:
        party = _group(_group(self.root, role), "Party")
        if of.endpoint:
            _text(party, "EndpointID", of.endpoint, schemeID=of.endpoint_scheme)
        is_seller = of is self.parties.seller
        if is_seller and of.tax_number and not (of.vat_id or of.company_id):
            # Something has to tell the seller (BR-CO-26).
            _text(_group(party, "PartyIdentification"), "ID", of.tax_number)
        _text(_group(party, "PartyName"), "Name", of.legal_name)
        address = _group(party, "PostalAddress")
        for name, value in (
            ("StreetName", of.line1),
            ("AdditionalStreetName", of.line2),
            ("CityName", of.city),
            ("PostalZone", of.postal_code),
        ):
            _text(address, name, value)
        _text(_group(address, "Country"), "IdentificationCode", of.country)
        # A buyer has no tax number but this one in EN 16931.
        own = [(of.tax_number, "TAX")] if is_seller else []
        for number, scheme in [(of.vat_id, "VAT"), *own]:
            if number:
                tax = _group(party, "PartyTaxScheme")
                _text(tax, "CompanyID", number)
                _text(_group(tax, "TaxScheme"), "ID", scheme)
        legal = _group(party, "PartyLegalEntity")
        _text(legal, "RegistrationName", of.legal_name)
        scheme_id = {"schemeID": of.company_id_scheme} if of.company_id_scheme else {}
        _text(legal, "CompanyID", of.company_id, **scheme_id)
        if of.contact or of.phone or of.email:
            contact = _group(party, "Contact")
            _text(contact, "Name", of.contact or of.legal_name)
            _text(contact, "Telephone", of.phone)
            _text(contact, "ElectronicMail", of.email)

    def _payment(self) -> None:
        means = _group(self.root, "PaymentMeans")
        if self.is_note:
            _text(means, "PaymentMeansCode", _SET_OFF)
            _text(means, "PaymentID", self.made.number)
            return
        seller = self.parties.seller
        _text(means, "PaymentMeansCode", _TRANSFER if seller.iban else _NOT_DEFINED)
        _text(means, "PaymentID", self.made.number)
        if seller.iban:
            _text(_group(means, "PayeeFinancialAccount"), "ID", seller.iban)
        terms = _group(self.root, "PaymentTerms")
        _text(terms, "Note", f"Within {seller.payment_days} days")

    def _taxes(self) -> None:
        total = _group(self.root, "TaxTotal")
        self._amount(total, "TaxAmount", self.tax.tax_minor)
        for group in self._groups():
            part = _group(total, "TaxSubtotal")
            self._amount(part, "TaxableAmount", group.net_minor)
            self._amount(part, "TaxAmount", group.tax_minor)
            category = _category(part, "TaxCategory", group.permille, reason=self._reason())
            _text(_group(category, "TaxScheme"), "ID", "VAT")

    def _groups(self) -> list[TaxGroup]:
        found = {one.permille: one for one in self.tax.groups}
        if self.made.tip_minor:
            zero = found.get(0, TaxGroup(0, 0, 0))
            found[0] = TaxGroup(0, zero.net_minor + self.made.tip_minor, zero.tax_minor)
        return [found[permille] for permille in sorted(found, reverse=True)]

    def _reason(self) -> str:
        has_taxed = any(line.tax_permille for line in self.lines)
        return _TIPS_EXEMPT if has_taxed or self.made.tip_minor else _NO_TAX

    def _totals(self) -> None:
        made = self.made
        net_minor = made.net_minor + made.tip_minor
        totals = _group(self.root, "LegalMonetaryTotal")
        for name, minor in (
            ("LineExtensionAmount", net_minor),
            ("TaxExclusiveAmount", net_minor),
            ("TaxInclusiveAmount", net_minor + self.tax.tax_minor),
            ("PayableRoundingAmount", self.tax.rounding_minor),
            ("PayableAmount", made.total_minor),
        ):
            if minor or name != "PayableRoundingAmount":
                self._amount(totals, name, minor)

    def _line(self, number: int, line: InvoiceLine) -> None:
        what = f"{_WHAT[line.book.kind]} {line.note}".strip()
        self._write_line(number, line.net_minor, what, line.delivery_id, line.tax_permille)

    def _write_line(
        self, number: int, net_minor: int, what: str, item_id: str, permille: int
    ) -> None:
        line = _group(self.root, f"{self.name}Line")
        _text(line, "ID", str(number))
        quantity = "CreditedQuantity" if self.is_note else "InvoicedQuantity"
        # A price is never below zero: what is taken off is a quantity of minus one.
        _text(line, quantity, "-1" if net_minor < 0 else "1", unitCode=_ONE)
        self._amount(line, "LineExtensionAmount", net_minor)
        item = _group(line, "Item")
        _text(item, "Name", what)
        _text(_group(item, "SellersItemIdentification"), "ID", item_id)
        category = _category(item, "ClassifiedTaxCategory", permille)
        _text(_group(category, "TaxScheme"), "ID", "VAT")
        self._amount(_group(line, "Price"), "PriceAmount", abs(net_minor))

    def _amount(self, parent: ET.Element, name: str, minor: int) -> None:
        amount = amount_text(minor, self.made.currency)
        _text(parent, name, amount, currencyID=self.made.currency)


def amount_text(minor: int, currency: str) -> str:
    """``45.90``, in the currency's own number of digits."""
    digits = decimals(currency)
    whole, rest = divmod(abs(minor), 10**digits)
    sign = "-" if minor < 0 else ""
    return f"{sign}{whole}" + (f".{rest:0{digits}d}" if digits else "")


def percent_text(permille: int) -> str:
    whole, rest = divmod(permille, 10)
    return f"{whole}.{rest}" if rest else str(whole)


def _category(parent: ET.Element, name: str, permille: int, reason: str = "") -> ET.Element:
    category = _group(parent, name)
    _text(category, "ID", "S" if permille else "E")
    _text(category, "Percent", percent_text(permille))
    if reason and not permille:
        _text(category, "TaxExemptionReason", reason)
    return category


def _q(uri: str, name: str) -> str:
    return f"{{{uri}}}{name}"


def _group(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, _q(_CAC, name))


def _text(parent: ET.Element, name: str, value: str, **attributes: str) -> None:
    """What is empty is no element: UBL forbids empty ones."""
    said = _NOT_XML.sub("", value).strip()
    if said:
        ET.SubElement(parent, _q(_CBC, name), attributes).text = said
