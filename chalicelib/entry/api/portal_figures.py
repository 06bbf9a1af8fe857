"""The portal's ``/m/figures``: how did it go, how sure is that, and how was it before?

The same sums as ``GET /v1/metrics``, for a period and for the one of the same length before it.
Every number stands with its definition and its sample; a small sample says that it is one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from chalice.app import Blueprint, Request, Response

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.analytics import figures, reading, totals
from chalicelib.domain.analytics.definitions import BY_ID, Definition, Unit
from chalicelib.domain.analytics.figures import Figure
from chalicelib.domain.analytics.reading import GroupBy, Question, Row
from chalicelib.domain.analytics.totals import Totals
from chalicelib.entry import portal, rest, work
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.portal import Visit
from chalicelib.entry.surface import Doors
from chalicelib.kit.hours import local_day
from chalicelib.storage.unit_of_work import UnitOfWork
from chalicelib.web import charts, portal_words
from chalicelib.web.charts import Axis, Bar, Bin, Mark, Series

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

#: What is shown, in this order; one that comes in several currencies is shown once for each.
SHOWN = (
    "deliveries",
    "on_time_rate",
    "order_to_door_p50_s",
    "order_to_door_p90_s",
    "first_attempt_rate",
    "price_per_delivery_minor",
    "co2e_per_parcel_g",
)
#: Below this a share may differ by a dozen points by chance alone (95 % of a share of 90 % of 30
#: lie between 74 and 98 %).
SMALL_SAMPLE = 30
_BARS_MIN = 15


class PeriodQuery(rest.Body):
    days: Literal["7", "28", "90"] = "28"


@dataclass(frozen=True, slots=True)
class Card:
    """One figure with what it means, and what it was in the period before."""

    definition: Definition
    value: str
    n: int
    before: str
    before_n: int
    is_small: bool


@doors.route("GET", "/m/figures", who=(portal_page(TeamRole.VIEWER),), answers=portal.PAGES)
@portal.in_words
def show_figures(request: Request, caller: Caller) -> Response:
    """Show a merchant's figures of 7, 28 or 90 `days` beside those of the period before.

    A delivery belongs to the day on which it ended, on the hub's clock.
    """
    visit = portal.visit(request, caller)
    given = {name: one for name, one in portal.asked(request).items() if name == "days"}
    length = int(rest.read_cells(PeriodQuery, given).days)
    today = local_day(visit.now, visit.hub.timezone)
    first = today - timedelta(days=length - 1)
    uow = work.begin()
    now, as_of = _rows(uow, visit, first, today)
    before, _ = _rows(uow, visit, first - timedelta(days=length), first - timedelta(days=1))
    sums, sums_before = (totals.added(row.sums for row in rows) for rows in (now, before))
    return visit.show(
        "portal/figures.html",
        section="figures",
        title="Figures",
        sheet="portal+charts",
        length=length,
        first=first,
        last=today,
        as_of=as_of,
        cards=cards_of(sums, sums_before),
        on_time=on_time_by_day(visit, now),
        to_door=order_to_door(sums),
        reasons=failure_reasons(sums),
        small=SMALL_SAMPLE,
        ended=sums.count("ended"),
    )


def cards_of(sums: Totals, before: Totals) -> list[Card]:
    """What is shown of two periods."""
    earlier = figures.from_totals(before)
    return [
        _card(one, earlier.of(one.id, currency=one.currency))
        for wanted in SHOWN
        for one in _all_of(sums, wanted)
    ]


def on_time_by_day(visit: Visit, rows: Sequence[Row]) -> tuple[Any, Any]:
    """The share on time of each day that had deliveries: a chart and its table."""
    title = "On time at the door, by day"
    days = [(date.fromisoformat(str(row.key)), row.sums) for row in rows]
    points: list[tuple[float, float | None]] = []
    lines: list[list[str | float | None]] = []
    for day, sums in days:
        one = figures.from_totals(sums).of("on_time_rate")
        points.append((float(day.toordinal()), one.value))
        lines.append([visit.local.day(day), shown(one), str(one.n)])
    chart = charts.lines(
        title,
        "Days without deliveries at a door are gaps.",
        [Series("On time", points)],
        x=Axis("day", lambda at: visit.local.day(date.fromordinal(round(at)))),
        y=Axis("share", lambda share: f"{share:.0%}"),
        from_zero=True,
    )
    return chart, charts.table(title, ["Day", "On time", "n"], lines)


def order_to_door(sums: Totals) -> tuple[Any, Any]:
    """How long orders took: quarters of an hour, with the median and nine of ten."""
    title = "From the order to the door"
    counted: dict[int, int] = {}
    for minute, count in sums.door_min.items():
        low = minute // _BARS_MIN * _BARS_MIN
        counted[low] = counted.get(low, 0) + count
    bins = [Bin(low, low + _BARS_MIN, counted[low]) for low in sorted(counted)]
    known = figures.from_totals(sums)
    marks = [
        Mark(name, one.value / 60)
        for name, one in (
            ("Half within", known.of("order_to_door_p50_s")),
            ("Nine of ten within", known.of("order_to_door_p90_s")),
        )
        if one.value is not None
    ]
    axis = Axis("time", lambda minutes: portal_words.duration(round(minutes * 60)))
    chart = charts.histogram(title, "Deliveries by how long they took.", bins, marks=marks, x=axis)
    lines = [[f"{axis.show(one.low)} to {axis.show(one.high)}", str(one.count)] for one in bins]
    return chart, charts.table(title, ["Took", "Deliveries"], lines)


def failure_reasons(sums: Totals) -> tuple[Any, Any]:
    """Why tries at the door failed, the commonest first."""
    title = "Failed tries at the door, by reason"
    reasons = figures.from_totals(sums).failure_reasons
    rows = [Bar(portal_words.spoken(reason), count) for reason, count in reasons.items()]
    table = charts.table(title, ["Reason", "Tries"], [[row.label, row.value] for row in rows])
    return charts.bars(title, "Tries that failed.", rows), table


def shown(one: Figure) -> str:
    """A figure's value as people read it; a dash where nobody can say."""
    if one.value is None:
        return "–"
    match one.unit:
        case Unit.RATIO:
            return f"{one.value:.1%}"
        case Unit.SECOND:
            return portal_words.duration(round(one.value))
        case Unit.MINOR:
            return portal_words.money(round(one.value), one.currency or "EUR")
        case Unit.GRAM:
            return f"{one.value:,.0f} g"
    return f"{one.value:,.0f}"


def _card(one: Figure, before: Figure) -> Card:
    is_small = one.unit is not Unit.COUNT and 0 < one.n < SMALL_SAMPLE
    return Card(BY_ID[one.id], shown(one), one.n, shown(before), before.n, is_small)


def _all_of(sums: Totals, wanted: str) -> Iterable[Figure]:
    known = figures.from_totals(sums)
    found = [one for one in known.figures if one.id == wanted]
    return found or [known.of(wanted)]


def _rows(uow: UnitOfWork, visit: Visit, first: date, last: date) -> tuple[Sequence[Row], Any]:
    """The merchant's sums, day by day, and as of when they are."""
    asked = Question(first, last, (visit.hub.id,), GroupBy.DAY, visit.merchant.id)
    found = reading.answer(uow, asked)
    return found.rows, found.as_of
