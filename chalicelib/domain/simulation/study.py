"""Which questions does the study ask, and which arms answer each? The list of its groups.

A group drives all of its arms through the city of one seed and yields a row for each. Every
group's first arm is what the others are compared with, seed by seed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.simulation import bikes, door_days, less_driving, pooling, wave_days
from chalicelib.domain.simulation.city import City
from chalicelib.domain.simulation.rows import Row
from chalicelib.kit.intervals import Interval


@dataclass(frozen=True, slots=True)
class Group:
    """One question: ``run`` takes the city, parcels a day and the seed of our search."""

    name: str
    asks: str
    run: Callable[[City, int, int], Iterator[Row]]


GROUPS = (
    Group(less_driving.GROUP, "How many kilometres fewer?", less_driving.run),
    Group(pooling.GROUP, "Pooled, or vans of one's own?", pooling.run),
    Group(wave_days.GROUP, "How soon, and at what price?", wave_days.run),
    Group(door_days.GROUP, "What do shut doors cost, and what mends them?", door_days.run),
    Group(bikes.GROUP, "Do e-bikes from a micro-hub pay?", bikes.run),
)


def group(name: str) -> Group:
    return next(one for one in GROUPS if one.name == name)


@dataclass(frozen=True, slots=True)
class Summary:
    """All seeds of one arm: each figure's mean and interval, and what it is against the first arm
    of its group [%], paired by seed; nothing where that is zero."""

    group: str
    arm: str
    seeds: int
    figures: Mapping[str, Interval]
    against: Mapping[str, Interval]


def summaries(rows: Sequence[Row]) -> list[Summary]:
    """In the order in which the arms were first met."""
    arms: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        arms.setdefault((row.group, row.arm), []).append(row)
    first = {name: next(row for row in rows if row.group == name).arm for name, _ in arms}
    found = []
    for (name, arm), own in arms.items():
        base = {row.seed: row.figures for row in arms[name, first[name]]}
        figures = {key: Interval.of([row.figures[key] for row in own]) for key in own[0].figures}
        against = {}
        for key in own[0].figures:
            pairs = [(row.figures[key], base[row.seed][key]) for row in own]
            if arm != first[name] and all(one for _, one in pairs):
                against[key] = Interval.of([100 * (here / there - 1) for here, there in pairs])
        found.append(Summary(name, arm, len(own), figures, against))
    return found
