"""The portal's support cases: listed, opened, read with timeline and clock, answered, ended."""

from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response
from pydantic import Field

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.support import store
from chalicelib.domain.support.model import MOST_LETTERS, CaseKind
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api import support_cases
from chalicelib.entry.api.support_cases import CaseId
from chalicelib.entry.api.support_forms import CaseForm, MessageForm
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid
from chalicelib.kit.timewindow import read_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

VIEWER, STAFF = (portal_page(TeamRole.VIEWER),), (portal_page(TeamRole.STAFF),)
PAGE_ROWS = 50
SAID = {
    "opened": "We have your message.",
    "written": "Your message is with us.",
    "resolved": "Good that it is solved.",
    "reopened": "It is open again.",
}
KINDS = {
    CaseKind.NOT_RECEIVED: "Not received",
    CaseKind.DAMAGED: "Damaged",
    CaseKind.WRONG_ITEM: "The wrong item",
    CaseKind.MISSING_ITEM: "Something is missing",
    CaseKind.DRIVER_BEHAVIOUR: "The driver’s behaviour",
    CaseKind.OTHER: "Something else",
}
TURNS = {
    "open": "our turn",
    "waiting_recipient": "waits for the recipient",
    "waiting_merchant": "your turn",
    "resolved": "solved",
}


class CasesQuery(rest.Body):
    """``delivery`` is what the form is filled in with."""

    cursor: Annotated[str, Field(max_length=1024)] | None = None
    delivery: Annotated[str, Field(max_length=60)] = ""
    said: str = ""


@doors.route("GET", "/m/cases", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_cases(request: Request, caller: Caller) -> Response:
    """List the shop's support cases, newest first."""
    visit = portal.visit(request, caller)
    query = rest.read_cells(CasesQuery, portal.asked(request))
    found, cursor = store.list_own(
        work.begin(), visit.merchant.id, limit=PAGE_ROWS, after=query.cursor
    )
    return visit.show(
        "portal/cases.html",
        section="cases",
        title="Support cases",
        cases=found,
        cursor=cursor,
        kinds=KINDS,
        turns=TURNS,
        delivery=query.delivery,
        longest=MOST_LETTERS,
        said=query.said,
        texts=SAID,
    )


@doors.form("/m/cases", who=STAFF, answers=portal.FORMS)
@portal.in_words
def open_portal_case(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Report a problem: `delivery_id`, `kind` and `text`. A delivery has one case of its shop."""
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    told = {name: given.get(name, "") for name in ("delivery_id", "kind", "text")}
    case = support_cases.open_case(visit.merchant.id, rest.parse_value(CaseForm, told))
    return portal.go(request, f"m/cases/{case['id']}", said="opened")


@doors.route("GET", "/m/cases/{case_id}", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_portal_case(request: Request, caller: Caller, case_id: CaseId) -> Response:
    """Show a case: what was written, by when we answer, the delivery's timeline, the proof."""
    visit = portal.visit(request, caller)
    case = support_cases.show_case(visit.as_caller, case_id)
    return visit.show(
        "portal/case.html",
        section="cases",
        title=", ".join(KINDS[CaseKind(kind)] for kind in case["kinds"]),
        photo_url=next((one["url"] for one in case["pictures"]), None),
        case=_with_times(case),
        turn=TURNS[case["status"]],
        longest=MOST_LETTERS,
        said=portal.asked(request).get("said", ""),
        texts=SAID,
    )


@doors.form("/m/cases/{case_id}", who=STAFF, answers=portal.FORMS)
@portal.in_words
def act_on_case(request: Request, caller: Caller, case_id: CaseId, raw_body: bytes) -> Response:
    """Write in a case, or end it: `do` is `write` (with `text`), `resolve` or `reopen`."""
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    wanted = given.get("do")
    if wanted == "write":
        body = rest.parse_value(MessageForm, {"text": given.get("text", "")})
        support_cases.write_in_case(visit.as_caller, case_id, body)
        said = "written"
    elif wanted == "resolve":
        support_cases.resolve_case(visit.as_caller, case_id)
        said = "resolved"
    elif wanted == "reopen":
        support_cases.reopen_case(visit.as_caller, case_id)
        said = "reopened"
    else:
        field = {"field": "do", "error": "is unknown"}
        raise Invalid("Press one of the buttons.", fields=[field])
    return portal.go(request, f"m/cases/{case_id}", said=said)


def _with_times(told: Any) -> Any:
    """What the API would write, with its times as times again."""
    if isinstance(told, dict):
        return {
            name: read_instant(one)
            if one and (name == "at" or name.endswith("_at"))
            else _with_times(one)
            for name, one in told.items()
        }
    return [_with_times(one) for one in told] if isinstance(told, list) else told
