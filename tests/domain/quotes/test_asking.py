"""What is quoted, for which windows, and why not."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.dispatch.today import sheet_store
from chalicelib.domain.pricing.model import Kind
from chalicelib.domain.quotes import store
from chalicelib.domain.quotes.model import QuoteState, Service
from chalicelib.kit.errors import NotFound, Undeliverable
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import DOOR_AT, NOON, a_request
from tests.domain.intake.shops import FAR_AWAY
from tests.domain.quotes.counter import Counter, by_night, two_hours


def window(starts: int, ends: int) -> TimeWindow:
    """Hours since noon in UTC, which is 13 o'clock in Berlin."""
    return TimeWindow(NOON + timedelta(hours=starts), NOON + timedelta(hours=ends))


def reason(counter: Counter, **changes: object) -> str:
    with pytest.raises(Undeliverable) as refused:
        counter.quote(**changes)
    return refused.value.extra["reason"]


def test_a_quote_is_kept_as_it_was_given(counter: Counter) -> None:
    quote = counter.quote()
    assert counter.load(quote) == quote
    assert quote.expires_at - quote.quoted_at == timedelta(minutes=15)
    assert quote.price.total_minor == sum(one.amount_minor for one in quote.price.components)
    assert quote.price.total_minor > 0


def test_another_merchants_quote_is_not_found(counter: Counter) -> None:
    quote = counter.quote()
    with pytest.raises(NotFound):
        store.load(counter.begin(), "mer_2", quote.id)


def test_no_word_of_the_address_is_kept_with_a_quote(counter: Counter) -> None:
    quote = counter.quote()
    item = counter.begin().get(store.keys.quote("mer_1", quote.id))
    assert "Lindenweg" not in str(item)
    assert "34117" not in str(item)


def test_where_nothing_is_promised_by_class_the_merchants_promise_is_quoted(
    counter: Counter,
) -> None:
    quote = counter.quote()
    assert (quote.service, quote.window) == (Service.STANDARD, window(0, 8))
    assert quote.dropoff_at == quote.window.end_at


def test_a_wish_is_quoted_as_it_is(counter: Counter) -> None:
    assert counter.quote(window=window(2, 3)).window == window(2, 3)
    assert reason(counter, window=window(-3, -1)) == "window_impossible"
    assert reason(counter, window=window(24 * 40, 24 * 40 + 1)) == "window_impossible"


def test_coordinates_are_believed_only_where_we_deliver(counter: Counter) -> None:
    assert counter.quote(position=FAR_AWAY).dropoff == DOOR_AT
    assert reason(counter, position=FAR_AWAY, address=None) == "outside_service_area"
    counter.gazetteer.position = None
    assert reason(counter, position=None) == "unknown_location"


def test_windows_are_offered_with_their_prices(counter: Counter) -> None:
    """A shorter window costs more by the built-in card."""
    counter.promise(by_night(), two_hours())
    quoted = counter.quoted()
    assert quoted.quote.service is Service.SAME_DAY
    prices = {offer.service: offer.price.total_minor for offer in quoted.others}
    assert prices[Service.SCHEDULED] > prices[Service.SAME_DAY]
    starts = [offer.window.start_at for offer in quoted.others]
    assert starts == sorted(starts)
    assert starts[0] == NOON


def test_a_service_that_is_not_offered_is_said_to_be(counter: Counter) -> None:
    assert reason(counter, service=Service.NEXT_DAY) == "service_not_offered"
    counter.promise(two_hours())
    assert reason(counter, service=Service.SAME_DAY) == "service_not_offered"
    assert counter.quote(service=Service.SCHEDULED).service is Service.SCHEDULED


def test_after_the_cut_off_it_is_too_late(counter: Counter) -> None:
    counter.promise(by_night())
    assert counter.quote().window.end_at == NOON + timedelta(hours=8)
    counter.clock.advance(hours=3)
    assert reason(counter) == "past_cut_off"


def test_the_drop_off_is_when_a_driver_would_be_there(counter: Counter) -> None:
    counter.a_driver()
    quote = counter.quote()
    assert NOON + timedelta(minutes=5) < quote.dropoff_at < NOON + timedelta(minutes=30)


def test_a_full_day_is_no_quote(counter: Counter) -> None:
    """One driver for an hour, and more waiting than an hour holds."""
    counter.a_driver(hours=1)
    assert counter.quote(window=window(0, 2)).dropoff_at < NOON + timedelta(hours=1)
    for number in range(8):
        request = a_request(external_id=f"w{number}", window=window(0, 1))
        counter.run(lambda uow, request=request: deliveries.create(uow, request))
    counter.run(lambda uow: sheet_store.redraw(uow, counter.hub))
    assert reason(counter, window=window(0, 2)) == "no_capacity_left"


def test_a_window_beyond_the_horizon_is_left_to_the_counts(counter: Counter) -> None:
    """Who will be on duty tonight is not known at noon."""
    counter.a_driver(hours=1)
    quote = counter.quote(window=window(6, 8))
    assert quote.dropoff_at == quote.window.end_at


def test_windows_without_room_are_not_offered(counter: Counter) -> None:
    counter.promise(two_hours())
    counter.a_driver(hours=1)
    offered = [offer.window for offer in counter.quoted().others]
    # An hour is left of the first; nobody drives in the second; nobody can tell of the third.
    assert offered[0] == window(0, 1)
    assert window(1, 3) not in offered
    assert window(3, 5) in offered


def test_what_no_vehicle_carries_is_too_large(counter: Counter) -> None:
    counter.a_driver()
    heavy = Parcel(900_000, 3500)
    assert reason(counter, parcel=heavy, window=window(0, 2)) == "parcel_too_large"


def test_a_window_whose_places_are_taken_is_not_quoted(counter: Counter) -> None:
    counter.promise(replace(two_hours(), capacity_per_window=1))
    first = counter.quote(window=window(1, 3))
    counter.accept(first)
    assert reason(counter, window=window(1, 3)) == "no_capacity_left"


def test_surge_is_in_the_price_and_shows_its_reasons(counter: Counter) -> None:
    """Many wait, one driver: each round of five minutes is dearer by one step, and never more."""
    counter.a_driver(hours=3)
    for number in range(40):
        request = a_request(external_id=f"w{number}", window=window(0, 4))
        counter.run(lambda uow, request=request: deliveries.create(uow, request))
    seen = []
    for _ in range(8):
        counter.run(lambda uow: sheet_store.redraw(uow, counter.hub))
        quote = counter.quote(window=window(0, 6))
        seen.append(quote.surge_permille)
        counter.clock.advance(minutes=5)
    assert seen[0] == 1000
    assert seen[-1] > 1000
    surge = next(one for one in quote.price.components if one.kind is Kind.SURGE)
    assert surge.inputs["open_stops"] == 40
    assert all(after - before <= 100 for before, after in pairwise(seen))
    # Tomorrow's window is for tomorrow's drivers.
    assert counter.quote(window=window(24, 26)).surge_permille == 1000


def test_a_quote_ends_at_its_very_instant(counter: Counter) -> None:
    quote = counter.quote()
    assert quote.state(quote.expires_at - timedelta(milliseconds=1)) is QuoteState.OPEN
    assert quote.state(quote.expires_at) is QuoteState.EXPIRED


def test_a_door_that_was_found_stands_for_its_postal_code(counter: Counter) -> None:
    counter.quote(position=None)
    assert store.find_postal_code(counter.begin(), "DE", " 34117") == DOOR_AT
    assert store.find_postal_code(counter.begin(), "DE", "34119") is None
