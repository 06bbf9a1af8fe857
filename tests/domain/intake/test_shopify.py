"""What Shopify sends, and every trap that its payloads are known for."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.intake import service_codes, shopify
from chalicelib.domain.intake.order import Kind, NotForUs, Order, Refusal
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow, write_instant
from tests.builders import NOON
from tests.domain.intake.shops import (
    DEFAULTS,
    SECRET,
    WALL,
    golden,
    shopify_headers,
    written,
)

#: The golden order's id and version, as they stand in the key of its events.
VERSION = "9007199254740993123:2026-11-27T11:40:12.000Z"


def read_shopify(topic: str = "orders/create", **changes: Any) -> Order | NotForUs:
    body = written(golden("shopify", **changes))
    return shopify.parse(shopify_headers(body, topic), body, DEFAULTS)


def an_order(read: Order | NotForUs) -> Order:
    assert isinstance(read, Order)
    return read


def test_a_shopify_order_becomes_a_platform_neutral_one() -> None:
    order = an_order(read_shopify())
    assert order.kind is Kind.PLACED
    assert order.order_name == "#2417"
    assert write_instant(order.updated_at) == "2026-11-27T11:40:12.000Z"
    assert order.contact.name == "Ida Brandt"
    assert order.address is not None
    assert order.address.one_line() == "Lindenweg 7, 3. Etage, 34117 Kassel"
    assert order.position == LatLng(51.221, 9.423)
    assert order.notes == "Second courtyard, ring twice"
    assert order.refusal is None


def test_ids_beyond_2_to_the_53_keep_every_digit() -> None:
    assert an_order(read_shopify()).order_id == "9007199254740993123"


def test_weights_are_summed_per_unit_over_what_is_carried() -> None:
    """3 x 400 g, 2 cards whose weight nobody entered (2 x 500 g), and no voucher."""
    parcel = an_order(read_shopify()).parcel
    assert parcel is not None
    assert (parcel.weight_g, parcel.count) == (2200, 5)
    assert parcel.volume_ml == 2200 * 5


def test_an_edited_quantity_counts_instead_of_the_ordered_one() -> None:
    items = [{"quantity": 5, "current_quantity": 1, "grams": 300}]
    parcel = an_order(read_shopify(line_items=items)).parcel
    assert parcel is not None
    assert parcel.weight_g == 300


@pytest.mark.parametrize(
    ("shipping", "order", "customer", "expected"),
    [
        ("(0171) 392-0007", None, None, "+491713920007"),
        (None, "0049 171 3920007", None, "+491713920007"),
        ("none", None, "+49 (171) 3920007", "+491713920007"),
        ("ask my wife", None, None, None),
        (None, None, None, None),
    ],
)
def test_the_first_phone_that_can_be_one_is_taken(
    shipping: str | None, order: str | None, customer: str | None, expected: str | None
) -> None:
    contact = an_order(
        read_shopify(shipping_address__phone=shipping, phone=order, customer__phone=customer)
    ).contact
    assert (contact.phone.e164 if contact.phone else None) == expected
    assert contact.has_bad_phone == (shipping == "ask my wife")


def test_a_null_shipping_address_is_a_visible_refusal() -> None:
    assert an_order(read_shopify(shipping_address=None)).refusal is Refusal.NO_SHIPPING_ADDRESS


def test_an_order_that_the_customer_collects_is_refused_as_such() -> None:
    attributes = [{"name": "Checkout-Method", "value": "pickup"}]
    order = an_order(read_shopify(note_attributes=attributes))
    assert order.refusal is Refusal.PICKUP_ONLY


def test_an_order_of_vouchers_alone_has_nothing_to_ship() -> None:
    items = [{"quantity": 1, "gift_card": True}, {"quantity": 2, "requires_shipping": False}]
    order = an_order(read_shopify(line_items=items))
    assert order.refusal is Refusal.NOTHING_TO_SHIP


@pytest.mark.parametrize("prefix", ["x-shopify", "shopify"])
def test_both_spellings_of_shopifys_headers_are_read(prefix: str) -> None:
    body = written(golden("shopify"))
    headers = shopify_headers(body, prefix=prefix)
    assert shopify.verify(headers, body, (SECRET,), WALL)
    order = an_order(shopify.parse(headers, body, DEFAULTS))
    assert order.source_event_id == f"orders/create:evt-1:{VERSION}"


def test_the_webhook_id_stands_in_for_a_missing_event_id() -> None:
    body = written(golden("shopify"))
    headers = {"x-shopify-topic": "orders/create", "x-shopify-webhook-id": "wh-9"}
    order = an_order(shopify.parse(headers, body, DEFAULTS))
    assert order.source_event_id == f"orders/create:wh-9:{VERSION}"


def test_one_event_id_over_two_orders_or_versions_is_not_one_event() -> None:
    """A bulk action has one event id for all its orders; none of them may be lost as a copy."""
    first = an_order(read_shopify("orders/updated"))
    others = [{"id": 5}, {"updated_at": "2026-11-27T12:40:13+01:00"}]
    for changes in others:
        assert an_order(read_shopify("orders/updated", **changes)).source_event_id != (
            first.source_event_id
        )


def test_two_topics_of_one_action_are_two_events() -> None:
    """Shopify gives orders/create and orders/updated of one action the same event id."""
    created, updated = an_order(read_shopify()), an_order(read_shopify("orders/updated"))
    assert created.source_event_id != updated.source_event_id


def test_without_any_event_id_equal_bodies_are_one_event() -> None:
    body = written(golden("shopify"))
    headers = {"x-shopify-topic": "orders/create"}
    first, second = (an_order(shopify.parse(headers, body, DEFAULTS)) for _ in range(2))
    other = an_order(shopify.parse(headers, body + b" ", DEFAULTS))
    assert first.source_event_id == second.source_event_id != other.source_event_id


def test_a_cancellation_carries_its_reason() -> None:
    order = an_order(
        read_shopify(
            "orders/cancelled", cancelled_at="2026-11-27T13:00:00+01:00", cancel_reason="inventory"
        )
    )
    assert order.kind is Kind.CANCELLED
    assert order.cancel_reason is CancelReason.OUT_OF_STOCK


def test_an_update_of_a_cancelled_order_is_a_cancellation() -> None:
    order = an_order(read_shopify("orders/updated", cancelled_at="2026-11-27T13:00:00+01:00"))
    assert order.kind is Kind.CANCELLED


def test_an_edit_tells_no_order_and_is_left_to_the_update_that_follows_it() -> None:
    """``orders/edited`` holds what was added and removed, without the order's own fields."""
    edit = {"order_edit": {"id": 78912328793, "order_id": 2417, "line_items": {"additions": []}}}
    body = written(edit)
    headers = shopify_headers(body, "orders/edited")
    assert shopify.parse(headers, body, DEFAULTS) == NotForUs("order_edit")


