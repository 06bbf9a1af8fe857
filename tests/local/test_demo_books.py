"""The demo's end, against the API in this process: everything agrees, and what does not is said."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.domain.billing import journal
from chalicelib.domain.billing.model import Book
from chalicelib.domain.billing.targets import of_route
from chalicelib.domain.drivers import statements
from chalicelib.domain.drivers.pay import LineKind, Pay, PayLine, Unit
from chalicelib.domain.drivers.statements import Statement
from chalicelib.entry import work
from local.demo.books import Books
from local.demo.doors import Refused
from tests.entry.conftest import HUB, OPERATOR_KEY, VEHICLE
from tests.entry.intake_stage import Stage, a_stage
from tests.entry.test_books_api import book, deliver, drain, keep


@pytest.fixture(scope="module")
def stage(aws: None) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "demo-books") as made:
        yield made


class Api:
    """The demo's door; what would go through the stream and the queues is carried at once."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        answer = self.stage.call(method, path, raw, {"Authorization": f"Bearer {token}"})
        if answer.status >= 400:
            raise Refused(method, path, SimpleNamespace(**vars_of(answer)))  # type: ignore[arg-type]
        if answer.status == 202 and "kind" in answer.body:
            name = f"{answer.body['kind']}#{answer.body['reference']}"
            keep({"book": "voucher", "owner": answer.body["owner_id"], "name": name})
        elif answer.status == 202:
            keep({"book": "close", "until": answer.body["until"]})
            drain()
        return answer.body


def vars_of(answer: Any) -> dict[str, Any]:
    return {"status": answer.status, "body": answer.raw, "json": answer.body}


class Clock:
    """The day's clock, which does not wait."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def now(self) -> datetime:
        return self.stage.clock.now() + timedelta(milliseconds=1)

    def wait_until(self, at: datetime) -> None:
        self.stage.clock.at = at


def a_driver(stage: Stage, number: int) -> str:
    api = Api(stage)
    hub_id = api.call("POST", "/v1/hubs", {**HUB, "name": f"Hub {number}"}, OPERATOR_KEY)["id"]
    body = {
        "name": f"Kim {number}",
        "phone_number": f"+49171392000{number}",
        "hub_id": hub_id,
        "vehicle": VEHICLE,
    }
    return str(api.call("POST", "/v1/drivers", body, OPERATOR_KEY)["id"])


def drive(stage: Stage, driver_id: str, minor: int) -> None:
    """A route that ended and was paid."""

    def pay(uow: Any) -> None:
        made = Pay("EUR", (PayLine(LineKind.STOPS, 1, Unit.STOP, None, minor),))
        wanted = Statement("", driver_id, "rte_1", "hub_1", 0, uow.now.date(), uow.now, made, minor)
        statements.write(uow, wanted, "Europe/Berlin")
        journal.settle(uow, Book("route", f"{driver_id}/rte_1"), of_route(wanted), "evt_1")

    work.run(pay)


def a_day(stage: Stage) -> Books:
    drivers = [a_driver(stage, number) for number in (1, 2)]
    for driver_id in drivers:
        drive(stage, driver_id, 2_150)
    cash = {"requirements": {"cash_on_delivery": {"amount_minor": 3_980}}}
    more = ({}, {"tip_minor": 0}, cash)
    ids = [deliver(stage, f"D-{at}", **one) for at, one in enumerate(more)]
    for one in ids:
        book(stage, one)
    brand = SimpleNamespace(
        name="Blumen Roth", merchant_id=stage.merchant_id, api_key=stage.api_key
    )
    own = {one: {"id": one, "brand": brand.name, "status": "delivered"} for one in ids}
    watch = SimpleNamespace(api=Api(stage), deliveries=own)
    day = SimpleNamespace(watch=watch, clock=Clock(stage), driver_ids=[*drivers, "drv_1"][:2])
    return Books(day, [brand], OPERATOR_KEY)  # type: ignore[arg-type, list-item]


def test_the_close_of_a_day_agrees_to_the_cent_and_names_what_it_compared(stage: Stage) -> None:
    books = a_day(stage)
    told = books.close()
    assert [one for one in told["wrong"] if "cash" not in one] == []
    (merchant,) = told["merchants"]
    assert merchant["deliveries"] == 3
    assert merchant["charged_minor"] == merchant["invoice_minor"] > 0
    assert [one["statements_minor"] for one in told["drivers"]] == [2_150, 2_150]
    assert [one["paid_minor"] for one in told["drivers"]] == [2_150, 2_150]
    assert told["journal"]["sum_minor"] == 0
    # The cash of this stage is in the pocket of a driver who is not of the day: it is said.
    assert any("3980" in one for one in told["wrong"])
    json.dumps(told)
