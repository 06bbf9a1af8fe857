"""Webhooks as the platforms write them: their own shapes, headers and signatures.

Written after the platforms' documentation; nothing here knows how they are read. Sources: Shopify
``orders/*`` (REST 2025-10, HMAC-SHA256 of the raw body in base64), WooCommerce REST v3 orders (the
same, no weights, no phone in ``shipping``), Standard Webhooks 1.0.0.
"""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from local.town.places import House


@dataclass(frozen=True, slots=True)
class Webhook:
    """One HTTP request of a shop."""

    path: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Purchase:
    """What somebody bought, before any platform writes it down."""

    number: int
    order_id: int
    name: str
    phone: str
    house: House
    goods: tuple[tuple[str, int, int], ...]  # name, grams, quantity
    store: int
    note: str = ""
    #: Paid at the door, and what the customer gave for the driver [cents].
    is_cash: bool = False
    tip_minor: int = 0


#: What a purchase that is paid at the door comes to [cents].
CASH_MINOR = 3_980


def shopify(
    merchant_id: str,
    secret: str,
    purchase: Purchase,
    at: datetime,
    *,
    topic: str = "orders/create",
    event: str = "",
    changes: Mapping[str, Any] | None = None,
) -> Webhook:
    body = _json({**_shopify_order(purchase, at), **(changes or {})})
    headers = {
        "Content-Type": "application/json",
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": "demo.myshopify.com",
        "X-Shopify-API-Version": "2025-10",
        "X-Shopify-Webhook-Id": f"wh-{event or purchase.order_id}-{topic}",
        "X-Shopify-Event-Id": event or f"ev-{purchase.order_id}-{topic}",
        "X-Shopify-Hmac-SHA256": _hmac(secret.encode(), body),
    }
    return Webhook(f"/webhooks/shopify/{merchant_id}", headers, body)


def woocommerce(
    merchant_id: str,
    secret: str,
    purchase: Purchase,
    at: datetime,
    *,
    topic: str = "order.created",
    delivery_id: str = "",
) -> Webhook:
    body = _json(_woocommerce_order(purchase, at))
    headers = {
        "Content-Type": "application/json",
        "X-WC-Webhook-Source": "https://weinhof-keller.example/",
        "X-WC-Webhook-Topic": topic,
        "X-WC-Webhook-Resource": "order",
        "X-WC-Webhook-Event": topic.partition(".")[2],
        "X-WC-Webhook-ID": "12",
        "X-WC-Webhook-Delivery-ID": delivery_id or f"d{purchase.number}",
        "X-WC-Webhook-Signature": _hmac(secret.encode(), body),
    }
    return Webhook(f"/webhooks/woocommerce/{merchant_id}", headers, body)


