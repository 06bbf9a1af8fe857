"""The books from end to end: a message, the lines, the night that closes the month, the invoice."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from tests.builders import NOON
from tests.entry.intake_stage import Stage, a_stage
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


def deliver(stage: Stage, external_id: str) -> str:
    made = stage.as_merchant("POST", "/v1/deliveries", a_form(external_id))
    ref = DeliveryRef(stage.merchant_id, made.body["id"])
    at = NOON + timedelta(minutes=5)
    uow = wiring.unit_of_work()
    steps = (life.Plan(at, "rte_1"), life.Assign(at, "drv_1"), life.PickUp(at), life.Deliver(at))
    deliveries.carry_out(uow, ref, *steps)
    uow.commit()
    return ref.delivery_id


def book(stage: Stage, delivery_id: str) -> list[Any]:
    ref = f"{stage.merchant_id}/{delivery_id}"
    message = {"book": "delivery", "delivery": ref, "because": f"evt_{delivery_id}_000007"}
    failed: list[Any] = call("keep_books", from_queue(json.dumps(message)))["batchItemFailures"]
    return failed


def test_what_ended_is_charged_once_and_invoiced_in_the_first_night_of_the_next_month(
    stage: Stage,
) -> None:
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
    night = call("close_books", TICK)
    assert night["failed"] == 0
    (invoice,) = read(stage, "/v1/invoices")["invoices"]
    assert (invoice["number"], invoice["lines"]) == ("2026-000001", 2)
    assert invoice["total_minor"] == sum(line["total_minor"] for line in lines)
    call("close_books", TICK)
    assert read(stage, "/v1/invoices")["invoices"] == [invoice]


@pytest.mark.parametrize("query", ["", "?month=2026-13&currency=EUR", "?month=2026-11&currency=e"])
def test_a_month_that_is_none_is_said(stage: Stage, query: str) -> None:
    assert stage.as_merchant("GET", f"/v1/invoice-lines{query}").status == 422


def test_a_message_about_no_book_comes_back(stage: Stage) -> None:
    failed = call("keep_books", from_queue('{"book": "x", "because": "evt_1"}'))
    assert len(failed["batchItemFailures"]) == 1
