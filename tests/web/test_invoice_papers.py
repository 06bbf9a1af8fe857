"""An invoice on paper: asked for, made by its function, fetched; the same bytes when made again."""

import io
import json

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.billing import invoices, papers
from chalicelib.gateways.photos import invoice_key
from tests.entry.lambda_stage import call, from_queue
from tests.entry.test_books_api import Stage, book, close, deliver, drain, operate, read, stage

__all__ = ["stage"]
SELLER = {
    "legal_name": "Kurier Łódź & Söhne GmbH",
    "line1": "Dock Street 1",
    "postal_code": "34117",
    "city": "Kassel",
    "country": "DE",
    "vat_id": "DE123456789",
    "iban": "DE02120300000000202051",
}
BUYER = {**SELLER, "legal_name": "مكتبة سومر", "iban": ""}


def make(stage: Stage, number: str) -> dict[str, bytes]:
    order = papers.order_of(stage.merchant_id, number)
    assert call("make_papers", from_queue(json.dumps(order)))["batchItemFailures"] == []
    keys = {kind: invoice_key(stage.merchant_id, number, kind) for kind in ("pdf", "xml", "csv")}
    return {kind: wiring.photos().fetch(key).body for kind, key in keys.items()}


@pytest.fixture(scope="module")
def number(stage: Stage) -> str:
    boto3.client("s3").create_bucket(Bucket=wiring.settings().bucket_proofs)
    for name in ("P-1", "P-2"):
        book(stage, deliver(stage, name))
    stage.clock.advance(days=5)
    close(stage, "2026-12-01T12:00:00.000Z")
    drain()
    return str(read(stage, "/v1/invoices")["invoices"][0]["number"])


def test_without_a_seller_and_a_buyer_there_is_no_paper(stage: Stage, number: str) -> None:
    path = f"/v1/invoices/{number}/papers"
    asked = stage.as_merchant("POST", path)
    assert (asked.status, asked.body["missing"]) == (409, ["seller", "buyer"])
    order = json.dumps(papers.order_of(stage.merchant_id, number))
    assert call("make_papers", from_queue(order))["batchItemFailures"] == []
    assert stage.as_merchant("GET", path).status == 404


@pytest.mark.parametrize("alone", [{"endpoint": "DE123456789"}, {"company_id_scheme": "0106"}])
def test_a_scheme_and_what_it_is_of_belong_together(stage: Stage, alone: dict[str, str]) -> None:
    """The rules BR-62 and BR-63 of EN 16931: an address without its scheme is refused."""
    refused = operate(stage, "PUT", "/v1/billing-details", {**SELLER, **alone})
    assert (refused.status, refused.body["code"]) == (422, "validation_error")


def test_papers_are_made_once_and_the_same_bytes_when_made_again(stage: Stage, number: str) -> None:
    assert operate(stage, "PUT", "/v1/billing-details", SELLER).body["version"] == 1
    own = f"/v1/merchants/{stage.merchant_id}/billing-details"
    assert stage.as_merchant("PUT", own, BUYER).body["legal_name"] == BUYER["legal_name"]
    assert stage.as_merchant("PUT", own, BUYER, key=stage.other_api_key).status == 404
    path = f"/v1/invoices/{number}/papers"
    assert stage.as_merchant("POST", path).body == {"status": "asked"}
    first = make(stage, number)
    stage.clock.advance(days=3)
    operate(stage, "PUT", "/v1/billing-details", {**SELLER, "legal_name": "Renamed AG"})
    assert make(stage, number) == first
    assert stage.as_merchant("POST", path).body == {"status": "made"}
    assert first["pdf"].startswith(b"%PDF-")
    assert b"invoice.xml" in first["pdf"]
    assert number.encode() in first["xml"]
    rows = first["csv"].decode().splitlines()
    made = invoices.load(wiring.unit_of_work(), stage.merchant_id, number)
    assert len(rows) == made.lines + 1
    for kind in ("pdf", "xml", "csv"):
        led = stage.as_merchant("GET", f"{path}?kind={kind}")
        assert (led.status, f"{number}.{kind}" in led.headers["Location"]) == (302, True)
    assert stage.as_merchant("GET", path, key=stage.other_api_key).status == 404
    assert io.BytesIO(first["pdf"]).getbuffer().nbytes < 200_000
