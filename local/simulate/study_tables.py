"""How are the study's figures written? Titles, digits and money, for terminals and reports."""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.simulation import study
from chalicelib.domain.simulation.rows import Row
from chalicelib.domain.simulation.study import Claim
from chalicelib.kit.intervals import Interval


@dataclass(frozen=True, slots=True)
class Figure:
    """``times``: from the row's unit to the one that is read."""

    title: str
    digits: int = 1
    times: float = 1.0


def _money(title: str) -> Figure:
    return Figure(title, 2, 0.01)


FIGURES = {
    "km": Figure("km"),
    "vans": Figure("vans"),
    "hours": Figure("hours"),
    "cost_per_parcel_minor": _money("cost per parcel"),
    "late_percent": Figure("late, %"),
    "own_km": Figure("own km", 0),
    "pooled_km": Figure("pooled km", 0),
    "collecting_km": Figure("of it collecting", 0),
    "own_vans": Figure("own vans"),
    "pooled_vans": Figure("pooled vans"),
    "own_minor": _money("own fleet"),
    "own_least_shift_minor": _money("own, 4 h paid at least"),
    "pooled_minor": _money("pooled cost"),
    "price_minor": _money("pooled price"),
    "carrier_minor": _money("carrier (input)"),
    "cheaper_percent": Figure("price below own, %"),
    "cheaper_least_shift_percent": Figure("the same, 4 h paid, %"),
    "cheaper_than_carrier_percent": Figure("price below carrier, %"),
    "mean_h": Figure("order to door, mean h", 2),
    "p90_h": Figure("90 % h", 2),
    "within_2_h_percent": Figure("within 2 h, %"),
    "within_4_h_percent": Figure("within 4 h, %"),
    "km_per_parcel": Figure("km per parcel", 2),
    "trips": Figure("trips"),
    "failed_per_100": Figure("failed visits per 100"),
    "again_a_day": Figure("second visits a day"),
    "to_locker_on_tour_a_day": Figure("to a locker on tour"),
    "returned_a_day": Figure("returned a day"),
    "by_bike_percent": Figure("by bike, %"),
    "parcels_a_run": Figure("parcels a run"),
    "van_km": Figure("van km"),
    "riders": Figure("riders"),
}


def worth(name: str, value: float) -> float:
    return FIGURES[name].times * value


def heads(names: Sequence[str]) -> list[str]:
    return [FIGURES[name].title for name in names]


def shown(
    name: str | None, value: Interval, *, digits: int | None = None, sign: bool = False
) -> str:
    """Mean and half of the interval, where seeds differ; without a name as it is, one digit."""
    figure = FIGURES[name] if name is not None else Figure("")
    places = figure.digits if digits is None else digits
    mean = f"{figure.times * value.mean:{'+' if sign else ''}.{places}f}"
    return f"{mean} ± {figure.times * value.half:.{places}f}" if value.half else mean


def shown_claim(claim: Claim, value: Interval) -> tuple[str, str, str, str]:
    """What it says, what was measured, what was aimed at, and whether it was met."""
    digits = 2 if claim.unit == "h" else 1
    measured = f"{shown(None, value, digits=digits)} {claim.unit}"
    if claim.aim is None:
        return claim.says, measured, "", ""
    aim = f"{'≤' if claim.wants_less else '≥'} {claim.aim:g} {claim.unit}"
    return claim.says, measured, aim, "yes" if claim.is_met(value) else "no"


def markdown(rows: Sequence[Row]) -> str:
    """Every group's table, below each arm what it is against its base; claims at the end."""
    lines: list[str] = []
    group = ""
    for one in study.summaries(rows):
        names = list(one.figures)
        if one.group != group:
            group = one.group
            lines += [
                "",
                f"| {group} | {' | '.join(heads(names))} |",
                "|---" * len(names) + "|---|",
            ]
        cells = [shown(name, one.figures[name]) for name in names]
        lines.append(f"| {one.arm} | {' | '.join(cells)} |")
        if one.against:
            cells = [
                shown(None, one.against[name], sign=True) if name in one.against else ""
                for name in names
            ]
            lines.append(f"| … to {one.base}, % | {' | '.join(cells)} |")
    found = study.claimed(rows)
    if found:
        lines += ["", "| claim | measured | aim | met |", "|---|---|---|---|"]
        lines += [f"| {' | '.join(shown_claim(claim, value))} |" for claim, value in found]
    even = study.break_even(rows)
    if even is not None:
        lines.append(f"| own fleet cheaper from | {shown(None, even, digits=0)} a day | | |")
    return "\n".join(lines[1:])
