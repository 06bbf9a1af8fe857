"""The papers of an invoice (PDF, UBL, CSV), and the names and addresses that stand on them."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from chalice.app import Blueprint, Response
from pydantic import AfterValidator, Field, StringConstraints, model_validator

from chalicelib import wiring
from chalicelib.domain.billing import details, invoices, papers
from chalicelib.domain.billing.details import Details
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest, work
from chalicelib.entry.api.whose import READ, WhoseQuery, merchant_of
from chalicelib.entry.auth import MANAGER, OPERATOR, Caller, merchant
from chalicelib.entry.path_parts import IdOf, InvoiceNumber
from chalicelib.entry.surface import Doors
from chalicelib.gateways.photos import invoice_key
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Money")

MerchantId = Annotated[str, IdOf("mer", "merchant")]
Number = Annotated[str, InvoiceNumber()]
Line = Annotated[str, Field(max_length=120), AfterValidator(rest.clean)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
_DETAILS: dict[str, Any] = {
    "legal_name": "Papeterie Sommer e.K.",
    "line1": "Lindenweg 7",
    "line2": "",
    "postal_code": "10435",
    "city": "Berlin",
    "country": "DE",
    "vat_id": "DE987654321",
    "company_id": "HRA 1234",
    "company_id_scheme": "",
    "tax_number": "",
    "contact": "Accounts",
    "phone": "+49 30 1234567",
    "email": "books@example.com",
    "endpoint_scheme": "9930",
    "endpoint": "DE987654321",
    "iban": "",
    "payment_days": 14,
}


class DetailsForm(rest.Body):
    """A name and an address for invoices; all of it. `endpoint` is where electronic invoices go, in
    the scheme of Peppol's list (both or none); `tax_number` (of a seller without `vat_id`), `iban`
    and `payment_days` are the seller's."""

    legal_name: rest.Name
    line1: rest.Name
    line2: Line = ""
    postal_code: Line
    city: rest.Name
    country: Country
    vat_id: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}[A-Z0-9+*]{2,13})?$")] = ""
    company_id: Line = ""
    company_id_scheme: Annotated[str, StringConstraints(pattern=r"^([0-9]{4})?$")] = ""
    tax_number: Line = ""
    contact: Line = ""
    phone: Annotated[str, StringConstraints(pattern=r"^(\+?[0-9][0-9 ()/-]{2,30})?$")] = ""
    email: Annotated[str, StringConstraints(pattern=r"^([^@\s]{1,64}@[^@\s]{3,120})?$")] = ""
    endpoint_scheme: Annotated[str, StringConstraints(pattern=r"^([0-9A-Z]{2,4})?$")] = ""
    endpoint: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9:._@-]{0,80}$")] = ""
    iban: Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}[0-9]{2}[A-Z0-9]{8,30})?$")] = ""
    payment_days: Annotated[int, Field(ge=0, le=120)] = 14

    model_config = rest.example(**_DETAILS)

    @model_validator(mode="after")
    def _has_schemes_of_what_there_is(self) -> "DetailsForm":
        if bool(self.endpoint) is not bool(self.endpoint_scheme):
            raise ValueError("endpoint and endpoint_scheme belong together")
        if self.company_id_scheme and not self.company_id:
            raise ValueError("company_id_scheme is of a company_id")
        return self


class DetailsAnswer(rest.Answer):
    """What counts now. `version` counts from 1; invoices keep the one of their day."""

    legal_name: str
    line1: str
    line2: str
    postal_code: str
    city: str
    country: str
    vat_id: str
    company_id: str
    company_id_scheme: str
    tax_number: str
    contact: str
    phone: str
    email: str
    endpoint_scheme: str
    endpoint: str
    iban: str
    payment_days: int
    version: int

    model_config = rest.example(**_DETAILS, version=1)


class PapersAnswer(rest.Answer):
    """Whether they can be fetched."""

    status: Literal["asked", "made"]

    model_config = rest.example(status="asked")


