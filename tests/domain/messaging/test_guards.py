"""What stands between a text and its recipient: the hour, the number of texts, opt-outs, money."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.texting import TextChoice
from chalicelib.domain.messaging import (
    holding,
    limits,
    plan,
    quiet,
    rule_store,
    service,
    store,
    suppression,
)
from chalicelib.domain.messaging.facts import Links
from chalicelib.domain.messaging.limits import Barred, TextRules, Wanted, Weight
from chalicelib.domain.messaging.store import Fate, TextOrder
from chalicelib.domain.messaging.templates import Template
from chalicelib.kit import tokens
from chalicelib.kit.errors import StaleVersion
from chalicelib.kit.phone import Phone
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.domain.messaging.test_send_text import FakeTexts, order_for
from tests.telling import ANNA, NOON, SERVER_KEY, World, steps_to

BERLIN = ZoneInfo("Europe/Berlin")
LINKS = Links("https://lm.example", SERVER_KEY)
NUMBER = tokens.phone_hash(SERVER_KEY, "+4915112345678")


class Town:
    """A world in memory whose clock is set by hand."""

    def __init__(self) -> None:
        self.tables = Notebook()
        self.at = NOON
        self.texts = FakeTexts()
        self.world = World(self.begin)

    def now(self) -> datetime:
        return self.at

    wall_now = now

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, self)

    def run(self, use_case):
        uow = self.begin()
        result = use_case(uow)
        uow.commit()
        return result

    def send(self, order: TextOrder) -> Fate | None:
        return service.send_text(self.run, self.texts, LINKS, order)

    def note(self, order: TextOrder) -> str | None:
        found = store.find(self.begin(), order)
        return found and found.note

    def choose(self, **choice: object) -> None:
        merchant = merchants.load_merchant(self.begin(), self.world.merchant.id)
        chosen = replace(merchant, texts=TextChoice(**choice), version=merchant.version + 1)
        self.run(lambda uow: merchants.save_merchant(uow, chosen))

    def events(self) -> list[tuple[str, dict]]:
        items = [item for item in self.tables.items.values() if "events" in item]
        found = [event for item in items for event in item["events"]]
        return [(one["type"], one["data"]) for one in found if "notification" in one["type"]]


@pytest.fixture
def town() -> Town:
    return Town()


def out(delivery) -> TextOrder:
    return order_for(delivery)


def told(delivery, template: Template, what: str) -> TextOrder:
    return order_for(delivery, template, what)


@given(st.integers(0, 365 * 24 * 60))
def test_what_is_held_is_sent_at_eight_within_eleven_hours_or_so(minute: int) -> None:
    now = NOON + timedelta(minutes=minute)
    until = quiet.held_until(now, BERLIN)
    local = now.astimezone(BERLIN)
    if until is None:
        assert 8 <= local.hour < 21
    else:
        # Eleven hours, one more in the night that the clocks go back.
        assert timedelta(0) < until - now <= timedelta(hours=12)
        assert (until.astimezone(BERLIN).hour, until.astimezone(BERLIN).minute) == (8, 0)


def test_a_question_at_night_waits_for_the_morning_and_a_delivery_does_not(town: Town) -> None:
    town.at = datetime(2026, 11, 27, 21, 30, tzinfo=UTC)
    asked = town.world.in_doubt()
    order = told(asked, Template.ADDRESS_REVIEW, "address_review")
    assert town.send(order) is Fate.HELD
    assert town.send(order) is Fate.HELD, "ordered twice, it is held still"
    assert town.texts.sent == []
    assert holding.due(town.begin(), limit=10) == []
    delivered = town.world.deliver(*steps_to(Status.DELIVERED))
    assert town.send(told(delivered, Template.DELIVERED, "delivered")) is Fate.SENT
    town.at = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
    (held,) = holding.due(town.begin(), limit=10)
    assert held.order == order
    assert town.send(held.order) is Fate.SENT
    town.run(lambda uow: holding.forget(uow, [held]))
    assert holding.due(town.begin(), limit=10) == []


def test_what_is_no_longer_true_in_the_morning_is_dropped(town: Town) -> None:
    town.at = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
    asked = town.world.in_doubt()
    order = told(asked, Template.ADDRESS_REVIEW, "address_review")
    town.send(order)
    town.world.go_on(asked, *steps_to(Status.READY))
    town.at = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
    assert town.send(order) is Fate.SKIPPED
    assert town.note(order) == "overtaken"


def test_an_ordinary_delivery_is_worth_two_texts(town: Town) -> None:
    delivery = town.world.deliver(*steps_to(Status.EN_ROUTE_TO_DROPOFF))
    assert town.send(out(delivery)) is Fate.SENT
    town.at += timedelta(minutes=30)
    near = replace(out(delivery), template=Template.NEAR)
    assert town.send(near) is Fate.SENT
    town.world.go_on(delivery, *steps_to(Status.DELIVERED)[-2:])
    order = replace(out(delivery), template=Template.DELIVERED)
    assert town.send(order) is Fate.SKIPPED
    assert town.note(order) == "enough_told"


def test_who_just_read_that_it_is_on_its_way_reads_next_that_it_came(town: Town) -> None:
    delivery = town.world.deliver(*steps_to(Status.EN_ROUTE_TO_DROPOFF))
    town.send(out(delivery))
    near = replace(out(delivery), template=Template.NEAR)
    assert town.send(near) is Fate.SKIPPED
    assert town.note(near) == "just_told"
    town.world.go_on(delivery, *steps_to(Status.DELIVERED)[-2:])
    assert town.send(replace(out(delivery), template=Template.DELIVERED)) is Fate.SENT


def test_which_two_is_the_merchants_choice(town: Town) -> None:
    town.choose(ordinary=("delivered",), most=1)
    delivery = town.world.deliver(*steps_to(Status.DELIVERED))
    order = out(delivery)
    assert not plan.is_wanted(TextChoice(("delivered",), 1), Template.OUT_FOR_DELIVERY)
    assert town.send(replace(order, template=Template.DELIVERED)) is Fate.SENT


def test_a_failed_attempt_comes_on_top_and_the_next_try_is_told_again(town: Town) -> None:
    tally = plan.Tally()
    delivery = town.world.deliver(*steps_to(Status.ATTEMPT_FAILED))
    for template in (Template.OUT_FOR_DELIVERY, Template.NEAR):
        tally = replace(tally, told=(*tally.told, plan.Told(template, NOON, 0)))
    choice = TextChoice()
    for template in (Template.ATTEMPT_FAILED, Template.OUT_FOR_DELIVERY):
        assert plan.reason_against(choice, tally, template, delivery, NOON) is None
    full = plan.Tally(tally.told[:1] * plan.MOST_PER_DELIVERY)
    against = plan.reason_against(choice, full, Template.ATTEMPT_FAILED, delivery, NOON)
    assert against == "delivery_ceiling"


def test_a_number_gets_three_texts_an_hour_whatever_they_are_about(town: Town) -> None:
    orders = [out(town.world.deliver(*steps_to(Status.PICKED_UP))) for _ in range(5)]
    assert [town.send(order) for order in orders] == [Fate.SENT] * 3 + [Fate.SKIPPED] * 2
    assert town.note(orders[3]) == "number_ceiling"
    town.at += timedelta(minutes=61)
    later = out(town.world.deliver(*steps_to(Status.PICKED_UP)))
    assert town.send(later) is Fate.SENT


def test_of_two_claims_at_once_the_third_text_is_sent_once(town: Town) -> None:
    """Both have looked while there was room for one: the second commit is refused."""
    for _ in range(2):
        town.send(out(town.world.deliver(*steps_to(Status.PICKED_UP))))
    wanted = Wanted(Phone("+4915112345678"), NUMBER, Weight.USUAL, "mer_a")
    first, second = town.begin(), town.begin()
    for uow in (first, second):
        admitted = limits.look(uow, TextRules(), wanted)
        assert isinstance(admitted, limits.Admitted)
        limits.take(uow, admitted)
    first.commit()
    with pytest.raises(StaleVersion):
        second.commit()


@pytest.mark.parametrize(
    ("phone", "rules", "why"),
    [
        ("+18765550123", {}, Barred.COUNTRY),
        ("+18765550123", {"countries": ("US",)}, Barred.COUNTRY),
        ("+4915112345678", {"countries": ("US",)}, Barred.COUNTRY),
        ("+4915112345678", {"per_number_day": 0}, Barred.NUMBER),
        ("+4915112345678", {"per_merchant_day": 0}, Barred.MERCHANT),
        ("+4915112345678", {"per_country_hour": 0}, Barred.COUNTRY_HOUR),
        ("+4915112345678", {"budget_minor": 0, "usual_price_micros": 1}, Barred.BUDGET),
    ],
)
def test_every_ceiling_says_its_name(town: Town, phone: str, rules: dict, why: Barred) -> None:
    wanted = Wanted(Phone(phone), "hash", Weight.USUAL, "mer_a")
    assert limits.look(town.begin(), TextRules(**rules), wanted) is why


def test_a_dwindling_budget_stops_first_what_can_wait_and_never_a_code(town: Town) -> None:
    """A budget of ten cents at a cent a text."""
    rules = TextRules(
        budget_minor=10,
        prices_micros={"DE": 10_000},
        per_number_hour=99,
        per_number_day=99,
    )
    sent = dict.fromkeys(Weight, 0)
    for number in range(12):
        for weight in Weight:
            uow = town.begin()
            wanted = Wanted(Phone(f"+49151123456{number:02d}"), str(number), weight, "mer_a")
            admitted = limits.look(uow, rules, wanted)
            if isinstance(admitted, limits.Admitted):
                limits.take(uow, admitted)
                uow.commit()
                sent[weight] += 1
    assert sent[Weight.LIGHT] == 3, "after three rounds nine of ten cents are spent"
    assert sent[Weight.USUAL] == 4
    assert sent[Weight.VITAL] == 12


def test_the_operators_rules_come_back_as_they_were_set(town: Town) -> None:
    rules = TextRules(("DE", "AT"), 2, 5, 100, 50, "EUR", 5_000, {"DE": 75_000}, 90_000)
    town.run(lambda uow: rule_store.save(uow, rules))
    assert rule_store.load(town.begin()) == replace(rules, version=1)
    assert rule_store.load(town.begin()).budget_micros == 50_000_000


def test_who_opts_out_on_the_page_hears_no_more_of_this_merchant(town: Town) -> None:
    delivery = town.world.deliver(*steps_to(Status.PICKED_UP))
    merchant_id, phone = delivery.merchant_id, Phone("+4915112345678")

    def opt_out(uow: UnitOfWork) -> bool:
        by = suppression.PAGE
        return suppression.opt_out(uow, phone, SERVER_KEY, merchant_id, by, delivery_id=delivery.id)

    assert town.run(opt_out)
    assert not town.run(opt_out), "hearing it twice is no news"
    assert town.send(out(delivery)) is Fate.SKIPPED
    assert town.note(out(delivery)) == "opted_out"
    told = {"merchant_id": merchant_id, "delivery_id": delivery.id, "by": "page"}
    assert town.events() == [("notification.opted_out", told)]
    assert suppression.find(town.begin(), NUMBER, "mer_other") is None
    assert town.run(lambda uow: suppression.opt_in(uow, phone, SERVER_KEY, merchant_id, "page"))
    again = town.world.deliver(*steps_to(Status.PICKED_UP))
    assert town.send(out(again)) is Fate.SENT


def test_a_stop_counts_for_everybody_until_a_start(town: Town) -> None:
    delivery = town.world.deliver(*steps_to(Status.PICKED_UP))
    town.send(out(delivery))
    phone, by = Phone("+4915112345678"), suppression.REPLY
    town.run(lambda uow: suppression.opt_out(uow, phone, SERVER_KEY, None, by))
    assert suppression.find(town.begin(), NUMBER, "mer_other") is not None
    (event,) = town.events()
    assert event[1]["delivery_id"] == delivery.id, "its merchant hears of it"
    page = suppression.PAGE
    merchant_id = delivery.merchant_id
    again = town.run(lambda uow: suppression.opt_in(uow, phone, SERVER_KEY, merchant_id, page))
    assert not again, "the carrier would take nothing: only START helps"
    assert town.run(lambda uow: suppression.opt_in(uow, phone, SERVER_KEY, None, by))
    assert suppression.find(town.begin(), NUMBER, merchant_id) is None


def test_the_carriers_own_list_is_asked_once_a_week_and_believed(town: Town) -> None:
    town.texts.opted_out = (str(ANNA.phone),)
    delivery = town.world.deliver(*steps_to(Status.PICKED_UP))
    assert town.send(out(delivery)) is Fate.REFUSED
    assert town.note(out(delivery)) == "opted_out"
    assert town.texts.sent == []
    assert [kind for kind, _ in town.events()] == ["notification.opted_out"]
    town.texts.opted_out = ()
    other = town.world.deliver(*steps_to(Status.PICKED_UP))
    assert town.send(out(other)) is Fate.SKIPPED, "it is on our own list now"


def test_no_number_stands_in_what_is_kept_of_an_opt_out(town: Town) -> None:
    phone = Phone("+4915112345678")
    town.run(lambda uow: suppression.opt_out(uow, phone, SERVER_KEY, "mer_a", "page"))
    kept = [item for key, item in town.tables.items.items() if key.pk.startswith("SU#")]
    assert kept
    assert "15112345678" not in str(kept)
