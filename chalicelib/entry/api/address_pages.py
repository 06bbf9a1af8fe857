"""The recipient's page to show the door: ``/t/{token}/address``, a form that needs no script.

Every answer ends in a redirect (303), so reloading sends nothing again, and the same answer twice
has one effect. Neither the link nor what was written is ever logged.
"""

from functools import cache

from chalice.app import Blueprint, Request, Response

from chalicelib import web, wiring
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.intake.answers import Choose, Correct, HandOver, Pin, Reply, Verdict
from chalicelib.domain.intake.text import NAME_LENGTH, clean
from chalicelib.domain.tracking import door
from chalicelib.entry import forms, work
from chalicelib.entry.api.pages import (
    EXPIRED,
    PAGE,
    UNKNOWN,
    expired_link,
    page_answer,
    unknown_link,
)
from chalicelib.entry.auth import RECIPIENT
from chalicelib.entry.orders_in import locate
from chalicelib.entry.path_parts import LinkToken
from chalicelib.entry.spoken import asked
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.errors import Invalid, LinkExpired, NotFound, PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import mark

bp = Blueprint(__name__)
doors = Doors(bp, tag="Recipient")

TOO_OFTEN = Media("text/html", "A page that asks to try again in an hour")
#: What an answer led to, in words; the key stands in the address of the page.
SAID = {
    "unclear": mark(
        "We still cannot find it. Choose a place, show us where you are, or let a person look."
    ),
    "missing": mark("Something was missing in your answer. Please try again."),
    "later": mark("Our map did not answer just now. Please try again in a minute."),
}


@doors.route(
    "GET",
    "/t/{token}/address",
    who=(RECIPIENT,),
    answers={200: PAGE, 303: None, 304: None, 404: UNKNOWN, 410: EXPIRED},
    also_head=True,
)
def ask_for_door(request: Request, token: LinkToken) -> Response:
    """Show the form on which a recipient tells where the door is.

    While a delivery is in `address_review`: choose a candidate, correct the address, set a pin, or
    ask for a person. Otherwise it leads back to the delivery.
    """
    try:
        page = work.read(lambda uow: door.open_page(uow, token, asked(request)))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    if page is None:
        return _go(request, f"../{token}")
    t = page.t
    said = SAID.get((request.query_params or {}).get("said", ""))
    html = web.render(
        "door.html",
        t=t,
        page=page,
        token=token,
        said="" if said is None else t.say(said),
        words=door.words_of_pin(t),
    )
    return page_answer(request, html, headers=web.headers(html, form_module="door.js", t=t))


@doors.route(
    "POST",
    "/t/{token}/address",
    who=(RECIPIENT,),
    answers={303: None, 404: UNKNOWN, 410: EXPIRED, 429: TOO_OFTEN},
    accepts=(forms.FORM,),
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
    # A form that was sent with nothing chosen is shown again.
    may_be_empty=True,
)
def tell_door(request: Request, raw_body: bytes, token: LinkToken) -> Response:
    """Take in the recipient's answer about the door.

    Fields: `answer` is `choose` (with `candidate`), `correct` (`line1`, `line2`, `postal_code`,
    `city`), `pin` (`latitude`, `longitude`) or `desk`. The same answer twice has one effect; a link
    answers 20 times an hour at most.
    """
    server_key = wiring.vault().server_key()
    find = cache(locate)
    try:
        reply = _read(raw_body)
        result = work.run(lambda uow: door.answer(uow, token, reply, find, server_key))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    except Invalid:
        return _go(request, "address", said="missing")
    except PlacesUnavailable:
        return _go(request, "address", said="later")
    if result is None:
        return too_often(request)
    if result is Verdict.STILL_UNCLEAR:
        return _go(request, "address", said="unclear")
    return _go(request, f"../{token}")


def _read(body: bytes) -> Reply:
    """What the form says; raise Invalid when it says nothing that can be an answer."""
    try:
        given = forms.fields(body)
        match given.get("answer"):
            case "choose":
                return Choose(int(given["candidate"][:3]))
            case "pin":
                return Pin(LatLng(float(given["latitude"][:24]), float(given["longitude"][:24])))
            case "correct":
                return _corrected(given)
            case "desk":
                return HandOver()
    except (KeyError, ValueError):
        pass
    raise Invalid("the form says nothing")


def _corrected(given: dict[str, str]) -> Correct:
    address = Address(
        line1=clean(given["line1"]),
        line2=clean(given.get("line2")),
        city=clean(given.get("city"), NAME_LENGTH),
        postal_code=clean(given.get("postal_code"), 20),
        country="",
    )
    if not (address.line1 and (address.city or address.postal_code)):
        raise ValueError("nobody could find a door by it")
    return Correct(address)


def _go(request: Request, place: str, **told: str) -> Response:
    """On to another page; a language that the address wishes for is wished for again."""
    return forms.go(place, {**told, **asked(request).kept})


def too_often(request: Request) -> Response:
    t = asked(request).translator()
    html = web.render(
        "message.html",
        t=t,
        eyebrow=t.say("One moment"),
        headline=t.say("Those were many answers"),
        lead=t.say("Please try again in an hour. Your parcel is safe with us until then."),
        foot=t.say("Is it urgent? The shop that you ordered from can help."),
    )
    headers = web.headers(html, t=t) | {"Retry-After": "3600"}
    return page_answer(request, html, headers=headers, status=429)
