"""One order, one delivery or one visible rejection: copies, races, doors that nobody finds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries.model import Address, Delivery, Status
from chalicelib.domain.deliveries.prices import plain_job
from chalicelib.domain.intake import service
from chalicelib.domain.intake.order import Contact, Order, Refusal
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.pricing.agreed import load_agreed
from chalicelib.domain.pricing.rules import price
from chalicelib.domain.pricing.store import BUILT_IN_CARDS
from chalicelib.kit import tokens
from chalicelib.kit.errors import DuplicateDelivery, PlacesUnavailable, StaleVersion, Undeliverable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage import keys
from chalicelib.storage.keys import TableName
from tests.builders import DOOR_AT, NOON, SERVER_KEY
from tests.domain.intake.desk import ADDRESS, MERCHANT_ID, Desk, an_order
from tests.domain.intake.shops import FAR_AWAY


def test_an_order_becomes_a_delivery_that_can_be_planned(desk: Desk) -> None:
    outcome = desk.receive(an_order())
    delivery = desk.the_delivery()
    assert outcome == Outcome(Result.CREATED, delivery.id)
    assert delivery.status is Status.READY
    assert delivery.dropoff == DOOR_AT
    assert delivery.external_id == "A-1"
    assert delivery.window == TimeWindow(NOON, NOON + timedelta(hours=8))
    assert desk.rejection_codes() == []


def test_the_recipients_link_is_kept_as_a_hash_beside_the_delivery(desk: Desk) -> None:
    delivery_id = desk.receive(an_order()).delivery_id or ""
    token = tokens.tracking_token(SERVER_KEY, delivery_id)
    item = desk.begin().get(keys.tracking_link(tokens.hash_secret(token)))
    assert item is not None
    assert (item["merchant_id"], item["delivery_id"]) == (MERCHANT_ID, delivery_id)


def test_a_copy_gets_the_first_answer_and_has_no_effect(desk: Desk) -> None:
    outcomes = [desk.receive(an_order()) for _ in range(3)]
    assert len(set(outcomes)) == 1
    assert desk.the_delivery().version == 2


def test_two_copies_that_race_are_one_delivery(desk: Desk) -> None:
    """The loser's commit is refused; run again, it finds what the winner wrote."""
    first, second = desk.begin(), desk.begin()
    outcome = desk.receive_in(first, an_order())
    desk.receive_in(second, an_order())
    first.commit()
    with pytest.raises(StaleVersion):
        second.commit()
    assert desk.receive(an_order()) == outcome
    assert len(desk.deliveries()) == 1


def test_two_events_of_one_order_that_race_are_one_delivery(desk: Desk) -> None:
    first, second = desk.begin(), desk.begin()
    desk.receive_in(first, an_order(0))
    desk.receive_in(second, an_order(1))
    first.commit()
    with pytest.raises(StaleVersion):
        second.commit()
    assert desk.receive(an_order(1, notes="Ring twice")).result is Result.UPDATED
    assert len(desk.deliveries()) == 1


def test_a_bad_phone_refuses_no_order_and_is_told(desk: Desk) -> None:
    outcome = desk.receive(an_order(contact=Contact("Mara", None, has_bad_phone=True)))
    assert (outcome.result, outcome.code) == (Result.CREATED, "phone_unusable")


def test_coordinates_a_thousand_kilometres_off_are_not_believed(desk: Desk) -> None:
    desk.receive(an_order(position=FAR_AWAY))
    assert desk.the_delivery().dropoff == DOOR_AT
    assert desk.gazetteer.asked == [ADDRESS]


def test_an_address_is_looked_up_once_however_plausible_its_coordinates(desk: Desk) -> None:
    """Coordinates alone cannot be checked: a shop that geocodes badly is always near its hub."""
    desk.receive(an_order())
    assert desk.gazetteer.asked == [ADDRESS]


