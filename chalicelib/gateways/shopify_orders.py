"""How does an order of Shopify's GraphQL look as a webhook? The same order, in the webhook's shape.

So that orders that we fetch and orders that are sent to us have one reader. What the webhook cannot
say is said by a line's property ``Checkout-Method``: in an order that mixes delivery methods, the
fulfilment orders tell which lines are delivered, collected or nothing of the kind.
"""

import json
from typing import Any

Json = Any  # what the platform sent

#: Delivery methods that mean that somebody brings it. Source: enum DeliveryMethodType.
DELIVERED = frozenset({"SHIPPING", "LOCAL"})

_GRAMS = {"GRAMS": 1.0, "KILOGRAMS": 1000.0, "OUNCES": 28.349523125, "POUNDS": 453.59237}
_FULFILLED = {"FULFILLED": "fulfilled", "PARTIALLY_FULFILLED": "partial"}


def as_webhook(order: Json) -> bytes:
    """The body that ``orders/updated`` would have had."""
    return json.dumps(_order(order), ensure_ascii=False).encode()


def topic_of(order: Json) -> str:
    return "orders/cancelled" if order["cancelledAt"] else "orders/updated"


def _order(order: Json) -> dict[str, Any]:
    owed = order["totalOutstandingSet"]["shopMoney"]
    phone = ((order["customer"] or {}).get("defaultPhoneNumber") or {}).get("phoneNumber")
    return {
        "id": order["legacyResourceId"],
        "admin_graphql_api_id": order["id"],
        "name": order["name"],
        "test": order["test"],
        "created_at": order["createdAt"],
        "updated_at": order["updatedAt"],
        "cancelled_at": order["cancelledAt"],
        "cancel_reason": _lower(order["cancelReason"]),
        "financial_status": _lower(order["displayFinancialStatus"]),
        "fulfillment_status": _FULFILLED.get(order["displayFulfillmentStatus"]),
        "payment_gateway_names": order["paymentGatewayNames"],
        "currency": owed["currencyCode"],
        "total_outstanding": owed["amount"],
        "tags": order["tags"],
        "phone": order["phone"],
        "note": order["note"],
        "note_attributes": _attributes(order["customAttributes"]),
        "customer": {"phone": phone},
        "shipping_address": _address(order["shippingAddress"]),
        "shipping_lines": order["shippingLines"]["nodes"],
        "line_items": _lines(order),
    }


def _lower(text: str | None) -> str | None:
    return text.lower() if text else None


def _attributes(given: Json) -> list[dict[str, Any]]:
    return [{"name": one["key"], "value": one["value"]} for one in given]


def _address(given: Json) -> dict[str, Any] | None:
    if given is None:
        return None
    names = ("company", "address1", "address2", "city", "zip", "phone", "latitude", "longitude")
    return {
        "name": given["name"],
        "first_name": given["firstName"],
        "last_name": given["lastName"],
        "country_code": given["countryCodeV2"],
        **{name: given[name] for name in names},
    }


def _lines(order: Json) -> list[dict[str, Any]]:
    parts = order["fulfillmentOrders"]["nodes"]
    is_mixed = any(not is_delivered(part) for part in parts)
    delivered = _delivered_quantities(parts)
    lines = []
    for line in order["lineItems"]["nodes"]:
        quantity = line["currentQuantity"]
        properties = _attributes(line["customAttributes"])
        if is_mixed:
            quantity = min(quantity, delivered.get(line["id"], 0))
            method = "delivery" if quantity else "pickup"
            properties.append({"name": "Checkout-Method", "value": method})
        lines.append(
            {
                "id": line["id"],
                "quantity": line["quantity"],
                "current_quantity": quantity,
                "grams": _grams(line),
                "requires_shipping": line["requiresShipping"],
                "gift_card": line["isGiftCard"],
                "properties": properties,
            }
        )
    return lines


def is_delivered(part: Json) -> bool:
    """Whether a fulfilment order is brought to the customer; one without a method is."""
    method = part["deliveryMethod"]
    return method is None or method["methodType"] in DELIVERED


def _delivered_quantities(parts: Json) -> dict[str, int]:
    found: dict[str, int] = {}
    for part in parts:
        if is_delivered(part):
            for line in part["lineItems"]["nodes"]:
                line_id = line["lineItem"]["id"]
                found[line_id] = found.get(line_id, 0) + line["totalQuantity"]
    return found


def _grams(line: Json) -> float | None:
    """The variant's weight; none for a line whose product is gone."""
    item = (line["variant"] or {}).get("inventoryItem") or {}
    weight = (item.get("measurement") or {}).get("weight")
    if weight is None:
        return None
    return round(float(weight["value"]) * _GRAMS.get(weight["unit"], 0.0), 3)
