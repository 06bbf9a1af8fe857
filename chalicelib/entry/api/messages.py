"""Messages between recipient, driver and desk: nobody learns a number.

The recipient writes on the page behind the link, the desk by the merchant's API, the driver by the
app, which may have no signal: its messages wait among its taps.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Annotated, Any
from urllib.parse import urlencode

from chalice.app import Blueprint, Request, Response
from pydantic import Field, model_validator

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, StopKind
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.messaging import conversations
from chalicelib.domain.messaging.conversation_store import Side
from chalicelib.domain.messaging.conversations import Canned, Post
from chalicelib.domain.tracking import service as tracking
from chalicelib.entry import forms, rest, talk, work
from chalicelib.entry.api import driver_answers, stops
from chalicelib.entry.api.naming import named
from chalicelib.entry.api.pages import EXPIRED, UNKNOWN, expired_link, unknown_link
from chalicelib.entry.auth import DRIVER, RECIPIENT, merchant
from chalicelib.entry.path_parts import DeliveryId, LinkToken, StopId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid, LinkExpired, NotFound, TooManyRequests
from chalicelib.kit.talk_errors import ConversationClosed
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
desk = Doors(bp, tag="Merchant")
drivers = Doors(bp, tag="Driver")
recipients = Doors(bp, tag="Recipient")


class NewMessage(rest.Body):
    text: talk.Text

    model_config = rest.example(text="The bell is broken, please call out.")


class DriversMessage(rest.Body):
    """Words of one's own, or a canned sentence that its reader gets in their language."""

    text: talk.Text | None = None
    canned: Canned | None = None
    delivery_id: Annotated[str, Field(max_length=60)] | None = None
    at: rest.Instant | None = None

    model_config = rest.example(canned="no_entrance")

    @model_validator(mode="after")
    def _says_one_thing(self) -> "DriversMessage":
        if (self.text is None) == (self.canned is None):
            raise ValueError("either text or canned")
        return self


class Messages(rest.Answer):
    """A conversation, oldest first; `open` says whether anybody can write now."""

    open: bool
    messages: list[talk.OneMessage]

    model_config = rest.example(open=True, messages=[])


@desk.route(
    "GET",
    "/v1/deliveries/{delivery_id}/messages",
    who=(merchant(Scope.DELIVERIES_READ),),
    answers={200: Messages},
)
def list_messages(merchant_id: str, delivery_id: DeliveryId) -> Mapping[str, Any]:
    """Read what recipient, driver and desk wrote to each other; kept for 30 days."""
    return _shown(work.begin(), named(merchant_id, delivery_id))


@desk.route(
    "POST",
    "/v1/deliveries/{delivery_id}/messages",
    who=(merchant(Scope.DELIVERIES_WRITE),),
    answers={201: Messages},
    errors=(ConversationClosed, TooManyRequests),
)
def write_message(merchant_id: str, delivery_id: DeliveryId, body: NewMessage) -> Mapping[str, Any]:
    """Write to the recipient and the driver, while the driver is on the way to this door.

    That is from `en_route_to_dropoff` until half an hour after the door. The recipient is told by
    text once in a quarter of an hour.
    """
    ref = named(merchant_id, delivery_id)

    def post(uow: UnitOfWork) -> None:
        delivery = delivery_store.load(uow, ref)
        conversations.post(uow, delivery, Post(Side.DESK, body.text))

    work.run(post)
    return _shown(work.begin(), ref)


@drivers.route(
    "POST",
    "/v1/stops/{stop_id}/messages",
    who=(DRIVER,),
    answers={200: driver_answers.AfterTap},
    errors=(ConversationClosed, TooManyRequests),
)
def write_from_driver(driver_id: str, stop_id: StopId, body: DriversMessage) -> Mapping[str, Any]:
    """Write to the recipient at a stop: `text`, or `canned` for a sentence in their language.

    With several parcels at a door it is about the first of them, unless `delivery_id` says
    otherwise.
    """
    route = work.run(posting(driver_id, stop_id, body, None))
    return stops.after(route, stop_id)


@recipients.route(
    "POST",
    "/t/{token}/messages",
    who=(RECIPIENT,),
    answers={303: None, 404: UNKNOWN, 410: EXPIRED},
    accepts=(forms.FORM,),
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
    may_be_empty=True,
)
def write_from_page(request: Request, raw_body: bytes, token: LinkToken) -> Response:
    """Write to the driver, while they are on the way to this door: the field `text`."""
    fields = forms.fields(raw_body)
    text = fields.get("text", "")

    def post(uow: UnitOfWork) -> None:
        delivery = tracking.delivery_of(uow, token)
        conversations.post(uow, delivery, Post(Side.RECIPIENT, text, id=once(fields)))

    try:
        work.run(post)
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    except ConversationClosed:
        return _back(request, token, talk.CLOSED)
    except TooManyRequests:
        return _back(request, token, talk.TOO_MUCH)
    except Invalid:
        return _back(request, token, talk.EMPTY)
    return _back(request, token)


def posting(
    driver_id: str, stop_id: str, body: DriversMessage, sender_id: str | None
) -> Callable[[UnitOfWork], Route]:
    """What a driver's message does: it says something, and changes nothing of the route."""

    def post(uow: UnitOfWork) -> Route:
        route, stop = driving.find_stop(uow, driver_id, stop_id)
        asked = body.delivery_id
        about = next((ref for ref in stop.deliveries if asked in (None, ref.delivery_id)), None)
        if about is None or stop.kind is not StopKind.DROPOFF:
            raise NotFound("there is nobody to write to at this stop")
        delivery = conversations.of_driver(uow, driver_id, about)
        written = Post(Side.DRIVER, body.text or "", body.canned, sender_id)
        conversations.post(uow, delivery, written)
        return route

    return post


def _shown(uow: UnitOfWork, ref: DeliveryRef) -> dict[str, Any]:
    delivery = delivery_store.load(uow, ref)
    return {
        "open": conversations.is_open(delivery, uow.now),
        "messages": [talk.write(one) for one in conversations.read(uow, ref)],
    }


def once(fields: Mapping[str, str]) -> str | None:
    """The form's own number and its words: the same form sent twice is one message."""
    once, text = fields.get("once", "")[:12], fields.get("text", "")
    return f"{once}-{sha256(text.encode()).hexdigest()[:16]}" if once else None


def _back(request: Request, token: str, said: str = "") -> Response:
    """Back to the page, where the messages are; in the language that was asked for."""
    query = {
        **({"lang": lang} if (lang := (request.query_params or {}).get("lang")) else {}),
        **({"talk": said} if said else {}),
    }
    address = f"../{token}" + (f"?{urlencode(query)}" if query else "") + "#messages"
    headers = {
        "Location": address,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Type": "text/plain",
    }
    return Response(body="", status_code=303, headers=headers)
