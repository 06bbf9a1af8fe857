"""How are connections and privacy requests written for the merchant? Never with a credential."""

from typing import Any, Literal

from pydantic import AwareDatetime

from chalicelib.domain.shops.model import Connection, Failure, Mark, State
from chalicelib.domain.shops.privacy import Held, PrivacyRequest, Progress
from chalicelib.entry import rest
from chalicelib.kit.timewindow import write_instant


class LastError(rest.Answer):
    """What went wrong last; `code` is one of docs/errors.md."""

    code: str
    detail: str
    at: AwareDatetime

    model_config = rest.example(
        code="shop_refused",
        detail="the shop no longer takes our access token",
        at="2026-11-27T12:00:00.000Z",
    )


class ConnectionAnswer(rest.Answer):
    """A connection, without its credentials.

    `waiting` counts deliveries (up to 100) whose news waits until the shop is connected again;
    `sought_until`: orders that changed before then were looked for.
    """

    platform: str
    shop: str
    state: State
    settings: dict[str, str]
    connected_at: AwareDatetime | None
    sought_until: AwareDatetime | None
    waiting: int
    last_error: LastError | None
    webhook_url: str
    rates_url: str

    model_config = rest.example(
        platform="shopify",
        shop="https://vases.myshopify.com",
        state="connected",
        settings={"notify_customer": "yes"},
        connected_at="2026-11-27T12:00:00.000Z",
        sought_until="2026-11-27T12:15:00.000Z",
        waiting=0,
        last_error=None,
        webhook_url="https://api.example.com/webhooks/shopify/mer_01m83qpn9gec8xh7wbacsaen6x",
        rates_url="https://api.example.com/rates/shopify/mer_01m83qpn9gec8xh7wbacsaen6x",
    )


class PrivacyAnswer(rest.Answer):
    """A privacy request and what was done.

    `redacted` deliveries lost their recipient; `waiting` ones lose it when they end.
    """

    id: str
    platform: str
    kind: Literal["data_request", "redact_customer", "redact_shop"]
    state: Progress
    received_at: AwareDatetime
    done_at: AwareDatetime | None
    external_ids: list[str]
    redacted: int
    waiting: int

    model_config = rest.example(
        id="prv_01m83qpn9gec8xh7wbacsaen6x",
        platform="shopify",
        kind="redact_customer",
        state="done",
        received_at="2026-11-27T12:00:00.000Z",
        done_at="2026-11-27T12:00:01.000Z",
        external_ids=["299938"],
        redacted=1,
        waiting=0,
    )


class PrivacyPage(rest.Answer):
    """A page of privacy requests."""

    privacy_requests: list[PrivacyAnswer]
    next_cursor: str | None

    model_config = rest.example(privacy_requests=[], next_cursor=None)


class HeldAnswer(rest.Answer):
    """What we hold of one order's recipient; nothing once it was redacted."""

    external_id: str
    delivery_id: str
    status: str
    name: str | None
    phone_number: str | None
    address: str | None
    notes: str | None

    model_config = rest.example(
        external_id="299938",
        delivery_id="del_01m83qpnksxewtrwdqmpvak0q5",
        status="delivered",
        name="Ida Brandt",
        phone_number="+491713920007",
        address="Lindenweg 7, 34117 Kassel",
        notes="Second courtyard",
    )


class PrivacyDetail(rest.Answer):
    """A privacy request; `held` is what a customer asked to see, for the merchant to hand over."""

    request: PrivacyAnswer
    held: list[HeldAnswer]

    model_config = rest.example(
        request={
            "id": "prv_01m83qpn9gec8xh7wbacsaen6x",
            "platform": "shopify",
            "kind": "data_request",
            "state": "done",
            "received_at": "2026-11-27T12:00:00.000Z",
            "done_at": "2026-11-27T12:00:00.000Z",
            "external_ids": ["299938"],
            "redacted": 0,
            "waiting": 0,
        },
        held=[],
    )


def write_connection(
    connection: Connection, mark: Mark | None, waiting: list[str], base: str
) -> dict[str, Any]:
    at = connection.connected_at
    path = f"{connection.platform}/{connection.merchant_id}"
    return {
        "platform": connection.platform,
        "shop": connection.shop,
        "state": connection.state.value,
        "settings": dict(connection.settings),
        "connected_at": None if at is None else write_instant(at),
        "sought_until": None if mark is None else write_instant(mark.until),
        "waiting": len(waiting),
        "last_error": _last_error(connection.failure),
        "webhook_url": f"{base}/webhooks/{path}",
        "rates_url": f"{base}/rates/{path}",
    }


def _last_error(failure: Failure | None) -> dict[str, str] | None:
    if failure is None:
        return None
    return {"code": failure.code, "detail": failure.detail, "at": write_instant(failure.at)}


def write_privacy(request: PrivacyRequest) -> dict[str, Any]:
    done_at = request.done_at
    return {
        "id": request.id,
        "platform": request.platform,
        "kind": request.kind.value,
        "state": request.progress.value,
        "received_at": write_instant(request.received_at),
        "done_at": None if done_at is None else write_instant(done_at),
        "external_ids": list(request.order_ids),
        "redacted": request.redacted,
        "waiting": request.waiting,
    }


def write_held(held: Held) -> dict[str, Any]:
    person = held.recipient
    return {
        "external_id": held.delivery.external_id,
        "delivery_id": held.delivery.id,
        "status": held.delivery.status.value,
        "name": person.name if person else None,
        "phone_number": person.phone.e164 if person and person.phone else None,
        "address": person.address.one_line() if person else None,
        "notes": person.notes if person else None,
    }
