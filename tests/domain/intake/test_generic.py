"""What shops of their own send as Standard Webhooks."""

from typing import Any

from chalicelib.domain.intake import generic
from chalicelib.domain.intake.order import NotForUs, Order, Refusal
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
