"""A driver's pay as a table: one line for each part of each route's pay, for a spreadsheet."""

import csv
import io

from chalice.app import Blueprint, Response

from chalicelib.domain.billing.ubl import amount_text
from chalicelib.domain.drivers import statements
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import work
from chalicelib.entry.api.earnings import Days
from chalicelib.entry.auth import DRIVER
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
mine = Doors(bp, tag="Driver")

_HEAD = (
    *("day", "route_id", "statement_id", "ended_at"),
    *("kind", "quantity", "unit", "rate", "amount", "currency"),
)


@mine.route(
    "GET",
    "/v1/driver/statements.csv",
    who=(DRIVER,),
    answers={200: Media("text/csv", "One line for each part of each route's pay")},
)
def download_my_statements(driver_id: str, query: Days) -> Response:
    """Download what your routes paid, line by line: `from` and `to` are your hub's days.

    Stops, way, time, what the guarantee added, waiting, bonus, tips; they sum to what you earned.
    """
    uow = work.begin()
    zone = merchants.load_hub(uow, drivers.load(uow, driver_id).hub_id).timezone
    first, last = query.span(local_day(uow.now, zone))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for one in statements.list_days(uow, driver_id, first, last):
        currency = one.pay.currency
        for line in one.pay.lines:
            rate = "" if line.rate_minor is None else amount_text(line.rate_minor, currency)
            amount = amount_text(line.amount_minor, currency)
            route = (one.day, one.route_id, one.id, write_instant(one.ended_at))
            part = (line.kind.value, line.quantity, line.unit.value, rate, amount, currency)
            writer.writerow((*route, *part))
    headers = {"Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store"}
    return Response(body=out.getvalue(), status_code=200, headers=headers)
