"""What do shops expect? ``/v1/forecasts``: said by merchants, read by them and by the desk."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field, model_validator

from chalicelib.domain.coverage import forecasts
from chalicelib.domain.coverage.forecasts import Forecast
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub, Scope
from chalicelib.entry import rest, work
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid, NotFound
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Coverage")

MOST_DAYS_AWAY = 3660

_DAY: dict[str, Any] = {
    "merchant_id": "mer_01m83qpn9gec8xh7wbacsaen6x",
    "day": "2026-12-18",
    "orders": 240,
    "said_at": "2026-11-27T12:00:00.000Z",
    "deadline": "2026-12-10T23:00:00.000Z",
    "is_late": False,
}


class ExpectedDay(rest.Body):
    day: rest.Day
    orders: Annotated[int, Field(ge=0, le=forecasts.MOST_ORDERS)]


class ForecastForm(rest.Body):
    """What is expected; no orders take a day back, days that are not named stay."""

    days: Annotated[list[ExpectedDay], Field(min_length=1, max_length=forecasts.MOST_DAYS)]

    model_config = rest.example(days=[{"day": "2026-12-18", "orders": 240}])

    @model_validator(mode="after")
    def _names_each_day_once(self) -> "ForecastForm":
        if len({one.day for one in self.days}) != len(self.days):
            raise ValueError("a day comes twice")
        return self

    @property
    def expected(self) -> dict[date, int]:
        return {one.day: one.orders for one in self.days}


class ForecastQuery(rest.Body):
    """The operator names the hub; ``first`` is today and ``last`` two weeks later unless given."""

    hub_id: Annotated[str, Field(max_length=64)] | None = None
    first: rest.Day | None = None
    last: rest.Day | None = None


class ForecastDay(rest.Answer):
    """``deadline``: until when it helps to say so; ``is_late``: it was said after that."""

    merchant_id: str
    day: date
    orders: int
    said_at: AwareDatetime
    deadline: AwareDatetime
    is_late: bool

    model_config = rest.example(**_DAY)


class Forecasts(rest.Answer):
    """What is expected, by day."""

    forecasts: list[ForecastDay]

    model_config = rest.example(forecasts=[_DAY])


@doors.route(
    "PUT",
    "/v1/forecasts",
    who=(merchant(Scope.SETTINGS_WRITE),),
    answers={200: Forecasts},
)
def say_forecast(merchant_id: str, body: ForecastForm) -> Mapping[str, Any]:
    """Say how many orders you expect on which days.

    It reserves nothing and binds nobody; the desk plans its drivers by it. A week ahead is in time.
    The same again changes nothing.
    """

    def say(uow: UnitOfWork) -> Mapping[str, Any]:
        hub = _hub_of(uow, merchant_id)
        return _write(hub, forecasts.say(uow, hub, merchant_id, body.expected))

    return work.run(say)


@doors.route(
    "GET",
    "/v1/forecasts",
    who=(merchant(Scope.SETTINGS_READ), OPERATOR),
    answers={200: Forecasts},
    errors=(NotFound, Invalid),
)
def list_forecasts(caller: Caller, query: ForecastQuery) -> Mapping[str, Any]:
    """List what is expected from day to day: a merchant its own, the desk what all shops said."""
    uow = work.begin()
    if caller.role is Role.MERCHANT:
        hub = _hub_of(uow, caller.id)
        if query.hub_id not in (None, hub.id):
            raise NotFound("there is no such hub")
    elif query.hub_id is None:
        field = {"field": "hub_id", "error": "the operator names the hub"}
        raise Invalid("of which hub?", fields=[field])
    else:
        hub = merchants.load_hub(uow, query.hub_id)
    today = local_day(uow.now, hub.timezone)
    first = query.first or today
    if abs((first - today).days) > MOST_DAYS_AWAY:
        field = {"field": "first", "error": "within some years of today"}
        raise Invalid("nothing was foretold then", fields=[field])
    last = query.last or first + timedelta(days=13)
    count = (last - first).days + 1
    if not 1 <= count <= forecasts.MOST_DAYS:
        field = {"field": "last", "error": f"{forecasts.MOST_DAYS} days from the first at most"}
        raise Invalid("too many days, or none", fields=[field])
    if caller.role is Role.MERCHANT:
        days = (first + timedelta(days=ahead) for ahead in range(count))
        return _write(hub, forecasts.of_merchant(uow, hub.id, caller.id, days))
    return _write(hub, forecasts.of_hub(uow, hub.id, first, last))


def _hub_of(uow: UnitOfWork, merchant_id: str) -> Hub:
    return merchants.load_hub(uow, merchants.load_merchant(uow, merchant_id).hub_id)


def _write(hub: Hub, found: list[Forecast]) -> dict[str, Any]:
    return {
        "forecasts": [
            {
                "merchant_id": one.merchant_id,
                "day": one.day.isoformat(),
                "orders": one.orders,
                "said_at": write_instant(one.said_at),
                "deadline": write_instant(forecasts.deadline(one.day, hub)),
                "is_late": one.is_late,
            }
            for one in found
        ]
    }
