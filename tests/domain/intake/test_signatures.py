"""Whose bytes are believed: signatures of all three platforms."""

from datetime import timedelta
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.intake import generic, shopify, woocommerce
from tests.domain.intake.shops import (
    HEADERS,
    OTHER_SECRET,
    SECRET,
    WALL,
    generic_headers,
    golden,
    written,
)

READERS: dict[str, ModuleType] = {
    "shopify": shopify,
    "woocommerce": woocommerce,
    "generic": generic,
}
PLATFORMS = sorted(READERS)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_order_signed_with_either_live_secret_is_believed(platform: str) -> None:
    body = written(golden(platform))
    headers = HEADERS[platform](body)
    verify = READERS[platform].verify
    assert verify(headers, body, (SECRET,), WALL)
    assert verify(headers, body, (OTHER_SECRET, SECRET), WALL)
    assert not verify(headers, body, (OTHER_SECRET,), WALL)
    assert not verify(headers, body, (), WALL)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_an_unsigned_order_is_not_believed(platform: str) -> None:
    body = written(golden(platform))
    for value in ("", "v1,", "=", "é", "\ud800"):
        headers = {
            name: value if "signature" in name or "hmac" in name else text
            for name, text in HEADERS[platform](body).items()
        }
        assert not READERS[platform].verify(headers, body, (SECRET,), WALL)
    assert not READERS[platform].verify({}, body, (SECRET,), WALL)


@pytest.mark.parametrize("platform", PLATFORMS)
@given(data=st.data())
def test_any_flipped_bit_of_the_body_is_noticed(platform: str, data: st.DataObject) -> None:
    body = written(golden(platform))
    headers = HEADERS[platform](body)
    index = data.draw(st.integers(0, len(body) - 1))
    bit = data.draw(st.integers(0, 7))
    flipped = bytearray(body)
    flipped[index] ^= 1 << bit
    assert not READERS[platform].verify(headers, bytes(flipped), (SECRET,), WALL)


def test_a_generic_message_is_stale_after_five_minutes() -> None:
    body = written(golden("generic"))
    headers = generic_headers(body, at=WALL)
    assert generic.verify(headers, body, (SECRET,), WALL + timedelta(seconds=300))
    assert not generic.verify(headers, body, (SECRET,), WALL + timedelta(seconds=301))
