"""What WooCommerce sends, and every trap that its payloads are known for."""

from typing import Any

import pytest

from chalicelib.domain.intake import woocommerce
from chalicelib.domain.intake.order import Kind, NotForUs, Order, Refusal
from chalicelib.kit.timewindow import write_instant
from tests.domain.intake.shops import (
    DEFAULTS,
    golden,
    woocommerce_headers,
    written,
)


def read_woo(topic: str = "order.created", **changes: Any) -> Order | NotForUs:
    body = written(golden("woocommerce", **changes))
    return woocommerce.parse(woocommerce_headers(body, topic), body, DEFAULTS)


def an_order(read: Order | NotForUs) -> Order:
    assert isinstance(read, Order)
    return read


def test_a_woocommerce_order_becomes_a_platform_neutral_one() -> None:
    order = an_order(read_woo())
    assert order.order_id == "731"
    assert order.order_name == "#731"
    assert write_instant(order.updated_at) == "2026-11-27T11:31:00.000Z"
    assert order.contact.name == "Jan König"
    assert order.address is not None
    assert order.address.line1 == "Mühlgasse 12"
    assert order.notes == "Leave it with König & Sohn"
    assert order.position is None
    assert order.refusal is None


def test_billing_phone_is_used_because_shipping_has_none() -> None:
    phone = an_order(read_woo()).contact.phone
    assert phone is not None
    assert phone.e164 == "+491713920008"


def test_items_without_weights_weigh_the_merchants_usual_piece() -> None:
    parcel = an_order(read_woo()).parcel
    assert parcel is not None
    assert (parcel.weight_g, parcel.count) == (1000, 2)


@pytest.mark.parametrize(
    ("body", "is_ping"),
    [
        (b"webhook_id=17", True),
        (b"webhook_id=17\n", True),
        (b"webhook_id=17&x=1", False),
        (b"webhook_id=", False),
        (b"{}", False),
        (b"", False),
    ],
)
def test_only_the_bare_ping_is_taken_for_one(body: bytes, is_ping: bool) -> None:
    assert woocommerce.is_ping(body) is is_ping


@pytest.mark.parametrize("status", ["pending", "on-hold", "failed", "completed", "checkout-draft"])
def test_orders_that_are_not_paid_or_already_done_are_not_for_us(status: str) -> None:
    assert read_woo(status=status) == NotForUs("status")


@pytest.mark.parametrize("status", ["cancelled", "refunded", "trash"])
def test_orders_that_ended_are_cancellations(status: str) -> None:
    assert an_order(read_woo("order.updated", status=status)).kind is Kind.CANCELLED


def test_a_deletion_knows_its_order_and_nothing_else() -> None:
    body = b'{"id": 731}'
    order = an_order(woocommerce.parse(woocommerce_headers(body, "order.deleted"), body, DEFAULTS))
    assert (order.kind, order.order_id, order.updated_at) == (Kind.CANCELLED, "731", None)


def test_a_repeated_creation_is_one_event_and_a_modification_another() -> None:
    once = an_order(read_woo())
    again = an_order(read_woo("order.updated", meta_data=[{"key": "x", "value": 1}]))
    later = an_order(read_woo(date_modified_gmt="2026-11-27T11:32:00"))
    assert once.source_event_id == again.source_event_id != later.source_event_id


def test_local_pickup_is_refused_as_such() -> None:
    order = an_order(read_woo(shipping_lines=[{"method_id": "local_pickup"}]))
    assert order.refusal is Refusal.PICKUP_ONLY


def test_an_empty_shipping_address_is_a_visible_refusal() -> None:
    empty = dict.fromkeys(("first_name", "last_name", "address_1", "city", "postcode"), "")
    assert an_order(read_woo(shipping=empty)).refusal is Refusal.NO_SHIPPING_ADDRESS


def test_an_address_that_php_wrote_as_an_empty_list_is_an_empty_address() -> None:
    order = an_order(read_woo(shipping=[], billing=[]))
    assert order.refusal is Refusal.NO_SHIPPING_ADDRESS
    assert an_order(read_woo(shipping=None)).refusal is Refusal.NO_SHIPPING_ADDRESS


def test_an_order_that_was_never_modified_is_as_old_as_its_creation() -> None:
    order = an_order(read_woo(date_modified_gmt=None))
    assert write_instant(order.updated_at) == "2026-11-27T11:30:00.000Z"


def test_local_times_of_the_shop_are_not_taken_for_ours() -> None:
    """``date_modified`` has no zone; only its ``_gmt`` twin says when it was."""
    order = an_order(read_woo(date_modified="2026-11-27T23:59:00"))
    assert write_instant(order.updated_at) == "2026-11-27T11:31:00.000Z"


@pytest.mark.parametrize(
    "meta",
    [
        {"delivery_date": "2026-11-28", "delivery_time": "10:00 - 12:00"},
        {"jckwds_date_ymd": "20261128", "jckwds_timeslot": "10:00 AM - 12:00 PM"},
        {"jckwds_date": "28/11/2026", "jckwds_date_ymd": 20261128, "jckwds_timeslot": "10 - 12"},
        {"_orddd_timestamp": "1795824000", "_orddd_time_slot": "10:00 AM - 12:00 PM"},
        {"_orddd_lite_timestamp": 1795824000, "_orddd_time_slot": "10:00 - 12:00"},
        {
            "_delivery_date": "2026-11-28",
            "_delivery_time_frame": {"time_from": "10:00", "time_to": "12:00"},
        },
        {
            "ywcdd_order_delivery_date": "2026-11-28",
            "ywcdd_order_slot_from": "10:00",
            "ywcdd_order_slot_to": "12:00",
        },
        {
            "ywcdd_order_delivery_date": "2026-11-28",
            "ywcdd_order_slot_from": "1795860000",
            "ywcdd_order_slot_to": 1795867200,
        },
    ],
)
def test_every_plugins_date_is_the_same_window(meta: dict[str, Any]) -> None:
    """Saturday from ten to twelve, in the hub's zone, which is an hour ahead of UTC."""
    entries = [{"id": 1, "key": key, "value": value} for key, value in meta.items()]
    window = an_order(read_woo(meta_data=entries)).window
    assert window is not None
    assert write_instant(window.start_at) == "2026-11-28T09:00:00.000Z"
    assert write_instant(window.end_at) == "2026-11-28T11:00:00.000Z"


def test_as_soon_as_possible_is_a_day_without_hours() -> None:
    meta = [
        {"key": "_orddd_timestamp", "value": "1795824000"},
        {"key": "_orddd_time_slot", "value": "As Soon As Possible."},
    ]
    window = an_order(read_woo(meta_data=meta)).window
    assert window is not None
    assert window.duration_s == 13 * 3600


@pytest.mark.parametrize(
    "meta",
    [
        {"jckwds_date_ymd": "soon"},
        {"_orddd_timestamp": "tomorrow"},
        {"_delivery_time_frame": ["10:00"]},
        {"jckwds_date_ymd": {"nested": True}},
        {"_orddd_timestamp": True},
    ],
)
def test_a_plugins_nonsense_is_no_wish(meta: dict[str, Any]) -> None:
    entries = [{"key": key, "value": value} for key, value in meta.items()]
    order = an_order(read_woo(meta_data=entries))
    assert (order.window, order.refusal) == (None, None)


def test_a_plugins_pickup_is_refused_as_such() -> None:
    meta = [{"key": "delivery_type", "value": "pickup"}]
    assert an_order(read_woo(meta_data=meta)).refusal is Refusal.PICKUP_ONLY
