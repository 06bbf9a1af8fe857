"""Our words: coordinates, windows, parcels, money, phones, ids and clocks."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kit.clock import Clock, FrozenClock
from chalicelib.kit.errors import CurrencyMismatch
from chalicelib.kit.geo import LatLng
from chalicelib.kit.ids import is_id, new_id
from chalicelib.kit.money import Money
from chalicelib.kit.parcel import Parcel, total
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import TimeWindow, read_instant, write_instant
from tests.builders import NOON

POINTS = st.builds(LatLng, st.floats(-90, 90), st.floats(-180, 180))
INSTANTS = st.integers(946_684_800_000, 4_102_444_800_000).map(
    lambda milliseconds: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=milliseconds)
)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf")), (-90.1, 0), (1e308, 0)],
)
def test_a_point_off_the_map_is_refused(latitude: float, longitude: float) -> None:
    with pytest.raises(ValueError, match="outside"):
        LatLng(latitude, longitude)


@given(POINTS)
def test_a_point_is_read_as_it_was_written(point: LatLng) -> None:
    assert LatLng.parse(str(point)) == point


def test_louisville_and_ottawa_are_a_thousand_kilometres_apart() -> None:
    """Shopify's own sample order has the address of the one and the coordinates of the other."""
    louisville, ottawa = LatLng(38.2527, -85.7585), LatLng(45.41634, -75.6868)
    assert 1_130_000 < louisville.distance_m(ottawa) < 1_170_000


@given(POINTS, POINTS)
def test_distance_is_the_same_both_ways(one: LatLng, other: LatLng) -> None:
    assert one.distance_m(other) == other.distance_m(one) >= 0


def test_a_window_contains_its_start_and_not_its_end() -> None:
    window = TimeWindow(NOON, NOON + timedelta(hours=1))
    assert window.contains(NOON)
    assert not window.contains(window.end_at)


def test_windows_that_only_touch_share_no_time() -> None:
    first = TimeWindow(NOON, NOON + timedelta(hours=1))
    second = first.shift(timedelta(hours=1))
    assert not first.overlaps(second)
    assert first.intersect(second) is None


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        TimeWindow(NOON.replace(tzinfo=None), NOON)


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_time_that_utc_has_no_year_for_is_refused_like_any_other(text: str) -> None:
    with pytest.raises(ValueError, match="all years"):
        read_instant(text)


@given(INSTANTS, st.integers(-14, 14))
def test_an_instant_is_read_as_it_was_written(at: datetime, hours: int) -> None:
    assert read_instant(write_instant(at)) == at
    assert read_instant(at.astimezone(timezone(timedelta(hours=hours))).isoformat()) == at


@given(st.lists(INSTANTS, min_size=2, max_size=2))
def test_written_instants_sort_as_times_do(pair: list[datetime]) -> None:
    assert (pair[0] < pair[1]) == (write_instant(pair[0]) < write_instant(pair[1]))


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=20))
def test_splitting_money_never_loses_a_cent(amount: int, weights: list[int]) -> None:
    money = Money(amount, "EUR")
    if sum(weights) == 0:
        with pytest.raises(ValueError, match="weights"):
            money.allocate(weights)
        return
    parts = money.allocate(weights)
    assert sum(part.amount_minor for part in parts) == amount
    whole = sum(weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.amount_minor * whole - amount * weight) <= whole


def test_currencies_never_mix() -> None:
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")


def test_an_amount_is_an_integer() -> None:
    with pytest.raises(ValueError, match="integer"):
        Money(1.5, "EUR")  # type: ignore[arg-type]


def test_parcels_add_up() -> None:
    assert total([Parcel(1, 2), Parcel(3, 4, 2)]) == Parcel(4, 6, 3)
    assert total([]) is None


@pytest.mark.parametrize(
    ("text", "country", "e164"),
    [
        ("+1(502)-459-2181", "DE", "+15024592181"),
        ("0151 12345678", "DE", "+4915112345678"),
        ("(502) 625-1199", "US", "+15026251199"),
        ("0049 151 12345678", "DE", "+4915112345678"),
    ],
)
def test_phones_are_read_as_people_write_them(text: str, country: str, e164: str) -> None:
    assert Phone.parse(text, country) == Phone(e164)


@pytest.mark.parametrize("text", ["", "call me", "12", "+", "0" * 60, "+49" + "9" * 40])
def test_what_is_no_phone_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="phone"):
        Phone.parse(text, "DE")


def test_a_phone_hides_itself_from_logs() -> None:
    assert "4915112345" not in repr(Phone("+4915112345678"))


@given(INSTANTS, st.integers(1, 10**6))
def test_ids_made_later_sort_later(at: datetime, milliseconds: int) -> None:
    later = at + timedelta(milliseconds=milliseconds)
    assert new_id("del", at) < new_id("del", later)


def test_ids_of_neighbouring_milliseconds_never_change_places() -> None:
    """From 2038 on, some instants' seconds, as a float times a thousand, are a hair too few."""
    noon = datetime(2038, 6, 1, 12, tzinfo=UTC)
    instants = [noon + timedelta(milliseconds=number) for number in range(1000)]
    made = [new_id("del", at) for at in instants]
    assert made == sorted(made)
    assert len({one[: len("del_") + 10] for one in made}) == 1000


def test_ids_of_one_millisecond_keep_the_order_in_which_they_were_made() -> None:
    made = [new_id(kind, NOON) for _ in range(500) for kind in ("del", "rte")]
    assert made[::2] == sorted(set(made[::2]))
    assert made[1::2] == sorted(set(made[1::2]))


def test_an_id_does_not_give_the_next_one_away() -> None:
    """The steps are large: no two have all but their last twenty bits in common."""
    made = [new_id("del", NOON) for _ in range(50)]
    assert len({one[:-4] for one in made}) == 50


def test_an_id_shows_its_kind() -> None:
    made = new_id("rte", NOON)
    assert is_id(made, "rte")
    assert not is_id(made, "del")
    assert not is_id("rte_short", "rte")


def test_a_clock_can_run_fast_from_another_day() -> None:
    plain = Clock()
    anchor = plain.wall_now() - timedelta(seconds=10)
    fast = Clock(rate=180, anchor_at=anchor, start_at=NOON)
    passed = (fast.now() - NOON).total_seconds()
    assert 1800 <= passed < 1800 + 180 * 5
    assert fast.real_seconds(1800) == 10


def test_a_frozen_clock_moves_when_told() -> None:
    clock = FrozenClock(NOON)
    clock.advance(minutes=3)
    assert clock.now() == clock.wall_now() == NOON + timedelta(minutes=3)
