"""What does a simulation say? Its days and figures, put into the words and pictures of the report.

The function of simulations and ``python -m local.simulate day`` write the same report by this.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markupsafe import Markup

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.dispatch.model import Route, RouteStatus, StopStatus
from chalicelib.domain.simulation import stage
from chalicelib.domain.simulation.choices import Scenario
from chalicelib.domain.simulation.comparing import Compared
from chalicelib.domain.simulation.recorded import RecordedDay
from chalicelib.kit.geo import LatLng
from chalicelib.kit.intervals import Interval
from chalicelib.web import charts, what_if
from chalicelib.web.what_if import Cell, City, Page, Row

#: Figures by their names for people, and how their numbers are written.
NAMES = {
    "brought": "Parcels brought",
    "left_over": "Left for another day",
    "routes": "Routes",
    "drivers": "Drivers with a route",
    "distance_m": "Planned way [km]",
    "on_time_rate": "On time at the door [%]",
    "first_attempt_rate": "First attempt [%]",
    "order_to_door_mean_s": "Order to door, mean [min]",
    "order_to_door_p90_s": "Order to door, nine of ten [min]",
    "failed_attempts": "Failed tries",
    "stops_per_hour": "Stops an hour",
    "distance_per_delivery_m": "Way per parcel [km]",
    "cost_per_delivery_minor": "Cost of driving per parcel",
    "co2e_per_parcel_g": "CO2e per parcel [g]",
    "utilisation": "Time on routes [%]",
    "earnings_per_hour_minor": "Drivers' earnings an hour",
}
_SCALES = {
    **dict.fromkeys(("on_time_rate", "first_attempt_rate", "utilisation"), (100, 1)),
    **dict.fromkeys(("order_to_door_mean_s", "order_to_door_p90_s"), (1 / 60, 1)),
    **dict.fromkeys(("cost_per_delivery_minor", "earnings_per_hour_minor"), (1 / 100, 2)),
    **dict.fromkeys(("distance_m",), (1 / 1000, 1)),
    **dict.fromkeys(("distance_per_delivery_m",), (1 / 1000, 2)),
}
_COUNTS = ("brought", "left_over", "routes", "drivers", "failed_attempts")
#: Choices in words.
SAID: Mapping[str, Callable[[Any], str]] = {
    "drivers": lambda more: f"{more:+d} driver{'s' if abs(more) > 1 else ''}",
    "window_s": lambda later: f"windows end {later / 60:+.0f} min",
    "holds_back": lambda does: "what may wait is held back" if does else "nothing is held back",
    "tick_s": lambda every: f"a wave every {every // 60} min",
    "prize_percent": lambda prize: f"going now is worth {prize} %",
    "decay_percent_per_h": lambda less: f"which fades by {less} % an hour",
    "full_percent": lambda full: f"a van is full at {full} %",
    "horizon_s": lambda ahead: f"waves look {ahead // 60} min ahead",
    "lockers": lambda are: "with pickup points" if are else "no pickup points",
    "more_lockers": lambda more: f"{more} more lockers",
    "locker_percent": lambda share: f"{share} % choose a locker",
    "locker_walk_m": lambda walk: f"within a walk of {walk} m",
    "e_bikes": lambda some: f"{some} drivers on e-bikes",
    "own_fleet": lambda alone: f"brands that drive alone: {len(alone)}",
    "travel_percent": lambda share: f"driving takes {share} % of the time",
    "shut_door_permille": lambda some: f"{some} of 1,000 visits find nobody",
}
_PICTURED = ("on_time_rate", "distance_per_delivery_m", "cost_per_delivery_minor")


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario, and the day that came of it under the first seed."""

    scenario: Scenario
    day: RecordedDay


def write(
    day: RecordedDay,
    recorded: Mapping[str, float],
    played: Sequence[Played],
    compared: Sequence[Compared],
    seeds: int,
) -> str:
    """The report as one HTML file; the same simulation is the same bytes.

    Parameters
    ----------
    recorded
        The figures of the day as it was; none of a made-up one.
    """
    day, hub = day.own(), stage.hub_of(day)
    shown = [*([("As recorded", day)] if day.routes else [])]
    shown += [(one.scenario.name, one.day) for one in played]
    cities = [_city(one, hub.position) for _, one in shown]
    frame = what_if.frame_of(cities)
    maps = [
        (name, what_if.draw(city, f"Map: {name}", _said(one), frame))
        for (name, one), city in zip(shown, cities, strict=True)
    ]
    many = f"{seeds} seeds" if seeds > 1 else "one seed"
    page = Page(
        title=f"What if? {hub.name}, {day.day:%d %B %Y}",
        lead=f"{len(day.deliveries)} parcels, {len(day.crew)} drivers, {many} each.",
        key=_key(seeds),
        scenarios=[(one.scenario.name, _choices(one.scenario)) for one in played],
        error_bar=_error_bar(recorded, compared),
        figures=_figures(compared),
        charts=_charts([one.scenario.name for one in played], compared),
        maps=maps,
    )
    return what_if.render(page)


