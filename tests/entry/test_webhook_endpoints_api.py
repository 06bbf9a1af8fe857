"""A merchant's webhook endpoints by the API: what is taken, what is shown, what is ordered."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib import listeners, wiring
from chalicelib.domain.callbacks import sending
from chalicelib.domain.callbacks.model import EndpointRef, Reply
from chalicelib.entry import work
from chalicelib.gateways.callbacks import CallbackReply
from chalicelib.gateways.queues import Queue
from tests.domain.callbacks.stage import an_event, means
from tests.entry.conftest import Doors
from tests.entry.intake_stage import Answered
from tests.entry.lambda_stage import call, from_queue
from tests.gateways.hostile_urls import URLS

ALL = "/v1/webhook-endpoints"
HOOK = "https://shop.example.com/hook"
FINE = CallbackReply(200, duration_ms=12)


@dataclass
class FakeQueues:
    sent: list[tuple[Queue, Mapping[str, Any], float]] = field(default_factory=list)

    def send(self, queue: Queue, message: Mapping[str, Any], *, delay_s: float = 0) -> None:
        self.sent.append((queue, message, delay_s))


@dataclass
class Receivers:
    """The internet: answers everybody alike and keeps what came."""

    answer: CallbackReply = FINE
    got: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> CallbackReply:
        self.got.append((url, headers, body))
        return self.answer


@dataclass
class Merchant:
    """One merchant's key in hand, the queue beside it."""

    doors: Doors
    queues: FakeQueues
    receivers: Receivers

    def call(self, method: str, path: str, body: Any = None) -> Answered:
        return self.doors.call(method, path, body, self.doors.stage.api_key)

    def other(self, method: str, path: str, body: Any = None) -> Answered:
        return self.doors.call(method, path, body, self.doors.stage.other_api_key)

    def open(self, **more: Any) -> dict[str, Any]:
        made = self.call("POST", ALL, {"url": HOOK, **more})
        assert made.status == 201
        return dict(made.body)

    def hear(self, number: int) -> str:
        """An event of this merchant, recorded and sent."""
        merchant_id = self.doors.stage.merchant_id
        event = an_event(number, self.doors.stage.clock.at, merchant=merchant_id)
        for ref in sending.record(work.run, event):
            self.drain(ref)
        return event.id

    def drain(self, ref: EndpointRef) -> None:
        def post(url: str, headers: Mapping[str, str], body: bytes) -> Reply:
            reply = self.receivers.post(url, headers, body)
            return Reply(reply.status, reply.error, reply.wished_delay_s, reply.duration_ms)

        sending.drain(work.run, means(post), ref)

    def log(self, endpoint_id: str) -> list[dict[str, Any]]:
        return list(self.call("GET", f"{ALL}/{endpoint_id}/deliveries").body["deliveries"])


