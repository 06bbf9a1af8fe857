"""Where a merchant wants to hear of its deliveries: endpoints, their secrets, log and replays.

Everything here is found under the merchant's own id, so an endpoint of another one does not exist.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.domain.callbacks import endpoints, replays, store
from chalicelib.domain.callbacks.endpoints import Changes, NewEndpoint, Rules
from chalicelib.domain.callbacks.model import EndpointRef
from chalicelib.domain.callbacks.replays import Replay
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.messaging.facts import Links
from chalicelib.entry import rest, webhook_orders, work
from chalicelib.entry.api import webhook_forms as forms
from chalicelib.entry.auth import merchant
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import TooManyWebhookEndpoints, WebhookEndpointDisabled
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Webhook endpoints")

KEY = merchant(Scope.WEBHOOKS)
EndpointId = Annotated[str, IdOf("whe", "webhook endpoint")]

_ALL = "/v1/webhook-endpoints"
_ONE = "/v1/webhook-endpoints/{endpoint_id}"


def _rules() -> Rules:
    return Rules(wiring.vault().server_key(), wiring.settings().callbacks_allow_loopback)


@doors.route(
    "POST",
    _ALL,
    who=(KEY,),
    answers={201: forms.NewEndpointAnswer},
    errors=(TooManyWebhookEndpoints,),
)
def create_webhook_endpoint(merchant_id: str, body: forms.EndpointForm) -> Mapping[str, Any]:
    """Make a webhook endpoint.

    The URL must be https, on port 443, at a public host name. `events` are exact names,
    `delivery.*`, `route.*`, or `*` (all, when left out). The `secret` is shown this once.
    """
    new = NewEndpoint(body.url, body.events, body.description)
    made, secret = work.run(lambda uow: endpoints.create(uow, merchant_id, new, _rules()))
    return {**forms.write_endpoint(made), "secret": secret}


@doors.route("GET", _ALL, who=(KEY,), answers={200: forms.EndpointList})
def list_webhook_endpoints(merchant_id: str) -> Mapping[str, Any]:
    """List the webhook endpoints, oldest first."""
    book = work.read(lambda uow: store.load_book(uow, merchant_id))
    return {"webhook_endpoints": [forms.write_endpoint(one) for one in book.endpoints]}


@doors.route("GET", _ONE, who=(KEY,), answers={200: forms.WholeEndpoint})
def show_webhook_endpoint(merchant_id: str, endpoint_id: EndpointId) -> Mapping[str, Any]:
    """Show a webhook endpoint, and how it has answered lately."""
    ref = EndpointRef(merchant_id, endpoint_id)
    uow = work.begin()
    _, endpoint = store.load_endpoint(uow, ref)
    health = forms.write_health(store.load_line(uow, ref))
    return {**forms.write_endpoint(endpoint), "health": health}


@doors.route("PATCH", _ONE, who=(KEY,), answers={200: forms.OneEndpoint})
def change_webhook_endpoint(
    merchant_id: str, endpoint_id: EndpointId, body: forms.EndpointChanges
) -> Mapping[str, Any]:
    """Change a webhook endpoint, or enable it again.

    An endpoint that is enabled again gets what still waits for it. What happened while it was
    disabled is in its log as `skipped`, and comes with a replay.
    """
    ref = EndpointRef(merchant_id, endpoint_id)
    changes = Changes(body.url, body.events, body.description, body.status)
    changed = work.run(lambda uow: endpoints.change(uow, ref, changes, _rules()))
    if changed.is_enabled:
        webhook_orders.drain(ref)
    return forms.write_endpoint(changed)


@doors.route("DELETE", _ONE, who=(KEY,), answers={204: None})
def delete_webhook_endpoint(merchant_id: str, endpoint_id: EndpointId) -> Response:
    """Delete a webhook endpoint; what waits for it is never sent."""
    work.run(lambda uow: endpoints.delete(uow, EndpointRef(merchant_id, endpoint_id)))
    return rest.answer("", 204)


@doors.route("POST", f"{_ONE}/rotate-secret", who=(KEY,), answers={200: forms.NewSecret})
def rotate_endpoint_secret(merchant_id: str, endpoint_id: EndpointId) -> Mapping[str, Any]:
    """Make a new secret; the old one signs beside it for a day.

    Until then `webhook-signature` holds a signature of each, so receivers can change over at any
    moment of that day.
    """
    ref = EndpointRef(merchant_id, endpoint_id)
    secret = work.run(lambda uow: endpoints.rotate_secret(uow, ref, _rules()))
    ends_at = wiring.clock().wall_now() + endpoints.OLD_SECRET_SIGNS
    return {"secret": secret, "old_ends_at": write_instant(ends_at)}


@doors.route(
    "POST",
    f"{_ONE}/test",
    who=(KEY,),
    answers={202: forms.Ordered},
    errors=(WebhookEndpointDisabled,),
)
def send_test_webhook(merchant_id: str, endpoint_id: EndpointId) -> Mapping[str, Any]:
    """Send a `webhook_endpoint.test`, whatever events the endpoint wants."""
    ref = EndpointRef(merchant_id, endpoint_id)
    message = work.run(lambda uow: replays.send_test(uow, ref))
    webhook_orders.drain(ref)
    return {"event_id": message.event_id}


@doors.route("GET", f"{_ONE}/deliveries", who=(KEY,), answers={200: forms.WebhookLog})
def list_webhook_deliveries(
    merchant_id: str, endpoint_id: EndpointId, query: forms.LogQuery
) -> Mapping[str, Any]:
    """List what was sent to a webhook endpoint, newest events first, with every try."""
    ref = EndpointRef(merchant_id, endpoint_id)
    uow = work.begin()
    store.load_endpoint(uow, ref)
    found, cursor = store.list_messages(uow, ref, limit=query.limit, after=query.cursor)
    link = Links(wiring.settings().public_base_url, wiring.vault().server_key()).to
    return {"deliveries": [forms.write_logged(one, link) for one in found], "next_cursor": cursor}


@doors.route(
    "POST",
    f"{_ONE}/replay",
    who=(KEY,),
    answers={202: forms.Ordered},
    errors=(WebhookEndpointDisabled,),
)
def replay_webhooks(
    merchant_id: str, endpoint_id: EndpointId, body: forms.ReplayForm
) -> Mapping[str, Any]:
    """Send one event again, or all of a span of time (of the last thirty days).

    They keep their `webhook-id`. `only_failed` leaves out what was delivered.
    """
    ref = EndpointRef(merchant_id, endpoint_id)
    event_id = body.event_id
    if event_id is not None:
        work.run(lambda uow: replays.replay_event(uow, ref, event_id))
        webhook_orders.drain(ref)
    elif body.start_at is not None and body.end_at is not None:
        work.read(lambda uow: replays.expect_enabled(uow, ref))
        webhook_orders.replay(Replay(ref, body.start_at, body.end_at, body.only_failed))
    return {"event_id": event_id}
