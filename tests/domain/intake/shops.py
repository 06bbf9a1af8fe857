"""Shops that sign and send, and a gazetteer for their addresses: what the tests of intake share."""

import base64
import copy
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.intake.order import Defaults
from chalicelib.kit import signing
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Found, PlaceKind
from tests.builders import DOOR_AT

GOLDEN = Path(__file__).parents[2] / "golden" / "intake"
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER_SECRET = "whsec_" + base64.b64encode(bytes(range(1, 33))).decode()
WALL = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
FAR_AWAY = LatLng(45.416, -75.687)

DEFAULTS = Defaults(500, "DE", ZoneInfo("Europe/Berlin"), frozenset({"main"}))


def golden(name: str, **changes: Any) -> dict[str, Any]:
    """A payload in a platform's shape; ``a__b=1`` changes the field b of a."""
    payload = copy.deepcopy(json.loads((GOLDEN / f"{name}_order.json").read_text()))
    for path, value in changes.items():
        *parents, last = path.split("__")
        target = payload
        for parent in parents:
            target = target[parent]
        target[last] = value
    return payload


def written(payload: Any) -> bytes:
    return json.dumps(payload, ensure_ascii=False).encode()


def hmac_base64(body: bytes, secret: str = SECRET) -> str:
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def shopify_headers(
    body: bytes, topic: str = "orders/create", event: str = "evt-1", prefix: str = "x-shopify"
) -> dict[str, str]:
    return {
        f"{prefix}-hmac-sha256": hmac_base64(body),
        f"{prefix}-topic": topic,
        f"{prefix}-shop-domain": "vases.example",
        f"{prefix}-event-id": event,
    }


def woocommerce_headers(body: bytes, topic: str = "order.created") -> dict[str, str]:
    return {
        "x-wc-webhook-topic": topic,
        "x-wc-webhook-signature": hmac_base64(body),
        "x-wc-webhook-delivery-id": "f00d",
    }


def generic_headers(body: bytes, message: str = "msg_1", at: datetime = WALL) -> dict[str, str]:
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signing.sign_standard_webhook(SECRET, message, at, body),
    }


HEADERS: Mapping[str, Callable[[bytes], dict[str, str]]] = {
    "shopify": shopify_headers,
    "woocommerce": woocommerce_headers,
    "generic": generic_headers,
}


def a_place(position: LatLng = DOOR_AT, **changes: Any) -> Found:
    """An answer of the geocoder; a sure door unless told otherwise."""
    return replace(Found(PlaceKind.POINT, position, 0.98), **changes)


@dataclass
class Gazetteer:
    """Knows every address at one door, unless told otherwise; counts the questions.

    ``answers``: what a first line means, instead; an empty line is the question for the area.
    """

    position: LatLng | None = DOOR_AT
    asked: list[Address] = field(default_factory=list)
    answers: dict[str, tuple[Found, ...]] = field(default_factory=dict)

    def __call__(self, address: Address, near: LatLng) -> tuple[Found, ...]:
        self.asked.append(address)
        if address.line1 in self.answers:
            return self.answers[address.line1]
        return () if self.position is None or not address.line1 else (a_place(self.position),)
