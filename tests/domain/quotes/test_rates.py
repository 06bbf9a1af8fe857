"""What a shop's checkout shows: one line per service, or nothing, and never after a long look."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.coverage.model import ClassRule, PromiseClass
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.quotes.rates import Destination, window_of
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage import keys
from tests.builders import DOOR_AT, NOON
from tests.domain.intake.shops import FAR_AWAY, Gazetteer
from tests.domain.quotes.counter import Counter, by_night, two_hours

AT_THE_DOOR = Destination("DE", "34117", "Kassel", "Lindenweg 7", DOOR_AT)
BY_POSTAL_CODE = Destination("DE", "34117", "Kassel", "Lindenweg 7")


def nobody_answers(address: Address, near: LatLng) -> None:
    raise PlacesUnavailable


def test_a_rate_costs_what_the_quote_would(counter: Counter) -> None:
    (rate,) = counter.rates(AT_THE_DOOR)
    quote = counter.quote()
    assert rate.fee == quote.price.total
    assert (rate.service_code, rate.latest_at) == ("standard", quote.window.end_at)


def test_each_service_is_one_line_and_each_scheduled_window_too(counter: Counter) -> None:
    tomorrow = ClassRule(
        PromiseClass.NEXT_DAY, cut_off_min=20 * 60, lead_days=1, horizon_days=9, window_s=None
    )
    counter.promise(by_night(), tomorrow, two_hours())
    shown = counter.rates(AT_THE_DOOR)
    codes = [rate.service_code for rate in shown]
    assert len(set(codes)) == len(codes)
    assert {code.partition("_2")[0] for code in codes} == {"same_day", "next_day", "scheduled"}
    assert sum(code.startswith("scheduled_") for code in codes) == 6
    fees = [rate.fee.amount_minor for rate in shown]
    assert fees == sorted(fees)
    assert all(rate.earliest_at >= NOON for rate in shown)
    assert "Same day delivery" in [rate.name for rate in shown]


def test_a_scheduled_code_names_its_window(counter: Counter) -> None:
    counter.promise(two_hours())
    second = sorted(counter.rates(AT_THE_DOOR), key=lambda rate: rate.earliest_at)[1]
    assert second.service_code == "scheduled_20261127T1300Z_120"
    window = TimeWindow(NOON + timedelta(hours=1), NOON + timedelta(hours=3))
    assert window_of(second.service_code) == window
    assert (second.earliest_at, second.latest_at) == (window.start_at, window.end_at)
    assert second.name == "Delivery 14:00 to 16:00"


@pytest.mark.parametrize(
    "code",
    ["", "same_day", "scheduled_", "scheduled_20261327T1300Z_120", "scheduled_20261127T1300Z_0"],
)
def test_a_code_without_a_window_names_none(code: str) -> None:
    assert window_of(code) is None


def test_outside_of_the_area_there_are_no_rates(counter: Counter) -> None:
    assert counter.rates(Destination("DE", position=FAR_AWAY)) == ()
    assert counter.rates(AT_THE_DOOR, store_external_id="nowhere") == ()


def test_without_coordinates_the_postal_code_stands_for_the_door(counter: Counter) -> None:
    assert counter.rates(BY_POSTAL_CODE) == ()
    counter.quote(position=None)
    assert [rate.fee for rate in counter.rates(BY_POSTAL_CODE)] == [
        rate.fee for rate in counter.rates(AT_THE_DOOR)
    ]


def test_a_geocoder_is_asked_once_for_a_postal_code(counter: Counter) -> None:
    find = Gazetteer()
    assert len(counter.rates(BY_POSTAL_CODE, find=find)) == 1
    assert len(counter.rates(BY_POSTAL_CODE, find=find)) == 1
    assert len(find.asked) == 1


def test_a_geocoder_that_does_not_answer_only_means_no_rates(counter: Counter) -> None:
    assert counter.rates(BY_POSTAL_CODE, find=nobody_answers) == ()
    assert counter.rates(Destination("DE"), find=Gazetteer()) == ()


def test_coordinates_of_another_country_do_not_hide_a_known_postal_code(counter: Counter) -> None:
    """Shopify's own sample order lies 1,150 km from its address."""
    counter.quote(position=None)
    destination = Destination("DE", "34117", position=FAR_AWAY)
    assert len(counter.rates(destination)) == 1


def test_a_checkout_never_draws_a_sheet(counter: Counter) -> None:
    """Without one the counts decide alone; the first news of the hub, or a quote, brings one."""
    assert len(counter.rates(AT_THE_DOOR)) == 1
    assert counter.begin().get(keys.day_sheet(counter.hub.id)) is None
    counter.quote()
    assert counter.begin().get(keys.day_sheet(counter.hub.id)) is not None


def test_a_full_day_shows_no_rates(counter: Counter) -> None:
    counter.merchant = replace(counter.merchant, promise_s=3600)
    counter.a_driver(hours=0)
    assert counter.rates(AT_THE_DOOR) == ()
