"""A text is sent at most once, whoever dies whenever; what is unknown stays visible."""

from dataclasses import dataclass, field, replace

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.messaging import claiming, facts, limits, service, sms, store
from chalicelib.domain.messaging.store import Fate, TextOrder
from chalicelib.domain.messaging.templates import Template
from chalicelib.kit import tokens
from chalicelib.kit.errors import Malformed, StaleVersion, TextNotSent, Upstream
from chalicelib.kit.events import Event
from chalicelib.kit.phone import Phone
from tests.telling import ANNA, SERVER_KEY, World, minutes, steps_to

LINKS = facts.Links("https://lm.example/", SERVER_KEY)


class Killed(BaseException):
    """The process dies: nothing after it runs."""


@dataclass
class Answer:
    message_id: str | None = "msg"
    refusal: str | None = None


@dataclass
class FakeTexts:
    """Takes every text, unless told how the next publishes end."""

    endings: list = field(default_factory=list)
    sent: list = field(default_factory=list)
    opted_out: tuple = ()

    def send(self, phone: str, body: str, kind: str) -> Answer:
        ending = self.endings.pop(0) if self.endings else Answer()
        if isinstance(ending, TextNotSent):
            raise ending
        self.sent.append((phone, body, kind))
        if isinstance(ending, BaseException):
            raise ending
        return ending

    def is_opted_out(self, phone: str) -> bool:
        return phone in self.opted_out


@pytest.fixture
def world(begin):
    return World(begin)


@pytest.fixture
def run(begin):
    def run(use_case):
        for _ in range(4):
            uow = begin()
            try:
                result = use_case(uow)
                uow.commit()
            except StaleVersion:
                continue
            return result
        raise AssertionError("kept losing")

    return run


def order_for(delivery: Delivery, template=Template.OUT_FOR_DELIVERY, what="picked_up"):
    version = next(entry.version for entry in delivery.history if entry.what == what)
    event_id = f"evt_{delivery.id}_{version:06d}"
    return TextOrder(delivery.merchant_id, delivery.id, event_id, template)


def fates(world, delivery):
    claims = store.list_texts(world.begin(), delivery.merchant_id, delivery.id)
    return [(claim.fate, claim.note) for claim in claims]


def test_a_text_goes_to_the_recipient_with_the_promise_in_local_time_and_the_link(world, run):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    texts = FakeTexts()
    fate = service.send_text(run, texts, LINKS, order_for(delivery))
    assert fate is Fate.SENT
    ((phone, body, kind),) = texts.sent
    assert phone == "+4915112345678"
    assert kind == "out_for_delivery"
    assert "14:00-16:00" in body, "the window is 13:00 to 15:00 UTC, an hour more in Berlin"
    assert body.endswith(f"https://lm.example/t/{world.token(delivery)}")
    assert sms.parts(body) == 1
    assert fates(world, delivery) == [(Fate.SENT, None)]


def test_the_same_message_twice_sends_one_text(world, run):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    texts = FakeTexts()
    service.send_text(run, texts, LINKS, order_for(delivery))
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is None
    assert len(texts.sent) == 1


def test_of_two_workers_with_the_same_message_one_sends(world, run, begin):
    """The second has looked before the first commits; its commit is refused, and it looks again."""
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    order, texts, raced = order_for(delivery), FakeTexts(), []

    def run_raced(use_case):
        uow = begin()
        result = use_case(uow)
        if not raced:
            raced.append(True)
            service.send_text(run, texts, LINKS, order)
        try:
            uow.commit()
        except StaleVersion:
            return run(use_case)
        return result

    assert service.send_text(run_raced, texts, LINKS, order) is None
    assert len(texts.sent) == 1


@pytest.mark.parametrize("dies", ["before publishing", "after publishing"])
def test_a_worker_that_dies_between_claim_and_mark_never_causes_a_second_text(world, run, dies):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    texts = FakeTexts()
    if dies == "before publishing":
        run(lambda uow: claiming.claim(uow, LINKS, order_for(delivery)))
    else:
        texts.endings = [Killed()]
        with pytest.raises(Killed):
            service.send_text(run, texts, LINKS, order_for(delivery))
    sent_before = len(texts.sent)
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is None
    assert len(texts.sent) == sent_before
    assert fates(world, delivery) == [(Fate.CLAIMED, None)], "it stays visible as unknown"


def test_a_lost_answer_is_unknown_and_never_tried_again(world, run):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    texts = FakeTexts(endings=[Upstream("lost")])
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is Fate.UNKNOWN
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is None
    assert len(texts.sent) == 1
    assert fates(world, delivery) == [(Fate.UNKNOWN, None)]