@pytest.fixture
def merchant(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> Iterator[Merchant]:
    made = Merchant(doors, FakeQueues(), Receivers())
    monkeypatch.setattr(wiring, "queues", lambda: made.queues)
    monkeypatch.setattr(wiring, "callbacks", lambda: made.receivers)
    yield made
    for one in made.call("GET", ALL).body["webhook_endpoints"]:
        assert made.call("DELETE", f"{ALL}/{one['id']}").status == 204


def test_an_endpoint_is_made_and_its_secret_shown_once(merchant: Merchant) -> None:
    made = merchant.open(events=["delivery.*"], description="Shop")
    assert made.pop("secret").startswith("whsec_")
    assert (made["events"], made["status"]) == (["delivery.*"], "enabled")
    assert merchant.call("GET", ALL).body == {"webhook_endpoints": [made]}
    health = {"failures": 0, "failing_since": None, "paused_until": None}
    assert merchant.call("GET", f"{ALL}/{made['id']}").body == {**made, "health": health}


@pytest.mark.parametrize("url", [url for url in URLS if url], ids=ascii)
def test_a_hostile_url_is_refused_at_the_door(merchant: Merchant, url: str) -> None:
    refused = merchant.call("POST", ALL, {"url": url})
    assert (refused.status, refused.body["code"]) == (422, "validation_error")
    assert refused.body["fields"][0]["field"] == "url"


def test_an_unknown_event_is_refused_by_its_name(merchant: Merchant) -> None:
    refused = merchant.call("POST", ALL, {"url": HOOK, "events": ["delivery.deliverd"]})
    assert refused.status == 422
    assert "deliverd" in refused.body["fields"][0]["error"]


def test_a_merchant_has_ten_at_most(merchant: Merchant) -> None:
    for _ in range(10):
        merchant.open()
    full = merchant.call("POST", ALL, {"url": HOOK})
    assert (full.status, full.body["code"]) == (409, "too_many_webhook_endpoints")


def test_another_merchants_endpoint_does_not_exist(merchant: Merchant) -> None:
    path = f"{ALL}/{merchant.open()['id']}"
    event_id = merchant.hear(77)
    for method, below, body in [
        ("GET", "", None),
        ("PATCH", "", {"status": "disabled"}),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", None),
        ("POST", "/test", None),
        ("GET", "/deliveries", None),
        ("POST", "/replay", {"event_id": event_id}),
    ]:
        assert merchant.other(method, path + below, body).status == 404, below
    assert merchant.other("GET", ALL).body == {"webhook_endpoints": []}
    assert merchant.queues.sent == []


def test_a_change_changes_what_it_names_and_nothing_else(merchant: Merchant) -> None:
    made = merchant.open(description="Shop")
    changed = merchant.call("PATCH", f"{ALL}/{made['id']}", {"events": ["route.*"]}).body
    assert changed == {**{k: v for k, v in made.items() if k != "secret"}, "events": ["route.*"]}
    off = merchant.call("PATCH", f"{ALL}/{made['id']}", {"status": "disabled"}).body
    assert (off["status"], off["disabled_reason"]) == ("disabled", "by_merchant")
    on = merchant.call("PATCH", f"{ALL}/{made['id']}", {"status": "enabled"}).body
    assert (on["status"], on["disabled_reason"], on["disabled_at"]) == ("enabled", None, None)
    wrong = merchant.call("PATCH", f"{ALL}/{made['id']}", {"url": "http://10.0.0.1/"})
    assert wrong.status == 422


def test_a_rotation_shows_the_new_secret_and_until_when_the_old_one_signs(
    merchant: Merchant,
) -> None:
    made = merchant.open()
    rotated = merchant.call("POST", f"{ALL}/{made['id']}/rotate-secret").body
    assert rotated["secret"] != made["secret"]
    assert rotated["old_ends_at"] > made["created_at"]
    merchant.hear(1)
    ((_, headers, _),) = merchant.receivers.got
    assert len(headers["webhook-signature"].split()) == 2


def test_the_log_tells_every_try(merchant: Merchant) -> None:
    made = merchant.open()
    merchant.receivers.answer = CallbackReply(None, "timeout", None, 15_000)
    event_id = merchant.hear(2)
    (logged,) = merchant.log(made["id"])
    assert logged["webhook_id"] == f"{event_id}_{made['id']}"
    assert (logged["state"], logged["type"]) == ("pending", "delivery.ready")
    assert logged["next_try_at"] is not None
    (tried,) = logged["tries"]
    assert (tried["status"], tried["error"], tried["duration_ms"]) == (None, "timeout", 15_000)
    assert logged["payload"]["data"]["event_id"] == event_id
    assert merchant.call("GET", f"{ALL}/{made['id']}").body["health"]["failures"] == 1


def test_the_log_has_pages(merchant: Merchant) -> None:
    made = merchant.open()
    for number in range(5):
        merchant.doors.stage.clock.advance(seconds=1)
        merchant.hear(100 + number)
    path, seen, cursor = f"{ALL}/{made['id']}/deliveries?limit=2", [], ""
    while cursor is not None:
        page = merchant.call("GET", path + (f"&cursor={cursor}" if cursor else "")).body
        seen += [one["payload"]["data"]["external_id"] for one in page["deliveries"]]
        cursor = page["next_cursor"]
    assert seen == [f"order {number}" for number in (104, 103, 102, 101, 100)]


def test_a_test_is_sent_by_the_function_whatever_is_wanted(merchant: Merchant) -> None:
    made = merchant.open(events=["route.cancelled"])
    sent = merchant.call("POST", f"{ALL}/{made['id']}/test")
    assert sent.status == 202
    ((queue, message, _),) = merchant.queues.sent
    assert queue is Queue.CALLBACKS
    answer = call("post_webhooks", from_queue(json.dumps(message)))
    assert answer == {"batchItemFailures": []}
    ((url, _, body),) = merchant.receivers.got
    assert url == HOOK
    assert b'"type":"webhook_endpoint.test"' in body
    assert merchant.log(made["id"])[0]["event_id"] == sent.body["event_id"]


def test_a_replay_of_one_event_or_of_a_span_is_ordered(merchant: Merchant) -> None:
    made = merchant.open()
    event_id = merchant.hear(3)
    path = f"{ALL}/{made['id']}/replay"
    assert merchant.call("POST", path, {"event_id": event_id}).status == 202
    span = {"from": "2026-11-27T00:00:00Z", "to": "2026-11-28T00:00:00Z"}
    assert merchant.call("POST", path, span).status == 202
    steps = [message["step"] for _, message, _ in merchant.queues.sent]
    assert steps == ["drain", "replay"]
    for _, message, _ in merchant.queues.sent:
        assert call("post_webhooks", from_queue(json.dumps(message))) == {"batchItemFailures": []}
    # Once of itself, once by its id, once with the span.
    assert len(merchant.receivers.got) == 3
    unknown = merchant.call("POST", path, {"event_id": "evt_del_1_000001"})
    assert unknown.status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"from": "2026-11-27T00:00:00Z"},
        {"event_id": "evt_a_000001", "from": "2026-11-27T00:00:00Z", "to": "2026-11-28T00:00:00Z"},
        {"from": "2026-11-28T00:00:00Z", "to": "2026-11-27T00:00:00Z"},
        {"from": "2026-11-27T00:00:00", "to": "2026-11-28T00:00:00"},
        {"event_id": "evt_#\u0000"},
    ],
)
def test_a_replay_that_says_too_little_or_too_much_is_refused(
    merchant: Merchant, body: dict[str, Any]
) -> None:
    path = f"{ALL}/{merchant.open()['id']}/replay"
    assert merchant.call("POST", path, body).status == 422


