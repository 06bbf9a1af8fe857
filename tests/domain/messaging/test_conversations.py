"""Recipient, driver and desk write to each other, while the driver is on the way to the door."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import redaction
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.messaging import conversations, inbound, service, suppression
from chalicelib.domain.messaging.conversation_store import Side
from chalicelib.domain.messaging.conversations import Canned, Post
from chalicelib.domain.messaging.inbound import Meant, Reply
from chalicelib.domain.messaging.store import Fate
from chalicelib.kit.errors import Invalid, Malformed, NotFound, TooManyRequests
from chalicelib.kit.events import Event
from chalicelib.kit.phone import Phone
from chalicelib.kit.talk_errors import ConversationClosed
from tests.domain.messaging.test_guards import LINKS, NUMBER, Town, out
from tests.telling import SERVER_KEY, minutes, steps_to

PHONE = Phone("+4915112345678")


@pytest.fixture
def town() -> Town:
    return Town()


def on_the_way(town: Town) -> Delivery:
    return town.world.deliver(*steps_to(Status.EN_ROUTE_TO_DROPOFF))


def ref_of(delivery: Delivery) -> DeliveryRef:
    return DeliveryRef(delivery.merchant_id, delivery.id)


def say(town: Town, delivery: Delivery, side: Side, text: str = "Hello", **more: object):
    return town.run(lambda uow: conversations.post(uow, delivery, Post(side, text, **more)))


def said(town: Town, delivery: Delivery) -> list[tuple[str, str]]:
    found = conversations.read(town.begin(), ref_of(delivery))
    return [(one.side.value, one.text or str(one.canned)) for one in found]


def posted(town: Town) -> list[Event]:
    items = [item for item in town.tables.items.values() if "events" in item]
    events = [Event.from_item(one) for item in items for one in item["events"]]
    return [one for one in events if one.type == conversations.POSTED]


def test_all_three_see_what_each_wrote_in_its_order(town: Town) -> None:
    delivery = on_the_way(town)
    say(town, delivery, Side.DRIVER, "", canned=Canned.NO_ENTRANCE)
    say(town, delivery, Side.RECIPIENT, "  Round the\n corner ")
    say(town, delivery, Side.DESK, "Blue door")
    assert said(town, delivery) == [
        ("driver", "no_entrance"),
        ("recipient", "Round the corner"),
        ("desk", "Blue door"),
    ]


def test_the_same_message_twice_is_one(town: Town) -> None:
    delivery = on_the_way(town)
    for _ in range(2):
        say(town, delivery, Side.DRIVER, "Hello", id="tap-1")
    assert said(town, delivery) == [("driver", "Hello")]


@pytest.mark.parametrize("status", [Status.PLANNED, Status.PICKED_UP, Status.CANCELLED])
def test_nobody_writes_while_no_driver_is_on_the_way_to_this_door(
    town: Town, status: Status
) -> None:
    delivery = town.world.deliver(*steps_to(status))
    with pytest.raises(ConversationClosed):
        say(town, delivery, Side.RECIPIENT)


def test_half_an_hour_after_the_door_it_closes(town: Town) -> None:
    delivery = town.world.deliver(*steps_to(Status.DELIVERED))
    assert delivery.history[-1].at == minutes(75)
    assert conversations.is_open(delivery, minutes(105))
    assert not conversations.is_open(delivery, minutes(106))


@pytest.mark.parametrize("text", ["", " \n ", "x" * 281])
def test_a_message_has_words_and_not_too_many(town: Town, text: str) -> None:
    with pytest.raises(Invalid):
        say(town, on_the_way(town), Side.RECIPIENT, text)


def test_whoever_writes_without_end_is_stopped(town: Town) -> None:
    delivery = on_the_way(town)
    for _ in range(conversations.MOST_A_MINUTE):
        say(town, delivery, Side.RECIPIENT)
    with pytest.raises(TooManyRequests):
        say(town, delivery, Side.RECIPIENT)
    say(town, delivery, Side.DRIVER, "Others may answer")
    while len(said(town, delivery)) < conversations.MOST:
        town.at += timedelta(seconds=30)
        say(town, delivery, Side.DRIVER)
    with pytest.raises(TooManyRequests):
        say(town, delivery, Side.DESK)


def test_the_recipient_is_told_by_text_once_in_a_quarter_of_an_hour(town: Town) -> None:
    delivery = on_the_way(town)
    told = []
    for minute in (0, 1, 14, 16):
        town.at = minutes(27 + minute)
        say(town, delivery, Side.DRIVER)
        told.append(posted(town)[0].data["tells_recipient"])
    assert told == [True, False, False, True]
    event = posted(town)[0]
    assert service.is_wanted(town.begin(), event)
    message = service.message_for(event)
    assert "Hello" not in str(message)
    fate = service.send_text(town.run, town.texts, LINKS, service.read_order(message))
    assert fate is Fate.SENT
    assert town.texts.sent[0][1].endswith(f"/t/{town.world.token(delivery)}")
    say(town, delivery, Side.RECIPIENT, "No text for what I write myself")
    assert not service.is_wanted(town.begin(), posted(town)[0])


def test_a_driver_writes_about_their_own_deliveries_only(town: Town) -> None:
    delivery = on_the_way(town)
    ref = ref_of(delivery)
    assert conversations.of_driver(town.begin(), "drv_a", ref) == delivery
    with pytest.raises(NotFound):
        conversations.of_driver(town.begin(), "drv_b", ref)


def test_no_word_stands_outside_of_pii_and_none_survives_redaction(town: Town) -> None:
    delivery = on_the_way(town)
    say(town, delivery, Side.RECIPIENT, "zanzibar")
    holding = {
        key.table.value for key, item in town.tables.items.items() if "zanzibar" in str(item)
    }
    assert holding == {"pii"}
    town.world.go_on(delivery, *steps_to(Status.DELIVERED)[-2:])
    assert town.run(lambda uow: redaction.forget_texts(uow, ref_of(delivery)))
    assert "zanzibar" not in str(town.tables.items)


def reply(words: str, id_: str = "in-1") -> Reply:
    return Reply(id_, PHONE, words)


def receive(town: Town, one: Reply) -> Meant:
    return town.run(lambda uow: inbound.receive(uow, SERVER_KEY, one))


@pytest.mark.parametrize(
    "words", ["STOP", " stop. ", "Arrêt", "opt-out", "OPTOUT", "Unsubscribe", "td", "End"]
)
def test_a_word_ends_all_texts_and_another_begins_them_again(town: Town, words: str) -> None:
    assert receive(town, reply(words)) is Meant.OPTED_OUT
    assert suppression.find(town.begin(), NUMBER, None) is not None
    assert receive(town, reply(words)) is Meant.SEEN, "the same message again"
    assert receive(town, reply("Start", "in-2")) is Meant.OPTED_IN
    assert suppression.find(town.begin(), NUMBER, None) is None


def test_a_stop_in_a_sentence_is_a_message_and_lands_with_the_newest_delivery(town: Town) -> None:
    first = on_the_way(town)
    town.send(out(first))
    town.at += timedelta(minutes=1)
    second = on_the_way(town)
    town.send(out(second))
    assert receive(town, reply("Please stop at the blue door")) is Meant.ANSWERED
    assert said(town, second) == [("recipient", "Please stop at the blue door")]
    assert said(town, first) == []


def test_an_answer_to_nobody_is_kept_nowhere(town: Town) -> None:
    delivery = town.world.deliver(*steps_to(Status.PICKED_UP))
    town.send(out(delivery))
    assert receive(town, reply("zanzibar")) is Meant.NOBODY_THERE
    assert "zanzibar" not in str(town.tables.items)


def test_a_reply_is_read_as_the_carrier_writes_it() -> None:
    told = (
        '{"originationNumber":"+14255550182","destinationNumber":"+12125550101",'
        '"messageKeyword":"JOIN","messageBody":"EXAMPLE",'
        '"inboundMessageId":"cae173d2-66b9-564c-8309-21f858e9fb84",'
        '"previousPublishedMessageId":"wJalrXUtnFEMI"}'
    )
    found = inbound.read(told)
    assert replace(found, id="x") == Reply("x", Phone("+14255550182"), "EXAMPLE")


@pytest.mark.parametrize("told", ["", "[]", "{}", '{"originationNumber": "1"}', "null"])
def test_anything_else_is_refused(told: str) -> None:
    with pytest.raises(Malformed):
        inbound.read(told)
