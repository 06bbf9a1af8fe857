"""The hourly floor: what a period's routes are short of it is added when it is closed, once."""

from datetime import timedelta

import pytest

from chalicelib.domain.billing import checking, closing, hourly_floor, payouts, store
from chalicelib.domain.billing.model import Account, AccountKind
from tests.domain.billing.histories import Town, a_town
from tests.domain.billing.test_closing import (
    DECEMBER,
    EARNED,
    EUR,
    JANUARY,
    SETTLED,
    close,
    close_all,
    earn,
    faults,
    held,
)


@pytest.fixture
def town() -> Town:
    return a_town()


def paid(town: Town) -> list[tuple[int, int]]:
    made = payouts.list_payouts(town.begin(), "drv_1")
    return [(one.paid_minor, one.topped_up_minor) for one in made]


def test_what_is_missing_is_paid_out_with_the_period(town: Town) -> None:
    """Two routes of 20.00 whose time is worth 23.00 and 18.50: 1.50 are missing."""
    earn(town, "rte_1", 2_000, floor_minor=2_300)
    earn(town, "rte_2", 2_000, floor_minor=1_850)
    town.clock.at = DECEMBER + SETTLED
    assert close(town, EARNED, DECEMBER)
    assert paid(town) == [(4_150, 150)]
    book = hourly_floor.book_of("drv_1", EUR, DECEMBER)
    (entry,) = store.list_entries(town.begin(), book)
    assert {str(leg.account): leg.amount_minor for leg in entry.legs} == {
        "earnings:EUR:drv_1": -150,
        "wages:EUR": 150,
    }
    assert held(town, EARNED) == 0
    assert faults(town) == []


def test_a_close_that_is_asked_for_again_adds_nothing(town: Town) -> None:
    earn(town, "rte_1", 500, floor_minor=800)
    town.clock.at = DECEMBER + SETTLED
    assert close_all(town, DECEMBER) == 2
    whole = dict(town.tables.items)
    assert close_all(town, DECEMBER) == 0
    assert not closing.close_account(town.begin(), EARNED, DECEMBER - timedelta(days=1))
    assert town.tables.items == whole


def test_a_good_period_makes_up_for_no_other(town: Town) -> None:
    earn(town, "rte_1", 9_000, floor_minor=1_000)
    town.clock.at = DECEMBER + SETTLED
    close(town, EARNED, DECEMBER)
    earn(town, "rte_2", 500, floor_minor=700)
    town.clock.at = JANUARY + SETTLED
    close(town, EARNED, JANUARY)
    assert paid(town) == [(9_000, 0), (700, 200)]
    assert faults(town) == []


def test_a_route_that_is_taken_back_takes_its_time_along(town: Town) -> None:
    """It was topped up in the period before; what it leaves is held against the next ones."""
    earn(town, "rte_1", 500, floor_minor=800)
    town.clock.at = DECEMBER + SETTLED
    close(town, EARNED, DECEMBER)
    earn(town, "rte_1", 0, floor_minor=0)
    earn(town, "rte_2", 500, floor_minor=900)
    town.clock.at = JANUARY + SETTLED
    close(town, EARNED, JANUARY)
    assert [topped for _, topped in paid(town)] == [300, 100]
    assert faults(town) == []


def test_routes_that_pay_nothing_but_the_floor_are_paid(town: Town) -> None:
    earn(town, "rte_1", 0, floor_minor=1_500)
    town.clock.at = DECEMBER + SETTLED
    assert close_all(town, DECEMBER) == 2
    assert paid(town) == [(1_500, 1_500)]
    assert faults(town) == []


def test_pay_that_is_taken_back_is_not_added_again(town: Town) -> None:
    earn(town, "rte_1", 900)
    town.clock.at = DECEMBER + SETTLED
    close_all(town, DECEMBER)
    earn(town, "rte_1", 0)
    earn(town, "rte_2", 0, floor_minor=200)
    town.clock.at = JANUARY + SETTLED
    close_all(town, JANUARY)
    assert held(town, EARNED) == 700
    assert faults(town) == []


def test_without_a_floor_there_is_no_such_account(town: Town) -> None:
    earn(town, "rte_1", 500)
    town.clock.at = DECEMBER + SETTLED
    close_all(town, DECEMBER)
    kinds = {one.kind for one in store.list_accounts(town.begin())}
    assert kinds == {AccountKind.EARNINGS}
    assert paid(town) == [(500, 0)]


def test_what_was_added_wrongly_is_found(town: Town) -> None:
    """Somebody has posted a line of worth behind the close's back."""
    earn(town, "rte_1", 500, floor_minor=800)
    town.clock.at = DECEMBER + SETTLED
    close_all(town, DECEMBER)
    before = town.clock.at
    town.clock.at = DECEMBER - timedelta(hours=1)
    earn(town, "rte_2", 100, floor_minor=900)
    town.clock.at = before
    found = checking.check(town.begin()).faults
    asked = [one.what for one in found if "floor" in one.what]
    assert asked == ["what was added up to 2026-12-01T00:00:00.000Z is not what the floor asks for"]
    assert Account.parse(found[0].account)
