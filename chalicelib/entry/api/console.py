"""The dispatchers' console: its page. What it shows is asked for by its modules."""

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.accounts.model import DeskRole
from chalicelib.entry.auth import desk_page
from chalicelib.entry.known import unless_known
from chalicelib.entry.surface import Doors, Media
from chalicelib.web import ops_app

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")


@doors.route(
    "GET",
    "/ops",
    who=(desk_page(DeskRole.VIEWER),),
    answers={200: Media("text/html", "The console's shell"), 304: None},
    also_head=True,
)
def open_console(request: Request) -> Response:
    """Open the dispatchers' console; [console.md](console.md) says what it can do."""
    html = ops_app.page()
    return unless_known(request, html, ops_app.headers(html, wiring.photos().view_url("proofs/")))
