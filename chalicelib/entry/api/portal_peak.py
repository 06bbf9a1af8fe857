"""The portal's ``/m/peak``: how many orders are coming, and can the network hold them?"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.coverage import forecasts
from chalicelib.domain.coverage.forecasts import Forecast, Room
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api.forecasts import ForecastForm
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.portal import Visit
from chalicelib.entry.surface import Doors
from chalicelib.kit.hours import local_day
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

DAYS_SHOWN = 28
SAID = {
    "saved": "Noted. The desk sees it beside what the other shops expect.",
    "full": "Noted. It is more than there are places on that day: the desk sees it, and we get in "
    "touch; until then checkouts may sell no more times on it.",
}


@doors.route("GET", "/m/peak", who=(portal_page(TeamRole.VIEWER),), answers=portal.PAGES)
@portal.in_words
def show_peak(request: Request, caller: Caller) -> Response:
    """Show the next four weeks: what the shop expects, what the network can hold, until when to
    say so."""
    visit = portal.visit(request, caller)
    uow = work.begin()
    days = _days(visit)
    said = forecasts.of_merchant(uow, visit.hub.id, visit.merchant.id, days)
    return visit.show(
        "portal/peak.html",
        section="peak",
        title="Peak days",
        days=_rows(visit, said, forecasts.room(uow, visit.hub, days)),
        first=days[0],
        last=days[0] + timedelta(days=forecasts.DAYS_AHEAD),
        notice_days=forecasts.NOTICE_DAYS,
        most=forecasts.MOST_ORDERS,
        said=portal.asked(request).get("said", ""),
        texts=SAID,
    )


@doors.route(
    "POST",
    "/m/peak",
    who=(portal_page(TeamRole.STAFF),),
    answers=portal.FORMS,
    accepts=(forms.FORM,),
    largest_body_bytes=forms.LARGEST_FORM_BYTES,
    may_be_empty=True,
)
@portal.in_words
def say_peak(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Say what is expected on some days: the fields `day`, `until` (or empty) and `orders` a day.

    No orders take it back. The same again changes nothing.
    """
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    expected = rest.parse_value(ForecastForm, {"days": _asked(given)}).expected

    def say(uow: UnitOfWork) -> list[Forecast]:
        return forecasts.say(uow, visit.hub, visit.merchant.id, expected)

    work.run(say)
    rooms = forecasts.room(work.begin(), visit.hub, expected)
    is_full = any(is_too_much(expected[one.day], one) for one in rooms)
    return portal.go(request, "m/peak", said="full" if is_full else "saved")


def is_too_much(orders: int, room: Room) -> bool:
    """Whether so many more would find no place on a day."""
    if orders and not room.is_open:
        return True
    return room.places is not None and orders > room.places - room.taken


def _asked(given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each day from the first to the last as the API's form takes it, which judges it."""
    first, last = given.get("day", ""), given.get("until", "") or given.get("day", "")
    text = given.get("orders", "").strip()
    orders: Any = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else text
    try:
        begin, end = date.fromisoformat(first), date.fromisoformat(last)
    except ValueError:
        return [{"day": first, "orders": orders}]
    span = min(max(0, (end - begin).days), forecasts.MOST_DAYS)
    days = (begin + timedelta(days=ahead) for ahead in range(span + 1))
    return [{"day": day.isoformat(), "orders": orders} for day in days]


def _days(visit: Visit) -> list[date]:
    today = local_day(visit.now, visit.hub.timezone)
    return [today + timedelta(days=ahead) for ahead in range(DAYS_SHOWN)]


def _rows(visit: Visit, said: list[Forecast], rooms: list[Room]) -> list[Mapping[str, Any]]:
    known = {one.day: one for one in said}
    return [
        {
            "day": room.day,
            "forecast": known.get(room.day),
            "room": room,
            "deadline": forecasts.deadline(room.day, visit.hub),
            "is_over": visit.now >= forecasts.deadline(room.day, visit.hub),
            "is_too_much": room.day in known and is_too_much(known[room.day].orders, room),
        }
        for room in rooms
    ]
