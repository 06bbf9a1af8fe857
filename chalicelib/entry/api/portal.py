"""The portal's first page: ``/m``, today at a glance, or how to begin."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.deliveries import finding
from chalicelib.domain.deliveries.finding import Wanted
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.intake import store as intake
from chalicelib.entry import portal, work
from chalicelib.entry.api.portal_orders import GROUPS, done_at
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.portal import Visit
from chalicelib.entry.surface import Doors
from chalicelib.kit.hours import DAY_MIN, instant, local_day
from chalicelib.kit.timewindow import TimeWindow

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

#: Orders of so many days are looked at for what is under way: promises are mostly shorter.
DAYS = 3
MOST_LOOKED_AT = 600
_PROBLEMS_SHOWN, _REFUSALS_SHOWN = 12, 5


@doors.route("GET", "/m", who=(portal_page(TeamRole.VIEWER),), answers=portal.PAGES)
@portal.in_words
def show_overview(request: Request, caller: Caller) -> Response:
    """Show a merchant's day at a glance: what is under way, what came, what needs somebody.

    A shop without any order is shown how to begin instead.
    """
    visit = portal.visit(request, caller)
    uow = work.begin()
    today = local_day(visit.now, visit.hub.timezone)
    span = TimeWindow(
        instant(today - timedelta(days=DAYS - 1), 0, visit.hub.timezone),
        instant(today, DAY_MIN, visit.hub.timezone),
    )
    found = finding.find(
        uow, visit.merchant.id, Wanted(span), limit=MOST_LOOKED_AT, most_looked_at=MOST_LOOKED_AT
    )
    refused, _ = intake.list_rejections(uow, visit.merchant.id, limit=_REFUSALS_SHOWN, after=None)
    return visit.show(
        "portal/overview.html",
        section="overview",
        title="Overview",
        today=today,
        glance=_glance(visit, found.deliveries),
        problems=[
            {"id": one.id, "name": one.order_name, "status": one.status.value, "why": why}
            for one in found.deliveries
            if (why := trouble(visit, one))
        ],
        problems_shown=_PROBLEMS_SHOWN,
        refused=refused,
        is_whole=found.is_whole,
        most=MOST_LOOKED_AT,
        days=DAYS,
        is_new=not found.deliveries and not _has_any(visit),
    )


def trouble(visit: Visit, delivery: Delivery) -> str:
    """Why somebody should look at it now; nothing if nobody has to."""
    if delivery.status is Status.ADDRESS_REVIEW:
        return (
            f"The address is unclear; to be settled by {visit.local.when(delivery.address_due_at)}"
        )
    if delivery.status is Status.ATTEMPT_FAILED:
        return "The last attempt failed"
    if delivery.status in (Status.LOST, Status.DAMAGED):
        return "Please get in touch with us"
    if not delivery.status.is_final and finding.is_late(delivery, visit.now):
        return f"Promised until {visit.local.when(delivery.window.end_at)}"
    return ""


def _glance(visit: Visit, found: Iterable[Delivery]) -> list[Mapping[str, Any]]:
    """The numbers of the page, each with the list behind it."""
    day = local_day(visit.now, visit.hub.timezone)
    counted: Counter[str] = Counter()
    for one in found:
        at = done_at(one)
        group = next(key for key, (_, statuses) in GROUPS.items() if one.status in statuses)
        if at is None:
            counted[group] += 1
        elif group == "delivered" and local_day(at, visit.hub.timezone) == day:
            counted[group] += 1
            counted["on_time"] += bool(one.is_on_time)
        counted["problems"] += bool(trouble(visit, one))
    since = f"first={day - timedelta(days=DAYS - 1)}"
    return [
        {"what": "Waiting", "n": counted["waiting"], "query": f"status=waiting&{since}"},
        {"what": "Driver found", "n": counted["collecting"], "query": f"status=collecting&{since}"},
        {"what": "Out for delivery", "n": counted["out"], "query": f"status=out&{since}"},
        {
            "what": f"Delivered today, {counted['on_time']} of them on time",
            "n": counted["delivered"],
            "query": f"status=delivered&{since}",
        },
        {"what": "Need a look", "n": counted["problems"], "query": ""},
    ]


def _has_any(visit: Visit) -> bool:
    """Whether there was an order in two weeks: a quick question for each day."""
    end = visit.now
    span = TimeWindow(end - timedelta(days=14), end + timedelta(seconds=1))
    found = finding.find(work.begin(), visit.merchant.id, Wanted(span), limit=1, most_looked_at=1)
    return bool(found.looked_at)
