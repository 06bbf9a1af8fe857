"""The portal's webhook endpoints: made, tested, rotated; their log with payload and signature."""

from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.callbacks import catalogue, store
from chalicelib.domain.callbacks.model import EndpointRef, Message, Try
from chalicelib.domain.callbacks.payload import with_link
from chalicelib.domain.messaging.facts import Links
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api import webhook_endpoints
from chalicelib.entry.api.webhook_endpoints import EndpointId
from chalicelib.entry.api.webhook_forms import EndpointChanges, EndpointForm, LogQuery, ReplayForm
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.path_parts import Word
from chalicelib.entry.portal import Visit
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid, NotFound

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

#: As the scope of the API: what is sent, and secrets, are the owners'.
OWNER = (portal_page(TeamRole.OWNER),)
EventName = Annotated[str, Word("event", "evt_del_01m83qpnc10y2w525st46371np_000002")]
SAID = {
    "deleted": "The endpoint is gone; what waited for it is not sent.",
    "tested": "A test is on its way. It shows in the log in a moment.",
    "enabled": "It is enabled, and gets what waited for it.",
    "disabled": "It gets nothing until it is enabled again.",
    "changed": "Saved.",
    "again": "It is on its way again, under the same id.",
}


@doors.route("GET", "/m/webhooks", who=OWNER, answers=portal.PAGES)
@portal.in_words
def show_webhooks(request: Request, caller: Caller) -> Response:
    """Show where the shop hears of its deliveries."""
    return _list(portal.visit(request, caller))


@doors.form("/m/webhooks", who=OWNER, answers=portal.FORMS)
@portal.in_words
def make_webhook(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Make an endpoint: `url`, `events` (names between spaces) and `description`; the page shows
    its secret this once.
    """
    visit = portal.visit(request, caller)
    body = rest.parse_value(EndpointForm, _described(forms.fields(raw_body)))
    made = webhook_endpoints.create_webhook_endpoint(visit.merchant.id, body)
    return _list(visit, secret=str(made["secret"]), url=str(made["url"]))


@doors.route("GET", "/m/webhooks/{endpoint_id}", who=OWNER, answers=portal.PAGES)
@portal.in_words
def show_webhook(request: Request, caller: Caller, endpoint_id: EndpointId) -> Response:
    """Show an endpoint: how it has answered lately, and what was sent to it, newest first."""
    return _one(portal.visit(request, caller), endpoint_id)


@doors.form("/m/webhooks/{endpoint_id}", who=OWNER, answers=portal.FORMS)
@portal.in_words
def act_on_webhook(
    request: Request, caller: Caller, endpoint_id: EndpointId, raw_body: bytes
) -> Response:
    """Act on an endpoint: `do` is `change` (with `url`, `events`, `description`), `test`, `rotate`,
    `enable`, `disable`, `delete`, or `redeliver` (with `event_id`).
    """
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    wanted, owner = given.get("do", ""), visit.merchant.id
    if wanted == "rotate":
        made = webhook_endpoints.rotate_endpoint_secret(owner, endpoint_id)
        return _one(visit, endpoint_id, secret=str(made["secret"]))
    if wanted == "delete":
        webhook_endpoints.delete_webhook_endpoint(owner, endpoint_id)
        return portal.go(request, "m/webhooks", said="deleted")
    said = _act(owner, endpoint_id, wanted, given)
    return portal.go(request, f"m/webhooks/{endpoint_id}", said=said)


@doors.route("GET", "/m/webhooks/{endpoint_id}/{event_id}", who=OWNER, answers=portal.PAGES)
@portal.in_words
def show_webhook_delivery(
    request: Request, caller: Caller, endpoint_id: EndpointId, event_id: EventName
) -> Response:
    """Show one event for an endpoint: every try, the payload, and what was signed."""
    visit = portal.visit(request, caller)
    ref = EndpointRef(visit.merchant.id, endpoint_id)
    uow = work.begin()
    _, endpoint = store.load_endpoint(uow, ref)
    message = store.find_message(uow, ref, event_id)
    if message is None:
        raise NotFound("this endpoint has no such event in its log")
    body = with_link(message.body, _link())
    return visit.show(
        "portal/webhook_event.html",
        section="webhooks",
        title=message.type,
        endpoint=endpoint,
        message=message,
        tries=[(one, signed_text(message, one, body)) for one in message.tries],
        payload=body,
        said=portal.asked(request).get("said", ""),
        texts=SAID,
    )


def signed_text(message: Message, tried: Try, body: str) -> str:
    """What the signature of a try is over (Standard Webhooks): id, seconds and body, with dots."""
    return f"{message.id}.{int(tried.at.timestamp())}.{body}"


def _act(owner: str, endpoint_id: str, wanted: str, given: dict[str, str]) -> str:
    """Do it; the word for what was done."""
    if wanted == "test":
        webhook_endpoints.send_test_webhook(owner, endpoint_id)
        return "tested"
    if wanted == "redeliver":
        body = rest.parse_value(ReplayForm, {"event_id": given.get("event_id", "")})
        webhook_endpoints.replay_webhooks(owner, endpoint_id, body)
        return "again"
    changes: dict[str, Any] = {"status": f"{wanted}d"} if wanted in ("enable", "disable") else {}
    if wanted == "change":
        changes = _described(given)
    if not changes:
        field = {"field": "do", "error": "is unknown"}
        raise Invalid("Press one of the buttons.", fields=[field])
    asked = rest.parse_value(EndpointChanges, changes)
    webhook_endpoints.change_webhook_endpoint(owner, endpoint_id, asked)
    return "changed" if wanted == "change" else f"{wanted}d"


def _described(given: dict[str, str]) -> dict[str, Any]:
    """Address, events and description, as the API takes them."""
    events = given.get("events", "").replace(",", " ").split()
    return {
        "url": given.get("url", "").strip(),
        "events": events or [catalogue.EVERYTHING],
        "description": given.get("description", ""),
    }


def _link() -> Any:
    return Links(wiring.settings().public_base_url, wiring.vault().server_key()).to


def _list(visit: Visit, *, secret: str = "", url: str = "") -> Response:
    book = store.load_book(work.begin(), visit.merchant.id)
    return visit.show(
        "portal/webhooks.html",
        section="webhooks",
        title="Webhooks",
        endpoints=book.endpoints,
        events=sorted(catalogue.PATTERNS),
        secret=secret,
        url=url,
        said=portal.asked(visit.request).get("said", ""),
        texts=SAID,
    )


def _one(visit: Visit, endpoint_id: str, *, secret: str = "") -> Response:
    ref = EndpointRef(visit.merchant.id, endpoint_id)
    asked = portal.asked(visit.request)
    query = rest.read_cells(LogQuery, {k: v for k, v in asked.items() if k == "cursor"})
    uow = work.begin()
    _, endpoint = store.load_endpoint(uow, ref)
    found, cursor = store.list_messages(uow, ref, limit=query.limit, after=query.cursor)
    return visit.show(
        "portal/webhook.html",
        section="webhooks",
        title="A webhook endpoint",
        endpoint=endpoint,
        line=store.load_line(uow, ref),
        messages=found,
        cursor=cursor,
        events=sorted(catalogue.PATTERNS),
        secret=secret,
        said=asked.get("said", ""),
        texts=SAID,
    )
