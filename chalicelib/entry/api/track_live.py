"""What a recipient's page asks for beside itself: news, the calendar's file, and the rating."""

import json
from typing import Annotated

from chalice.app import Blueprint, Request, Response
from pydantic import Field

from chalicelib import web, wiring
from chalicelib.domain.tracking import rating
from chalicelib.domain.tracking import service as tracking
from chalicelib.entry import forms, rest, work
from chalicelib.entry.api.pages import (
    EXPIRED,
    UNKNOWN,
    expired_link,
    unknown_link,
)
from chalicelib.entry.auth import RECIPIENT
from chalicelib.entry.path_parts import LinkToken
from chalicelib.entry.spoken import asked
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.errors import Conflict, LinkExpired, NotFound
from chalicelib.web import track_page

bp = Blueprint(__name__)
doors = Doors(bp, tag="Recipient")

CALENDAR = Media("text/calendar", "A calendar of one event")


class LiveAnswer(rest.Answer):
    """What changes while the page stays; another `page` means that its parts are worth fetching."""

    page: str
    eyebrow: str
    day: str
    title: str
    lead: str
    near: list[str]
    shift: str
    stops_before: int | None
    dot: Annotated[list[int], Field(min_length=2, max_length=2)] | None
    poll_s: int | None

    model_config = rest.example(
        page="5f0c2b7a91",
        eyebrow="On its way",
        day="Today",
        title="14:20–14:40",
        lead="Your parcel is with the driver.",
        near=["about 12 minutes", "3 stops away"],
        shift="",
        stops_before=3,
        dot=None,
        poll_s=10,
    )


@doors.route(
    "GET",
    "/t/{token}/live",
    who=(RECIPIENT,),
    answers={200: LiveAnswer, 304: None},
    errors=(LinkExpired,),
    also_head=True,
)
def track_live(request: Request, token: LinkToken) -> Response:
    """Ask what has changed on a tracking page.

    `dot` is the driver, in metres east and south of the door, to about 100 m, and only as long as
    two other stops at most come first. Ask again after `poll_s` seconds, with `If-None-Match`;
    never when it is null. The language is that of the page: `?lang=`, or the browser's.
    """
    server_key = wiring.vault().server_key()
    view = work.read(lambda uow: tracking.open_link(uow, token, server_key, asked(request)))
    told = track_page.news(view, track_page.version(view))
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    # Nobody runs or frames JSON: the headers of a page would be most of the answer.
    headers = {"ETag": f'"{web.etag(body)[1:13]}"', "Cache-Control": "no-store"}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(body="", status_code=304, headers=headers)
    headers["Content-Type"] = "application/json"
    return Response(body="" if request.method == "HEAD" else body, headers=headers)


@doors.route(
    "GET",
    "/t/{token}/calendar",
    who=(RECIPIENT,),
    answers={200: CALENDAR, 404: UNKNOWN, 410: EXPIRED},
    also_head=True,
)
def track_calendar(request: Request, token: LinkToken) -> Response:
    """Get the delivery's time as a file for a calendar."""
    try:
        text = work.read(lambda uow: tracking.write_calendar(uow, token, asked(request)))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Disposition": 'inline; filename="delivery.ics"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body="" if request.method == "HEAD" else text, headers=headers)


@doors.route(
    "POST",
    "/t/{token}/rating",
    who=(RECIPIENT,),
    answers={303: None, 404: UNKNOWN, 410: EXPIRED},
    accepts=(forms.FORM,),
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
    # A form that was sent with nothing chosen leads back to the page.
    may_be_empty=True,
)
def rate_delivery(request: Request, raw_body: bytes, token: LinkToken) -> Response:
    """Rate a delivery that has arrived.

    Fields: `stars` (1 to 5), `comment` (500 letters at most). It can be changed for a day; the same
    again has one effect, and what cannot be a rating has none.
    """
    given = forms.fields(raw_body)
    back = forms.go(f"../{token}", asked(request).kept)
    stars = given.get("stars", "")
    if stars not in ("1", "2", "3", "4", "5"):
        return back
    comment = rest.clean(given.get("comment", "")[: rating.MOST_LETTERS])
    try:
        work.run(lambda uow: rating.rate(uow, token, int(stars), comment))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    except Conflict:
        # The page says what it is now.
        return back
    return back
