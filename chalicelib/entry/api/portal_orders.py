"""The portal's orders: ``/m/orders``, filtered and paged, and the same as a table to download."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlencode

from chalice.app import Blueprint, Request, Response
from pydantic import Field

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.deliveries import finding, order_numbers
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.finding import Found, Wanted
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import store as intake
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.pricing import agreed as agreements
from chalicelib.entry import portal, rest, work
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.portal import Visit
from chalicelib.entry.spreadsheet import write_sheet
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.errors import Invalid, TooLarge
from chalicelib.kit.hours import DAY_MIN, instant, local_day
from chalicelib.kit.timewindow import TimeWindow, write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

PAGE_ROWS = 25
#: A page may read so many deliveries to find its rows: 0.1 s and a tenth of a thousandth of a cent.
MOST_LOOKED_AT = 500
#: A file: 5,000 rows are 1 MB of the 6 MB that a function may answer, read in about two seconds.
MOST_ROWS, MOST_LOOKED_AT_FOR_A_FILE = 5_000, 10_000
USUAL_DAYS, MOST_DAYS = 7, 92
EARLIEST = date(2000, 1, 1)

#: The statuses as a shop thinks of them; the key stands in the address of the page.
GROUPS: Mapping[str, tuple[str, frozenset[Status]]] = {
    "waiting": (
        "Waiting",
        frozenset({Status.CREATED, Status.ADDRESS_REVIEW, Status.READY, Status.PLANNED}),
    ),
    "collecting": (
        "Driver found",
        frozenset({Status.ASSIGNED, Status.EN_ROUTE_TO_PICKUP, Status.ARRIVED_AT_PICKUP}),
    ),
    "out": (
        "Out for delivery",
        frozenset({Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF, Status.ARRIVED_AT_DROPOFF}),
    ),
    "point": ("At a pickup point", frozenset({Status.AT_PICKUP_POINT})),
    "delivered": ("Delivered", frozenset({Status.DELIVERED, Status.COLLECTED})),
    "failed": (
        "Failed or coming back",
        frozenset({Status.ATTEMPT_FAILED, Status.RETURNING, Status.RETURNED}),
    ),
    "over": (
        "Cancelled or lost",
        frozenset({Status.CANCELLED, Status.DISPOSED, Status.LOST, Status.DAMAGED}),
    ),
}
COLUMNS = (
    *("order", "delivery_id", "status", "reason", "store", "created_at"),
    *("promised_from", "promised_until", "done_at", "on_time", "failed_attempts"),
    *("parcels", "weight_g", "agreed_price_minor", "currency"),
)


class OrdersQuery(rest.Body):
    """What the form above the list says; an empty field says nothing."""

    status: str = ""
    first: rest.Day | None = None
    last: rest.Day | None = None
    number: Annotated[str, Field(max_length=128)] = ""
    store: Annotated[str, Field(max_length=64)] = ""
    late: bool = False
    failed: bool = False
    cursor: Annotated[str, Field(max_length=1200)] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter as it is understood."""

    query: OrdersQuery
    first: date
    last: date
    wanted: Wanted

    def address(self, **changes: str) -> str:
        """The query of the same list, with something changed."""
        told = self.query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor"})
        told = {name: "yes" if value is True else value for name, value in told.items()}
        return urlencode({**told, **changes})


@doors.route("GET", "/m/orders", who=(portal_page(TeamRole.VIEWER),), answers=portal.PAGES)
@portal.in_words
def show_orders(request: Request, caller: Caller) -> Response:
    """Show a merchant's orders: by days, status, store, fault or number, the newest first."""
    visit = portal.visit(request, caller)
    asked = understood(visit, portal.asked(request))
    uow = work.begin()
    number = asked.query.number
    if number:
        found = Found(tuple(by_number(uow, visit.merchant.id, number)), None, 0)
        if len(found.deliveries) == 1:
            return portal.go(request, f"m/orders/{found.deliveries[0].id}")
    else:
        found = finding.find(
            uow,
            visit.merchant.id,
            asked.wanted,
            limit=PAGE_ROWS,
            most_looked_at=MOST_LOOKED_AT,
            after=asked.query.cursor,
        )
    return visit.show(
        "portal/orders.html",
        section="orders",
        title="Orders",
        asked=asked,
        groups=[(key, label) for key, (label, _) in GROUPS.items()],
        orders=[_row(one, visit.now) for one in found.deliveries],
        more=found.cursor and asked.address(cursor=found.cursor),
        looked_at=found.looked_at,
        most_rows=MOST_ROWS,
    )


