"""The demo's day as it is planned: what comes, in which order, and what must come of it."""

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import phonenumbers
import pytest

from local.demo.brands import Brand, brands, drivers, recipient_phone
from local.demo.drivers import PHOTO, Tally
from local.demo.orders import Sending, expected_rejections, plan_day
from local.town.places import build_town

AT = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def shops() -> list[Brand]:
    made = brands()
    for number, brand in enumerate(made):
        brand.merchant_id, brand.secret = f"mer_{number}", "whsec_" + "c2VjcmV0" * 4
    return made


@pytest.fixture(scope="module")
def day(shops: list[Brand]) -> list[Sending]:
    return plan_day(build_town(7), shops, 7)


def test_four_brands_on_three_platforms_have_120_orders(shops: list[Brand]) -> None:
    assert len(shops) == 4
    assert Counter(brand.platform for brand in shops) == {
        "shopify": 2,
        "woocommerce": 1,
        "generic": 1,
    }
    assert sum(brand.orders for brand in shops) == 120


def test_120_different_orders_become_deliveries(day: list[Sending]) -> None:
    good = [one for one in day if one.outcome == "created" and not one.repeats]
    assert len(good) == 120
    assert len({one.key for one in good}) == 120


def test_the_days_mishaps_are_all_there(day: list[Sending]) -> None:
    outcomes = Counter(one.outcome for one in day if not one.repeats)
    assert outcomes["bad_signature"] == 1
    assert outcomes["ignored"] == 1
    assert outcomes["cancelled"] == 1
    assert (outcomes["updated"], outcomes["unchanged"]) == (1, 1)
    assert sum(bool(one.repeats) for one in day) == 3
    assert expected_rejections(day) == {
        "outside_service_area": 1,
        "no_shipping_address": 1,
        "pickup_only": 1,
        "nothing_to_ship": 1,
        "bad_signature": 1,
    }


def test_what_concerns_one_order_comes_after_the_order_itself(day: list[Sending]) -> None:
    assert all(one.minute <= other.minute for one, other in pairwise(day))
    seen: set[str] = set()
    for one in day:
        if one.outcome in ("updated", "unchanged", "cancelled") or one.repeats:
            assert one.key in seen
        if one.outcome == "created":
            seen.add(one.key)


def test_the_same_seed_plans_the_same_day(shops: list[Brand], day: list[Sending]) -> None:
    again = plan_day(build_town(7), shops, 7)
    shopify = [
        [one.make(AT) for one in planned if one.brand.platform == "shopify"]
        for planned in (day, again)
    ]
    assert shopify[0] == shopify[1]


def test_every_phone_is_a_mobile_number_and_belongs_to_one_person() -> None:
    people = [one.phone for one in drivers()] + [recipient_phone(number) for number in range(120)]
    assert len(set(people)) == len(people)
    for phone in people:
        number = phonenumbers.parse(phone)
        assert phonenumbers.is_valid_number(number)
        assert phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.MOBILE


def test_twelve_drivers_five_shut_doors_some_decline_and_one_lets_an_offer_pass() -> None:
    crew = drivers()
    answers = Counter(answer for one in crew for answer in one.answers)
    assert len(crew) == 12
    assert Tally().shut_doors_left == 5
    assert answers["decline"] >= 2
    assert answers["ignore"] == 1
    assert any(one.pace > 1.2 for one in crew)


def test_the_photo_is_a_jpeg_from_beginning_to_end() -> None:
    assert PHOTO.startswith(b"\xff\xd8\xff")
    assert PHOTO.endswith(b"\xff\xd9")
    assert len(PHOTO) < 100_000
