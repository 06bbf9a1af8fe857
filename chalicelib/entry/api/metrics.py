"""How are we doing? Figures with their definitions and samples, for merchants and for the desk."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.domain.analytics import cloud, figures, reading, rules
from chalicelib.domain.analytics.reading import Found, GroupBy, Question, Row
from chalicelib.domain.analytics.rollups import HUB
from chalicelib.domain.coverage import store as coverage
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub, Scope
from chalicelib.entry import work
from chalicelib.entry.api.metrics_forms import (
    USUAL_DAYS,
    MetricsAnswer,
    MetricsQuery,
    write_answer,
    write_csv,
)
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.errors import Invalid, NotFound
from chalicelib.kit.hours import local_day
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Figures")

_WHO = (merchant(Scope.DELIVERIES_READ), OPERATOR)


@doors.route("GET", "/v1/metrics", who=_WHO, answers={200: MetricsAnswer}, errors=(NotFound,))
def show_metrics(caller: Caller, query: MetricsQuery) -> Mapping[str, Any]:
    """Show figures of some days, each with its numerator, its denominator and its sample.

    A merchant sees its own deliveries, by day, hour, zone or hub; the desk everything, by driver
    and merchant too. A day is the hub's, and a delivery belongs to the day on which it ended.
    """
    asked, found = work.read(lambda uow: _answer(uow, caller, query))
    rows = _page(found, query)
    return write_answer(asked.first, asked.last, query, found, rows)


@doors.route(
    "GET",
    "/v1/metrics.csv",
    who=_WHO,
    answers={200: Media("text/csv", "One line for each group and figure")},
    errors=(NotFound,),
)
def export_metrics(caller: Caller, query: MetricsQuery) -> Response:
    """Export the same as a spreadsheet: one line for each group and figure, all groups at once."""
    _, found = work.read(lambda uow: _answer(uow, caller, query))
    headers = {"Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store"}
    name = 'attachment; filename="metrics.csv"'
    return Response(write_csv(found.rows), headers={**headers, "Content-Disposition": name})


def _answer(uow: UnitOfWork, caller: Caller, query: MetricsQuery) -> tuple[Question, Found]:
    asked = _of_merchant(uow, caller, query) if caller.role is Role.MERCHANT else None
    asked = asked or _of_desk(uow, query)
    found = reading.answer(uow, asked)
    is_whole = query.hub_id is None and asked.scope == HUB and asked.group_by is None
    return asked, _with_cloud(uow, asked, found) if is_whole else found


def _with_cloud(uow: UnitOfWork, asked: Question, found: Found) -> Found:
    """What the cloud cost meanwhile, to the desk that asks for the whole network."""
    days = list(asked.days())
    if len(days) > cloud.MOST_DAYS:
        return found
    cost = cloud.micro_usd(cloud.used(uow, days), rules.load(uow).prices)
    (row,) = found.rows
    sums = replace(row.sums, counts={**row.sums.counts, figures.CLOUD: cost})
    return replace(found, rows=(replace(row, sums=sums),))


def _of_merchant(uow: UnitOfWork, caller: Caller, query: MetricsQuery) -> Question:
    """Its own, whatever else there is: who drove it is no matter between a shop and us."""
    if query.merchant_id not in (None, caller.id):
        raise NotFound("there is no such merchant")
    if query.driver_id is not None or query.group_by in (GroupBy.DRIVER, GroupBy.MERCHANT):
        error = "day, hour, zone or hub"
        raise Invalid(error, fields=[{"field": "group_by", "error": error}])
    home = merchants.load_hub(uow, merchants.load_merchant(uow, caller.id).hub_id)
    if query.hub_id not in (None, home.id):
        raise NotFound("there is no such hub")
    first, last = _span(uow, query, home)
    return Question(first, last, (home.id,), query.group_by, caller.id, query.zone_id)


def _of_desk(uow: UnitOfWork, query: MetricsQuery) -> Question:
    hubs = [merchants.load_hub(uow, query.hub_id)] if query.hub_id else merchants.list_hubs(uow)
    if query.driver_id is not None:
        home = drivers.load(uow, query.driver_id).hub_id
        hubs = [one for one in hubs if one.id == home]
    if query.zone_id is not None:
        owner = coverage.owner_of(uow, query.zone_id)
        hubs = [one for one in hubs if one.id == owner] or hubs
    first, last = _span(uow, query, hubs[0] if hubs else None)
    return Question(
        first,
        last,
        tuple(one.id for one in hubs),
        query.group_by,
        query.merchant_id,
        query.zone_id,
        query.driver_id,
    )


def _span(uow: UnitOfWork, query: MetricsQuery, hub: Hub | None) -> tuple[date, date]:
    today = uow.now.date() if hub is None else local_day(uow.now, hub.timezone)
    last = query.to or max(today, query.from_ or today)
    first = query.from_ or last - timedelta(days=USUAL_DAYS - 1)
    if last < first:
        error = "from the first day to the last"
        raise Invalid(error, fields=[{"field": "from", "error": error}])
    return first, last


def _page(found: Found, query: MetricsQuery) -> tuple[Row, ...]:
    """Rows after the cursor's, in the order of their keys."""
    after = query.cursor
    rest_ = [row for row in found.rows if after is None or str(row.key) > after]
    return tuple(rest_[: query.limit])
