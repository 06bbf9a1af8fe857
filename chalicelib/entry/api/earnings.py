"""What a driver earned: days, routes, lines; for the driver, and for the desk."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import groupby
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field

from chalicelib.domain.drivers import day_records, statements
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.statements import Statement
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import rest, work
from chalicelib.entry.api.pay_answers import EXAMPLE_PAY, PayAnswer, write_pay
from chalicelib.entry.auth import DRIVER, OPERATOR
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
mine = Doors(bp, tag="Driver")
desk = Doors(bp, tag="Operator")

RouteId = Annotated[str, IdOf("rte", "route")]
DriverId = Annotated[str, IdOf("drv", "driver")]
MOST_DAYS = 62
USUAL_DAYS = 7
_STATEMENT_ID = "pst_01m83qpnbb853jczmpgmk52m8t"
_ROUTE_ID = "rte_01m83qqb5cfmsa2k3w3tegjase"
_ENDED_AT = "2026-11-23T08:29:34.067Z"
_TOTAL = {"currency": "EUR", "amount_minor": 600}


class Days(rest.Body):
    """Days of the hub, both ends included; the last week when left out."""

    from_: rest.Day | None = Field(default=None, alias="from")
    to: rest.Day | None = None

    def span(self, today: date) -> tuple[date, date]:
        last = self.to or today
        first = self.from_ or last - timedelta(days=USUAL_DAYS - 1)
        if not timedelta() <= last - first < timedelta(days=MOST_DAYS):
            error = f"from the first day to the last, {MOST_DAYS} at most"
            raise Invalid(error, fields=[{"field": "from", "error": error}])
        return first, last


class Amount(rest.Answer):
    currency: str
    amount_minor: int


class EarnedRoute(rest.Answer):
    statement_id: str
    route_id: str
    ended_at: AwareDatetime
    pay: PayAnswer


class EarnedDay(rest.Answer):
    """``online_s``: time on duty, once you went off duty."""

    day: date
    online_s: int
    totals: list[Amount]
    routes: list[EarnedRoute]


class Earnings(rest.Answer):
    """Days with their routes; a total for each currency."""

    totals: list[Amount]
    days: list[EarnedDay]

    model_config = rest.example(
        totals=[_TOTAL],
        days=[
            {
                "day": "2026-11-23",
                "online_s": 14400,
                "totals": [_TOTAL],
                "routes": [
                    {
                        "statement_id": _STATEMENT_ID,
                        "route_id": _ROUTE_ID,
                        "ended_at": _ENDED_AT,
                        "pay": EXAMPLE_PAY,
                    }
                ],
            }
        ],
    )


class HappenedAnswer(rest.Answer):
    done_stops: int
    failed_stops: int
    skipped_stops: int
    distance_m: int
    duration_s: int
    engaged_s: int


class StatementAnswer(rest.Answer):
    """What was agreed, what happened, what is paid. ``change_minor``: against the one before;
    ``floor_minor``: what the engaged time is worth by the hourly floor, no part of the pay."""

    id: str
    revision: int
    ended_at: AwareDatetime
    reopened: bool
    agreed: PayAnswer | None
    happened: HappenedAnswer
    pay: PayAnswer
    change_minor: int
    floor_minor: int


class RouteEarnings(rest.Answer):
    """The statements of a route; the last one counts."""

    route_id: str
    statements: list[StatementAnswer]

    model_config = rest.example(
        route_id=_ROUTE_ID,
        statements=[
            {
                "id": _STATEMENT_ID,
                "revision": 1,
                "ended_at": _ENDED_AT,
                "reopened": False,
                "agreed": EXAMPLE_PAY,
                "happened": {
                    "done_stops": 2,
                    "failed_stops": 0,
                    "skipped_stops": 0,
                    "distance_m": 1345,
                    "duration_s": 544,
                    "engaged_s": 702,
                },
                "pay": EXAMPLE_PAY,
                "change_minor": 600,
                "floor_minor": 293,
            }
        ],
    )


@mine.route("GET", "/v1/driver/earnings", who=(DRIVER,), answers={200: Earnings})
def show_my_earnings(driver_id: str, query: Days) -> Mapping[str, Any]:
    """Show what you earned, by day and route, line by line: `from` and `to` are your hub's days."""
    return work.read(lambda uow: _earnings(uow, driver_id, query))


@mine.route("GET", "/v1/driver/earnings/{route_id}", who=(DRIVER,), answers={200: RouteEarnings})
def show_route_earnings(driver_id: str, route_id: RouteId) -> Mapping[str, Any]:
    """Show what was agreed for a route of yours, what happened, and what it paid."""
    found = work.read(lambda uow: statements.load_route(uow, driver_id, route_id))
    return {"route_id": route_id, "statements": [_statement(one) for one in found]}


@desk.route("GET", "/v1/drivers/{driver_id}/earnings", who=(OPERATOR,), answers={200: Earnings})
def show_earnings(driver_id: DriverId, query: Days) -> Mapping[str, Any]:
    """Show what a driver earned, as the driver sees it."""
    return work.read(lambda uow: _earnings(uow, driver_id, query))


def _earnings(uow: UnitOfWork, driver_id: str, query: Days) -> dict[str, Any]:
    driver = drivers.load(uow, driver_id)
    zone = merchants.load_hub(uow, driver.hub_id).timezone
    first, last = query.span(local_day(uow.now, zone))
    paid = statements.list_days(uow, driver_id, first, last)
    by_day = {day: list(ones) for day, ones in groupby(paid, lambda one: one.day)}
    span = [first + timedelta(days=ahead) for ahead in range((last - first).days + 1)]
    online = day_records.online_by_day(uow, driver_id, span)
    days = [day for day in span if day in by_day or online.get(day)]
    return {
        "totals": _totals(paid),
        "days": [_day(day, online.get(day, 0), by_day.get(day, [])) for day in days],
    }


def _day(day: date, online_s: int, paid: Sequence[Statement]) -> dict[str, Any]:
    return {
        "day": day.isoformat(),
        "online_s": online_s,
        "totals": _totals(paid),
        "routes": [
            {
                "statement_id": one.id,
                "route_id": one.route_id,
                "ended_at": write_instant(one.ended_at),
                "pay": write_pay(one.pay),
            }
            for one in paid
        ],
    }


def _totals(paid: Iterable[Statement]) -> list[dict[str, Any]]:
    sums: dict[str, int] = {}
    for one in paid:
        sums[one.pay.currency] = sums.get(one.pay.currency, 0) + one.pay.total_minor
    return [{"currency": code, "amount_minor": amount} for code, amount in sorted(sums.items())]


def _statement(one: Statement) -> dict[str, Any]:
    return {
        "id": one.id,
        "revision": one.revision,
        "ended_at": write_instant(one.ended_at),
        "reopened": one.reopened,
        "agreed": None if one.agreed is None else write_pay(one.agreed),
        "happened": {
            "done_stops": one.happened.done_stops,
            "failed_stops": one.happened.failed_stops,
            "skipped_stops": one.happened.skipped_stops,
            "distance_m": one.happened.distance_m,
            "duration_s": one.happened.duration_s,
            "engaged_s": one.happened.engaged_s,
        },
        "pay": write_pay(one.pay),
        "change_minor": one.change_minor,
        "floor_minor": one.floor_minor,
    }