def test_a_test_order_sends_no_driver_unless_the_merchant_asks_for_it() -> None:
    assert read_shopify(test=True) == NotForUs("test_order")
    assert read_shopify("orders/cancelled", test=True) == NotForUs("test_order")
    body = written(golden("shopify", test=True))
    trying = replace(DEFAULTS, takes_test_orders=True)
    assert isinstance(shopify.parse(shopify_headers(body), body, trying), Order)


@pytest.mark.parametrize("status", ["pending", "voided", "expired"])
def test_an_order_that_nobody_paid_waits_for_its_payment(status: str) -> None:
    assert read_shopify(financial_status=status) == NotForUs("unpaid")
    assert isinstance(read_shopify("orders/paid", financial_status="paid"), Order)
    assert isinstance(read_shopify("orders/cancelled", financial_status=status), Order)
    unpaid = golden("shopify", financial_status=status)
    generous = replace(DEFAULTS, takes_unpaid_orders=True)
    body = written(unpaid)
    assert isinstance(shopify.parse(shopify_headers(body), body, generous), Order)


def test_cash_on_delivery_is_pending_and_delivered_all_the_same() -> None:
    gateways = ["Cash on Delivery (COD)"]
    read = read_shopify(financial_status="pending", payment_gateway_names=gateways)
    assert isinstance(read, Order)


def test_an_authorized_payment_counts_as_paid() -> None:
    assert isinstance(read_shopify(financial_status="authorized"), Order)


def test_an_order_that_goes_by_another_carrier_is_not_ours() -> None:
    attributes = [{"name": "Checkout-Method", "value": "shipping"}]
    assert read_shopify(note_attributes=attributes) == NotForUs("other_method")


def test_the_rate_that_the_customer_chose_at_the_checkout_is_the_promise() -> None:
    promised = TimeWindow(NOON, NOON + timedelta(hours=2))
    code = service_codes.write_code("same_day", promised)
    lines = [{"code": "express", "title": "x"}, {"code": code, "title": "Same day"}]
    attributes = [{"name": "Checkout-Method", "value": "shipping"}]
    order = an_order(read_shopify(shipping_lines=lines, note_attributes=attributes))
    assert (order.window, order.refusal) == (promised, None)


@pytest.mark.parametrize("code", ["lastmile", "lastmile.same_day.1.2", "LASTMILE.x", "lastmile."])
def test_a_rate_of_ours_that_promises_no_time_is_still_ours(code: str) -> None:
    attributes = [{"name": "Checkout-Method", "value": "pickup"}]
    order = an_order(read_shopify(shipping_lines=[{"code": code}], note_attributes=attributes))
    assert (order.window, order.refusal) == (None, None)