def woocommerce_ping(merchant_id: str) -> Webhook:
    """What WooCommerce sends when a webhook is saved: a form, with no signature to verify."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Webhook(f"/webhooks/woocommerce/{merchant_id}", headers, b"webhook_id=12")


def generic(
    merchant_id: str,
    secret: str,
    purchase: Purchase,
    at: datetime,
    *,
    kind: str = "order.created",
    message_id: str = "",
) -> Webhook:
    house = purchase.house
    data: dict[str, Any] = {
        "external_id": str(purchase.order_id),
        "order_name": f"W-{purchase.number}",
        "updated_at": at.isoformat(),
        "store_external_id": str(700_000_000_000_000_000 + purchase.store),
        "dropoff": {
            "name": purchase.name,
            "phone_number": purchase.phone,
            "address": _plain_address(house),
            "latitude": house.latitude,
            "longitude": house.longitude,
            "notes": purchase.note,
        },
        "items": [
            {"name": name, "quantity": quantity, "weight_g": grams}
            for name, grams, quantity in purchase.goods
        ],
    }
    if purchase.is_cash:
        data["requirements"] = {"cash_on_delivery": {"amount_minor": CASH_MINOR}}
    body = _json({"type": kind, "timestamp": at.isoformat(), "data": data})
    message = message_id or f"msg_{purchase.order_id}_{kind}"
    # The signature's time is the real one, whatever day is being played.
    stamp = str(int(time.time()))
    key = base64.b64decode(secret.removeprefix("whsec_"))
    headers = {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": "v1," + _hmac(key, f"{message}.{stamp}.".encode() + body),
    }
    return Webhook(f"/webhooks/generic/{merchant_id}", headers, body)


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False).encode()


def _hmac(key: bytes, body: bytes) -> str:
    return base64.b64encode(hmac.new(key, body, hashlib.sha256).digest()).decode("ascii")


def _plain_address(house: House) -> dict[str, str]:
    return {
        "line1": house.line1,
        "line2": "",
        "city": house.city,
        "postal_code": house.postal_code,
        "country": house.country,
    }


def _messy_phone(purchase: Purchase) -> str:
    """Phones as people write them."""
    national = purchase.phone.removeprefix("+49")
    forms = (
        f"0{national[:3]} {national[3:]}",
        f"+49 ({national[:3]}) {national[3:7]}-{national[7:]}",
        f"0049{national}",
        f"0{national[:3]}/{national[3:6]} {national[6:]}",
    )
    return forms[purchase.number % len(forms)]


def _shopify_order(purchase: Purchase, at: datetime) -> dict[str, Any]:
    first, _, last = purchase.name.partition(" ")
    house = purchase.house
    return {
        "id": purchase.order_id,
        "admin_graphql_api_id": f"gid://shopify/Order/{purchase.order_id}",
        "name": f"#{1000 + purchase.number}",
        "order_number": 1000 + purchase.number,
        "created_at": at.isoformat(),
        "processed_at": at.isoformat(),
        "updated_at": at.isoformat(),
        "cancelled_at": None,
        "cancel_reason": None,
        "currency": "EUR",
        "financial_status": "paid",
        "fulfillment_status": None,
        "source_name": "web",
        "tags": "demo, local-delivery",
        "test": False,
        "total_weight": 0,
        "note": purchase.note or None,
        "note_attributes": [
            {"name": "Checkout-Method", "value": "delivery"},
            {
                "name": "Delivery-Location-Id",
                "value": str(700_000_000_000_000_000 + purchase.store),
            },
        ],
        "phone": None,
        "customer": {"id": 9_000_000_000_000 + purchase.number, "phone": None},
        "shipping_address": {
            "first_name": first,
            "last_name": last,
            "name": purchase.name,
            "company": None,
            "address1": house.line1,
            "address2": None,
            "city": house.city,
            "zip": house.postal_code,
            "province": None,
            "country": "Germany",
            "country_code": house.country,
            "phone": _messy_phone(purchase),
            "latitude": house.latitude,
            "longitude": house.longitude,
        },
        "line_items": [_shopify_item(purchase, index) for index in range(len(purchase.goods))],
        "shipping_lines": [{"code": "local", "title": "Heute geliefert", "price": "4.90"}],
        "total_tip_received": f"{purchase.tip_minor / 100:.2f}",
    }


def _shopify_item(purchase: Purchase, index: int) -> dict[str, Any]:
    name, grams, quantity = purchase.goods[index]
    return {
        "id": purchase.order_id * 10 + index,
        "title": name,
        "name": name,
        "sku": f"SKU-{index}",
        "quantity": quantity,
        "current_quantity": quantity,
        "fulfillable_quantity": quantity,
        "grams": grams,
        "price": "19.90",
        "requires_shipping": True,
        "gift_card": False,
        "fulfillment_service": "manual",
        "properties": [],
    }


def _woocommerce_order(purchase: Purchase, at: datetime) -> dict[str, Any]:
    first, _, last = purchase.name.partition(" ")
    house = purchase.house
    person = {
        "first_name": first,
        "last_name": last,
        "company": "",
        "address_1": house.line1,
        "address_2": "",
        "city": house.city,
        "state": "",
        "postcode": house.postal_code,
        "country": house.country,
    }
    written = at.strftime("%Y-%m-%dT%H:%M:%S")
    return {
        "id": purchase.order_id,
        "number": str(purchase.order_id),
        "order_key": f"wc_order_{purchase.number}",
        "status": "processing",
        "currency": "EUR",
        "date_created": written,
        "date_created_gmt": written,
        "date_modified": written,
        "date_modified_gmt": written,
        "total": f"{CASH_MINOR / 100:.2f}",
        "customer_note": purchase.note,
        "billing": {**person, "email": "kunde@example.com", "phone": _messy_phone(purchase)},
        "shipping": person,
        "payment_method": "cod" if purchase.is_cash else "invoice",
        "date_paid_gmt": None if purchase.is_cash else written,
        "meta_data": [],
        "line_items": [
            {
                "id": index + 1,
                "name": name.replace("&", "&amp;"),
                "product_id": 90 + index,
                "variation_id": 0,
                "quantity": quantity,
                "total": "19.90",
                "sku": f"W{index}",
            }
            for index, (name, _, quantity) in enumerate(purchase.goods)
        ],
        "shipping_lines": [{"id": 5, "method_title": "Bote", "method_id": "flat_rate"}],
    }
