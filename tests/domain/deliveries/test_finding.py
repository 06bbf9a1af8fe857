"""A shop finds its orders: by days and faults, page by page, and never by reading without end."""

from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import finding, order_numbers, service
from chalicelib.domain.deliveries.commands import Assign as Take
from chalicelib.domain.deliveries.commands import Cancel, FailAttempt, PickUp, Plan
from chalicelib.domain.deliveries.finding import Wanted
from chalicelib.domain.deliveries.model import CancelReason, FailureReason, Status
from chalicelib.kit.errors import Malformed
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import NOON, a_request

SPAN = TimeWindow(NOON - timedelta(days=3), NOON + timedelta(days=3))


@pytest.fixture
def shop(begin, clock):
    """Deliveries of one shop, an hour apart, across three days."""
    made = []
    for number in range(1, 8):
        uow = begin()
        window = TimeWindow(uow.now, uow.now + timedelta(hours=8))
        made.append(
            service.create(uow, a_request(external_id=f"A-{number}", window=window)),
        )
        uow.commit()
        clock.advance(hours=9)
    return made


def found(begin, wanted, **limits):
    limits = {"limit": 50, "most_looked_at": 500, **limits}
    return finding.find(begin(), "mer_1", wanted, **limits)


def numbers(page):
    return [one.external_id for one in page.deliveries]


def test_the_newest_come_first_and_only_those_of_the_days(begin, shop) -> None:
    assert numbers(found(begin, Wanted(SPAN))) == [f"A-{n}" for n in range(7, 0, -1)]
    second = TimeWindow(shop[1].created_at, shop[4].created_at)
    assert numbers(found(begin, Wanted(second))) == ["A-4", "A-3", "A-2"]


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_join_without_a_gap_or_a_repeat(begin, shop, limit) -> None:
    seen, cursor = [], None
    for _ in range(9):
        page = found(begin, Wanted(SPAN), limit=limit, after=cursor)
        seen += numbers(page)
        cursor = page.cursor
        if cursor is None:
            break
    assert seen == [f"A-{n}" for n in range(7, 0, -1)]


def test_looking_ends_even_where_nothing_fits(begin, shop) -> None:
    page = found(begin, Wanted(SPAN, frozenset({Status.LOST})), most_looked_at=3)
    assert (page.deliveries, page.looked_at, page.is_whole) == ((), 3, False)
    rest = found(begin, Wanted(SPAN, frozenset({Status.LOST})), after=page.cursor)
    assert (rest.looked_at, rest.is_whole) == (4, True)


def test_late_and_failed_are_told_apart(begin, clock, shop) -> None:
    uow = begin()
    failed = service.advance(
        uow,
        shop[6],
        Plan(uow.now, "rte_1"),
        Take(uow.now, "drv_1"),
        PickUp(uow.now),
        FailAttempt(uow.now, FailureReason.CUSTOMER_UNAVAILABLE),
    )
    service.advance(uow, shop[5], Cancel(uow.now, CancelReason.DUPLICATE))
    uow.commit()
    assert numbers(found(begin, Wanted(SPAN, failed=True))) == [failed.external_id]
    late = numbers(found(begin, Wanted(SPAN, late=True)))
    assert late == ["A-7", "A-5", "A-4", "A-3", "A-2", "A-1"], "what was cancelled is not late"


def test_another_lists_cursor_is_refused(begin, shop) -> None:
    cursor = found(begin, Wanted(SPAN), limit=1).cursor
    assert cursor is not None
    other = TimeWindow(SPAN.start_at - timedelta(days=30), SPAN.start_at - timedelta(days=20))
    for bad in ("x", f"{cursor[:8]}.", cursor[:9] + "AAAA"):
        with pytest.raises(Malformed):
            found(begin, Wanted(SPAN), after=bad)
    with pytest.raises(Malformed):
        found(begin, Wanted(other), after=cursor)
    with pytest.raises(Malformed):
        finding.find(begin(), "mer_2", Wanted(SPAN), limit=1, most_looked_at=9, after=cursor)


def test_a_shop_finds_its_own_by_number_as_people_write_it(begin, shop) -> None:
    uow = begin()
    order_numbers.save(uow, shop[2], "", b"k" * 32)
    uow.commit()
    for written in ("A-3", "#a 3", "a3"):
        refs = order_numbers.find_own(begin(), "mer_1", written)
        assert [one.delivery_id for one in refs] == [shop[2].id]
    assert order_numbers.find_own(begin(), "mer_2", "A-3") == []
    assert order_numbers.find_own(begin(), "mer_1", "##") == []
