"""What BigCommerce says: a hook that only names an order, and three answers that hold it."""

from typing import Any

import pytest

from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.intake import bigcommerce
from chalicelib.domain.intake.bigcommerce import Hook
from chalicelib.domain.intake.order import Kind, NotForUs, Order, Refusal
from chalicelib.kit.errors import Invalid, Malformed
from chalicelib.kit.timewindow import write_instant
from tests.domain.intake.shops import DEFAULTS, OTHER_SECRET, SECRET, WALL, golden_text, written

HEADERS = {"x-lastmile-secret": SECRET}


def a_hook(**changes: Any) -> bytes:
    return written(golden_text("bigcommerce_hook") | changes)


def answers(
    order: dict[str, Any] | None = None,
    address: dict[str, Any] | None = None,
    product: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """The golden answers; changes go to the order, its address and its first product."""
    addresses, products = golden_text("bigcommerce_addresses"), golden_text("bigcommerce_products")
    addresses[0] |= address or {}
    products[0] |= product or {}
    return {
        "order": golden_text("bigcommerce_order") | (order or {}),
        "shipping_addresses": addresses,
        "products": products,
        "weight_units": "KGS",
    }


def parse(given: dict[str, Any], event: str = "") -> Order | NotForUs:
    headers = {"x-lastmile-event": event} if event else {}
    return bigcommerce.parse(headers, written(given), DEFAULTS)


def read(given: dict[str, Any], event: str = "") -> Order:
    order = parse(given, event)
    assert isinstance(order, Order)
    return order


def test_a_hook_is_believed_by_its_secret_header_alone() -> None:
    assert bigcommerce.verify(HEADERS, a_hook(), (SECRET,), WALL)
    assert bigcommerce.verify(HEADERS, a_hook(), (OTHER_SECRET, SECRET), WALL)
    assert not bigcommerce.verify(HEADERS, a_hook(), (OTHER_SECRET,), WALL)
    assert not bigcommerce.verify(HEADERS, a_hook(), (), WALL)
    for value in ("", SECRET[:-1], SECRET + "x", "é"):
        assert not bigcommerce.verify({"x-lastmile-secret": value}, a_hook(), (SECRET,), WALL)
    assert not bigcommerce.verify({}, a_hook(), (SECRET, ""), WALL)


@pytest.mark.parametrize("what", ["created", "updated", "statusUpdated", "archived"])
def test_a_hook_names_an_order_and_nothing_else(what: str) -> None:
    hook = bigcommerce.parse_hook(a_hook(scope=f"store/order/{what}"))
    assert isinstance(hook, Hook)
    assert hook.order_id == "250"


def test_copies_of_a_hook_share_their_key_and_other_hooks_have_another() -> None:
    once, again = (bigcommerce.parse_hook(a_hook(created_at=at)) for at in (1, 2))
    other = bigcommerce.parse_hook(a_hook(hash="99"))
    assert once == again != other


@pytest.mark.parametrize("scope", ["store/order/message/created", "store/cart/created", "x"])
def test_hooks_about_other_things_are_not_for_us(scope: str) -> None:
    assert bigcommerce.parse_hook(a_hook(scope=scope)) == NotForUs("topic")


@pytest.mark.parametrize("body", [b"", b"{", b'{"scope": NaN}', b"[]", b"[" * 50_000])
def test_an_unreadable_hook_is_the_senders_fault(body: bytes) -> None:
    with pytest.raises(Malformed):
        bigcommerce.parse_hook(body)


def test_a_hook_without_an_id_is_the_senders_fault() -> None:
    with pytest.raises(Invalid):
        bigcommerce.parse_hook(a_hook(data={"type": "order"}))


def test_what_was_fetched_becomes_a_platform_neutral_order() -> None:
    order = read(answers())
    assert (order.platform, order.order_id, order.order_name) == ("bigcommerce", "250", "#250")
    assert write_instant(order.updated_at) == "2026-11-27T11:31:00.000Z"
    assert order.contact.name == "Jan König"
    assert order.address is not None
    assert order.address.line1 == "Mühlgasse 12"
    assert order.notes == "Ring at König & Sohn"
    assert (order.kind, order.refusal) == (Kind.UPDATED, None)


def test_the_billing_phone_stands_in_for_an_empty_one() -> None:
    phone = read(answers()).contact.phone
    assert phone is not None
    assert phone.e164 == "+491713920008"


@pytest.mark.parametrize(
    ("unit", "weight_g"),
    [("KGS", 500), ("Kilograms", 500), ("LBS", 228), ("oz", 16), ("Grams", 2)],
)
def test_weights_are_in_the_stores_own_unit(unit: str, weight_g: int) -> None:
    """A quarter of a unit twice, each rounded up; the voucher is digital and weighs nothing."""
    parcel = read(answers() | {"weight_units": unit}).parcel
    assert parcel is not None
    assert (parcel.weight_g, parcel.count, parcel.assumed_count) == (weight_g, 2, 0)


@pytest.mark.parametrize("unit", ["", "stone", None])
def test_a_weight_in_an_unknown_unit_is_no_weight(unit: str | None) -> None:
    parcel = read(answers() | {"weight_units": unit}).parcel
    assert parcel is not None
    assert (parcel.weight_g, parcel.assumed_count) == (1000, 2)


def test_refunded_pieces_are_not_carried() -> None:
    parcel = read(answers(product={"quantity_refunded": 1})).parcel
    assert parcel is not None
    assert parcel.count == 1
    gone = read(answers(product={"quantity_refunded": 2}))
    assert gone.refusal is Refusal.NOTHING_TO_SHIP


@pytest.mark.parametrize("status_id", [9, 11])
def test_orders_that_wait_for_fulfilment_are_taken(status_id: int) -> None:
    assert read(answers({"status_id": status_id})).refusal is None


@pytest.mark.parametrize("status_id", [0, 1, 2, 3, 7, 10, 12, 13, 14, 99])
def test_orders_that_are_unpaid_done_or_in_doubt_are_not_for_us(status_id: int) -> None:
    assert parse(answers({"status_id": status_id})) == NotForUs("status")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status_id": 4}, CancelReason.MERCHANT_REQUEST),
        ({"status_id": 5}, CancelReason.CUSTOMER_REQUEST),
        ({"status_id": 6}, CancelReason.PAYMENT_FAILED),
        ({"status_id": 0, "is_deleted": True}, CancelReason.MERCHANT_REQUEST),
    ],
)
def test_orders_that_ended_are_cancellations(changes: dict[str, Any], reason: CancelReason) -> None:
    order = read(answers(changes))
    assert (order.kind, order.cancel_reason) == (Kind.CANCELLED, reason)