def test_a_disabled_endpoint_is_sent_nothing_even_by_hand(merchant: Merchant) -> None:
    made = merchant.open()
    path = f"{ALL}/{made['id']}"
    event_id = merchant.hear(4)
    merchant.call("PATCH", path, {"status": "disabled"})
    span = {"from": "2026-11-27T00:00:00Z", "to": "2026-11-28T00:00:00Z"}
    for below, body in [("/test", None), ("/replay", {"event_id": event_id}), ("/replay", span)]:
        refused = merchant.call("POST", path + below, body)
        assert (refused.status, refused.body["code"]) == (409, "webhook_endpoint_disabled")


def test_a_message_that_is_none_of_ours_goes_back(merchant: Merchant) -> None:
    """And ends as a dead letter."""
    for body in ('{"step":"dance"}', '{"step":"replay"}', "{}"):
        failed = call("post_webhooks", from_queue(body))["batchItemFailures"]
        assert [one["itemIdentifier"] for one in failed] == ["message-0"]


def test_an_event_from_the_relay_is_written_down_and_its_endpoints_are_called(
    merchant: Merchant,
) -> None:
    merchant.open()
    at = merchant.doors.stage.clock.at
    event = an_event(9, at, merchant=merchant.doors.stage.merchant_id)
    (subscriber,) = [one for one in listeners.SUBSCRIBERS[event.type] if one.name == "webhooks"]
    work.run(lambda uow: subscriber.handle(uow, event))
    while merchant.queues.sent:
        _, message, _ = merchant.queues.sent.pop(0)
        assert call("post_webhooks", from_queue(json.dumps(message))) == {"batchItemFailures": []}
    ((_, headers, body),) = merchant.receivers.got
    assert headers["webhook-id"].startswith(event.id)
    assert b"https://track.example/t/" in body
    assert b"drv_secret" not in body


def test_nobody_is_told_of_what_nobody_wants(merchant: Merchant) -> None:
    merchant.open(events=["delivery.delivered"])
    event = an_event(10, merchant.doors.stage.clock.at, merchant=merchant.doors.stage.merchant_id)
    (subscriber,) = [one for one in listeners.SUBSCRIBERS[event.type] if one.name == "webhooks"]
    work.run(lambda uow: subscriber.handle(uow, event))
    assert merchant.queues.sent == []
