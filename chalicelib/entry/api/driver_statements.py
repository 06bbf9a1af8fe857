"""A driver's pay stop by stop: what each brought, and what was for the route as a whole."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Response
from pydantic import AwareDatetime, Field

from chalicelib.domain.billing.ubl import amount_text
from chalicelib.domain.drivers import statements
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.pay_by_stop import StopEnd, StopPay, route_lines
from chalicelib.domain.drivers.statements import Statement
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import rest, work
from chalicelib.entry.api.earnings import Days
from chalicelib.entry.api.pay_answers import PayLineAnswer, write_line
from chalicelib.entry.auth import DRIVER, OPERATOR
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors, Media
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
mine = Doors(bp, tag="Driver")
desk = Doors(bp, tag="Operator")

DriverId = Annotated[str, IdOf("drv", "driver")]

_HEAD = (
    *("day", "route_id", "statement_id", "ended_at", "line", "stop_id", "delivery_ids", "end"),
    *("fee", "distance_m", "distance", "duration_s", "time", "waiting_min", "waiting", "tips"),
    *("amount", "currency"),
)
#: Of a line that is for the route: nothing that stops have.
_NO_STOP = ("",) * 11


class StopPayAnswer(rest.Answer):
    """One stop: its fee, its share of the route's way and time, its waiting, its tips; they sum to
    ``amount_minor``. ``kind``: ``pickup``, ``dropoff`` or ``return``."""

    stop_id: str
    kind: str
    end: StopEnd
    delivery_ids: list[str]
    fee_minor: int
    distance_m: int
    distance_minor: int
    duration_s: int
    time_minor: int
    waiting_min: int
    waiting_minor: int
    tips_minor: int
    amount_minor: int


class PayStatement(rest.Answer):
    """One route: its stops, and in ``route_lines`` what no stop brought (what the guarantee added,
    the bonus); together they sum to ``total_minor``. A route that was paid before stops had lines
    has all of its lines there. ``floor_minor``: what ``engaged_s`` is worth by the hourly floor; it
    is held against the pay of the whole period."""

    id: str
    route_id: str
    day: rest.Day
    ended_at: AwareDatetime
    currency: str
    total_minor: int
    engaged_s: int
    floor_minor: int
    stops: list[StopPayAnswer]
    route_lines: list[PayLineAnswer]


class PayStatementPage(rest.Answer):
    """Statements that count, the newest day first."""

    statements: list[PayStatement]
    next_cursor: str | None

    model_config = rest.example(
        statements=[
            {
                "id": "pst_01m83qpnbb853jczmpgmk52m8t",
                "route_id": "rte_01m83qqb5cfmsa2k3w3tegjase",
                "day": "2026-11-23",
                "ended_at": "2026-11-23T08:29:34.067Z",
                "currency": "EUR",
                "total_minor": 600,
                "engaged_s": 702,
                "floor_minor": 293,
                "stops": [
                    {
                        "stop_id": "stp_01m83qqb5c1n6rm3wjs1d5w0hh",
                        "kind": "dropoff",
                        "end": "done",
                        "delivery_ids": ["del_01m83qpnc10y2w525st46371np"],
                        "fee_minor": 40,
                        "distance_m": 1345,
                        "distance_minor": 47,
                        "duration_s": 581,
                        "time_minor": 242,
                        "waiting_min": 0,
                        "waiting_minor": 0,
                        "tips_minor": 0,
                        "amount_minor": 329,
                    }
                ],
                "route_lines": [
                    {
                        "kind": "guarantee",
                        "quantity": 1,
                        "unit": "route",
                        "rate_minor": None,
                        "amount_minor": 271,
                    }
                ],
            }
        ],
        next_cursor=None,
    )


class Page(rest.Body):
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Annotated[str, Field(max_length=1024)] | None = None


@mine.route("GET", "/v1/driver/statements", who=(DRIVER,), answers={200: PayStatementPage})
def list_my_statements(driver_id: str, query: Page) -> Mapping[str, Any]:
    """Show what each stop of your routes brought, the newest day first."""
    return work.read(lambda uow: _page(uow, driver_id, query))


@desk.route(
    "GET", "/v1/drivers/{driver_id}/statements", who=(OPERATOR,), answers={200: PayStatementPage}
)
def list_statements_of_driver(driver_id: DriverId, query: Page) -> Mapping[str, Any]:
    """Show what each stop of a driver's routes brought, as the driver sees it."""

    def read(uow: UnitOfWork) -> Mapping[str, Any]:
        return _page(uow, drivers.load(uow, driver_id).id, query)

    return work.read(read)