@doors.route(
    "GET",
    "/m/orders.csv",
    who=(portal_page(TeamRole.VIEWER),),
    answers={**portal.PAGES, 200: Media("text/csv", "The list as a table")},
)
@portal.in_words
def download_orders(request: Request, caller: Caller) -> Response:
    """Download the filtered orders as a table.

    At most 5,000 rows; with more, the page says so instead of cutting the table short. It holds
    nobody's name or address.
    """
    visit = portal.visit(request, caller)
    asked = understood(visit, portal.asked(request))
    uow = work.begin()
    found = finding.find(
        uow,
        visit.merchant.id,
        asked.wanted,
        limit=MOST_ROWS + 1,
        most_looked_at=MOST_LOOKED_AT_FOR_A_FILE,
    )
    if not found.is_whole:
        raise TooLarge(f"A table holds at most {MOST_ROWS} orders. Choose fewer days.")
    prices = agreements.load_many(uow, visit.merchant.id, [one.id for one in found.deliveries])
    rows = [_cells(one, prices.get(one.id)) for one in found.deliveries]
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="orders-{asked.first}-{asked.last}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(body=write_sheet(COLUMNS, rows), headers=headers)


def understood(visit: Visit, given: Mapping[str, str]) -> Asked:
    """Read the filter; raise Invalid for what cannot be one."""
    known = {name: given[name] for name in given if name in OrdersQuery.model_fields}
    query = rest.read_cells(OrdersQuery, known)
    today = local_day(visit.now, visit.hub.timezone)
    if any(day is not None and day < EARLIEST for day in (query.first, query.last)):
        wrong = {"field": "first", "error": "before there were orders"}
        raise Invalid("too long ago", fields=[wrong])
    last = min(query.last or today, today)
    first = query.first or last - timedelta(days=USUAL_DAYS - 1)
    if first > last:
        first, last = last, min(first, today)
    if (last - first).days >= MOST_DAYS:
        wrong = {"field": "first", "error": f"at most {MOST_DAYS} days at once"}
        raise Invalid("too many days", fields=[wrong])
    if query.status and query.status not in GROUPS:
        raise Invalid("no such status", fields=[{"field": "status", "error": "not one of ours"}])
    span = TimeWindow(
        instant(first, 0, visit.hub.timezone), instant(last, DAY_MIN, visit.hub.timezone)
    )
    _, statuses = GROUPS.get(query.status, ("", frozenset()))
    return Asked(query, first, last, Wanted(span, statuses, query.late, query.failed, query.store))


def by_number(uow: UnitOfWork, merchant_id: str, number: str) -> list[Delivery]:
    """What has this number: the shop's order number, its own id of the order, or ours."""
    refs = dict.fromkeys(order_numbers.find_own(uow, merchant_id, number))
    for platform in Platform:
        known = intake.find_delivery(uow, merchant_id, platform.value, number.strip())
        if known is not None:
            refs[DeliveryRef(merchant_id, known)] = None
    if number.strip().startswith("del_"):
        refs[DeliveryRef(merchant_id, number.strip())] = None
    found = delivery_store.load_many(uow, refs)
    return sorted(found.values(), key=lambda one: (one.created_at, one.id), reverse=True)


def done_at(delivery: Delivery) -> datetime | None:
    return delivery.history[-1].at if delivery.status.is_final else None


def _row(delivery: Delivery, now: datetime) -> dict[str, Any]:
    """What the list shows of one."""
    return {
        "id": delivery.id,
        "name": delivery.order_name,
        "status": delivery.status.value,
        "created_at": delivery.created_at,
        "window": delivery.window,
        "store": delivery.pickup.name,
        "done_at": done_at(delivery),
        "is_late": finding.is_late(delivery, now),
        "attempts": len(delivery.attempts),
    }


def _cells(delivery: Delivery, agreed: agreements.Agreed | None) -> Sequence[str | int | None]:
    at, on_time = done_at(delivery), delivery.is_on_time
    return [
        delivery.order_name,
        delivery.id,
        delivery.status.value,
        delivery.reason,
        delivery.pickup.name,
        write_instant(delivery.created_at),
        write_instant(delivery.window.start_at),
        write_instant(delivery.window.end_at),
        None if at is None else write_instant(at),
        None if on_time is None else "yes" if on_time else "no",
        len(delivery.attempts),
        delivery.parcel.count,
        delivery.parcel.weight_g,
        None if agreed is None else agreed.price.total_minor,
        None if agreed is None else agreed.price.currency,
    ]
