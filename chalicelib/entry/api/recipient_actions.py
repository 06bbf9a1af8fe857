"""What a recipient may ask for: ``/t/{token}/actions/{action}``, a form each, without a script.

A form that succeeds ends in a redirect (303) to the recipient's page, which says so; one that does
not is shown again with what was written. The same form twice has one effect. Neither the link nor
what was written is ever logged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated
from urllib.parse import parse_qs, urlencode

from chalice.app import Blueprint, Request, Response

from chalicelib import web, wiring
from chalicelib.domain.deliveries.instructions import (
    LONGEST_CODE,
    LONGEST_HOUSE,
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_PLACE,
    IfMissed,
    Neighbour,
)
from chalicelib.domain.intake.text import clean
from chalicelib.domain.merchants.recipient_actions import RecipientAction as Action
from chalicelib.domain.messaging import suppression
from chalicelib.domain.recipients import factor, mending, page, service, words
from chalicelib.domain.recipients.choices import GUARDED
from chalicelib.domain.recipients.options import read_window
from chalicelib.domain.recipients.pin import towards
from chalicelib.domain.tracking.service import delivery_of
from chalicelib.entry import work
from chalicelib.entry.api.address_pages import TOO_OFTEN, too_often
from chalicelib.entry.api.pages import (
    EXPIRED,
    PAGE,
    UNKNOWN,
    expired_link,
    page_answer,
    unknown_link,
)
from chalicelib.entry.auth import RECIPIENT
from chalicelib.entry.path_parts import LinkToken, OneOf
from chalicelib.entry.spoken import asked
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.errors import Conflict, IllegalTransition, LinkExpired, NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.move_errors import OthersWouldBeLate
from chalicelib.kit.recovery_errors import NothingFailed, RecoverySettled, RemedyNotAllowed
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Recipient")

AGAIN = Media("text/html", "The form again, with what was written and what is the matter")
LARGEST_FORM_BYTES = 8 * 1024
MOST_FIELDS = 12
#: Forms that one link may send in an hour.
MOST_FORMS = 40
ActionName = Annotated[Action, OneOf(tuple(Action), "action")]
Given = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Wrong(Exception):
    """Why a form is shown again; a key of ``words.WRONG``."""

    what: str


@doors.route(
    "GET",
    "/t/{token}/actions/{action}",
    who=(RECIPIENT,),
    answers={200: PAGE, 304: None, 404: UNKNOWN, 410: EXPIRED},
    also_head=True,
)
def show_action(request: Request, token: LinkToken, action: ActionName) -> Response:
    """Show the form of one action, filled with what was chosen last, or why it is not possible.

    Only what is possible now has a form: by the delivery's status, what is asked for at its door,
    and what its merchant lets recipients do.
    """
    try:
        return _form(request, token, action, {}, "")
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)


@doors.route(
    "POST",
    "/t/{token}/actions/{action}",
    who=(RECIPIENT,),
    answers={303: None, 404: UNKNOWN, 410: EXPIRED, 422: AGAIN, 429: TOO_OFTEN},
    accepts=("application/x-www-form-urlencoded",),
    largest_body_bytes=LARGEST_FORM_BYTES,
    # A form that was sent with nothing chosen is shown again.
    may_be_empty=True,
)
def do_action(request: Request, raw_body: bytes, token: LinkToken, action: ActionName) -> Response:
    """Take in the form of one action.

    Fields by action: `note`: `gate_code`, `note`; `safe_place`: `place`; `neighbour`: `name`,
    `house`; `if_missed`, `window`, `pickup_point`, `recovery`: `choice` (`home` leads back to the
    door); `door`: `from`, `metres`, `wind`, or `here`; `texts`: `wish` is `stop` or `start`. What
    takes the parcel elsewhere or gives it away also wants `digits`, the last four of the phone
    number: five tries an hour. The same form twice has one effect.
    """
    given = _read(raw_body)
    try:
        if not work.read(lambda uow: _may_send(uow, token)):
            return too_often(request)
        _carry_out(token, action, given)
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    except _Wrong as wrong:
        return _form(request, token, action, given, wrong.what)
    except service.NotNow:
        return _form(request, token, action, given, "")
    except (NothingFailed, RecoverySettled, RemedyNotAllowed):
        return _form(request, token, action, given, "settled")
    except OthersWouldBeLate:
        return _form(request, token, action, given, "others")
    except IllegalTransition:
        return _form(request, token, action, given, "far" if action is Action.DOOR else "")
    except Conflict:
        return _form(request, token, action, given, "taken")
    query = urlencode({"said": action.value, **asked(request).kept})
    headers = {
        "Location": f"../../{token}?{query}",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Type": "text/plain",
    }
    return Response(body="", status_code=303, headers=headers)


def _carry_out(token: str, action: Action, given: Given) -> None:
    use_case = _use_case(token, action, given)
    if action in GUARDED and not work.read(lambda uow: _knows(uow, token, given)):
        raise _Wrong("digits")
    work.run(use_case)


def _use_case(token: str, action: Action, given: Given) -> Callable[[UnitOfWork], None]:
    """What a form asks for; raise _Wrong when it says nothing that can be done."""
    try:
        return _told(token, action, given) or _changed(token, action, given)
    except (KeyError, ValueError) as error:
        raise _Wrong("missing") from error


def _told(token: str, action: Action, given: Given) -> Callable[[UnitOfWork], None] | None:
    """What the driver is told; None for what changes the delivery itself."""
    match action:
        case Action.NOTE:
            code, note = _said(given, "gate_code", LONGEST_CODE), _said(given, "note", LONGEST_NOTE)
            return lambda uow: service.say_note(uow, token, code, note)
        case Action.SAFE_PLACE:
            place = _said(given, "place", LONGEST_PLACE)
            return lambda uow: service.choose_safe_place(uow, token, place)
        case Action.NEIGHBOUR:
            name = _said(given, "name", LONGEST_NAME)
            beside = Neighbour(name, _said(given, "house", LONGEST_HOUSE)) if name else None
            return lambda uow: service.choose_neighbour(uow, token, beside)
        case Action.IF_MISSED:
            wish = IfMissed(given["choice"])
            return lambda uow: service.wish_if_missed(uow, token, wish)
    return None


def _changed(token: str, action: Action, given: Given) -> Callable[[UnitOfWork], None]:
    match action:
        case Action.WINDOW:
            window = read_window(given["choice"])
            return lambda uow: service.choose_window(uow, token, window)
        case Action.PICKUP_POINT if given["choice"] == "home":
            return lambda uow: service.go_home(uow, token)
        case Action.PICKUP_POINT:
            point_id = given["choice"]
            return lambda uow: _to_point(uow, token, point_id)
        case Action.DOOR:
            position = _position(given)
            return lambda uow: service.move_door(uow, token, position)
        case Action.CANCEL:
            return lambda uow: service.cancel(uow, token)
        case Action.RECOVERY:
            wanted = mending.read(given["choice"])
            return lambda uow: mending.choose(uow, token, wanted)
    wants = {"stop": False, "start": True}[given["wish"]]
    return lambda uow: _set_texts(uow, token, wants=wants)


def _to_point(uow: UnitOfWork, token: str, point_id: str) -> None:
    # An unknown link is not found, an unknown point is a choice that is gone.
    delivery_of(uow, token)
    try:
        service.choose_point(uow, token, point_id)
    except NotFound as error:
        raise _Wrong("taken") from error


def _position(given: Given) -> LatLng:
    if given.get("here"):
        return LatLng.parse(given["here"][:40])
    metres = int(given["metres"][:4])
    return towards(LatLng.parse(given["from"][:40]), metres, given["wind"])


def _set_texts(uow: UnitOfWork, token: str, *, wants: bool) -> None:
    delivery = delivery_of(uow, token)
    person = service.recipient_of(uow, delivery)
    if person is None or person.phone is None:
        return
    change = suppression.opt_in if wants else suppression.opt_out
    change(
        uow,
        person.phone,
        wiring.vault().server_key(),
        delivery.merchant_id,
        suppression.PAGE,
        delivery_id=delivery.id,
    )


def _knows(uow: UnitOfWork, token: str, given: Given) -> bool:
    delivery = delivery_of(uow, token)
    person = service.recipient_of(uow, delivery)
    return factor.knows(uow, delivery.id, person, given.get("digits", ""))


def _may_send(uow: UnitOfWork, token: str) -> bool:
    """Count this form within the clock's hour; only known links are counted."""
    delivery = delivery_of(uow, token)
    hour = write_instant(uow.wall_now)[:13]
    over_at = uow.wall_now + timedelta(hours=1)
    return uow.count(keys.calls(f"forms_{delivery.id}", hour), over_at) <= MOST_FORMS


