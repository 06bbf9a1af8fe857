"""The recipient's page for a problem: ``/t/{token}/problem``, forms that need no script.

Every answer ends in a redirect (303), and the same words twice are one message. A picture goes from
the form straight to the bucket, which sends the browser back here. Neither the link nor what was
written is ever logged.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from chalice.app import Blueprint, Request, Response

from chalicelib import web, wiring
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake.text import clean
from chalicelib.domain.support import page, service, store
from chalicelib.domain.support.model import MOST_LETTERS, MOST_PICTURES, CaseKind, Party
from chalicelib.domain.support.service import Report
from chalicelib.domain.tracking.service import delivery_of
from chalicelib.entry import work
from chalicelib.entry.api.pages import (
    EXPIRED,
    PAGE,
    UNKNOWN,
    expired_link,
    page_answer,
    unknown_link,
)
from chalicelib.entry.auth import RECIPIENT
from chalicelib.entry.path_parts import LinkToken
from chalicelib.entry.spoken import asked
from chalicelib.entry.surface import Doors
from chalicelib.gateways.photos import Upload, upload_key
from chalicelib.kit.errors import Conflict, Gone, Invalid, LinkExpired, NotFound
from chalicelib.kit.languages import mark
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Recipient")

LARGEST_FORM_BYTES = 16 * 1024
MOST_FIELDS = 8
#: Whatever the phone sends: what it is, the bytes tell.
_PICTURE_TYPE = "image/jpeg"
SAID = {
    "thanks": mark("Thank you. We have your message."),
    "person": mark("One of us will get in touch with you."),
    "solved": mark("Thank you. We are glad that it is solved."),
    "photo": mark("Thank you. We have your photo; it shows here in a moment."),
    "missing": mark("Something was missing. Please choose what is wrong and write a few words."),
    "full": mark("We have all your messages. Please call us, or wait for our answer."),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a form says: a report or a message, the wish for a person, or that it is solved."""

    answer: str
    kind: CaseKind | None = None
    text: str = ""


@doors.route(
    "GET",
    "/t/{token}/problem",
    who=(RECIPIENT,),
    answers={200: PAGE, 304: None, 404: UNKNOWN, 410: EXPIRED},
    also_head=True,
)
def show_problem(request: Request, token: LinkToken) -> Response:
    """Show the form on which a recipient reports a problem, or what became of it.

    With the answers to it, by when the next one is promised, room for up to three photos, and how a
    person is reached.
    """
    try:
        shown = work.read(lambda uow: page.open_page(uow, token, asked(request)))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    said = SAID.get((request.query_params or {}).get("said", ""), "")
    upload = _upload(shown.ref, shown.free, token) if shown.free else None
    html = web.render(
        "problem.html",
        t=shown.t,
        page=shown,
        token=token,
        said=said and shown.t.say(said),
        upload=upload,
        most_letters=MOST_LETTERS,
        most_pictures=MOST_PICTURES,
    )
    headers = web.headers(
        html, has_forms=True, t=shown.t, upload_url=None if upload is None else upload.url
    )
    return page_answer(request, html, headers=headers)


@doors.route(
    "POST",
    "/t/{token}/problem",
    who=(RECIPIENT,),
    answers={303: None, 404: UNKNOWN, 410: EXPIRED},
    accepts=("application/x-www-form-urlencoded",),
    largest_body_bytes=LARGEST_FORM_BYTES,
    # A form that was sent with nothing in it is shown again.
    may_be_empty=True,
)
def tell_problem(request: Request, raw_body: bytes, token: LinkToken) -> Response:
    """Take in what a recipient says about a problem.

    Fields: `answer` is `report` (with `kind` and `text`), `write` (`text`), `person` or `solved`.
    The same words twice are one message; a link writes 15 times at most.
    """
    keep = asked(request).kept
    try:
        told = _read(raw_body)
        said = work.run(lambda uow: _tell(uow, token, told))
    except NotFound:
        return unknown_link(request)
    except LinkExpired:
        return expired_link(request)
    except Invalid:
        said = "missing"
    except Conflict:
        said = "full"
    except Gone:
        return expired_link(request)
    return _go(f"problem?{urlencode({'said': said, **keep})}")


def _tell(uow: UnitOfWork, token: str, told: Told) -> str:
    delivery = delivery_of(uow, token)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    case = store.of_delivery(uow, ref, Party.RECIPIENT)
    if told.answer == "report" and told.kind is not None:
        service.report(uow, delivery, Party.RECIPIENT, Report(told.kind, told.text))
        return "thanks"
    if case is None:
        raise Invalid("there is no case yet")
    if told.answer == "person":
        service.ask_for_person(uow, case)
    elif told.answer == "solved":
        service.resolve(uow, case, Party.RECIPIENT)
    else:
        service.write(uow, case, Party.RECIPIENT, told.text)
        return "thanks"
    return told.answer


def _read(body: bytes) -> Told:
    """What the form says; raise Invalid when it says nothing that we could take in."""
    try:
        fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS)
        given = {name: values[-1] for name, values in fields.items()}
        answer, text = given.get("answer", ""), clean(given.get("text"), MOST_LETTERS)
        if answer in ("person", "solved"):
            return Told(answer)
        if answer == "report" and text:
            return Told(answer, CaseKind(given["kind"]), text)
        if answer == "write" and text:
            return Told(answer, None, text)
    except (KeyError, ValueError):
        pass
    raise Invalid("the form says nothing")


def _upload(ref: DeliveryRef, free: tuple[str, ...], token: str) -> Upload:
    """A form for the next picture, which leads back to this page."""
    back = f"{wiring.settings().public_base_url}/t/{token}/problem?said=photo"
    key = upload_key(ref.merchant_id, ref.delivery_id, free[0])
    return wiring.photos().upload_form(key, _PICTURE_TYPE, leads_to=back)


def _go(place: str) -> Response:
    """On to another page; relative, because a stage's path stands before it on API Gateway."""
    headers = {
        "Location": place,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "Content-Type": "text/plain",
    }
    return Response(body="", status_code=303, headers=headers)
