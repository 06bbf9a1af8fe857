"""Own vans, our network, or a carrier? ``/calculator`` for everybody, ``/m/calculator`` for shops.

The ways behind the answer are simulated (docs/study.md), the prices are inputs that stand on the
page and can be changed. It is asked by GET: nothing personal, nothing kept, a link can be shared.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response
from pydantic import Field

from chalicelib import web
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.pricing import own_fleet
from chalicelib.domain.pricing.own_fleet import Comparison, Prices
from chalicelib.entry import portal, rest
from chalicelib.entry.auth import Caller, portal_page, public
from chalicelib.entry.known import unless_known
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Malformed
from chalicelib.web import charts
from chalicelib.web.charts import Axis, Series

bp = Blueprint(__name__)
everybody = Doors(bp, tag="Everybody")
members = Doors(bp, tag="Portal")

SHEET = "portal+charts"
#: The curve is drawn at these volumes, as far as they were simulated.
_DRAWN = (1, 2, 3, 5, 8, 12, 20, 35, 60, 90, 120, 180, 300, 540, 800)

_Minor = Annotated[int, Field(ge=0, le=1_000_000)]


class CalculatorQuery(rest.Body):
    """Parcels a day, how dense the network is, and prices in cents."""

    volume: Annotated[int, Field(ge=1, le=100_000)] = 20
    network: int = 600
    hour: _Minor = own_fleet.USUAL.hour_minor
    van: _Minor = own_fleet.USUAL.van_day_minor
    km: _Minor = own_fleet.USUAL.km_minor
    margin: Annotated[int, Field(ge=0, le=200)] = own_fleet.USUAL.margin_percent
    shift: bool = False

    @property
    def prices(self) -> Prices:
        return Prices(
            hour_minor=self.hour,
            van_day_minor=self.van,
            km_minor=self.km,
            margin_percent=self.margin,
            pays_least_shift=self.shift,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What the page shows: the form as it counts, the comparison, the curve, what was wrong."""

    query: CalculatorQuery
    compared: Comparison
    chart: Any
    table: Any
    wrong: tuple[Mapping[str, str], ...] = ()


@everybody.route(
    "GET",
    "/calculator",
    who=(public("anybody may work out what fits their shop"),),
    answers={200: portal.PAGE, 304: None},
    also_head=True,
)
def show_public_calculator(request: Request) -> Response:
    """Compare own vans, the network and a carrier by parcels a day.

    Parameters: `volume`, `network` (what the whole network brings a day), and as inputs `hour`,
    `van`, `km` (cents), `margin` (percent), `shift=yes` for four paid hours at least.
    """
    answer = work_out(portal.asked(request))
    html = web.render(
        "calculator.html", answer=answer, sizes=own_fleet.network_sizes(), cents=cents
    )
    return unless_known(request, html, web.headers(html, sheet=SHEET, has_forms=True))


@members.route("GET", "/m/calculator", who=(portal_page(TeamRole.VIEWER),), answers=portal.PAGES)
@portal.in_words
def show_members_calculator(request: Request, caller: Caller) -> Response:
    """The same comparison inside of the portal."""
    visit = portal.visit(request, caller)
    return visit.show(
        "portal/own_fleet.html",
        section="calculator",
        title="Own vans or the network?",
        sheet=SHEET,
        answer=work_out(portal.asked(request)),
        sizes=own_fleet.network_sizes(),
        cents=cents,
    )


def work_out(given: Mapping[str, str]) -> Answer:
    """Compare; what cannot be asked is told, and the usual inputs stand in."""
    known = {name: given[name] for name in given if name in CalculatorQuery.model_fields}
    wrong: tuple[Mapping[str, str], ...] = ()
    try:
        query = rest.read_cells(CalculatorQuery, known)
    except Malformed as error:
        query, wrong = CalculatorQuery(), tuple(error.fields)
    most = own_fleet.volumes()[-1]
    if query.volume > most:
        query = query.model_copy(update={"volume": most})
        wrong += ({"field": "volume", "error": f"only up to {most} parcels a day were simulated"},)
    if query.network not in own_fleet.network_sizes():
        query = query.model_copy(update={"network": CalculatorQuery().network})
        wrong += ({"field": "network", "error": "not one of the sizes that were simulated"},)
    compared = _compare(query, query.volume)
    curve = [_compare(query, one) for one in _DRAWN if one in own_fleet.volumes()]
    return Answer(query, compared, _chart(curve), _table(curve), wrong)


def cents(minor: float) -> str:
    """``5.90``: of whatever currency the inputs are in."""
    return f"{minor / 100:,.2f}"


def _compare(query: CalculatorQuery, volume: int) -> Comparison:
    return own_fleet.own_fleet_or_pooled(volume, network_per_day=query.network, prices=query.prices)


def _chart(curve: list[Comparison]) -> Any:
    """Cost of a parcel by volume; volumes stand on a logarithm, for small shops are most shops."""

    def line(name: str, costs: list[float]) -> Series:
        points = [
            (math.log10(one.volume_per_day), cost) for one, cost in zip(curve, costs, strict=True)
        ]
        return Series(name, points)

    return charts.lines(
        "Cost of a parcel by parcels a day",
        "Own vans are dear for few parcels and cheap for many; the network hardly depends on it.",
        [
            line("Own vans", [one.own.mean for one in curve]),
            line("Network", [one.pooled.mean for one in curve]),
            line("Carrier", [float(one.carrier_minor) for one in curve]),
        ],
        x=Axis("parcels a day", lambda value: f"{10**value:,.0f}"),
        y=Axis("per parcel", cents),
        from_zero=True,
    )


def _table(curve: list[Comparison]) -> Any:
    rows = [
        [
            f"{one.volume_per_day}",
            cents(one.own.mean),
            cents(one.pooled.mean),
            cents(one.carrier_minor),
        ]
        for one in curve
    ]
    head = ["Parcels a day", "Own vans", "Network", "Carrier"]
    return charts.table("Cost of a parcel by parcels a day", head, rows)