def _read(body: bytes) -> dict[str, str]:
    """The fields of a form, the last of each; nothing of one that is none."""
    try:
        fields = parse_qs(
            body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS
        )
    except ValueError:
        return {}
    return {name: values[-1] for name, values in fields.items()}


def _said(given: Given, name: str, longest: int) -> str:
    """What was written, cleaned; a form without the field says nothing at all."""
    return clean(given[name], longest)


class _Kept(dict[str, str]):
    """What was written, for the form that is shown again; what was not is empty."""

    def __missing__(self, name: str) -> str:
        return ""


def _form(request: Request, token: str, action: Action, given: Given, wrong: str) -> Response:
    shown = work.read(lambda uow: page.open_page(uow, token, action, asked(request)))
    t, is_sent = shown.t, request.method == "POST"
    if is_sent and not (wrong or shown.why_not):
        # What was chosen is not on the form (any more).
        wrong = "missing"
    html = web.render(
        "track/action.html",
        t=t,
        page=shown,
        token=token,
        given=_Kept({name: value[:LONGEST_NOTE] for name, value in given.items()}),
        wrong=t.say(words.WRONG[wrong]) if wrong else "",
        winds=[(value, t.say(name)) for value, name in words.WINDS.items()],
    )
    module = "here.js" if action is Action.DOOR else None
    headers = web.headers(html, form_module=module, has_forms=True, t=t)
    return page_answer(request, html, headers=headers, status=422 if is_sent else 200)