def test_nothing_is_remembered_while_the_address_service_is_down(desk: Desk) -> None:
    """The platform gets a 503 and sends it again; then it must not count as seen."""

    def down(address: Address, near: LatLng) -> None:
        raise PlacesUnavailable

    uow = desk.begin()
    with pytest.raises(PlacesUnavailable):
        service.receive(uow, desk.merchant, desk.hub, an_order(position=None), down, SERVER_KEY)
    assert uow.write_count == 0
    assert desk.receive(an_order(position=None)).result is Result.CREATED


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"refusal": Refusal.PICKUP_ONLY}, "pickup_only"),
        ({"address": None}, "no_shipping_address"),
        ({"parcel": None}, "nothing_to_ship"),
        ({"store_external_id": "elsewhere"}, "unknown_store"),
        ({"window": TimeWindow(NOON - timedelta(hours=2), NOON)}, "window_impossible"),
        (
            {"window": TimeWindow(NOON + timedelta(days=31), NOON + timedelta(days=32))},
            "window_impossible",
        ),
    ],
)
def test_what_cannot_be_promised_is_one_visible_rejection(
    desk: Desk, changes: dict[str, Any], code: str
) -> None:
    outcome = desk.receive(an_order(**changes))
    assert (outcome.result, outcome.code) == (Result.REJECTED, code)
    assert outcome.detail
    assert desk.rejection_codes() == [code]
    assert desk.deliveries() == []


@pytest.mark.parametrize(
    ("given", "found", "code"),
    [
        (None, None, "unknown_location"),
        (None, FAR_AWAY, "outside_service_area"),
        (FAR_AWAY, None, "outside_service_area"),
        (FAR_AWAY, FAR_AWAY, "outside_service_area"),
    ],
)
def test_a_door_that_we_cannot_reach_is_a_visible_rejection(
    desk: Desk, given: LatLng | None, found: LatLng | None, code: str
) -> None:
    desk.gazetteer.position = found
    assert desk.receive(an_order(position=given)).code == code
    assert desk.rejection_codes() == [code]


def test_a_rejected_order_that_the_shop_mends_becomes_a_delivery(desk: Desk) -> None:
    desk.receive(an_order(address=None))
    assert desk.receive(an_order(1)).result is Result.CREATED
    assert len(desk.deliveries()) == 1


def test_one_mistake_in_many_versions_is_one_rejection(desk: Desk) -> None:
    for minute in range(3):
        assert desk.receive(an_order(minute, address=None)).result is Result.REJECTED
    assert desk.rejection_codes() == ["no_shipping_address"]


def test_a_direct_order_is_promised_or_refused_at_once(desk: Desk) -> None:
    def accept(order: Order) -> Delivery:
        uow = desk.begin()
        delivery = service.accept(uow, desk.merchant, desk.hub, order, desk.gazetteer, SERVER_KEY)
        uow.commit()
        return delivery

    order = an_order(platform="api", updated_at=None)
    delivery = accept(order)
    with pytest.raises(DuplicateDelivery) as duplicate:
        accept(order)
    assert duplicate.value.extra == {"delivery_id": delivery.id}
    with pytest.raises(Undeliverable) as refused:
        accept(replace(order, order_id="A-2", store_external_id="elsewhere"))
    assert refused.value.extra == {"reason": "unknown_store"}
    assert desk.rejection_codes() == []


def test_an_order_by_webhook_is_priced_when_it_is_promised(desk: Desk) -> None:
    """By the card that counts, for the way, the parcel and the window that were promised."""
    desk.receive(an_order())
    delivery = desk.the_delivery()
    agreed = load_agreed(desk.begin(), MERCHANT_ID, delivery.id)
    job = plain_job(delivery.pickup.position, delivery.dropoff, delivery.parcel, delivery.window)
    assert agreed.price == price(BUILT_IN_CARDS[-1], job)
    assert (agreed.card_owner, agreed.quote_id) == ("built_in", None)
    assert agreed.agreed_at == delivery.created_at


def test_a_later_version_of_the_order_keeps_the_price(desk: Desk) -> None:
    """Nothing is charged that was not told when it was promised."""
    desk.receive(an_order())
    before = load_agreed(desk.begin(), MERCHANT_ID, desk.the_delivery().id)
    assert desk.receive(an_order(5, parcel=Parcel(29_000, 3500, 2))).result is Result.UPDATED
    assert load_agreed(desk.begin(), MERCHANT_ID, desk.the_delivery().id) == before


def test_everything_of_one_webhook_is_written_in_one_commit(desk: Desk) -> None:
    uow = desk.begin()
    desk.receive_in(uow, an_order())
    assert desk.deliveries() == []
    # Inbox, lock, delivery, price, recipient, link, order number for the recipient and the shop.
    assert uow.write_count == 8
    uow.commit()
    inbox = desk.begin().query(TableName.EPH, f"I#{MERCHANT_ID}#generic:message:0").items
    assert inbox[0]["expires"] == int((NOON + timedelta(hours=72)).timestamp())
