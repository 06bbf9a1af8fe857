"""Bodies that nobody means well with are refused, and never a fault of ours."""

import contextlib
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.intake import generic, shopify, woocommerce
from chalicelib.kit.errors import Invalid, Malformed
from tests.domain.intake.shops import (
    DEFAULTS,
    HEADERS,
    golden,
    shopify_headers,
    written,
)

READERS: dict[str, ModuleType] = {
    "shopify": shopify,
    "woocommerce": woocommerce,
    "generic": generic,
}
PLATFORMS = sorted(READERS)


HOSTILE = {
    "nothing": b"",
    "no JSON": b"orders",
    "bad UTF-8": b'{"id": "\xff\xfe"}',
    "half a surrogate": b'{"id": 1, "note": "\\ud800", "updated_at": "2026-11-27T12:00:00Z"}',
    "NaN as an id": b'{"id": NaN}',
    "NaN as a weight": b'{"id": 1, "line_items": [{"grams": NaN}]}',
    "an infinite latitude": b'{"id": 1, "shipping_address": {"latitude": 1e999}}',
    "5,000 digits": b'{"id": ' + b"9" * 5_000 + b"}",
    "deep nesting": b'{"id": ' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "a list": b"[]",
    "a number": b"7",
    "a boolean id": b'{"id": true}',
    "a text for a list": b'{"id": 1, "line_items": "x"}',
    "a time before time": b'{"id": 1, "updated_at": "0001-01-01T00:00:00+14:00"}',
    "a time after time": b'{"id": 1, "updated_at": "9999-12-31T23:59:59-14:00"}',
    "no time": b'{"id": 1}',
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_hostile_body_is_refused_cleanly(platform: str, name: str) -> None:
    body = HOSTILE[name]
    with pytest.raises(Malformed) as caught:
        READERS[platform].parse(HEADERS[platform](body), body, DEFAULTS)
    assert caught.value.status in (400, 422)


def test_a_refused_field_is_named_and_its_value_is_not_repeated() -> None:
    body = written(golden("shopify", shipping_address__city={"secret": "x"}))
    with pytest.raises(Invalid) as caught:
        shopify.parse(shopify_headers(body), body, DEFAULTS)
    assert caught.value.fields[0]["field"] == "shipping_address.city"
    assert "secret" not in str(caught.value.fields)


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=8), children, max_size=4)
    ),
    max_leaves=12,
)


def _paths(payload: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    parts = payload.items() if isinstance(payload, dict) else enumerate(payload)
    for name, value in parts:
        if isinstance(value, dict | list):
            found += _paths(value, (*path, name))
        else:
            found.append((*path, name))
    return found


@pytest.mark.parametrize("platform", PLATFORMS)
@given(data=st.data())
def test_junk_in_any_field_never_breaks_the_reader(platform: str, data: st.DataObject) -> None:
    payload = golden(platform)
    for path in data.draw(st.lists(st.sampled_from(_paths(payload)), min_size=1, max_size=3)):
        target = payload
        try:
            for part in path[:-1]:
                target = target[part]
            target[path[-1]] = data.draw(JUNK)
        except (TypeError, KeyError, IndexError):
            continue  # an earlier piece of junk took the parent's place
    body = written(payload)
    with contextlib.suppress(Malformed):
        READERS[platform].parse(HEADERS[platform](body), body, DEFAULTS)


@pytest.mark.parametrize("platform", PLATFORMS)
@given(body=st.binary(max_size=200))
def test_random_bytes_never_break_the_reader(platform: str, body: bytes) -> None:
    with pytest.raises(Malformed):
        READERS[platform].parse(HEADERS[platform](body), body, DEFAULTS)
