"""What changed since? A shop that asks now and then must miss nothing."""

from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lists
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.errors import Malformed
from tests.builders import NOON, a_request


@pytest.fixture
def three(begin, clock) -> list[DeliveryRef]:
    """Three deliveries, created an hour apart."""
    made = []
    for number in range(3):
        uow = begin()
        made.append(deliveries.ref_of(deliveries.create(uow, a_request(external_id=str(number)))))
        uow.commit()
        clock.advance(hours=1)
    return made


def changed_ids(uow, since, **asked) -> tuple[list[str], str | None]:
    found, cursor = lists.list_changed(uow, "mer_1", since, **{"limit": 50, "after": None, **asked})
    return [one.delivery.id for one in found], cursor


def test_only_what_changed_since_is_listed_oldest_change_first(begin, three) -> None:
    ids, cursor = changed_ids(begin(), NOON + timedelta(minutes=30))
    assert ids == [ref.delivery_id for ref in three[1:]]
    assert cursor is None


def test_a_tap_that_arrives_late_counts_from_when_we_heard_of_it(begin, clock, three) -> None:
    """Sent at three from a cellar, tapped at noon: who asked at two still learns it."""
    uow = begin()
    deliveries.carry_out(uow, three[0], life.Cancel(NOON + timedelta(minutes=1), "fraud"))
    uow.commit()
    ids, _ = changed_ids(begin(), uow.now)
    assert ids == [three[0].delivery_id]


def test_pages_go_on_over_midnight(begin, clock, three) -> None:
    clock.advance(hours=12)
    uow = begin()
    fourth = deliveries.create(uow, a_request(external_id="4"))
    uow.commit()
    everything = [*(ref.delivery_id for ref in three), fourth.id]
    read: list[str] = []
    cursor = None
    for _ in range(10):
        ids, cursor = changed_ids(begin(), NOON, limit=1, after=cursor)
        read += ids
        if cursor is None:
            break
    assert read == everything


@pytest.mark.parametrize("cursor", ["x", "20261127.x", "00010101.", "99999999.", "20261120.", "."])
def test_a_cursor_of_somewhere_else_is_refused(begin, three, cursor: str) -> None:
    with pytest.raises(Malformed):
        lists.list_changed(begin(), "mer_1", NOON, limit=5, after=cursor)


def test_another_merchants_changes_are_not_listed(begin, three) -> None:
    found, _ = lists.list_changed(begin(), "mer_2", NOON, limit=5, after=None)
    assert found == []
