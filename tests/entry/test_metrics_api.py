"""Figures from end to end: what ended, a message, a roll, and the answer to whoever may see it."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.analytics.definitions import DEFINITIONS
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from local.demo import figures as demo_figures
from tests.builders import NOON
from tests.entry.conftest import OPERATOR_KEY
from tests.entry.intake_stage import FakeQueues, Stage, a_stage
from tests.entry.lambda_stage import TICK, call, from_queue
from tests.entry.test_deliveries_api import a_form

DAY = "from=2026-11-27&to=2026-11-27"
PATH = f"/v1/metrics?{DAY}"


@pytest.fixture(scope="module")
def queues() -> FakeQueues:
    return FakeQueues()


@pytest.fixture(scope="module")
def stage(aws: None, queues: FakeQueues) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "figures") as made:
        patch.setattr(wiring, "queues", lambda: queues)
        for number in range(3):
            end(made, f"M-{number}", minutes=30 + number)
        work_off(queues)
        yield made


def end(stage: Stage, external_id: str, minutes: int) -> None:
    """A delivery is handed over, and its message comes."""
    made = stage.as_merchant("POST", "/v1/deliveries", a_form(external_id))
    ref = DeliveryRef(stage.merchant_id, made.body["id"])
    at = NOON + timedelta(minutes=minutes)
    uow = wiring.unit_of_work()
    steps = (life.Plan(at, "rte_1"), life.Assign(at, "drv_1"), life.PickUp(at), life.Deliver(at))
    deliveries.carry_out(uow, ref, *steps)
    uow.commit()
    work({"task": "delivery", "delivery": str(ref)})


def work(*messages: Any) -> None:
    done = call("roll_figures", from_queue(*map(json.dumps, messages)))
    assert done == {"batchItemFailures": []}


def work_off(queues: FakeQueues) -> int:
    """Let the figures' own messages come; how many there were."""
    mine = [message for queue, message in queues.sent if queue == "figures"]
    queues.sent[:] = [one for one in queues.sent if one[0] != "figures"]
    if mine:
        work(*mine)
    return len(mine)


def as_desk(stage: Stage, path: str) -> Any:
    return stage.call("GET", path, headers={"Authorization": f"Bearer {OPERATOR_KEY}"})


def figures(answered: Any) -> dict[str, Any]:
    assert answered.status == 200, answered.raw
    (row,) = answered.body["rows"]
    return {one["id"]: one for one in row["figures"]}


def test_a_merchant_sees_its_own_with_definitions_and_samples(stage: Stage) -> None:
    shown = stage.as_merchant("GET", PATH)
    rate = figures(shown)["on_time_rate"]
    assert (rate["value"], rate["n"], rate["numerator"], rate["denominator"]) == (1.0, 3, 3, 3)
    assert shown.body["rows"][0]["outcomes"] == {"delivered": 3}
    assert {one["id"] for one in shown.body["definitions"]} == {one.id for one in DEFINITIONS}
    assert shown.body["as_of"] == "2026-11-27T12:00:00.000Z"


def test_another_merchant_sees_nothing_of_it(stage: Stage) -> None:
    shown = stage.as_merchant("GET", PATH, key=stage.other_api_key)
    assert figures(shown)["deliveries"]["value"] == 0
    foreign = f"{PATH}&merchant_id={stage.merchant_id}"
    assert stage.as_merchant("GET", foreign, key=stage.other_api_key).status == 404


def test_the_desk_sees_all_by_whatever_it_asks(stage: Stage) -> None:
    for group, key in (("merchant", stage.merchant_id), ("day", "2026-11-27"), ("hour", "13")):
        rows = as_desk(stage, f"{PATH}&group_by={group}&definitions=false").body["rows"]
        assert [row["key"] for row in rows] == [key]
    assert as_desk(stage, f"{PATH}&merchant_id={stage.merchant_id}").body["rows"][0]["outcomes"]