def test_an_order_that_is_collected_is_refused_as_such() -> None:
    assert read(answers({"status_id": 8})).refusal is Refusal.PICKUP_ONLY


@pytest.mark.parametrize("nothing", [[], None])
def test_an_order_without_an_address_or_without_goods_is_a_visible_refusal(nothing: Any) -> None:
    without = read(answers() | {"shipping_addresses": nothing})
    assert without.refusal is Refusal.NO_SHIPPING_ADDRESS
    assert read(answers() | {"products": nothing}).refusal is Refusal.NOTHING_TO_SHIP


def to_addresses(*ids: int) -> dict[str, Any]:
    """The golden order, going to so many addresses; the first product goes to the first of them."""
    (address,) = golden_text("bigcommerce_addresses")
    return answers() | {
        "shipping_addresses": [address | {"id": one, "street_1": f"Am Markt {one}"} for one in ids],
        "products": [
            golden_text("bigcommerce_products")[0] | {"order_address_id": one, "quantity": number}
            for number, one in enumerate(ids, start=1)
        ],
    }


def test_an_order_to_several_addresses_has_a_part_for_each_with_what_goes_there() -> None:
    order = read(to_addresses(251, 1000))
    parts = [order, *order.further]
    assert [one.part for one in parts] == ["251", "1000"]
    assert [one.address.line1 for one in parts if one.address] == ["Am Markt 251", "Am Markt 1000"]
    assert [one.parcel.count for one in parts if one.parcel] == [1, 2]
    assert [one.refusal for one in parts] == [None, None]


def test_the_oldest_address_stands_first_whatever_the_answer_begins_with() -> None:
    assert read(to_addresses(1000, 251)).part == "251"


def test_an_order_to_more_addresses_than_one_commit_holds_is_a_visible_refusal() -> None:
    order = read(to_addresses(*range(1, 12)))
    assert (order.refusal, order.further) == (Refusal.SEVERAL_ADDRESSES, ())
    assert len(read(to_addresses(*range(1, 11))).further) == 9


def test_the_stores_own_date_field_is_the_wished_window() -> None:
    fields = [
        {"name": "Delivery Date", "value": "2026-11-28"},
        {"name": "Delivery Time", "value": "10:00 - 12:00"},
        {"name": None, "value": 7},
    ]
    window = read(answers(address={"form_fields": fields})).window
    assert window is not None
    assert write_instant(window.start_at) == "2026-11-28T09:00:00.000Z"


def test_an_order_without_a_webhook_is_known_by_its_version() -> None:
    once, later = read(answers()), read(answers({"status_id": 9}))
    assert once.source_event_id != later.source_event_id
    assert read(answers(), "hash:1").source_event_id == "hash:1"


@pytest.mark.parametrize("date", ["yesterday", "Fri, 99 Nov 2026 11:30:00 +0000", 7, "\u0000"])
def test_a_time_that_is_none_is_the_platforms_fault(date: object) -> None:
    given = answers({"date_modified": date})
    if isinstance(date, str):
        with pytest.raises(Invalid):
            parse(given)
    else:
        assert write_instant(read(given).updated_at) == "2026-11-27T11:30:00.000Z"
