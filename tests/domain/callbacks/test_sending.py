"""From an event to the receiver: once if all goes well, for three days if not, under one id."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from standardwebhooks import Webhook

from chalicelib.domain.callbacks import breaker, endpoints, schedule, sending, store
from chalicelib.domain.callbacks.model import (
    MOST_TRIES_KEPT,
    DisabledReason,
    EndpointRef,
    Message,
    MessageState,
    Reply,
)
from chalicelib.kit.events import Event
from tests.builders import SERVER_KEY
from tests.domain.callbacks.stage import (
    BROKEN,
    MERCHANT,
    OK,
    RULES,
    START,
    Office,
    an_event,
    hours,
    means,
)

URL = "https://shop.example.com/hook"


def ref_of(endpoint) -> EndpointRef:
    return EndpointRef(endpoint.merchant_id, endpoint.id)


def test_an_event_reaches_who_wants_it_once_and_nobody_else(office: Office) -> None:
    office.open()
    office.open("https://other.example.com/", events=("delivery.delivered",))
    office.open("https://routes.example.com/", events=("route.*",))
    event = an_event(1, office.clock.at)
    office.hear(event)
    office.work()
    office.hear(event)
    office.work()
    (sent,) = office.internet.sent
    assert sent.url == URL
    assert json.loads(sent.body) == {
        "type": "delivery.ready",
        "timestamp": "2026-11-27T12:00:00.000Z",
        "data": {
            "event_id": event.id,
            "delivery_id": event.subject,
            "external_id": "order 1",
            "status": "ready",
            "reason": None,
            "version": 2,
            "attempts": 0,
            "route_id": None,
            "tracking_url": f"https://t.example/t/{event.subject}",
        },
    }


def test_events_of_others_are_not_heard(office: Office) -> None:
    office.open()
    office.hear(an_event(1, office.clock.at, merchant="mer_2"))
    office.work()
    assert office.internet.sent == []


def test_the_official_package_believes_what_we_sign(office: Office) -> None:
    """It looks at the real clock, so ours is set to it."""
    office.clock.at = datetime.now(UTC)
    endpoint = office.open()
    office.hear(an_event(1, office.clock.at))
    office.work()
    (sent,) = office.internet.sent
    for secret in endpoints.live_secrets(endpoint, SERVER_KEY, office.clock.at):
        told = Webhook(secret).verify(sent.body, dict(sent.headers))
        assert told["type"] == "delivery.ready"


def test_a_replaced_secret_signs_for_another_day(office: Office) -> None:
    office.clock.at = datetime.now(UTC)
    endpoint = office.open()
    (old,) = endpoints.live_secrets(endpoint, SERVER_KEY, office.clock.at)
    new = office.run(lambda uow: endpoints.rotate_secret(uow, ref_of(endpoint), RULES))
    office.hear(an_event(1, office.clock.at))
    office.work()
    (sent,) = office.internet.sent
    for secret in (old, new):
        Webhook(secret).verify(sent.body, dict(sent.headers))
    assert len(sent.headers["webhook-signature"].split(" ")) == 2
    live = endpoints.live_secrets
    after = office.clock.at + timedelta(days=1)
    assert live(office.now(endpoint), SERVER_KEY, after - timedelta(seconds=1)) == [new, old]
    assert live(office.now(endpoint), SERVER_KEY, after) == [new]


def test_after_a_new_server_key_one_rotation_makes_an_endpoint_sign_again(office: Office) -> None:
    """The secret before it is lost with its key; until the rotation nothing goes out unsigned."""
    endpoint = office.open()
    key = bytes(32)
    with pytest.raises(ValueError, match="rotate it"):
        endpoints.live_secrets(endpoint, key, office.clock.at)
    rules = replace(RULES, server_key=key)
    new = office.run(lambda uow: endpoints.rotate_secret(uow, ref_of(endpoint), rules))
    assert endpoints.live_secrets(office.now(endpoint), key, office.clock.at) == [new]


def test_a_dead_endpoint_is_tried_ten_times_over_three_days_under_one_id(
    long_office: Office,
) -> None:
    """The whole schedule on a virtual clock; the sweep comes every minute."""
    office = long_office
    endpoint = office.open()
    office.internet.answer = lambda _: BROKEN
    office.hear(an_event(1, office.clock.at))
    office.live(START + hours(100))
    sent = office.internet.sent
    assert len(sent) == 10
    assert len({one.headers["webhook-id"] for one in sent}) == 1
    assert len({one.body for one in sent}) == 1
    gaps = [b.at - a.at for a, b in pairwise(sent)]
    for gap, delay in zip(gaps, schedule.DELAYS_S[1:], strict=True):
        # A tenth early, or a tenth and a sweep late.
        assert 0.9 * delay <= gap.total_seconds() <= 1.1 * delay + 61
    assert hours(67) < sent[-1].at - sent[0].at < hours(84)
    (message,) = office.log(endpoint)
    assert message.state is MessageState.FAILED
    assert [one.status for one in message.tries] == [500] * 10


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 500])
def test_everything_but_2xx_is_tried_again(office: Office, status: int) -> None:
    replies = [Reply(status), Reply(204)]
    office.internet.answer = lambda _: replies.pop(0)
    endpoint = office.open()
    office.hear(an_event(1, office.clock.at))
    office.live(START + timedelta(seconds=10))
    assert [one.status for one in office.log(endpoint)[0].tries] == [status, 204]


def test_410_ends_the_endpoint_and_the_others_hear_of_it(office: Office) -> None:
    endpoint = office.open()
    office.internet.answer = lambda url: Reply(410) if url == URL else OK
    office.hear(an_event(1, office.clock.at))
    office.work()
    ended = office.now(endpoint)
    assert ended.disabled_reason is DisabledReason.GONE
    assert ended.disabled_at == office.clock.at
    item = office.begin().get(store.keys.webhook_endpoints(MERCHANT))
    (told,) = item["events"]
    assert told["type"] == "webhook_endpoint.disabled"
    assert told["data"] == {"merchant_id": MERCHANT, "url": URL, "reason": "gone"}
    office.open("https://other.example.com/")
    office.hear(Event.from_item(told))
    office.work()
    (notice,) = office.internet.to("https://other.example.com/")
    assert json.loads(notice.body)["data"]["reason"] == "gone"
    assert len(office.internet.to(URL)) == 1


def test_a_wish_to_wait_holds_for_everything_that_waits(office: Office) -> None:
    replies = [Reply(429, wished_delay_s=600), OK, OK]
    office.internet.answer = lambda _: replies.pop(0)
    office.open()
    office.hear(an_event(1, office.clock.at))
    office.work()
    office.hear(an_event(2, office.clock.at))
    office.live(START + timedelta(minutes=9))
    assert len(office.internet.sent) == 1
    office.live(START + timedelta(minutes=12))
    assert len(office.internet.sent) == 3


def test_five_days_of_failures_disable_an_endpoint(long_office: Office) -> None:
    office = long_office
    endpoint = office.open()
    office.internet.answer = lambda _: Reply(None, "timeout", duration_ms=15_000)
    for day in range(6):
        office.hear(an_event(day, office.clock.at))
        office.live(START + timedelta(days=day + 1))
    ended = office.now(endpoint)
    assert ended.disabled_reason is DisabledReason.ONLY_FAILURES
    assert ended.disabled_at - START >= breaker.DISABLE_AFTER
    calls = len(office.internet.sent)
    office.hear(an_event(9, office.clock.at))
    office.live(office.clock.at + timedelta(hours=1))
    assert len(office.internet.sent) == calls
    assert office.log(endpoint)[0].state is MessageState.SKIPPED


def test_a_receiver_that_was_down_for_two_days_gets_everything_in_order(
    long_office: Office,
) -> None:
    office = long_office
    endpoint = office.open()
    office.internet.answer = lambda _: BROKEN if office.clock.at < START + hours(48) else OK
    events = [an_event(number, START + timedelta(seconds=number)) for number in range(30)]
    for event in events:
        office.clock.at = event.at
        office.hear(event)
    office.live(START + hours(84))
    assert {one.state for one in office.log(endpoint)} == {MessageState.DELIVERED}
    got = {one.event_id for one in office.internet.sent if one.at >= START + hours(48)}
    assert got == {event.id for event in events}


def test_a_worker_that_finds_another_one_knocks_and_the_other_looks_again(office: Office) -> None:
    """What is recorded when the other has just seen that nothing is due is not left lying."""
    ref = ref_of(office.open())
    office.hear(an_event(1, office.clock.at))
    answers, meanwhile = [], []

    def run(use_case):
        result = office.run(use_case)
        answers.append(result)
        # The first None is what follows from the success, the second that nothing is due.
        if result is None and answers.count(None) == 2:
            office.hear(an_event(2, office.clock.at))
            meanwhile.append(sending.drain(office.run, means(office.internet.post), ref))
        return result

    done = sending.drain(run, means(office.internet.post), ref)
    assert meanwhile == [sending.Drained()]
    assert done.sent == 2


class Killed(BaseException):
    """The process dies: nothing after it runs."""


def test_a_worker_that_died_is_replaced(office: Office) -> None:
    endpoint, dead = office.open(), []

    def die(url, headers, body):
        dead.append(True)
        raise Killed

    def run(use_case):
        if dead:
            raise Killed
        return office.run(use_case)

    office.hear(an_event(1, office.clock.at))
    with pytest.raises(Killed):
        sending.drain(run, means(die), ref_of(endpoint))
    office.work()
    assert office.internet.sent == []
    office.clock.at += sending.BUSY
    office.order(ref_of(endpoint))
    office.work()
    assert len(office.internet.sent) == 1


def test_a_worker_that_breaks_gives_the_line_back(office: Office) -> None:
    def broken(url, headers, body):
        raise RuntimeError("a fault of ours")

    endpoint = office.open()
    office.hear(an_event(1, office.clock.at))
    with pytest.raises(RuntimeError, match="ours"):
        sending.drain(office.run, means(broken), ref_of(endpoint))
    office.work()
    assert len(office.internet.sent) == 1


def test_a_worker_that_was_thought_dead_does_not_take_the_line_from_its_successor(
    office: Office,
) -> None:
    endpoint = office.open()
    ref = ref_of(endpoint)
    office.hear(an_event(1, office.clock.at))

    def sleepy(url, headers, body):
        office.clock.at += sending.BUSY
        successor = office.run(lambda uow: sending._begin_turn(uow, ref))
        turns.append(successor)
        return office.internet.post(url, headers, body)

    turns: list = []
    sending.drain(office.run, means(sleepy), ref)
    line = store.load_line(office.begin(), ref)
    assert line.busy_until == turns[0].busy_until


def test_the_tables_keep_no_tracking_link(office: Office) -> None:
    """It opens a recipient's page; only its hash is stored elsewhere."""
    endpoint = office.open()
    office.hear(an_event(1, office.clock.at))
    office.work()
    (kept,) = office.log(endpoint)
    assert "t.example" not in kept.body
    assert b"https://t.example/t/del_" in office.internet.sent[0].body


def test_a_turn_ends_though_more_is_due(office: Office) -> None:
    """A slow endpoint with much to get gives its worker back."""
    endpoint = office.open()
    for number in range(6):
        office.hear(an_event(number, office.clock.at))

    def slow(url, headers, body):
        office.clock.advance(seconds=10)
        return office.internet.post(url, headers, body)

    done = sending.drain(office.run, means(slow), ref_of(endpoint))
    assert done == sending.Drained(sent=3, again=True)


def test_a_message_without_an_endpoint_is_dropped(office: Office) -> None:
    endpoint = office.open()
    office.hear(an_event(1, office.clock.at))
    office.run(lambda uow: endpoints.delete(uow, ref_of(endpoint)))
    office.work()
    assert office.internet.sent == []


def test_the_longest_log_of_tries_is_bounded() -> None:
    message = Message(
        EndpointRef("mer_1", "whe_1"), "evt_1", "t", START, "{}", MessageState.PENDING, START
    )
    for _ in range(100):
        tried = sending.after_try(message, BROKEN, START)
        message = replace(tried, tries_in_round=0)
    assert len(message.tries) == MOST_TRIES_KEPT