def test_groups_are_paged_by_their_keys(stage: Stage) -> None:
    first = as_desk(stage, f"{PATH}&group_by=merchant&limit=1").body
    assert (len(first["rows"]), first["next_cursor"]) == (1, None)
    after = as_desk(stage, f"{PATH}&group_by=merchant&cursor={stage.merchant_id}").body
    assert after["rows"] == []


def test_the_spreadsheet_says_the_same(stage: Stage) -> None:
    key = {"Authorization": f"Bearer {stage.api_key}"}
    reply = stage.client.http.get(f"/v1/metrics.csv?{DAY}", headers=key)
    assert reply.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(reply.body.decode())))
    told = {row["figure"]: row for row in rows}
    assert (told["on_time_rate"]["value"], told["outcome_delivered"]["value"]) == ("1.0", "3")
    told_json = figures(stage.as_merchant("GET", PATH))
    assert {row["figure"] for row in rows} == {*told_json, "outcome_delivered"}


@pytest.mark.parametrize(
    "query",
    [
        "group_by=driver",
        "driver_id=drv_01m83qpnc10y2w525st46371np",
        "from=2026-11-27&to=2026-11-01",
        "from=0001-01-01&to=0001-01-02",
        "from=2020-01-01&to=2099-01-01",
        "hub_id=hub_x",
        "group_by=weather",
    ],
)
def test_what_a_merchant_cannot_ask_is_refused(stage: Stage, query: str) -> None:
    assert stage.as_merchant("GET", f"/v1/metrics?{query}").status == 422


def test_a_message_that_comes_twice_changes_nothing(stage: Stage, queues: FakeQueues) -> None:
    before = figures(stage.as_merchant("GET", PATH))
    work({"task": "look_over", "hub_id": as_desk_hub(stage), "day": "2026-11-27"})
    assert figures(stage.as_merchant("GET", PATH)) == before
    assert work_off(queues) == 0


def as_desk_hub(stage: Stage) -> str:
    rows = as_desk(stage, f"{PATH}&group_by=hub&definitions=false").body["rows"]
    return str(rows[0]["key"])


def test_the_night_looks_two_days_over_at_every_hub(stage: Stage, queues: FakeQueues) -> None:
    assert call("settle_figures", TICK) == {"hubs": 1}
    days = [message["day"] for queue, message in queues.sent if queue == "figures"]
    assert days == ["2026-11-25", "2026-11-26"]
    queues.sent.clear()


def test_a_message_of_nonsense_comes_back(stage: Stage) -> None:
    done = call("roll_figures", from_queue('{"task": "guess"}'))
    assert done == {"batchItemFailures": [{"itemIdentifier": "message-0"}]}


def test_the_operator_sets_factors_and_prices(stage: Stage) -> None:
    def ask(method: str, body: Any = None) -> Any:
        raw = b"" if body is None else json.dumps(body).encode()
        key = {"Authorization": f"Bearer {OPERATOR_KEY}"}
        return stage.call(method, "/v1/figure-rules", raw, key)

    shipped = ask("GET").body
    assert (shipped["version"], shipped["factors"]["walker"]["full_g_per_km"]) == (0, 0)
    van = {"empty_g_per_km": 40, "full_g_per_km": 50, "capacity_g": 900_000}
    made = ask("PUT", {"factors": {"van": van}, "return_permille": 500}).body
    assert (made["version"], made["factors"]["van"], made["return_permille"]) == (1, van, 500)
    assert made["factors"]["car"] == shipped["factors"]["car"]
    assert ask("GET").body == made
    heavier_empty = {**van, "empty_g_per_km": 60}
    assert ask("PUT", {"factors": {"van": heavier_empty}}).status == 422


def test_the_demos_own_counting_comes_to_the_same(stage: Stage) -> None:
    """Counted from what anybody may read of the deliveries, and answered by the figures."""
    seen = stage.as_merchant("GET", "/v1/deliveries?day=2026-11-27").body["deliveries"]
    counted = demo_figures.counted({one["id"]: one for one in seen})
    (row,) = stage.as_merchant("GET", PATH).body["rows"]
    assert demo_figures.answered(row) == counted
    assert counted["outcomes"] == {"delivered": 3}
