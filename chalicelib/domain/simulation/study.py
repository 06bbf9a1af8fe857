"""Which questions does the study ask, and what follows from its rows? Groups, bases and claims.

A group drives all of its arms through the city of one seed and yields a row for each. Arms are
compared seed by seed with their base: the group's first arm, where nothing else is said.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chalicelib.domain.simulation import bikes, door_days, less_driving, pooling, wave_days
from chalicelib.domain.simulation.city import City
from chalicelib.domain.simulation.rows import Row
from chalicelib.kit.intervals import Interval


@dataclass(frozen=True, slots=True)
class Group:
    """One question: ``run`` takes the city, parcels a day and the seed of our search; ``base``: by
    an arm's place, whose place it is compared with."""

    name: str
    asks: str
    run: Callable[[City, int, int], Iterator[Row]]
    base: Callable[[int], int] = lambda _: 0


GROUPS = (
    Group(less_driving.GROUP, "How many kilometres fewer?", less_driving.run),
    Group(pooling.GROUP, "Pooled, or vans of one's own?", pooling.run),
    Group(wave_days.GROUP, "How soon, and at what price?", wave_days.run),
    Group(
        door_days.GROUP,
        "What do shut doors cost, and what mends them?",
        door_days.run,
        # The last two arms are a pair of their own.
        lambda arm: 8 if arm == 9 else 0,
    ),
    Group(bikes.GROUP, "Do e-bikes from a micro-hub pay?", bikes.run, lambda arm: arm // 2 * 2),
)


def group(name: str) -> Group:
    """
    Raises
    ------
    ValueError
        If there is none of that name.
    """
    for one in GROUPS:
        if one.name == name:
            return one
    raise ValueError(f"there is no group {name}")


@dataclass(frozen=True, slots=True)
class Summary:
    """All seeds of one arm: each figure's mean and interval, and what it is against its base [%],
    paired by seed; nothing where that is zero."""

    group: str
    arm: str
    seeds: int
    figures: Mapping[str, Interval]
    base: str
    against: Mapping[str, Interval]


def summaries(rows: Sequence[Row]) -> list[Summary]:
    """In the order in which the arms were first met."""
    found = []
    for name in dict.fromkeys(row.group for row in rows):
        own = [row for row in rows if row.group == name]
        arms = list(dict.fromkeys(row.arm for row in own))
        base_of = next((one.base for one in GROUPS if one.name == name), lambda _: 0)
        for place, arm in enumerate(arms):
            base = arms[min(base_of(place), len(arms) - 1)]
            found.append(_summary(own, arm, base))
    return found


def _summary(rows: Sequence[Row], arm: str, base: str) -> Summary:
    own = [row for row in rows if row.arm == arm]
    there = {row.seed: row.figures for row in rows if row.arm == base}
    figures = {key: Interval.of([row.figures[key] for row in own]) for key in own[0].figures}
    against = {}
    for key in figures if arm != base else ():
        pairs = [(row.figures[key], there[row.seed][key]) for row in own if row.seed in there]
        if pairs and all(one for _, one in pairs):
            against[key] = Interval.of([100 * (here / before - 1) for here, before in pairs])
    return Summary(own[0].group, arm, len(own), figures, base, against)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that is worth a sentence, and what was aimed at.

    Parameters
    ----------
    base
        How many per cent less the arm's figure is than this arm's, paired; None: the figure itself.
    aim
        At least, for savings; at most, for a figure that ``wants_less``; None: no aim was set.
    """

    says: str
    unit: str
    group: str
    arm: str
    figure: str
    base: str | None = None
    aim: float | None = None
    wants_less: bool = False

    def is_met(self, value: Interval) -> bool | None:
        if self.aim is None:
            return None
        return value.mean <= self.aim if self.wants_less else value.mean >= self.aim


def _fewer_km(base: str, aim: float | None = None, arm: str = less_driving.OURS) -> Claim:
    says = f"fewer km than {base}" if arm == less_driving.OURS else f"{arm}: fewer km than it"
    return Claim(says, "%", less_driving.GROUP, arm, "km", base, aim)


_FOUR_HOURS = "ours, 4 h promise, 75 min safety"
CLAIMS = (
    _fewer_km(less_driving.D, 18),
    _fewer_km(less_driving.E, 12),
    _fewer_km(less_driving.F),
    _fewer_km(less_driving.D_EVEN),
    _fewer_km(less_driving.E_EVEN),
    _fewer_km(less_driving.D, None, less_driving.OURS_AT_D),
    Claim(
        "pooled for 30 mixed brands, margin included: cheaper than own fleets",
        "%",
        pooling.GROUP,
        pooling.MIXES[0],
        "cheaper_percent",
        aim=40,
    ),
    Claim(
        "4 h promise: order to door, mean",
        "h",
        wave_days.GROUP,
        _FOUR_HOURS,
        "mean_h",
        aim=2.5,
        wants_less=True,
    ),
    Claim(
        "4 h promise: order to door, 90 %",
        "h",
        wave_days.GROUP,
        _FOUR_HOURS,
        "p90_h",
        aim=3.6,
        wants_less=True,
    ),
    Claim(
        "4 h promise: late",
        "%",
        wave_days.GROUP,
        _FOUR_HOURS,
        "late_percent",
        aim=0,
        wants_less=True,
    ),
)


def claimed(rows: Sequence[Row]) -> list[tuple[Claim, Interval]]:
    """Those claims of which both arms were driven."""
    found = []
    for claim in CLAIMS:
        own = {r.seed: r.figures for r in rows if (r.group, r.arm) == (claim.group, claim.arm)}
        there = {r.seed: r.figures for r in rows if (r.group, r.arm) == (claim.group, claim.base)}
        if claim.base is None:
            values = [figures[claim.figure] for figures in own.values()]
        else:
            values = [
                100 * (1 - figures[claim.figure] / there[seed][claim.figure])
                for seed, figures in own.items()
                if seed in there
            ]
        if values:
            found.append((claim, Interval.of(values)))
    return found


def break_even(rows: Sequence[Row]) -> Interval | None:
    """From how many parcels a day an own fleet is cheaper than the network; None: never, or not
    asked. A straight line on logarithms between two volumes, for each seed."""
    seeds: dict[int, list[Row]] = {}
    for row in rows:
        if row.group == pooling.BY_VOLUME:
            seeds.setdefault(row.seed, []).append(row)
    crossings = [pooling.crossing(own) for own in seeds.values()]
    known = [one for one in crossings if one is not None]
    return Interval.of(known) if known else None
