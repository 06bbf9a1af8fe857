"""The portal's builder for "Track your order": the pages that may show it, script and preview."""

from typing import Annotated, Literal

from chalice.app import Blueprint, Request, Response
from pydantic import Field

from chalicelib import wiring
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.entry import forms, portal, rest
from chalicelib.entry.api import settings
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.surface import Doors
from chalicelib.kit.languages import NAMES

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

VIEWER, OWNER = (portal_page(TeamRole.VIEWER),), (portal_page(TeamRole.OWNER),)
SAID = {"saved": "Saved. Those pages may show it now."}
_HEIGHTS = ("26rem", "30rem", "36rem")


class WidgetQuery(rest.Body):
    """How it looks; nothing of it is kept."""

    lang: Annotated[str, Field(pattern=r"^([a-z]{2})?$")] = ""
    title: Annotated[str, Field(max_length=60)] = ""
    height: Literal["26rem", "30rem", "36rem"] = "30rem"
    said: str = ""


@doors.route("GET", "/m/widget", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_widget(request: Request, caller: Caller) -> Response:
    """Build the script for the shop's own page: `lang`, `title` and `height`, with a preview."""
    visit = portal.visit(request, caller)
    query = rest.read_cells(WidgetQuery, portal.asked(request))
    answer = visit.show(
        "portal/widget.html",
        section="widget",
        title="Track your order, on your own page",
        query=query,
        languages=[(one.value, name) for one, name in NAMES.items()],
        heights=_HEIGHTS,
        base_url=wiring.settings().public_base_url,
        may_save=visit.person.role.reaches(TeamRole.OWNER),
        said=query.said,
        texts=SAID,
    )
    # The preview is the frame itself, from ourselves.
    answer.headers["Content-Security-Policy"] += "; frame-src 'self'"
    return answer


@doors.form("/m/widget", who=OWNER, answers=portal.FORMS)
@portal.in_words
def save_widget(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Say whose pages may show it: `origins`, one on each line."""
    visit = portal.visit(request, caller)
    origins = forms.fields(raw_body).get("origins", "").split()
    body = rest.parse_value(settings.SettingsForm, {"widget_origins": origins})
    settings.change_merchant(visit.merchant.id, body)
    return portal.go(request, "m/widget", said="saved")
