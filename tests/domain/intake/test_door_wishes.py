"""What shops say of the door, as they say it: tags, attributes, and money that is still owed."""

from typing import Any

import pytest

from chalicelib.domain.deliveries.requirements import DoorAction
from chalicelib.domain.intake import shopify, woocommerce
from chalicelib.domain.intake.order import Order
from tests.domain.intake.shops import (
    DEFAULTS,
    golden,
    shopify_headers,
    woocommerce_headers,
    written,
)

COD = {"financial_status": "pending", "payment_gateway_names": ["Cash on Delivery (COD)"]}


def of_shopify(**changes: Any) -> Order:
    body = written(golden("shopify") | changes)
    order = shopify.parse(shopify_headers(body), body, DEFAULTS)
    assert isinstance(order, Order)
    return order


def of_woocommerce(**changes: Any) -> Order:
    body = written(golden("woocommerce") | changes)
    order = woocommerce.parse(woocommerce_headers(body), body, DEFAULTS)
    assert isinstance(order, Order)
    return order


@pytest.mark.parametrize(
    ("tags", "field", "value"),
    [
        ("fragile, Leave-At-Door", "action", DoorAction.LEAVE_AT_DOOR),
        ("leave at door", "action", DoorAction.LEAVE_AT_DOOR),
        ("Signature Required", "signature", True),
        ("pin_required", "pin", True),
        ("photo-required", "photo", True),
        ("id-check-18, age-21", "id_min_age", 21),
        ("fragile, gift", "action", None),
        (["age-18"], "id_min_age", 18),
        (None, "pin", None),
    ],
)
def test_a_shops_tags_say_what_is_asked(tags: object, field: str, value: object) -> None:
    assert getattr(of_shopify(tags=tags).wishes, field) == value


@pytest.mark.parametrize(
    ("name", "value", "field", "wish"),
    [
        ("Leave-At-Door", "Yes", "action", DoorAction.LEAVE_AT_DOOR),
        ("leave_at_door", "no", "action", DoorAction.MEET_AT_DOOR),
        ("Delivery-Action", "leave at door", "action", DoorAction.LEAVE_AT_DOOR),
        ("ID-Min-Age", "18", "id_min_age", 18),
        ("Signature-Required", "maybe", "signature", None),
    ],
)
def test_attributes_say_it_too(name: str, value: str, field: str, wish: object) -> None:
    attributes = [{"name": name, "value": value}]
    assert getattr(of_shopify(note_attributes=attributes).wishes, field) == wish
    meta = [{"id": 1, "key": name, "value": value}]
    assert getattr(of_woocommerce(meta_data=meta).wishes, field) == wish


def test_an_age_that_cannot_be_read_is_never_no_age() -> None:
    attributes = [{"name": "minimum-age", "value": "eighteen"}]
    assert of_shopify(note_attributes=attributes).wishes.id_min_age == -1


def test_an_order_to_be_paid_on_delivery_names_its_cash() -> None:
    """WooCommerce's own gateway leaves such an order `processing`, with no date of payment."""
    owed = of_woocommerce(payment_method="cod", date_paid_gmt=None).wishes
    assert (owed.cash_minor, owed.currency) == (4180, "EUR")
    paid = of_woocommerce(payment_method="cod", date_paid_gmt="2026-11-27T11:00:00")
    assert paid.wishes.cash_minor is None
    assert of_woocommerce().wishes.cash_minor is None
    assert of_woocommerce(payment_method="cod", total="0.00").wishes.cash_minor is None


@pytest.mark.parametrize("total", ["-1.00", "NaN", "1e999", "a lot", "9" * 40, None])
def test_cash_that_cannot_be_read_is_never_no_cash(total: str | None) -> None:
    assert of_woocommerce(payment_method="cod", total=total).wishes.cash_minor == -1


def test_shopify_says_what_is_still_owed() -> None:
    owed = of_shopify(**COD, currency="EUR", total_price="41.80", total_outstanding="20.00")
    assert (owed.wishes.cash_minor, owed.wishes.currency) == (2000, "EUR")
    assert of_shopify(**COD | {"financial_status": "paid"}).wishes.cash_minor is None


@pytest.mark.parametrize(
    ("told", "minor"),
    [("3.50", 350), ("0.00", 0), (None, None), ("-1", None), ("NaN", None), ("9" * 29, None)],
)
def test_shopifys_tip_is_the_drivers(told: str | None, minor: int | None) -> None:
    order = of_shopify(currency="EUR", total_tip_received=told)
    assert (order.tip_minor, order.tip_currency) == (minor, "EUR")


def test_yen_have_no_cents() -> None:
    wishes = of_woocommerce(payment_method="cod", currency="JPY", total="4180").wishes
    assert (wishes.cash_minor, wishes.currency) == (4180, "JPY")
