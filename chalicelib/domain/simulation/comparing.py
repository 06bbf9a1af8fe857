"""Which scenario is better, and how sure are we? Figures over seeds, and differences seed by seed.

A scenario's figure is its mean over the seeds with its 95 % interval; a difference is that of each
seed to the first scenario under the same seed, so that the weather cancels out. How far the first
scenario, the day with nothing changed, lies from what was recorded is the error bar of them all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.analytics.figures import Figures
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.dispatch.model import RouteStatus
from chalicelib.domain.simulation.recorded import RecordedDay
from chalicelib.kit.intervals import Interval

#: What is compared, of the figures of docs/figures.md. Texts are not: a simulated day sends none.
COMPARED = (
    "on_time_rate",
    "first_attempt_rate",
    "order_to_door_mean_s",
    "order_to_door_p90_s",
    "failed_attempts",
    "stops_per_hour",
    "distance_per_delivery_m",
    "cost_per_delivery_minor",
    "co2e_per_parcel_g",
    "utilisation",
    "earnings_per_hour_minor",
)
#: What a day's totals add: see ``totals_of``.
OWN = ("brought", "left_over", "routes", "drivers", "distance_m")


@dataclass(frozen=True, slots=True)
class Result:
    """What one scenario came to under one seed: values by figure, without those of nothing."""

    scenario: int
    seed: int
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Compared:
    """A scenario over its seeds. ``against``: to the first scenario; nothing for that itself."""

    scenario: int
    runs: int
    values: Mapping[str, Interval]
    against: Mapping[str, Interval]


def values_of(day: RecordedDay, figures: Figures) -> dict[str, float]:
    """The numbers of one day, recorded or simulated."""
    found = {name: figures.of(name).value for name in COMPARED}
    return totals_of(day) | {name: value for name, value in found.items() if value is not None}


def totals_of(day: RecordedDay) -> dict[str, float]:
    """Of the day as a whole: parcels brought and not brought, routes, drivers, metres planned."""
    day = day.own()
    driven = [one for one in day.routes if one.status is RouteStatus.COMPLETED]
    there = (Status.DELIVERED, Status.COLLECTED, Status.AT_PICKUP_POINT)
    brought = sum(one.status in there for one in day.deliveries)
    over = sum(one.status.is_final and one.status not in there for one in day.deliveries)
    return {
        "brought": brought,
        "left_over": len(day.deliveries) - brought - over,
        "routes": len(driven),
        "drivers": len({one.driver_id for one in driven if one.driver_id is not None}),
        "distance_m": sum(one.distance_m for one in driven),
    }


def compare(results: Sequence[Result]) -> list[Compared]:
    """Scenario by scenario, in their order; with what has been played so far."""
    first = {one.seed: one.values for one in results if one.scenario == 0}
    return [
        _compared(number, [one for one in results if one.scenario == number], first)
        for number in sorted({one.scenario for one in results})
    ]


def _compared(
    number: int, mine: Sequence[Result], first: Mapping[int, Mapping[str, float]]
) -> Compared:
    against = {}
    if number:
        for name in _names(mine):
            pairs = [
                one.values[name] - first[one.seed][name]
                for one in mine
                if name in one.values and name in first.get(one.seed, {})
            ]
            if pairs:
                against[name] = Interval.of(pairs)
    values = {
        name: Interval.of([one.values[name] for one in mine if name in one.values])
        for name in _names(mine)
    }
    return Compared(number, len(mine), values, against)


def _names(results: Iterable[Result]) -> list[str]:
    there = {name for one in results for name in one.values}
    return [name for name in (*OWN, *COMPARED) if name in there]