def _key(seeds: int) -> str:
    if seeds == 1:
        return (
            "Of one seed; below, the difference to the first scenario. More seeds give intervals."
        )
    return (
        "Means over the seeds with their 95 % intervals; below, the difference to the first "
        "scenario, seed by seed. Bold: larger than its interval."
    )


def _choices(scenario: Scenario) -> str:
    told = scenario.choices.told()
    return ", ".join(SAID[name](it) for name, it in told.items()) or "none: the day as it was"


def _error_bar(recorded: Mapping[str, float], compared: Sequence[Compared]) -> list[list[str]]:
    if not recorded or not compared:
        return []
    rows = []
    for name, one in compared[0].values.items():
        if name in recorded:
            was = recorded[name]
            off = f"{100 * (one.mean - was) / abs(was):+.1f} %" if was else "–"
            rows.append([NAMES[name], number(name, was), number(name, one.mean), off])
    return rows


def _figures(compared: Sequence[Compared]) -> list[Row]:
    names = [name for name in NAMES if any(name in one.values for one in compared)]
    return [Row(NAMES[name], [_cell(name, one) for one in compared]) for name in names]


def _cell(name: str, one: Compared) -> Cell:
    value = one.values.get(name)
    if value is None:
        return Cell("–")
    against = one.against.get(name)
    if against is None:
        return Cell(with_interval(name, value))
    is_sure = against.half is not None and abs(against.mean) > against.half
    return Cell(with_interval(name, value), with_interval(name, against, "+"), is_sure)


def with_interval(name: str, one: Interval, sign: str = "") -> str:
    half = "" if one.half is None else f" ± {number(name, one.half)}"
    return f"{number(name, one.mean, sign)}{half}"


def number(name: str, value: float, sign: str = "") -> str:
    factor, decimals = _SCALES.get(name, (1, 1))
    if name in _COUNTS and value == int(value):
        decimals = 0
    return f"{value * factor:{sign}.{decimals}f}"


def _charts(names: Sequence[str], compared: Sequence[Compared]) -> list[tuple[str, Markup]]:
    found = []
    for figure in _PICTURED:
        rows = [
            charts.Bar(
                names[one.scenario],
                one.values[figure].mean * _SCALES[figure][0],
                "" if one.values[figure].half is None else _half(figure, one.values[figure]),
            )
            for one in compared
            if figure in one.values
        ]
        if rows:
            show = charts.Axis(NAMES[figure], lambda value: f"{value:.2f}")
            what = f"{NAMES[figure]} by scenario"
            found.append((NAMES[figure], charts.bars(NAMES[figure], what, rows, axis=show)))
    return found


def _half(figure: str, one: Interval) -> str:
    return f"± {number(figure, one.half or 0.0)}"


def _city(day: RecordedDay, hub: LatLng) -> City:
    driven = [one for one in day.routes if one.status is RouteStatus.COMPLETED]
    late = [one for one in day.deliveries if one.is_on_time is False]
    failed = [one for one in day.deliveries if one.attempts]
    there = [one for one in day.deliveries if one.pickup_point_id is not None]
    doors = [one for one in day.deliveries if one.pickup_point_id is None]
    return City(
        routes=[_way(one, hub) for one in driven],
        doors=_spots(doors, hub),
        late=_spots(late, hub),
        failed=_spots(failed, hub),
        points=_spots(there, hub),
    )


def _way(route: Route, hub: LatLng) -> list[tuple[int, int]]:
    """The stops that were driven to, in the order of the taps; a place only once in a row."""
    done = (StopStatus.DONE, StopStatus.FAILED)
    driven = [stop for stop in route.stops if stop.status in done and stop.arrived_at is not None]
    ordered = sorted(driven, key=lambda stop: (stop.arrived_at, stop.id))
    spots = [hub.offset_m(stop.position) for stop in ordered]
    return [*spots[:1], *(after for before, after in pairwise(spots) if before != after)]


def _spots(deliveries: Sequence[Delivery], hub: LatLng) -> list[tuple[int, int]]:
    return sorted({hub.offset_m(one.dropoff) for one in deliveries})


def _said(day: RecordedDay) -> str:
    driven = [one for one in day.routes if one.status is RouteStatus.COMPLETED]
    late = sum(one.is_on_time is False for one in day.deliveries)
    return f"{len(driven)} routes over {len(day.deliveries)} parcels; {late} later than promised."
