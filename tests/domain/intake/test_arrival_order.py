"""Webhooks come in any order, some twice: an order ends in one state all the same."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import store
from chalicelib.domain.intake.order import Order
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import NOON
from tests.domain.intake.desk import (
    MERCHANT_ID,
    OTHER_ADDRESS,
    OTHER_DOOR,
    Desk,
    a_cancellation,
    an_order,
)

VERSIONS = (
    an_order(0),
    an_order(1, notes="Blue door", parcel=Parcel(100, 500)),
    an_order(2, notes="Green door", address=OTHER_ADDRESS, position=OTHER_DOOR),
)
#: Moto is slow: the permutations are all tried, in one set of tables, each as an order of its own.
SHUFFLES = list(itertools.permutations([*VERSIONS, a_cancellation(3)]))


def _as_order(version: Order, number: int) -> Order:
    return replace(
        version,
        order_id=f"A-{number}",
        source_event_id=f"{number}:{version.source_event_id}",
    )


def _final_state(desk: Desk, number: int) -> tuple[Any, ...]:
    """What a merchant sees of an order in the end."""
    lock = store.load_lock(desk.begin(), MERCHANT_ID, _as_order(an_order(), number))
    assert lock is not None
    if lock.delivery_id is None:
        return (lock.state, lock.source_updated_at, "no live delivery")
    ref = DeliveryRef(MERCHANT_ID, lock.delivery_id)
    delivery = delivery_store.load(desk.begin(), ref)
    if delivery.status is Status.CANCELLED:
        return (lock.state, lock.source_updated_at, "no live delivery")
    return (
        lock.state,
        lock.source_updated_at,
        delivery.status,
        delivery.dropoff,
        delivery.window,
        delivery.parcel,
        delivery_store.load_recipient(desk.begin(), ref),
    )


def test_any_order_of_arrival_ends_in_one_state_when_it_was_cancelled(desk: Desk) -> None:
    states = set()
    for number, shuffled in enumerate(SHUFFLES):
        for version in shuffled:
            desk.receive(_as_order(version, number))
        states.add(_final_state(desk, number))
    assert len(states) == 1
    assert desk.rejection_codes() == []


NUMBERS = itertools.count(1000)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_arrival_with_copies_ends_as_the_newest_version(
    desk: Desk, data: st.DataObject
) -> None:
    copies = data.draw(st.lists(st.sampled_from(VERSIONS), max_size=4))
    arrivals = data.draw(st.permutations([*VERSIONS, *copies]))
    number = next(NUMBERS)
    outcomes = [desk.receive(_as_order(version, number)) for version in arrivals]
    assert len({outcome.delivery_id for outcome in outcomes}) == 1
    state = _final_state(desk, number)
    window = TimeWindow(NOON, NOON + timedelta(hours=8))
    assert state[3:6] == (OTHER_DOOR, window, VERSIONS[2].parcel)
    assert state[6].notes == "Green door"
