"""What shops expect: kept per day and shop, taken back, marked when late, read by the hub."""

from datetime import date, timedelta

import pytest

from chalicelib.domain.coverage import forecasts, service
from chalicelib.domain.coverage.model import ClassRule, PromiseClass, Rules
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.errors import Invalid
from tests.builders import a_hub

SOON, FAR = date(2026, 11, 30), date(2026, 12, 18)


def said(begin, merchant_id, expected):
    uow = begin()
    made = forecasts.say(uow, a_hub(), merchant_id, expected)
    uow.commit()
    return made


def of_hub(begin, first=SOON, last=FAR):
    found = forecasts.of_hub(begin(), a_hub().id, first, last)
    return [(one.day, one.merchant_id, one.orders) for one in found]


def test_every_shops_word_stands_by_itself_and_the_last_one_counts(begin) -> None:
    said(begin, "mer_1", {FAR: 100, SOON: 20})
    said(begin, "mer_2", {FAR: 50})
    said(begin, "mer_1", {FAR: 240})
    said(begin, "mer_2", {FAR: 50})
    assert of_hub(begin) == [(SOON, "mer_1", 20), (FAR, "mer_1", 240), (FAR, "mer_2", 50)]
    assert of_hub(begin, last=SOON) == [(SOON, "mer_1", 20)]


def test_nothing_expected_takes_a_day_back(begin) -> None:
    said(begin, "mer_1", {FAR: 100})
    assert said(begin, "mer_1", {FAR: 0, SOON: 0}) == []
    assert of_hub(begin) == []


def test_what_comes_after_the_deadline_is_kept_and_marked(begin) -> None:
    made = {one.day: one.is_late for one in said(begin, "mer_1", {SOON: 20, FAR: 100})}
    assert made == {SOON: True, FAR: False}


@pytest.mark.parametrize("days", [-1, forecasts.DAYS_AHEAD + 1])
def test_only_days_to_come_within_a_season_can_be_foretold(begin, days: int) -> None:
    day = date(2026, 11, 27) + timedelta(days=days)
    with pytest.raises(Invalid):
        said(begin, "mer_1", {day: 5})


def test_room_is_what_the_hub_promises_on_its_working_days(begin) -> None:
    uow = begin()
    merchants.save_hub(uow, a_hub())
    rule = ClassRule(PromiseClass.SAME_DAY, 12 * 60, 0, 0, None)
    service.set_rules(uow, a_hub().id, Rules((rule,), None, None, frozenset({FAR}), 300))
    uow.commit()
    open_day, holiday = forecasts.room(begin(), a_hub(), [SOON, FAR])
    assert (open_day.is_open, open_day.places, open_day.taken) == (True, 300, 0)
    assert not holiday.is_open
