"""The public pages: a recipient's link, its photo, a front page, and whether we are up.

No credential but the link's token, which is never logged. Reading changes nothing, because the
preview robots of messengers read every link. Links inside of a page are relative: a stage's path
stands in front of them on API Gateway's own address.
"""

from collections.abc import Mapping

from chalice.app import Blueprint, Request, Response

from chalicelib import web, wiring
from chalicelib.domain.recipients import page as action_menu
from chalicelib.domain.recipients.page import Menu
from chalicelib.domain.tracking import service as tracking
from chalicelib.domain.tracking.view import View
from chalicelib.entry import rest, street_map, talk, work
from chalicelib.entry.auth import RECIPIENT, public
from chalicelib.entry.path_parts import LinkToken
from chalicelib.entry.spoken import asked
from chalicelib.entry.surface import Doors, Media
from chalicelib.entry.talk import Talk
from chalicelib.gateways.photos import proof_key
from chalicelib.kit.errors import LinkExpired, NotFound
from chalicelib.kit.languages import Translator
from chalicelib.storage.unit_of_work import UnitOfWork
from chalicelib.web import track_page

bp = Blueprint(__name__)

doors = Doors(bp, tag="Recipient")
everybody = Doors(bp, tag="Everybody")

PAGE = Media("text/html", "A page that needs no script")
UNKNOWN = Media("text/html", "A page that says that the link is not known")
EXPIRED = Media("text/html", "A page that says that the link has expired")


class Health(rest.Answer):
    """The web function runs."""

    status: str

    model_config = rest.example(status="ok")


@doors.route(
    "GET",
    "/t/{token}",
    who=(RECIPIENT,),
    answers={200: PAGE, 304: None, 404: UNKNOWN, 410: EXPIRED},
    also_head=True,
)
def track(request: Request, token: LinkToken) -> Response:
    """Show the page behind the link in every text.

    Status, promised time, how many stops come before, the PIN while the driver may ask for it, the
    timeline. It closes 14 days after the delivery.
    """
    server_key = wiring.vault().server_key()
    params = request.query_params or {}
    said, told = params.get("said"), params.get("talk")

    def read(uow: UnitOfWork) -> tuple[View, Menu, Talk]:
        view = tracking.open_link(uow, token, server_key, asked(request))
        menu = action_menu.menu(uow, token, view.t, said)
        return view, menu, talk.of_link(uow, token, view.t, told)

    try:
        view, actions, talked = work.look(read)
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    photo_url = wiring.photos().view_url("proofs/") if view.has_photo else None
    streets = None
    if view.place is not None:
        streets = street_map.around(view.hub_id, view.place.position)
    html = track_page.page(view.t, view, token, streets=streets, actions=actions, talk=talked)
    return page_answer(request, html, headers=track_page.headers(html, view.t, photo_url=photo_url))


@doors.route(
    "GET",
    "/t/{token}/photo",
    who=(RECIPIENT,),
    answers={302: None, 404: UNKNOWN, 410: EXPIRED},
    also_head=True,
)
def photo(request: Request, token: LinkToken) -> Response:
    """Lead on to the photo of the door, good for 60 seconds, once it has arrived."""
    try:
        ref, proof_id = work.read(lambda uow: tracking.open_photo(uow, token))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    url = wiring.photos().view_url(proof_key(ref.merchant_id, ref.delivery_id, proof_id))
    headers = {
        "Location": url,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Type": "text/plain",
    }
    return Response(body="", status_code=302, headers=headers)


@everybody.route(
    "GET",
    "/",
    who=(public("says what this is"),),
    answers={200: PAGE, 304: None},
    also_head=True,
)
def front(request: Request) -> Response:
    """Say what this is, to whoever shortens a link to its host."""
    t = asked(request).translator()
    html = web.render(
        "message.html",
        t=t,
        eyebrow=t.say("Last-mile delivery"),
        headline=t.say("Looking for a parcel?"),
        lead=t.say(
            "Open the link in the text message that we sent you: it shows when your parcel comes."
        ),
        foot=t.say("No text message? The shop that you ordered from can send you the link."),
    )
    return _page(request, html, t=t)


@everybody.route(
    "GET", "/healthz", who=(public("says only whether it runs"),), answers={200: Health}
)
def healthz() -> Mapping[str, str]:
    """Say whether the web function runs; it asks nothing of anybody."""
    return {"status": "ok"}


def _page(request: Request, html: str, *, t: Translator, status: int = 200) -> Response:
    return page_answer(request, html, headers=web.headers(html, t=t), status=status)


def page_answer(
    request: Request, html: str, *, headers: dict[str, str], status: int = 200
) -> Response:
    """A page, or the word that the browser has it already."""
    if status == 200 and request.headers.get("if-none-match") == headers["ETag"]:
        return Response(body="", status_code=304, headers=headers)
    body = "" if request.method == "HEAD" else html
    return Response(body=body, status_code=status, headers=headers)


def unknown_link(request: Request) -> Response:
    t = asked(request).translator()
    html = web.render(
        "message.html",
        t=t,
        eyebrow=t.say("Not found"),
        headline=t.say("We do not know this link"),
        lead=t.say(
            "Perhaps a letter got lost on the way. "
            "Open the link in our text message again, or copy the whole of it."
        ),
        foot=t.say("Still not there? The shop that you ordered from can help."),
    )
    return _page(request, html, t=t, status=404)


def expired_link(request: Request) -> Response:
    t = asked(request).translator()
    html = web.render(
        "message.html",
        t=t,
        eyebrow=t.say("No longer here"),
        headline=t.say("This link has expired"),
        lead=t.say("For your privacy a tracking page closes 14 days after the delivery."),
        foot=t.say("A question about your order? The shop that you ordered from can help."),
    )
    return _page(request, html, t=t, status=410)
