"""The books from end to end: a message, the lines, the close, the invoice; what the desk notes."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from tests.builders import NOON
from tests.entry.conftest import OPERATOR_KEY
from tests.entry.intake_stage import Answered, Stage, a_stage
from tests.entry.lambda_stage import TICK, call, from_queue
from tests.entry.test_deliveries_api import a_form

NOVEMBER = "/v1/invoice-lines?month=2026-11&currency=EUR"


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "books") as made:
        yield made


def read(stage: Stage, path: str) -> Any:
    shown = stage.as_merchant("GET", path)
    assert shown.status == 200, shown.raw
    return shown.body


def operate(stage: Stage, method: str, path: str, body: Any = None) -> Answered:
    raw = b"" if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {OPERATOR_KEY}", "Desk-User": "marta"}
    return stage.call(method, path, raw, headers)


def deliver(stage: Stage, external_id: str, **more: Any) -> str:
    made = stage.as_merchant("POST", "/v1/deliveries", a_form(external_id, **more))
    assert made.status == 201, made.raw
    ref = DeliveryRef(stage.merchant_id, made.body["id"])
    at = max(NOON + timedelta(minutes=5), stage.clock.now())
    cash = more.get("requirements", {}).get("cash_on_delivery", {}).get("amount_minor", 0)
    proofs = (Proof(ProofKind.CASH, cash_minor=cash),) if cash else ()
    uow = wiring.unit_of_work()
    steps = (life.Plan(at, "rte_1"), life.Assign(at, "drv_1"), life.PickUp(at))
    deliveries.carry_out(uow, ref, *steps, life.Deliver(at, proofs))
    uow.commit()
    return ref.delivery_id


def book(stage: Stage, delivery_id: str) -> list[Any]:
    ref = f"{stage.merchant_id}/{delivery_id}"
    message = {"book": "delivery", "delivery": ref, "because": f"evt_{delivery_id}_000007"}
    return keep(message)


def keep(*messages: Any) -> list[Any]:
    """Hand messages to the function that keeps the books; what it could not do."""
    texts = [json.dumps(one) for one in messages]
    failed: list[Any] = call("keep_books", from_queue(*texts))["batchItemFailures"]
    return failed


def drain() -> None:
    """What stands on the queue of the books, and what that puts there, until nothing does."""
    sent = wiring.queues().sent  # type: ignore[attr-defined]
    while sent:
        ordered, sent[:] = [message for queue, message in sent if queue == "books"], []
        for message in ordered:
            assert keep(message) == []


def post(stage: Stage, path: str, body: Any) -> Any:
    """Ask for a voucher, carry its news to the books, and read what became of it."""
    asked = operate(stage, "POST", path, body)
    assert asked.status == 202, asked.raw
    voucher = asked.body
    parts = (voucher["kind"], voucher["delivery_id"], voucher["reference"])
    message = {
        "book": "voucher",
        "owner": voucher["owner_id"],
        "name": "#".join(part for part in parts if part),
    }
    assert keep(message, message) == []
    return operate(stage, "GET", f"/v1/vouchers/{voucher['id']}").body


def close(stage: Stage, until: str) -> Any:
    asked = operate(stage, "POST", "/v1/books/closes", {"until": until})
    assert asked.status == 202, asked.raw
    assert keep({"book": "close", "until": asked.body["until"]}) == []
    drain()
    return operate(stage, "GET", f"/v1/books/closes?until={until}").body


@pytest.fixture(scope="module")
def november(stage: Stage) -> Any:
    """Two deliveries that ended, each charged once; the invoice of the night after the month."""
    first, second = deliver(stage, "B-1"), deliver(stage, "B-2")
    assert [book(stage, one) for one in (first, first, second)] == [[], [], []]
    lines = read(stage, NOVEMBER)["lines"]
    assert {line["delivery_id"] for line in lines} == {first, second}
    charged = read(stage, f"/v1/deliveries/{first}/charges")["total_minor"]
    assert [line["total_minor"] for line in lines] == [charged, charged]
    assert read(stage, "/v1/invoices") == {"invoices": []}
    page = read(stage, f"{NOVEMBER}&limit=1")
    rest = read(stage, f"{NOVEMBER}&limit=1&cursor={page['next_cursor']}")
    assert [*page["lines"], *rest["lines"]] == lines
    stage.clock.at = datetime(2026, 12, 1, 3, 10, tzinfo=UTC)
    call("close_books", TICK)
    drain()
    (invoice,) = read(stage, "/v1/invoices")["invoices"]
    assert (invoice["number"], invoice["lines"]) == ("2026-000001", 2)
    assert invoice["total_minor"] == sum(line["total_minor"] for line in lines)
    call("close_books", TICK)
    drain()
    assert read(stage, "/v1/invoices")["invoices"] == [invoice]
    return invoice


def test_what_ended_is_charged_once_and_invoiced_in_the_first_night_of_the_next_month(
    november: Any,
) -> None:
    assert november["lines"] == 2


def test_the_lines_of_an_invoice_are_read_page_by_page_and_sum_to_it(
    stage: Stage, november: Any
) -> None:
    (invoice,) = read(stage, "/v1/invoices")["invoices"]
    path = f"/v1/invoices/{invoice['number']}"
    assert read(stage, path) == invoice
    whole = read(stage, f"{path}/lines")["lines"]
    first = read(stage, f"{path}/lines?limit=1")
    cursor = first["next_cursor"].replace("#", "%23")
    second = read(stage, f"{path}/lines?limit=1&cursor={cursor}")
    assert [*first["lines"], *second["lines"]] == whole
    assert second["next_cursor"] is None
    assert stage.as_merchant("GET", f"{path}/lines?cursor=x").status == 400


@pytest.mark.parametrize("number", ["2026-000001", "2026-999999", "CN2026-000001", "x", "2026"])
def test_a_foreign_invoice_and_one_that_never_was_are_not_found_alike(
    stage: Stage, number: str
) -> None:
    for path in (f"/v1/invoices/{number}", f"/v1/invoices/{number}/lines"):
        assert stage.as_merchant("GET", path, key=stage.other_api_key).status == 404


def test_the_operator_reads_the_books_of_the_merchant_that_it_names(stage: Stage) -> None:
    assert operate(stage, "GET", "/v1/invoices").status == 422
    own = operate(stage, "GET", f"/v1/invoices?merchant_id={stage.merchant_id}")
    assert own.body == read(stage, "/v1/invoices")


@pytest.mark.parametrize("query", ["", "?month=2026-13&currency=EUR", "?month=2026-11&currency=e"])
def test_a_month_that_is_none_is_said(stage: Stage, query: str) -> None:
    assert stage.as_merchant("GET", f"/v1/invoice-lines{query}").status == 422


@pytest.mark.parametrize("message", ['{"book": "x", "because": "evt_1"}', '{"book": "voucher"}'])
def test_a_message_about_no_book_comes_back(stage: Stage, message: str) -> None:
    failed = call("keep_books", from_queue(message))["batchItemFailures"]
    assert failed == [{"itemIdentifier": "message-0"}]


def test_a_payment_is_asked_for_once_posted_once_and_stands_on_the_statement(stage: Stage) -> None:
    path = f"/v1/merchants/{stage.merchant_id}/payments"
    body = {"amount_minor": 700, "currency": "EUR", "reference": "bank-17"}
    done = post(stage, path, body)
    assert (done["state"], done["by"]) == ("posted", "marta")
    assert operate(stage, "POST", path, body).body == done
    other = operate(stage, "POST", path, {**body, "amount_minor": 701})
    assert (other.status, other.body["code"]) == (409, "conflict")
    account = f"/v1/merchants/{stage.merchant_id}/account?currency=EUR&from=2026-11-01"
    statement = read(stage, account)
    (paid,) = [line for line in statement["lines"] if line["kind"] == "payment"]
    assert (paid["amount_minor"], paid["note"]) == (-700, "bank-17")
    assert statement["closing_minor"] == statement["lines"][-1]["balance_minor"]
    shown = operate(stage, "GET", f"/v1/merchants/{stage.merchant_id}/vouchers").body
    assert shown["vouchers"] == [done]


def test_a_credit_is_for_a_delivery_never_more_than_it_cost_and_stands_on_a_credit_note(
    stage: Stage,
    november: Any,
) -> None:
    delivery_id = read(stage, NOVEMBER)["lines"][0]["delivery_id"]
    total = read(stage, NOVEMBER)["lines"][0]["total_minor"]
    path = f"/v1/merchants/{stage.merchant_id}/credits"
    body = {
        "amount_minor": total + 1,
        "currency": "EUR",
        "reference": "late-1",
        "delivery_id": delivery_id,
        "reason": "late",
    }
    refused = operate(stage, "POST", path, body)
    assert (refused.status, refused.body["most_minor"]) == (409, total)
    done = post(stage, path, {**body, "amount_minor": total})
    assert (done["state"], done["party_at_fault"]) == ("posted", "platform")
    goods = {**body, "amount_minor": 9_900, "reference": "vase", "goods": True, "reason": "damaged"}
    assert post(stage, path, goods)["state"] == "posted"
    stage.clock.advance(days=1)
    until = "2026-12-02T01:00:00.000900Z"
    standing = close(stage, until)
    assert standing["is_closed"]
    assert standing["accounts"] > 0
    note = read(stage, "/v1/invoices")["invoices"][-1]
    assert (note["kind"], note["number"]) == ("credit_note", "CN2026-000001")
    assert note["total_minor"] == total + 9_900


def test_a_foreign_delivery_and_an_unknown_case_are_not_found(stage: Stage, november: Any) -> None:
    body = {
        "amount_minor": 1,
        "currency": "EUR",
        "reference": "x-1",
        "delivery_id": "del_01m83qpnc10y2w525st46371np",
        "reason": "late",
    }
    path = f"/v1/merchants/{stage.merchant_id}/credits"
    assert operate(stage, "POST", path, body).status == 404
    delivery_id = read(stage, NOVEMBER)["lines"][0]["delivery_id"]
    case = {"delivery_id": delivery_id, "case_id": "sup_01m83qpnc10y2w525st46371np"}
    assert operate(stage, "POST", path, {**body, **case}).status == 404


def test_cash_goes_from_the_door_to_the_driver_to_the_bank_to_its_merchant(stage: Stage) -> None:
    """No more may be handed on than was collected."""
    book(stage, deliver(stage, "B-3", requirements={"cash_on_delivery": {"amount_minor": 4_590}}))
    remittances = f"/v1/merchants/{stage.merchant_id}/remittances"
    body = {"amount_minor": 4_591, "currency": "EUR", "reference": "cash-1"}
    refused = operate(stage, "POST", remittances, body)
    assert (refused.status, refused.body["most_minor"]) == (409, 4_590)
    assert post(stage, remittances, {**body, "amount_minor": 4_590})["state"] == "posted"
    path = f"/v1/merchants/{stage.merchant_id}/account?currency=EUR&account=collected"
    assert read(stage, path)["closing_minor"] == 0


def test_a_dispute_is_opened_by_its_merchant_decided_by_the_desk_and_credited(stage: Stage) -> None:
    delivery_id = deliver(stage, "B-4")
    book(stage, delivery_id)
    body = {"delivery_id": delivery_id, "reason": "late", "text": "It came at nine."}
    assert operate(stage, "POST", "/v1/disputes", body).status == 401
    opened = stage.as_merchant("POST", "/v1/disputes", body)
    assert opened.status == 201, opened.raw
    assert stage.as_merchant("POST", "/v1/disputes", body).body == opened.body
    assert stage.as_merchant("POST", "/v1/disputes", {**body, "reason": "lost"}).status == 409
    path = f"/v1/disputes/{opened.body['id']}"
    assert stage.as_merchant("GET", path, key=stage.other_api_key).status == 404
    assert stage.as_merchant("POST", f"{path}/accept", {}).status == 401
    most = opened.body["charged_minor"]
    assert operate(stage, "POST", f"{path}/accept", {"amount_minor": most + 1}).status == 409
    accepted = operate(stage, "POST", f"{path}/accept", {"amount_minor": 90}).body
    assert (accepted["status"], accepted["credited_minor"]) == ("partly_accepted", 90)
    name = f"credit#{delivery_id}#{accepted['id']}"
    assert keep({"book": "voucher", "owner": stage.merchant_id, "name": name}) == []
    lines = read(stage, f"/v1/merchants/{stage.merchant_id}/account?currency=EUR")["lines"]
    assert ("credit", -90) in [(line["kind"], line["amount_minor"]) for line in lines]
    assert operate(stage, "POST", f"{path}/refuse", {"reason": "on_time"}).status == 409
    (listed,) = read(stage, "/v1/disputes")["disputes"]
    assert listed == operate(stage, "GET", path).body
    assert operate(stage, "GET", "/v1/disputes").status == 422


def test_a_period_that_is_not_over_is_not_closed(stage: Stage) -> None:
    asked = operate(stage, "POST", "/v1/books/closes", {"until": "2026-12-24T00:00:00Z"})
    assert (asked.status, asked.body["code"]) == (409, "conflict")


def test_the_check_of_the_books_finds_nothing_and_sums_to_nothing(
    stage: Stage, november: Any
) -> None:
    found = operate(stage, "GET", "/v1/books/check").body
    assert found["faults"] == []
    assert found["sums"] == {"EUR": 0}
    assert found["invoices"] >= 1
    assert found["entries"] >= 2
