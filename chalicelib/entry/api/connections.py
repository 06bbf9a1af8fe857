"""How are a merchant's shops connected, and what do we owe their customers' privacy?

Credentials go in and never come out. They are tried before they are kept; a platform that does not
answer just then is no reason to refuse them, and the connection says so.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from pydantic import Field, StringConstraints

from chalicelib import wiring
from chalicelib.domain.merchants.model import Platform, Scope
from chalicelib.domain.shops import connecting, privacy
from chalicelib.domain.shops.connecting import NEEDS, Wanted
from chalicelib.domain.shops.model import Failure
from chalicelib.domain.shops.notices import Kind
from chalicelib.entry import rest, work
from chalicelib.entry.api import connection_answers as answers
from chalicelib.entry.auth import merchant
from chalicelib.entry.path_parts import IdOf, OneOf
from chalicelib.entry.surface import Doors
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import (
    NotFound,
)
from chalicelib.kit.shop_calls import Access
from chalicelib.kit.shop_errors import (
    ShopAddressRefused,
    ShopRefused,
    ShopUnavailable,
)

bp = Blueprint(__name__)
doors = Doors(bp, tag="Shops")

ShopPlatform = Annotated[Platform, OneOf(tuple(map(Platform, NEEDS)), "platform")]
PrivacyId = Annotated[str, IdOf("prv", "privacy request")]
_Word = Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,40}$")]
Named = dict[_Word, Annotated[str, StringConstraints(max_length=500)]]
#: They go into headers, which take nothing else.
Credentials = dict[_Word, Annotated[str, StringConstraints(pattern=r"^[ -~]{0,500}$")]]

_READ = merchant(Scope.SETTINGS_READ)
_WRITE = merchant(Scope.SETTINGS_WRITE)


class ConnectionForm(rest.Body):
    """A shop to connect; without credentials those that are there are kept."""

    shop: Annotated[str, Field(min_length=1, max_length=200)]
    credentials: Annotated[Credentials, Field(max_length=8, default_factory=dict)]
    settings: Annotated[Named, Field(max_length=16, default_factory=dict)]

    model_config = rest.example(
        shop="vases.myshopify.com",
        credentials={"access_token": "shpat_...", "client_secret": "shpss_..."},
        settings={"notify_customer": "yes"},
    )


class PageQuery(rest.Body):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1000)] | None = None

    model_config = rest.example(limit=50)


@doors.route(
    "PUT",
    "/v1/connections/{platform}",
    who=(_WRITE,),
    answers={200: answers.ConnectionAnswer},
    errors=(ShopRefused, ShopAddressRefused),
)
def connect_shop(
    merchant_id: str, platform: ShopPlatform, body: ConnectionForm
) -> Mapping[str, Any]:
    """Connect a shop, or connect it again with new credentials.

    The credentials are tried before they are kept, and are never shown again. News that waited for
    the connection is told now.
    """
    gateway = wiring.shop_gateways()[platform.value]
    shop = gateway.address(body.shop)
    wanted = Wanted(merchant_id, platform.value, shop, body.credentials, body.settings)
    known = work.read(lambda uow: connecting.find(uow, merchant_id, platform.value))
    connecting.check_wanted(wanted, known)
    failure = None
    if body.credentials:
        try:
            gateway.check(Access(shop, body.credentials, body.settings))
        except ShopUnavailable as error:
            failure = Failure(error.code, error.detail, wiring.clock().wall_now())
    server_key = wiring.vault().server_key()
    work.run(lambda uow: connecting.connect(uow, wanted, server_key, failure))
    task = {"task": "catch_up", "merchant_id": merchant_id, "platform": platform.value}
    wiring.queues().send(Queue.SHOPS, task)
    return _shown(merchant_id, platform)


@doors.route(
    "GET", "/v1/connections/{platform}", who=(_READ,), answers={200: answers.ConnectionAnswer}
)
def show_connection(merchant_id: str, platform: ShopPlatform) -> Mapping[str, Any]:
    """Show a connection: its state, its last error, and what waits for it."""
    return _shown(merchant_id, platform)


def _shown(merchant_id: str, platform: Platform) -> dict[str, Any]:
    shown = work.read(lambda uow: connecting.show(uow, merchant_id, platform.value))
    return answers.write_connection(*shown, wiring.settings().public_base_url)


@doors.route("DELETE", "/v1/connections/{platform}", who=(_WRITE,), answers={204: None})
def disconnect_shop(merchant_id: str, platform: ShopPlatform) -> Response:
    """Forget a connection and its credentials.

    Deliveries under way go on; the shop is told nothing more of them. Its webhooks are still taken.
    """
    work.run(lambda uow: connecting.disconnect(uow, merchant_id, platform.value))
    return rest.answer("", 204)


@doors.route("GET", "/v1/privacy-requests", who=(_READ,), answers={200: answers.PrivacyPage})
def list_privacy_requests(merchant_id: str, query: PageQuery) -> Mapping[str, Any]:
    """List what customers and shops asked of their data, and what was done."""
    found, cursor = work.read(
        lambda uow: privacy.list_requests(uow, merchant_id, limit=query.limit, after=query.cursor)
    )
    return {
        "privacy_requests": [answers.write_privacy(one) for one in found],
        "next_cursor": cursor,
    }


@doors.route(
    "GET",
    "/v1/privacy-requests/{request_id}",
    who=(merchant(Scope.DELIVERIES_READ),),
    answers={200: answers.PrivacyDetail},
)
def show_privacy_request(merchant_id: str, request_id: PrivacyId) -> Mapping[str, Any]:
    """Show a privacy request, with what we hold of the customer who asked to see it."""
    uow = work.begin()
    request = privacy.find(uow, merchant_id, request_id)
    if request is None:
        raise NotFound("there is no such privacy request")
    is_asked = request.kind is Kind.DATA_REQUEST
    held = privacy.what_is_held(uow, request) if is_asked else []
    return {
        "request": answers.write_privacy(request),
        "held": [answers.write_held(one) for one in held],
    }