def test_only_the_delivered_lines_of_a_mixed_order_are_carried() -> None:
    def line(grams: int, method: str | None) -> dict[str, Any]:
        named = [] if method is None else [{"name": "Checkout-Method", "value": method}]
        return {"quantity": 1, "grams": grams, "properties": named}

    mixed = [line(100, "delivery"), line(200, "pickup"), line(400, None), line(800, "shipping")]
    parcel = an_order(read_shopify(line_items=mixed)).parcel
    assert parcel is not None
    assert (parcel.weight_g, parcel.count) == (500, 2)
    collected = an_order(read_shopify(line_items=[line(100, "pickup")]))
    assert collected.refusal is Refusal.NOTHING_TO_SHIP


@pytest.mark.parametrize("topic", ["orders/fulfilled", "app/uninstalled", ""])
def test_other_topics_are_not_for_us(topic: str) -> None:
    assert read_shopify(topic) == NotForUs("topic")


def test_an_edit_of_an_order_that_was_sent_out_long_ago_is_not_for_us() -> None:
    read = read_shopify("orders/updated", fulfillment_status="fulfilled")
    assert read == NotForUs("already_fulfilled")


@pytest.mark.parametrize(
    ("day", "span", "start", "end"),
    [
        ("2026-11-28", "10:00 AM - 1:30 PM", "2026-11-28T09:00", "2026-11-28T12:30"),
        ("2026/11/28", "14:00 - 16:00", "2026-11-28T13:00", "2026-11-28T15:00"),
        ("2026-11-28", "12:00 AM \u2013 7:00 AM", "2026-11-27T23:00", "2026-11-28T06:00"),
        ("2026-11-28", "10 PM to 2 AM", "2026-11-28T21:00", "2026-11-29T01:00"),
        ("2026-11-28", None, "2026-11-28T07:00", "2026-11-28T20:00"),
        ("2026-07-31", "14:00 - 24:00", "2026-07-31T12:00", "2026-07-31T22:00"),
    ],
)
def test_delivery_dates_of_plugins_are_read_in_the_hubs_zone(
    day: str, span: str | None, start: str, end: str
) -> None:
    attributes = [{"name": "Delivery-Date", "value": day}, {"name": "Delivery-Time", "value": span}]
    window = an_order(read_shopify(note_attributes=attributes)).window
    assert window is not None
    assert write_instant(window.start_at) == f"{start}:00.000Z"
    assert write_instant(window.end_at) == f"{end}:00.000Z"


@pytest.mark.parametrize(
    ("day", "span"),
    [
        ("tomorrow", None),
        ("2026-02-30", None),
        ("2026-11-28", "in the evening"),
        ("2026-11-28", "13:00 PM - 14:00 PM"),
        ("2026-11-28", "25:00 - 26:00"),
        ("9999-12-31", "10 PM - 2 AM"),
    ],
)
def test_a_delivery_date_that_cannot_be_read_is_a_visible_refusal(
    day: str, span: str | None
) -> None:
    attributes = [{"name": "Delivery-Date", "value": day}, {"name": "Delivery-Time", "value": span}]
    order = an_order(read_shopify(note_attributes=attributes))
    assert order.refusal is Refusal.WINDOW_IMPOSSIBLE


def test_a_plugins_location_counts_only_when_it_is_a_store_of_ours() -> None:
    def named(store: str) -> str | None:
        attributes = [{"name": "Delivery-Location-Id", "value": store}]
        return an_order(read_shopify(note_attributes=attributes)).store_external_id

    assert named("main") == "main"
    assert named("83914") is None


def test_texts_lose_what_nobody_sees() -> None:
    order = an_order(
        read_shopify(
            note="a\u0000b\u202eevil\u2066 \u200bx\ufeff",
            shipping_address__name="  Zoe\u0308 \t  O\u2019Neil\u0007 ",
        )
    )
    assert order.notes == "a bevil x"
    assert order.contact.name == "Zoë O\u2019Neil"


def test_texts_have_an_end() -> None:
    order = an_order(read_shopify(note="x" * 100_000, shipping_address__name="y" * 5_000))
    assert (len(order.notes), len(order.contact.name)) == (500, 120)


def test_a_mobile_goes_before_a_landline_whoever_gave_it() -> None:
    """A landline gets no texts; among equals the door's own phone comes first."""
    landline, mobile, other = "0561 7870", "0171 3920009", "0171 3920010"

    def taken(shipping: str, order: str | None, customer: str | None) -> str | None:
        read = an_order(
            read_shopify(shipping_address__phone=shipping, phone=order, customer__phone=customer)
        )
        return read.contact.phone.e164 if read.contact.phone else None

    assert taken(landline, None, mobile) == "+491713920009"
    assert taken(mobile, other, landline) == "+491713920009"
    assert taken(landline, None, None) == "+495617870"


def test_a_country_by_its_name_is_as_good_as_its_code() -> None:
    named = {"country_code": None, "country": "Austria", "phone": "0664 1234567"}
    changes = {f"shipping_address__{name}": value for name, value in named.items()}
    order = an_order(read_shopify(phone=None, **changes))
    assert order.address is not None
    assert order.address.country == "AT"
    assert order.contact.phone is not None
    assert order.contact.phone.e164 == "+436641234567"