def test_a_text_that_surely_was_not_sent_is_sent_when_its_message_comes_again(world, run):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    texts = FakeTexts(endings=[TextNotSent("throttled"), TextNotSent("throttled")])
    for _ in range(2):
        with pytest.raises(TextNotSent):
            service.send_text(run, texts, LINKS, order_for(delivery))
        assert fates(world, delivery) == [(Fate.RETRY_SAFE, None)]
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is Fate.SENT
    assert len(texts.sent) == 1


def test_tries_that_came_to_nothing_do_not_use_up_what_a_number_may_get(world, run):
    """The ceiling is three an hour: the fourth try of one text must still be its first text."""
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    texts = FakeTexts(endings=[TextNotSent("throttled")] * 4)
    for _ in range(4):
        with pytest.raises(TextNotSent):
            service.send_text(run, texts, LINKS, order_for(delivery))
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is Fate.SENT
    number = tokens.phone_hash(SERVER_KEY, texts.sent[0][0])
    assert len(limits.load_tally(world.begin(), number).sent_at) == 1


def test_a_refusal_for_good_is_kept_with_its_reason(world, run):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    texts = FakeTexts(endings=[Answer(None, "opted_out")])
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is Fate.REFUSED
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is None
    assert fates(world, delivery) == [(Fate.REFUSED, "opted_out")]


@pytest.mark.parametrize(
    ("phone", "note"), [(None, "no_phone"), (Phone("+493012345678"), "not_textable")]
)
def test_who_cannot_get_texts_is_skipped_and_it_shows(world, run, phone, note):
    recipient = replace(ANNA, phone=phone)
    delivery = world.deliver(*steps_to(Status.PICKED_UP), recipient=recipient)
    texts = FakeTexts()
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is Fate.SKIPPED
    assert not texts.sent
    assert fates(world, delivery) == [(Fate.SKIPPED, note)]


def test_on_its_way_is_not_told_once_it_has_been_delivered(world, run):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    texts = FakeTexts()
    assert service.send_text(run, texts, LINKS, order_for(delivery)) is Fate.SKIPPED
    order = order_for(delivery, Template.DELIVERED, "delivered")
    assert service.send_text(run, texts, LINKS, order) is Fate.SENT
    assert "delivered" in texts.sent[0][1]


def test_a_delivery_that_the_driver_took_back_is_not_told(world, run):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    order = order_for(delivery, Template.DELIVERED, "delivered")
    world.go_on(delivery, life.Undo(minutes(76)))
    texts = FakeTexts()
    assert service.send_text(run, texts, LINKS, order) is Fate.SKIPPED
    assert fates(world, delivery) == [(Fate.SKIPPED, "overtaken")]


def test_a_failed_attempt_is_told_with_its_reason_even_when_the_parcel_waits_again(world, run):
    delivery = world.deliver(*steps_to(Status.ATTEMPT_FAILED))
    delivery = world.go_on(delivery, life.Retry(minutes(100), delivery.pickup))
    texts = FakeTexts()
    order = order_for(delivery, Template.ATTEMPT_FAILED, "attempt_failed")
    assert service.send_text(run, texts, LINKS, order) is Fate.SENT
    assert "nobody was there" in texts.sent[0][1]


def test_the_message_on_the_queue_names_the_event_and_nothing_of_the_recipient():
    event = Event("delivery.picked_up", "del_a", 7, minutes(0), {"merchant_id": "mer_a"})
    message = service.message_for(event)
    assert message == {
        "merchant_id": "mer_a",
        "delivery_id": "del_a",
        "event_id": "evt_del_a_000007",
        "template": "out_for_delivery",
    }
    assert service.read_order(message).event_version == 7


@pytest.mark.parametrize("message", [{}, {"merchant_id": "m", "template": "poem"}])
def test_a_message_that_is_no_order_is_refused(message):
    with pytest.raises(Malformed):
        service.read_order(message)


def test_the_question_for_the_door_goes_out_once_and_not_after_the_answer(world, run):
    delivery, texts = world.in_doubt(), FakeTexts()
    order = order_for(delivery, Template.ADDRESS_REVIEW, "address_review")
    assert service.send_text(run, texts, LINKS, order) is Fate.SENT
    assert service.send_text(run, texts, LINKS, order) is None
    ((_, body, _),) = texts.sent
    assert body.endswith(f"https://lm.example/t/{world.token(delivery)}")

    answered = world.in_doubt()
    late = order_for(answered, Template.ADDRESS_REVIEW, "address_review")
    world.go_on(answered, life.MakeReady(minutes(1)))
    assert service.send_text(run, texts, LINKS, late) is Fate.SKIPPED
    assert fates(world, answered) == [(Fate.SKIPPED, "overtaken")]
