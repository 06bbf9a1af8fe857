"""How much slower or faster is a town than the model says? Learned from what drivers really took.

A sample is one leg: what it took over what the model predicts for it. Samples are counted in bands
of distance and of the hour, in narrow steps of their logarithm, so that a band's median is known
without keeping a sample. The median is what counts: breaks, jams and taps that came late lie in the
tails. With few samples a band is drawn to the town's median, and that one to the model, so nothing
jumps while a town is new. Old samples fade: a full band counts half of itself and goes on.

What is made of it is a factor for each leg, straight lines between the middles of the bands, held
so that a longer leg is never a quicker one.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

#: Upper ends of the bands of distance as the crow flies [km], and the middles that stand for them.
DISTANCES_KM = (0.5, 1.0, 2.0, 4.0, 8.0)
_MIDDLES_KM = (0.3, 0.75, 1.5, 3.0, 6.0, 10.0)
#: First hours of the bands of the day, in the town's own time: night, morning rush, day, evening
#: rush, evening.
HOURS = (0, 6, 10, 15, 19)
#: A step of the logarithm: 3 %. Beyond a factor of four a sample is a break or a mistake.
_STEP = 0.03
_WIDEST = math.log(4)
#: So many samples weigh as much as what was believed before.
BELIEF = 20
#: A band holds so many samples before the old ones fade.
FULL = 400
#: Legs that are too short to say anything [m].
SHORTEST_M = 150

type Band = tuple[int, int]
"""Of distance, of the hour."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One leg as it was driven; ``depart_at`` in the town's own zone."""

    crow_m: int
    depart_at: datetime
    predicted_s: int
    actual_s: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Samples by band and step of their logarithm: ``steps[band][step]`` of them."""

    steps: Mapping[Band, Mapping[int, int]] = field(default_factory=dict)

    def with_samples(self, samples: Iterable[Sample]) -> "Counts":
        """The same and some samples; those that say nothing are left out."""
        steps = {band: dict(one) for band, one in self.steps.items()}
        for sample in samples:
            step = _step(sample)
            if step is None:
                continue
            band = steps.setdefault(_band(sample), {})
            band[step] = band.get(step, 0) + 1
            if sum(band.values()) >= FULL:
                halved = {one: count // 2 for one, count in band.items()}
                steps[_band(sample)] = {one: count for one, count in halved.items() if count}
        return Counts(steps)

    @property
    def size(self) -> int:
        return sum(sum(band.values()) for band in self.steps.values())


@dataclass(frozen=True, slots=True)
class Calibration:
    """Factors on the model's times: (bands of the hour) rows of (bands of distance)."""

    factors: tuple[tuple[float, ...], ...]

    def at(self, depart_at: datetime) -> tuple[float, ...]:
        """The factors of an hour, at the middles of the bands of distance."""
        return self.factors[_hour_band(depart_at)]


NONE = Calibration(tuple((1.0,) * len(_MIDDLES_KM) for _ in HOURS))


def calibrate(counts: Counts) -> Calibration:
    """The factors that counts speak for."""
    everything: dict[int, int] = {}
    for band in counts.steps.values():
        for step, count in band.items():
            everything[step] = everything.get(step, 0) + count
    town = _drawn_to(0.0, everything)
    rows = []
    for hour in range(len(HOURS)):
        bands = range(len(_MIDDLES_KM))
        logs = [_drawn_to(town, counts.steps.get((band, hour), {})) for band in bands]
        rows.append(tuple(math.exp(one) for one in logs))
    return Calibration(tuple(rows))


def factor_table(
    factors: Sequence[float], seconds_at: Sequence[float], step_km: float
) -> list[float]:
    """Factors for ``len(seconds_at)`` distances of equal steps, from 0 km on.

    ``seconds_at`` are the model's times there, increasing. Where a factor falls so fast that a
    longer leg would be quicker, the longer one keeps the time of the shorter.
    """
    table = []
    longest = 0.0
    for number, seconds in enumerate(seconds_at):
        km = number * step_km
        longest = max(longest, _between(factors, km) * seconds)
        table.append(longest / seconds if seconds > 0 else _between(factors, km))
    return table


def _between(factors: Sequence[float], km: float) -> float:
    """A straight line between the middles of two bands; beyond the outer ones their own."""
    upper = bisect_right(_MIDDLES_KM, km)
    if upper == 0:
        return factors[0]
    if upper == len(_MIDDLES_KM):
        return factors[-1]
    low, high = _MIDDLES_KM[upper - 1], _MIDDLES_KM[upper]
    share = (km - low) / (high - low)
    return factors[upper - 1] * (1 - share) + factors[upper] * share


def _drawn_to(belief: float, steps: Mapping[int, int]) -> float:
    """The median of a band's logarithms, and what was believed before, by their weights."""
    count = sum(steps.values())
    return (count * _median(steps) + BELIEF * belief) / (count + BELIEF) if count else belief


def _median(steps: Mapping[int, int]) -> float:
    half, seen = sum(steps.values()) / 2, 0
    for step in sorted(steps):
        seen += steps[step]
        if seen >= half:
            return step * _STEP
    return 0.0


def _step(sample: Sample) -> int | None:
    if sample.crow_m < SHORTEST_M or sample.predicted_s <= 0 or sample.actual_s <= 0:
        return None
    log = math.log(sample.actual_s / sample.predicted_s)
    return round(log / _STEP) if abs(log) <= _WIDEST else None


def _band(sample: Sample) -> Band:
    return bisect_right(DISTANCES_KM, sample.crow_m / 1000), _hour_band(sample.depart_at)


def _hour_band(depart_at: datetime) -> int:
    return bisect_right(HOURS, depart_at.hour) - 1
