"""What-if over HTTP: a day recorded, asked for with other choices, played, read, taken back."""

import json
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts.model import DeskRole
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.simulation import recorded
from chalicelib.entry import work
from chalicelib.entry.functions import simulate as worker
from tests.entry.conftest import OPERATOR_KEY, Doors
from tests.entry.intake_stage import Answered
from tests.entry.lambda_stage import Context, from_queue
from tests.entry.shared_wave import FakePayloads
from tests.entry.visitors import a_visitor

GENERATED = {"parcels": 4, "drivers": 2, "brands": 2}
RARELY = {"tick_s": 7200}
BODY = {
    "generated": GENERATED,
    "scenarios": [
        {"name": "as it was", "choices": RARELY},
        {"name": "slower roads", "choices": {**RARELY, "travel_percent": 150}},
    ],
    "seeds": [1, 2],
    "engine": "construct",
}


class Desk:
    """Somebody who asks, and the worker that plays."""

    def __init__(self, doors: Doors, payloads: FakePayloads) -> None:
        self.doors, self.payloads = doors, payloads

    def ask(self, body: Any = BODY, key: str | None = None) -> Answered:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.doors.call("POST", "/v1/simulations", body, OPERATOR_KEY, headers)

    def show(self, simulation_id: str) -> Any:
        shown = self.doors.operate("GET", f"/v1/simulations/{simulation_id}")
        assert shown.status == 200, shown.raw
        return shown.body

    def play(self, simulation_id: str, receives: int = 1) -> Any:
        event = from_queue(json.dumps({"simulation_id": simulation_id}))
        event["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(receives)
        return worker.simulate(event, Context())


@pytest.fixture
def desk(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Desk:
    payloads = FakePayloads()
    monkeypatch.setattr(wiring, "payloads", lambda: payloads)
    return Desk(doors, payloads)


def test_a_made_up_day_is_asked_for_played_and_compared(desk: Desk) -> None:
    asked = desk.ask()
    assert (asked.status, asked.body["state"]) == (202, "queued")
    simulation_id = asked.body["id"]
    assert wiring.queues().sent[-1] == (  # type: ignore[attr-defined]
        "simulations",
        {"simulation_id": simulation_id},
    )
    early = desk.doors.operate("GET", f"/v1/simulations/{simulation_id}/report")
    assert (early.status, early.body["code"]) == (409, "simulation_not_ready")

    assert desk.play(simulation_id) == {"batchItemFailures": []}
    done = desk.show(simulation_id)
    assert done["state"] == "done"
    assert done["runs"] == {"done": 4, "of": 4, "share_percent": 0}
    first, slower = done["scenarios"]
    assert first["differences"] == []
    differences = {one["id"]: one for one in slower["differences"]}
    assert differences["order_to_door_mean_s"]["half"] is not None
    assert differences["brought"]["mean"] == 0

    report = desk.doors.operate("GET", f"/v1/simulations/{simulation_id}/report")
    assert report.status == 200
    html = report.raw.decode() if isinstance(report.raw, bytes) else report.raw
    assert "slower roads" in html
    assert "<script" not in html
    # It needs nothing else: no address but the names of XML.
    assert html.count("http") == html.count('xmlns="http://www.w3.org/2000/svg"')
    before = dict(desk.payloads.kept)
    assert desk.play(simulation_id) == {"batchItemFailures": []}
    assert desk.show(simulation_id) == done
    assert before == desk.payloads.kept


def test_a_worker_that_was_killed_is_followed_by_one_that_goes_on(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulation_id = desk.ask().body["id"]
    real, runs = worker._play, []

    def killed(*told: Any) -> None:
        runs.append(told[2:])
        if len(runs) == 3:
            raise MemoryError
        real(*told)

    monkeypatch.setattr(worker, "_play", killed)
    assert desk.play(simulation_id)["batchItemFailures"]
    shown = desk.show(simulation_id)
    assert (shown["state"], shown["runs"]["done"]) == ("playing", 2)
    assert shown["scenarios"][1]["runs"] == 1
    assert desk.play(simulation_id, receives=2) == {"batchItemFailures": []}
    assert desk.show(simulation_id)["state"] == "done"
    # The two that were done were not played again.
    assert runs == [(0, 1), (1, 1), (0, 2), (0, 2), (1, 2)]


def test_whoever_waits_is_told_when_workers_keep_dying(desk: Desk) -> None:
    simulation_id = desk.ask().body["id"]
    assert desk.play(simulation_id, receives=5)["batchItemFailures"]
    shown = desk.show(simulation_id)
    assert (shown["state"], shown["failure"]) == ("failed", "worker_lost")


def test_the_same_request_twice_is_one_simulation(desk: Desk) -> None:
    first, again = desk.ask(key="monday-1"), desk.ask(key="monday-1")
    assert first.body["id"] == again.body["id"]
    other = desk.ask({**BODY, "seeds": [5]}, key="monday-1")
    assert other.status == 409 or other.status == 422


def some(desk: Desk, query: str = "") -> tuple[list[str], str | None]:
    """A page of the list: ids in its order, and where the next one begins."""
    page = desk.doors.operate("GET", f"/v1/simulations{query}")
    assert page.status == 200, page.raw
    return [one["id"] for one in page.body["simulations"]], page.body["next_cursor"]


def test_what_the_desk_asked_for_is_listed_page_by_page_each_once(desk: Desk) -> None:
    """Also what was asked for in one millisecond, as here, where the clock stands still."""
    before, _ = some(desk, "?limit=50")
    new = {desk.ask().body["id"] for _ in range(5)}
    seen, query = [], "?limit=2"
    for _ in range(len(before) + 5):
        ids, cursor = some(desk, query)
        seen += ids
        if cursor is None:
            break
        query = f"?limit=2&cursor={cursor}"
    assert sorted(seen) == sorted([*before, *new])
    assert seen == sorted(seen, reverse=True), "ids begin with their time"
    desk.doors.stage.clock.advance(seconds=1)
    newest = desk.ask().body["id"]
    assert some(desk, "?limit=1")[0] == [newest]


def test_the_list_says_who_asked_how_it_stands_and_where_the_report_is(desk: Desk) -> None:
    manager = a_visitor(desk.doors.stage, DeskRole.MANAGER)
    body = {**BODY, "seeds": [1]}
    simulation_id = manager.call("POST", "/v1/simulations", json.dumps(body).encode()).body["id"]

    def line() -> dict[str, Any]:
        page = manager.get("/v1/simulations?limit=50").body["simulations"]
        return next(dict(one) for one in page if one["id"] == simulation_id)

    asked = line()
    assert (asked["by"], asked["state"], asked["runs"]) == ("Marta Roth", "queued", 2)
    assert asked["report_url"] is None
    assert asked["scenarios"][0]["choices"] == RARELY
    assert desk.play(simulation_id) == {"batchItemFailures": []}
    done = line()
    path = f"/v1/simulations/{simulation_id}/report"
    assert (done["state"], done["report_url"]) == ("done", f"https://track.example{path}")
    assert desk.show(simulation_id)["report_url"] == done["report_url"]
    assert manager.get(path).status == 200


def test_a_hubs_list_has_its_own_days_alone(desk: Desk) -> None:
    hub_id = desk.doors.hub_id
    body = {"hub_id": hub_id, "day": "2020-01-01", "scenarios": [{"name": "as it was"}]}
    own, made_up = desk.ask(body).body["id"], desk.ask().body["id"]
    listed, _ = some(desk, f"?hub_id={hub_id}&limit=50")
    assert own in listed
    assert made_up not in listed
    assert some(desk, "?hub_id=hub_01m83qpn8tsfztk8g4j2we32hb") == ([], None)
    # A page of one list opens nothing of another.
    desk.ask(body)
    _, cursor = some(desk, f"?hub_id={hub_id}&limit=1")
    foreign = desk.doors.operate("GET", f"/v1/simulations?cursor={cursor}")
    assert (foreign.status, foreign.body["code"]) == (400, "malformed_request")


def test_what_has_gone_is_not_listed_any_more(desk: Desk) -> None:
    """Whatever DynamoDB still has: it deletes within days."""
    simulation_id = desk.ask().body["id"]
    assert simulation_id in some(desk, "?limit=50")[0]
    desk.doors.stage.clock.advance(hours=24 * 30 + 1)
    assert some(desk, "?limit=50")[0] == []


def test_a_merchant_may_not_look(desk: Desk) -> None:
    assert desk.doors.call("GET", "/v1/simulations", token=desk.doors.stage.api_key).status == 401


def test_a_cancelled_simulation_plays_no_further_run(desk: Desk) -> None:
    simulation_id = desk.ask().body["id"]
    path = f"/v1/simulations/{simulation_id}/cancel"
    for _ in range(2):
        cancelled = desk.doors.operate("POST", path)
        assert (cancelled.status, cancelled.body["state"]) == (200, "cancelled")
    assert desk.play(simulation_id) == {"batchItemFailures": []}
    assert desk.show(simulation_id)["runs"]["done"] == 0


def test_a_day_on_which_nothing_happened_ends_with_the_reason(desk: Desk) -> None:
    hub_id = desk.doors.hub_id
    scenarios = [{"name": "as it was"}]
    body = {"hub_id": hub_id, "day": "2020-01-01", "scenarios": scenarios}
    simulation_id = desk.ask(body).body["id"]
    assert desk.play(simulation_id) == {"batchItemFailures": []}
    shown = desk.show(simulation_id)
    assert (shown["state"], shown["failure"]) == ("failed", "nothing_recorded")
    download = desk.doors.operate("GET", f"/v1/hubs/{hub_id}/recordings/2020-01-01")
    assert (download.status, download.body["code"]) == (409, "nothing_recorded")
    assert desk.doors.operate("GET", f"/v1/hubs/{hub_id}/recordings/2020-13-01").status == 404


def test_an_order_of_today_is_in_todays_recording(desk: Desk) -> None:
    order = {
        "external_id": "recorded-1",
        "dropoff": {
            "name": "Ada Sommer",
            "address": {"line1": "Lindenweg 7", "city": "Neustadt", "country": "DE"},
        },
        "items": [{"weight_g": 400}],
    }
    made = desk.doors.stage.as_merchant("POST", "/v1/deliveries", order)
    day = made.body["created_at"][:10]
    ref = DeliveryRef(desk.doors.stage.merchant_id, made.body["id"])
    hub_id = work.read(lambda uow: deliveries.load(uow, ref)).hub_id
    path = f"/v1/hubs/{hub_id}/recordings/{day}"
    found = desk.doors.operate("GET", path)
    assert found.status == 200, found.raw
    raw = found.raw if isinstance(found.raw, bytes) else found.raw.encode()
    read = recorded.read(raw)
    assert made.body["id"] in {one.id for one in read.deliveries}
    assert b"Ada" not in raw
    assert b"recorded-1" not in raw


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"generated": None}, "hub_id"),
        ({"hub_id": "hub_01m83qpn8tsfztk8g4j2we32hb", "day": "2026-11-26"}, "hub_id"),
        ({"day": "2026-11-26"}, "hub_id"),
        ({"scenarios": []}, "scenarios"),
        ({"scenarios": [{"name": "a"}, {"name": "a"}]}, "scenarios"),
        ({"seeds": [1, 1]}, "seeds"),
        ({"seeds": list(range(1, 12))}, "seeds"),
        (
            {
                "scenarios": [{"name": str(number)} for number in range(12)],
                "seeds": [1, 2, 3, 4, 5, 6],
            },
            "seeds",
        ),
        ({"scenarios": [{"name": "a", "choices": {"drivers": 9000}}]}, "scenarios"),
    ],
)
def test_what_cannot_be_played_is_refused_with_its_field(
    desk: Desk, change: dict[str, Any], field: str
) -> None:
    refused = desk.ask({**BODY, **change})
    assert (refused.status, refused.body["code"]) == (422, "validation_error")
    assert any(one["field"].startswith(field) for one in refused.body["fields"])


def test_a_hub_that_there_is_not_is_not_found(desk: Desk) -> None:
    body = {
        "hub_id": "hub_01m83qpn8tsfztk8g4j2we32hb",
        "day": "2026-11-26",
        "scenarios": [{"name": "as it was"}],
    }
    assert desk.ask(body).status == 404
