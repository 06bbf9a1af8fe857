"""The portal's calculator: ``/m/quote``, what would this parcel cost, and when could it come?

The same use case as ``POST /v1/quotes``, in a unit of work that is never committed: whoever only
looks leaves no quote behind, and nobody finds an offer that nobody meant to accept.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.quotes import service
from chalicelib.domain.quotes.model import Quoted, Service
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api.quote_forms import QuoteForm
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.orders_in import articles_of, locate
from chalicelib.entry.portal import Visit
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import LastmileError
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

VIEWER = (portal_page(TeamRole.VIEWER),)
_POINTS = 3
_BLANK = {
    **{"line1": "", "postal_code": "", "city": "", "country": ""},
    **{"pieces": "1", "weight_g": "", "volume_ml": "", "service": "", "store_id": ""},
}


@doors.route("GET", "/m/quote", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_calculator(request: Request, caller: Caller) -> Response:
    """Show the form that asks what a delivery would cost."""
    visit = portal.visit(request, caller)
    return _page(visit, _BLANK | {"country": visit.hub.country})


@doors.route(
    "POST",
    "/m/quote",
    who=VIEWER,
    answers=portal.FORMS,
    accepts=(forms.FORM,),
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
    may_be_empty=True,
)
@portal.in_words
def calculate(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Work out what a delivery would cost, part by part; nothing is kept.

    The fields are `line1`, `postal_code`, `city`, `country`, `pieces`, `weight_g` and `volume_ml`
    of one piece, `service`, `store_id`. It is posted, because an address has no place in a log.
    """
    visit = portal.visit(request, caller)
    given = _BLANK | forms.fields(raw_body)
    try:
        form = rest.parse_value(QuoteForm, _asked(given))
        quoted = work.read(lambda uow: _ask(uow, visit, form))
    except LastmileError as error:
        if error.status >= 500 and not error.retry:
            raise
        return _page(visit, given, problem=error)
    return _page(visit, given, quoted=quoted)


def _ask(uow: UnitOfWork, visit: Visit, form: QuoteForm) -> Quoted:
    """Ask without a commit."""
    shop, server_key = visit.merchant, wiring.vault().server_key()
    ask = form.ask(shop, articles_of(shop.id))
    return service.quote(uow, shop, visit.hub, ask, locate, server_key)


def _asked(given: Mapping[str, str]) -> dict[str, Any]:
    """The form as the API takes it; a number that is none is left for the API's form to refuse."""
    address = {name: given[name] for name in ("line1", "postal_code", "city", "country")}
    item: dict[str, Any] = {"quantity": _number(given["pieces"])}
    for name in ("weight_g", "volume_ml"):
        if given[name].strip():
            item[name] = _number(given[name])
    asked: dict[str, Any] = {
        "dropoff": {"address": address},
        "items": [item],
        "pickup_points": _POINTS,
    }
    return asked | {name: given[name] for name in ("service", "store_id") if given[name]}


def _number(text: str) -> int | str:
    plain = text.strip()
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 9 else text


def _page(
    visit: Visit,
    given: Mapping[str, str],
    *,
    quoted: Quoted | None = None,
    problem: LastmileError | None = None,
) -> Response:
    return visit.show(
        "portal/quote.html",
        section="quote",
        title="What would it cost?",
        status=200 if problem is None else problem.status,
        given=given,
        services=[one for one in Service if one is not Service.PICKUP_POINT],
        quoted=quoted,
        problem=problem,
    )
