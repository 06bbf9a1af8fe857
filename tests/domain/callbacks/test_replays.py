"""Sent again on request: an endpoint enabled again, one event, a span, what was skipped."""

from datetime import timedelta

import pytest

from chalicelib.domain.callbacks import endpoints, replays
from chalicelib.domain.callbacks.endpoints import Changes
from chalicelib.domain.callbacks.model import EndpointRef, EndpointStatus, MessageState
from chalicelib.kit.errors import NotFound, WebhookEndpointDisabled
from tests.domain.callbacks.stage import BROKEN, OK, RULES, START, Office, an_event, hours


def ref_of(endpoint) -> EndpointRef:
    return EndpointRef(endpoint.merchant_id, endpoint.id)


def test_an_endpoint_enabled_again_gets_what_waited(office: Office) -> None:
    endpoint = office.open()
    office.internet.answer = lambda _: BROKEN
    office.hear(an_event(1, office.clock.at))
    office.work()
    off, on = Changes(status=EndpointStatus.DISABLED), Changes(status=EndpointStatus.ENABLED)
    office.run(lambda uow: endpoints.change(uow, ref_of(endpoint), off, RULES))
    office.live(START + hours(1))
    assert len(office.internet.sent) == 1
    office.internet.answer = lambda _: OK
    office.run(lambda uow: endpoints.change(uow, ref_of(endpoint), on, RULES))
    office.order(ref_of(endpoint))
    office.work()
    assert office.log(endpoint)[0].state is MessageState.DELIVERED


def test_a_replay_is_the_same_message_again(office: Office) -> None:
    endpoint = office.open()
    event = an_event(1, office.clock.at)
    office.hear(event)
    office.work()
    office.clock.advance(hours=5)
    office.run(lambda uow: replays.replay_event(uow, ref_of(endpoint), event.id))
    office.order(ref_of(endpoint))
    office.work()
    first, second = office.internet.sent
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert first.headers["webhook-timestamp"] != second.headers["webhook-timestamp"]


def test_a_span_is_replayed_page_by_page(office: Office) -> None:
    endpoint = office.open()
    for number in range(60):
        office.hear(an_event(number, START + timedelta(minutes=number)))
    office.clock.advance(hours=2)
    office.work()
    before = len(office.internet.sent)
    rest = replays.Replay(
        ref_of(endpoint), START + timedelta(minutes=10), START + timedelta(minutes=50), False
    )
    counts = []
    while rest is not None:
        rest = replays.Replay.from_message(rest.to_message())
        count, rest = office.run(lambda uow, asked=rest: replays.replay_page(uow, asked))
        counts.append(count)
    office.order(ref_of(endpoint))
    office.work()
    assert counts == [25, 15]
    again = [one.event_id for one in office.internet.sent[before:]]
    assert sorted(again) == sorted(an_event(number, START).id for number in range(10, 50))


def test_a_replay_of_failures_leaves_what_arrived(long_office: Office) -> None:
    office = long_office
    endpoint = office.open()
    office.internet.answer = lambda _: BROKEN
    office.hear(an_event(1, office.clock.at))
    office.live(START + hours(90))
    office.internet.answer = lambda _: OK
    office.hear(an_event(2, office.clock.at))
    office.work()
    asked = replays.Replay(ref_of(endpoint), START, office.clock.at + hours(1), True)
    assert office.run(lambda uow: replays.replay_page(uow, asked)) == (1, None)


def test_what_was_skipped_while_disabled_can_be_asked_for(office: Office) -> None:
    endpoint = office.open()
    off, on = Changes(status=EndpointStatus.DISABLED), Changes(status=EndpointStatus.ENABLED)
    office.run(lambda uow: endpoints.change(uow, ref_of(endpoint), off, RULES))
    event = an_event(1, office.clock.at)
    office.hear(event)
    office.work()
    with pytest.raises(WebhookEndpointDisabled):
        office.run(lambda uow: replays.replay_event(uow, ref_of(endpoint), event.id))
    office.run(lambda uow: endpoints.change(uow, ref_of(endpoint), on, RULES))
    office.run(lambda uow: replays.replay_event(uow, ref_of(endpoint), event.id))
    office.order(ref_of(endpoint))
    office.work()
    assert len(office.internet.sent) == 1


def test_another_merchants_endpoint_is_not_found(office: Office) -> None:
    endpoint = office.open()
    foreign = EndpointRef("mer_2", endpoint.id)
    with pytest.raises(NotFound):
        office.run(lambda uow: replays.send_test(uow, foreign))
    with pytest.raises(NotFound):
        office.run(lambda uow: endpoints.delete(uow, foreign))
