"""An order to a pickup point that becomes larger: it gets a place that it fits in, or stays."""

from dataclasses import replace

import pytest

from chalicelib.domain.deliveries.service import ref_of
from chalicelib.domain.intake.store import Result
from chalicelib.domain.pickup_points import room
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import OperatedBy, PickupPoint, Size
from chalicelib.kit.parcel import Parcel
from tests.domain.intake.desk import Desk, an_order
from tests.domain.pickup_points.test_room import a_point

LARGE, HUGE = Parcel(4_000, 20_000, 1), Parcel(9_500, 20_000, 1)


def ordered(desk: Desk, point: PickupPoint) -> None:
    uow = desk.begin()
    pickup_points.save(uow, point)
    uow.commit()
    desk.receive(an_order(pickup_point_id=point.id))


def held(desk: Desk, point: PickupPoint) -> dict[str, Size]:
    return dict(room.load(desk.begin(), point.id).held)


def test_what_grows_gets_the_compartment_that_it_fits_in(desk: Desk) -> None:
    point = a_point()
    ordered(desk, point)
    ref = str(ref_of(desk.the_delivery()))
    assert held(desk, point) == {ref: Size.SMALL}
    outcome = desk.receive(an_order(1, pickup_point_id=point.id, parcel=LARGE))
    assert (outcome.result, held(desk, point)) == (Result.UPDATED, {ref: Size.LARGE})
    desk.receive(an_order(2, pickup_point_id=point.id, parcel=Parcel(500, 500, 1)))
    assert held(desk, point) == {ref: Size.LARGE}, "it fits where it is"


@pytest.mark.parametrize(
    ("point", "parcel", "code"),
    [
        (a_point(), HUGE, "too_large_for_pickup_point"),
        (a_point(large=0), LARGE, "too_large_for_pickup_point"),
        (replace(a_point(), operator=OperatedBy("lop_1", "ST-1")), LARGE, "pickup_point_full"),
    ],
    ids=["too large", "no such compartment", "an operator keeps the small one"],
)
def test_what_fits_nowhere_stays_as_it_was_and_is_told(
    desk: Desk, point: PickupPoint, parcel: Parcel, code: str
) -> None:
    ordered(desk, point)
    before, known = held(desk, point), desk.the_delivery()
    outcome = desk.receive(an_order(1, pickup_point_id=point.id, parcel=parcel))
    assert (outcome.result, outcome.code) == (Result.UNCHANGED, code)
    assert (held(desk, point), desk.the_delivery().parcel) == (before, known.parcel)
