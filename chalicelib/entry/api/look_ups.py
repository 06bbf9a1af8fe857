"""Whoever lost the link: ``/track`` by order number and postal code, and a shop's frame of it.

What is unknown, wrong or not clear is answered alike. What is found is a glance, not the link: see
docs/decisions/0023. A shop's frame is the one page that others may show in theirs, if the shop
named them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalice.app import Blueprint, Request, Response

from chalicelib import web, wiring
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Merchant
from chalicelib.domain.tracking import look_up
from chalicelib.domain.tracking import service as tracking
from chalicelib.domain.tracking.look_up import Asked
from chalicelib.entry import forms, work
from chalicelib.entry.api.pages import PAGE, UNKNOWN, page_answer, unknown_link
from chalicelib.entry.auth import RECIPIENT, public
from chalicelib.entry.known import unless_known
from chalicelib.entry.path_parts import LinkToken, MerchantId
from chalicelib.entry.spoken import asked
from chalicelib.entry.surface import Doors, Media
from chalicelib.entry.whence import whence
from chalicelib.kit.errors import NotFound, TooManyRequests
from chalicelib.kit.languages import Language, Translator, mark
from chalicelib.web import assets, track_page

bp = Blueprint(__name__)
doors = Doors(bp, tag="Recipient")

_ANYBODY = (public("asks for an order's number and postal code"),)
_WIDGET = "static/track/widget.js"
#: What a look-up led to, in words; the key stands in the address of the page.
SAID: Mapping[str, str] = {
    "unknown": mark(
        "We do not find that order. Look at the number and the postal code again; if several shops "
        "use the number, the shop's name helps."
    ),
    "often": mark("Those were many tries. Please wait an hour, or open the link in our text."),
}


@dataclass(frozen=True, slots=True)
class _Shop:
    """Whose frame it is; ``name`` is empty and ``framed_by`` nobody on our own page."""

    id: str | None = None
    name: str = ""
    framed_by: tuple[str, ...] = ()
    language: Language = Language.EN


_NO_SHOP = _Shop()


@doors.route("GET", "/track", who=_ANYBODY, answers={200: PAGE, 304: None}, also_head=True)
def ask_for_order(request: Request) -> Response:
    """Show the form that finds a delivery by its order number and postal code."""
    return _form(request, _NO_SHOP)


@doors.route(
    "POST",
    "/track",
    who=_ANYBODY,
    answers={303: None},
    accepts=(forms.FORM,),
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
    may_be_empty=True,
)
def find_order(request: Request, raw_body: bytes) -> Response:
    """Find a delivery by `number`, `postal_code` and, if several shops use the number, `shop`.

    It leads on to a page that shows status and window for half an hour, and no personal data. An
    unknown number and a wrong code are answered alike; ten tries an hour for one number, thirty of
    one caller.
    """
    return _find(request, raw_body, _NO_SHOP)


@doors.route(
    "GET",
    "/track/{token}",
    who=(RECIPIENT,),
    answers={200: PAGE, 304: None, 404: UNKNOWN},
    also_head=True,
)
def glance(request: Request, token: LinkToken) -> Response:
    """Show what a look-up found, for half an hour."""
    return _glance(request, token, _NO_SHOP)


@doors.route(
    "GET",
    "/shops/{merchant_id}/track",
    who=_ANYBODY,
    answers={200: PAGE, 304: None, 404: UNKNOWN},
    also_head=True,
)
def ask_for_order_of_shop(request: Request, merchant_id: MerchantId) -> Response:
    """Show the same form for one shop's orders, in a frame on its own pages (`/widget.js`)."""
    return _with_shop(request, merchant_id, lambda shop: _form(request, shop))


@doors.route(
    "POST",
    "/shops/{merchant_id}/track",
    who=_ANYBODY,
    answers={303: None, 404: UNKNOWN},
    accepts=(forms.FORM,),
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
    may_be_empty=True,
)
def find_order_of_shop(request: Request, raw_body: bytes, merchant_id: MerchantId) -> Response:
    """Find one of a shop's deliveries by `number` and `postal_code`."""
    return _with_shop(request, merchant_id, lambda shop: _find(request, raw_body, shop))


@doors.route(
    "GET",
    "/shops/{merchant_id}/track/{token}",
    who=(RECIPIENT,),
    answers={200: PAGE, 304: None, 404: UNKNOWN},
    also_head=True,
)
def glance_in_shop(request: Request, merchant_id: MerchantId, token: LinkToken) -> Response:
    """Show what a shop's frame found, in that frame."""
    return _with_shop(request, merchant_id, lambda shop: _glance(request, token, shop))


@doors.route(
    "GET",
    "/widget.js",
    who=(public("the same for every shop"),),
    answers={200: Media("text/javascript", "The script for a shop's page"), 304: None},
    also_head=True,
)
def widget(request: Request) -> Response:
    """Get the script that puts "Track your order" on a shop's own page.

    `<script async src=".../widget.js" data-shop="mer_..."></script>`: one frame, no cookies. Name
    the pages' origins in the merchant's `widget_origins` first.
    """
    asset = assets.by_name()[assets.served(_WIDGET)]
    headers = {
        "Content-Type": asset.content_type,
        # Shops write this name into their pages: what is new has to come by itself.
        "Cache-Control": "public, max-age=3600",
        "ETag": web.etag(asset.content),
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    return unless_known(request, asset.content, headers)


def _form(request: Request, shop: _Shop) -> Response:
    t = asked(request).translator(shop.language)
    code = (request.query_params or {}).get("said", "")
    said = t.say(SAID[code]) if code in SAID else ""
    html = web.render("look_up.html", t=t, said=said, brand=shop.name)
    return _page(request, html, t, shop, sheet="page")


def _find(request: Request, raw_body: bytes, shop: _Shop) -> Response:
    given = forms.fields(raw_body)
    question = Asked(
        number=given.get("number", "")[:60],
        postal_code=given.get("postal_code", "")[:20],
        shop=given.get("shop", "")[:60],
        merchant_id=shop.id,
    )
    kept = asked(request).kept
    server_key = wiring.vault().server_key()
    caller, hop = whence(request)
    try:
        look_up.count(work.begin(), question, caller, hop, server_key)
    except TooManyRequests:
        return forms.go("track", {"said": "often", **kept})
    token = work.run(lambda uow: look_up.find(uow, question, server_key))
    if token is None:
        return forms.go("track", {"said": "unknown", **kept})
    return forms.go(f"track/{token}", kept)


def _glance(request: Request, token: str, shop: _Shop) -> Response:
    try:
        view = work.read(lambda uow: tracking.open_glance(uow, token, asked(request)))
    except NotFound:
        return unknown_link(request)
    html = track_page.glance(view.t, view)
    return _page(request, html, view.t, shop, sheet=track_page.SHEET)


def _page(request: Request, html: str, t: Translator, shop: _Shop, *, sheet: str) -> Response:
    framed_by = ("'self'", *shop.framed_by) if shop.framed_by else ()
    headers = web.headers(html, t=t, sheet=sheet, has_forms=True, framed_by=framed_by)
    return page_answer(request, html, headers=headers)


def _with_shop(request: Request, merchant_id: str, then: Callable[[_Shop], Response]) -> Response:
    try:
        merchant: Merchant = work.read(lambda uow: merchants.load_merchant(uow, merchant_id))
    except NotFound:
        return unknown_link(request)
    shop = _Shop(merchant.id, merchant.name, merchant.widget_origins, merchant.language)
    return then(shop)
