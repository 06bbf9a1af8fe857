"""An order to several addresses: a delivery for each, through edits, cancellations and copies."""

import itertools
from dataclasses import replace

import pytest

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.intake import parts
from chalicelib.domain.intake.order import Kind, Order, Refusal
from chalicelib.domain.intake.store import Result
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.parcel import Parcel
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON
from tests.domain.intake.desk import OTHER_ADDRESS, Desk, an_order


def to_both(minute: int = 0, **changes: object) -> Order:
    first = an_order(minute, part="251", **changes)
    second = replace(first, part="252", address=OTHER_ADDRESS, parcel=Parcel(100, 500, 1))
    return replace(first, further=(second,))


def to_second_alone(minute: int) -> Order:
    return to_both(minute).further[0]


def statuses(desk: Desk) -> dict[str, str]:
    return {one.external_id: one.status.value for one in desk.deliveries()}


def weights(desk: Desk) -> dict[str, int]:
    return {one.external_id: one.parcel.weight_g for one in desk.deliveries()}


def test_each_address_gets_a_delivery_with_what_goes_there(desk: Desk) -> None:
    outcome = desk.receive(to_both())
    assert outcome.result is Result.CREATED
    assert weights(desk) == {"A-1": 700, "A-1-252": 100}
    places = {one.external_id: one.dropoff for one in desk.deliveries()}
    assert places["A-1"] != places["A-1-252"]


def test_a_copy_changes_nothing(desk: Desk) -> None:
    first = desk.receive(to_both())
    before = desk.deliveries()
    assert desk.receive(to_both()) == first
    assert desk.deliveries() == before


def test_an_edit_reaches_every_part(desk: Desk) -> None:
    desk.receive(to_both())
    edited = to_both(1, parcel=Parcel(900, 4500, 1))
    second = replace(edited.further[0], parcel=Parcel(150, 750, 1))
    desk.receive(replace(edited, further=(second,)))
    assert weights(desk) == {"A-1": 900, "A-1-252": 150}


def test_a_cancellation_reaches_every_part(desk: Desk) -> None:
    desk.receive(to_both())
    desk.receive(to_both(1, kind=Kind.CANCELLED))
    assert set(statuses(desk).values()) == {"cancelled"}


def test_a_cancellation_that_tells_no_address_reaches_every_part(desk: Desk) -> None:
    desk.receive(to_both())
    desk.receive(an_order(1, kind=Kind.CANCELLED, address=None))
    assert set(statuses(desk).values()) == {"cancelled"}


def test_the_delivery_to_an_address_that_is_gone_is_cancelled(desk: Desk) -> None:
    desk.receive(to_both())
    desk.receive(an_order(1, part="251"))
    assert statuses(desk) == {"A-1": "ready", "A-1-252": "cancelled"}
    desk.receive(an_order(2, part="251"))
    assert desk.rejection_codes() == []


def test_what_is_left_keeps_its_delivery_when_the_first_address_is_gone(desk: Desk) -> None:
    desk.receive(to_both())
    desk.receive(to_second_alone(1))
    assert statuses(desk) == {"A-1": "cancelled", "A-1-252": "ready"}


def test_an_address_that_takes_anothers_place_takes_its_delivery(desk: Desk) -> None:
    desk.receive(to_both())
    moved = to_both(1)
    desk.receive(replace(moved, further=(replace(moved.further[0], part="260"),)))
    assert statuses(desk) == {"A-1": "ready", "A-1-252": "ready"}


def test_an_order_that_gains_an_address_gains_a_delivery(desk: Desk) -> None:
    desk.receive(an_order(part="251"))
    desk.receive(to_both(1))
    assert statuses(desk) == {"A-1": "ready", "A-1-252": "ready"}


def test_an_order_to_one_address_may_change_that_addresss_number(desk: Desk) -> None:
    desk.receive(an_order(part="251"))
    desk.receive(an_order(1, part="299", address=OTHER_ADDRESS))
    assert statuses(desk) == {"A-1": "ready"}


def test_one_address_that_cannot_be_served_stops_no_other(desk: Desk) -> None:
    order = to_both()
    desk.receive(replace(order, address=None, refusal=Refusal.NO_SHIPPING_ADDRESS))
    assert statuses(desk) == {"A-1-252": "ready"}
    assert desk.rejection_codes() == ["no_shipping_address"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_any_order_of_arrival_ends_in_one_state(order: tuple[int, ...]) -> None:
    tables = Notebook()
    desk = Desk(lambda: UnitOfWork(tables, FrozenClock(NOON)))
    versions = [
        to_both(),
        an_order(1, part="251"),
        to_both(2, parcel=Parcel(800, 4000, 1)),
        to_both(3, kind=Kind.CANCELLED),
    ]
    for at in order:
        desk.receive(versions[at])
    assert {one.status for one in desk.deliveries()} <= {Status.CANCELLED}


def test_an_older_version_brings_no_address_back(desk: Desk) -> None:
    desk.receive(an_order(5, part="251"))
    desk.receive(to_both(1))
    assert statuses(desk) == {"A-1": "ready"}


def test_an_older_version_brings_the_first_address_back_no_more_than_another(desk: Desk) -> None:
    desk.receive(to_both())
    desk.receive(to_second_alone(2))
    known = statuses(desk)
    assert desk.receive(to_both(1)).code == "superseded"
    assert statuses(desk) == known == {"A-1": "cancelled", "A-1-252": "ready"}


def test_parts_are_found_again_whatever_stands_first() -> None:
    known = {"": "251", "252": "252"}
    assert parts.assign(known, ("252", "251")) == known
    assert parts.assign(None, ("251", "252")) == known
    assert parts.assign({}, ("251", "252")) == known


def test_a_number_whose_address_is_gone_is_used_no_more() -> None:
    gone = parts.assign({"": "251", "252": "252"}, ("252",))
    assert gone == {"": "-", "252": "252"}
    assert parts.assign(gone, ("252", "300")) == {"": "-", "252": "252", "300": "300"}