class PaperQuery(WhoseQuery):
    kind: Literal["pdf", "xml", "csv"] = "pdf"


@doors.route(
    "POST",
    "/v1/invoices/{number}/papers",
    who=READ,
    answers={202: PapersAnswer},
    errors=(Conflict,),
)
def ask_invoice_papers(caller: Caller, number: Number, query: WhoseQuery) -> Mapping[str, Any]:
    """Ask for the papers of an invoice or a credit note: PDF, UBL 2.1 and CSV.

    They are ordered at the close, too; without the seller's and the buyer's details (a `conflict`
    that says whose are `missing`) there are none. Made again, they have the same bytes.
    """
    return {"status": order(merchant_of(caller, query), number)}


@doors.route(
    "GET",
    "/v1/invoices/{number}/papers",
    who=READ,
    answers={302: None},
    errors=(NotFound,),
)
def fetch_invoice_paper(caller: Caller, number: Number, query: PaperQuery) -> Response:
    """Lead on to a paper, good for 60 seconds; 404 until it is made."""
    merchant_id = merchant_of(caller, query)
    if not work.read(lambda uow: papers.are_made(uow, merchant_id, number)):
        raise NotFound("there is no such paper (yet)")
    headers = {
        "Location": wiring.photos().view_url(invoice_key(merchant_id, number, query.kind)),
        "Cache-Control": "no-store",
        "Content-Type": "text/plain",
    }
    return Response(body="", status_code=302, headers=headers)


@doors.route(
    "GET",
    "/v1/billing-details",
    who=(OPERATOR,),
    answers={200: DetailsAnswer},
    errors=(NotFound,),
)
def show_seller_details() -> Mapping[str, Any]:
    """Show the seller's name and address on invoices; 404 until somebody sets any."""
    return _shown(details.SELLER)


@doors.route("PUT", "/v1/billing-details", who=(MANAGER,), answers={200: DetailsAnswer})
def set_seller_details(body: DetailsForm) -> Mapping[str, Any]:
    """Set the seller's name and address. Invoices that were issued before keep theirs."""
    return _set(details.SELLER, body)


@doors.route(
    "GET",
    "/v1/merchants/{merchant_id}/billing-details",
    who=READ,
    answers={200: DetailsAnswer},
)
def show_billing_details(merchant_id: MerchantId) -> Mapping[str, Any]:
    """Show the name and address that stand on a merchant's invoices; 404 until there are any."""
    return _shown(merchant_id)


@doors.route(
    "PUT",
    "/v1/merchants/{merchant_id}/billing-details",
    who=(merchant(Scope.DELIVERIES_WRITE), MANAGER),
    answers={200: DetailsAnswer},
)
def set_billing_details(merchant_id: MerchantId, body: DetailsForm) -> Mapping[str, Any]:
    """Set the name and address on a merchant's invoices. Those issued before keep theirs."""
    work.read(lambda uow: merchants.load_merchant(uow, merchant_id))
    return _set(merchant_id, body)


def order(merchant_id: str, number: str) -> Literal["asked", "made"]:
    """Order the papers of an invoice unless they are made; raise NotFound or Conflict."""

    def is_made(uow: UnitOfWork) -> bool:
        made = invoices.load(uow, merchant_id, number)
        papers.parties(uow, made)
        return papers.are_made(uow, merchant_id, number)

    if work.read(is_made):
        return "made"
    wiring.queues().send(Queue.PAPERS, papers.order_of(merchant_id, number))
    return "asked"


def _shown(owner: str) -> Mapping[str, Any]:
    found = work.read(lambda uow: details.load(uow, owner))
    if found is None:
        raise NotFound("there are no billing details (yet)")
    return asdict(found)


def _set(owner: str, body: DetailsForm) -> Mapping[str, Any]:
    wanted = Details(**body.model_dump())
    return asdict(work.run(lambda uow: details.save(uow, owner, wanted)))
