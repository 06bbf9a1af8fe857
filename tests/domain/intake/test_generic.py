"""What shops of their own send as Standard Webhooks."""

from typing import Any

import pytest

from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.intake import generic
from chalicelib.domain.intake.order import Kind, NotForUs, Order, Refusal
from tests.domain.intake.shops import (
    DEFAULTS,
    generic_headers,
    golden,
    written,
)


def read_generic(**changes: Any) -> Order | NotForUs:
    body = written(golden("generic", **changes))
    return generic.parse(generic_headers(body), body, DEFAULTS)


def an_order(read: Order | NotForUs) -> Order:
    assert isinstance(read, Order)
    return read


def test_a_generic_order_becomes_a_platform_neutral_one() -> None:
    order = an_order(read_generic())
    assert (order.order_id, order.store_external_id) == ("A-10001", "main")
    assert order.parcel is not None
    assert (order.parcel.weight_g, order.parcel.volume_ml) == (700, 3500)
    assert order.window is not None
    assert order.window.duration_s == 7200


def test_a_window_that_ends_before_it_starts_is_a_visible_refusal() -> None:
    window = {"start_time": "2026-11-27T16:00:00Z", "end_time": "2026-11-27T14:00:00Z"}
    assert an_order(read_generic(data__window=window)).refusal is Refusal.WINDOW_IMPOSSIBLE


def test_an_unknown_type_is_not_for_us_whatever_it_holds() -> None:
    body = b'{"type": "product.created"}'
    assert generic.parse(generic_headers(body), body, DEFAULTS) == NotForUs("topic")


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("order.created", Kind.PLACED),
        ("order.updated", Kind.UPDATED),
        ("order.cancelled", Kind.CANCELLED),
    ],
)
def test_three_types_of_message_are_three_kinds_of_order(told: str, kind: Kind) -> None:
    assert an_order(read_generic(type=told)).kind is kind


def test_a_cancellation_says_why_or_it_was_the_merchant() -> None:
    given = an_order(read_generic(type="order.cancelled", data__cancel_reason="fraud"))
    assert given.cancel_reason is CancelReason.FRAUD
    unknown = an_order(read_generic(type="order.cancelled", data__cancel_reason="whim"))
    assert unknown.cancel_reason is CancelReason.MERCHANT_REQUEST


def test_a_cancellation_needs_no_more_than_the_orders_id() -> None:
    body = b"""{"type": "order.cancelled", "timestamp": "2026-11-27T12:00:00Z",
                "data": {"external_id": "A-10001"}}"""
    order = an_order(generic.parse(generic_headers(body), body, DEFAULTS))
    assert (order.kind, order.order_id) == (Kind.CANCELLED, "A-10001")
