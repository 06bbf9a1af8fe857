"""Whatever happens to deliveries: no compartment is given twice, none is kept by nobody."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import collecting, redirecting
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import CancelReason, Delivery, FailureReason, Place, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import LastmileError
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import HUB_AT, NOON, a_request
from tests.domain.pickup_points.test_room import a_point

HUB = Place("hub_1", "Hub North", HUB_AT)
POINTS = tuple(replace(a_point(small=1, large=1), id=f"pup_{n}") for n in range(2))
WHO = CancelReason.CUSTOMER_REQUEST
NOBODY = FailureReason.CUSTOMER_UNAVAILABLE

STEPS: tuple[Any, ...] = (
    lambda uow, one: redirecting.redirect(uow, one, POINTS[0]),
    lambda uow, one: redirecting.redirect(uow, one, POINTS[1]),
    lambda uow, one: redirecting.redirect_home(uow, one),
    lambda uow, one: collecting.keep_longer(uow, one),
    lambda uow, one: collecting.take_step(uow, deliveries.ref_of(one)),
    *(
        lambda uow, one, made=made: deliveries.advance(uow, one, made(uow.now))
        for made in (
            lambda at: life.Plan(at, "rte_1"),
            lambda at: life.Assign(at, "drv_1"),
            lambda at: life.PickUp(at),
            lambda at: life.FailAttempt(at, NOBODY),
            lambda at: life.Retry(at, HUB),
            lambda at: life.WaitAtHub(at, HUB),
            lambda at: life.LeaveAtPickupPoint(at, at + timedelta(days=7)),
            lambda at: life.Collect(at),
            lambda at: life.Deliver(at),
            lambda at: life.Return(at, NOBODY),
            lambda at: life.ReceiveReturn(at),
            lambda at: life.Cancel(at, WHO),
            lambda at: life.Lose(at),
        )
    ),
)
HISTORIES = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, len(STEPS) - 1)), min_size=1, max_size=40
)


def needs_a_place(one: Delivery) -> str | None:
    """Where a delivery has to have a compartment: on its way to the point, and lying there."""
    if one.status.is_final:
        return None
    lay_there = any(entry.status is Status.AT_PICKUP_POINT for entry in one.history)
    turned = one.status is Status.RETURNING and not lay_there
    return None if turned else one.pickup_point_id


@settings(max_examples=150)
@given(HISTORIES)
def test_every_place_belongs_to_one_live_delivery_and_none_is_given_twice(
    history: list[tuple[int, int]],
) -> None:
    clock, tables = FrozenClock(NOON), Notebook()
    ids = iter(range(1_000))

    def begin() -> UnitOfWork:
        return UnitOfWork(tables, clock, lambda prefix, _: f"{prefix}_{next(ids)}")

    uow = begin()
    for point in POINTS:
        pickup_points.save(uow, point)
    made = [deliveries.create(uow, a_request(external_id=str(n))) for n in range(3)]
    uow.commit()
    refs = [deliveries.ref_of(one) for one in made]
    for whose, step in history:
        clock.advance(minutes=7)
        uow = begin()
        try:
            STEPS[step](uow, delivery_store.load(uow, refs[whose]))
            uow.commit()
        except LastmileError:
            continue
        check(begin(), refs)


def check(uow: UnitOfWork, refs: list[DeliveryRef]) -> None:
    needed = {ref: needs_a_place(delivery_store.load(uow, ref)) for ref in refs}
    for point in POINTS:
        held = room.load(uow, point.id).held
        assert set(held) == {str(ref) for ref, there in needed.items() if there == point.id}
        for one in point.compartments:
            assert list(held.values()).count(one.size) <= one.count