@mine.route(
    "GET",
    "/v1/driver/statements.csv",
    who=(DRIVER,),
    answers={200: Media("text/csv", "One line for each stop, and for what was for the route")},
)
def download_my_statements(driver_id: str, query: Days) -> Response:
    """Download what your stops brought, line by line: `from` and `to` are your hub's days.

    What was for a whole route (what the guarantee added, the bonus) is a line of its own; all lines
    sum to what you earned.
    """
    uow = work.begin()
    zone = merchants.load_hub(uow, drivers.load(uow, driver_id).hub_id).timezone
    first, last = query.span(local_day(uow.now, zone))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_HEAD)
    for one in statements.list_days(uow, driver_id, first, last):
        route = (one.day, one.route_id, one.id, write_instant(one.ended_at))
        writer.writerows((*route, *row, one.pay.currency) for row in _rows(one))
    headers = {"Content-Type": "text/csv; charset=utf-8", "Cache-Control": "no-store"}
    return Response(body=out.getvalue(), status_code=200, headers=headers)


def _rows(one: Statement) -> Iterator[tuple[object, ...]]:
    def money(minor: int) -> str:
        return amount_text(minor, one.pay.currency)

    for stop in one.stops:
        yield (
            *(stop.kind, stop.stop_id, " ".join(stop.delivery_ids), stop.end.value),
            *(money(stop.fee_minor), stop.distance_m, money(stop.distance_minor)),
            *(stop.duration_s, money(stop.time_minor), stop.waiting_min),
            *(money(stop.waiting_minor), money(stop.tips_minor), money(stop.amount_minor)),
        )
    for line in route_lines(one.pay, one.stops):
        yield (line.kind.value, *_NO_STOP, money(line.amount_minor))


def _page(uow: UnitOfWork, driver_id: str, query: Page) -> dict[str, Any]:
    found, cursor = statements.page_of(uow, driver_id, limit=query.limit, after=query.cursor)
    return {"statements": [_statement(one) for one in found], "next_cursor": cursor}


def _statement(one: Statement) -> dict[str, Any]:
    return {
        "id": one.id,
        "route_id": one.route_id,
        "day": one.day.isoformat(),
        "ended_at": write_instant(one.ended_at),
        "currency": one.pay.currency,
        "total_minor": one.pay.total_minor,
        "engaged_s": one.happened.engaged_s,
        "floor_minor": one.floor_minor,
        "stops": [_stop(stop) for stop in one.stops],
        "route_lines": [write_line(line) for line in route_lines(one.pay, one.stops)],
    }


def _stop(one: StopPay) -> dict[str, Any]:
    return {
        "stop_id": one.stop_id,
        "kind": one.kind,
        "end": one.end,
        "delivery_ids": list(one.delivery_ids),
        "fee_minor": one.fee_minor,
        "distance_m": one.distance_m,
        "distance_minor": one.distance_minor,
        "duration_s": one.duration_s,
        "time_minor": one.time_minor,
        "waiting_min": one.waiting_min,
        "waiting_minor": one.waiting_minor,
        "tips_minor": one.tips_minor,
        "amount_minor": one.amount_minor,
    }
