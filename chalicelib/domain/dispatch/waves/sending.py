"""What must leave with this wave, what may wait, and which of the planned routes leave now?

Sending everything at each tick drives far more than it has to; waiting until the last moment does,
too. So a delivery that would miss its promise by waiting one tick more is mandatory, and every
other one is worth a prize that decays with the time it can still wait: it is taken along where it
is nearly on the way. Then a route leaves if it carries something that must go, or is full enough.
Pure; units: [s] from the wave's instant, points (see routing.problem).

Source: the decay and the rule of routes are measured on the EURO-NeurIPS 2022 dynamic instances
(``python -m benchmarks.waves``, docs/benchmarks.md), with these very functions.
"""

import heapq
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chalicelib.domain.dispatch.reasons import MustGo, Sent
from chalicelib.domain.merchants.wave_rules import WaveRules
from chalicelib.domain.routing.problem import MANDATORY_PENALTY

#: How many other doors tell how dense the work is around one.
NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Load:
    """How much of one thing that a route may use up is used."""

    used: int
    limit: int

    @property
    def percent(self) -> int:
        """Rounded down; what has no limit is never used up."""
        return 100 * self.used // self.limit if self.limit > 0 else 0


def spare_s(latest_s: int, needs_s: int, tick_s: int) -> int:
    """How long a delivery can still wait after the next tick [s]; negative: it must go now.

    Parameters
    ----------
    latest_s
        When handing over has to begin.
    needs_s
        From the decision to the door, if somebody drove for it alone.
    tick_s
        Until the next decision, with whatever margin the caller takes.
    """
    return latest_s - needs_s - tick_s


def density(legs: Iterable[int]) -> int:
    """The mean cost of the ways from a door to the nearest other ones [points]; 0 if it is alone.

    ``legs``: to all others, or at least to the nearest ones, in any order.
    """
    nearest = heapq.nsmallest(NEIGHBOURS, legs)
    return sum(nearest) // len(nearest) if nearest else 0


def prize(rules: WaveRules, near: int, spare: int) -> int:
    """What taking a delivery along now is worth [points], if it can wait ``spare`` seconds more."""
    decayed = math.exp(-rules.decay_percent_per_h / 100 * max(0, spare) / 3600)
    return min(MANDATORY_PENALTY, round(rules.prize_percent / 100 * near * decayed))


def full_percent(loads: Iterable[Load]) -> int:
    """How full a route is [%]: what is used up most decides."""
    return max((load.percent for load in loads), default=0)


def why_leave(rules: WaveRules, must: Sequence[MustGo], full: int) -> Sent | None:
    """Why a route leaves now; None if it waits.

    Parameters
    ----------
    must
        The reasons of those of its deliveries that must go.
    full
        See :func:`full_percent`.
    """
    if not rules.holds_back:
        return Sent.NO_WAITING
    if any(reason is not MustGo.CUT_OFF for reason in must):
        return Sent.MUST_GO
    if must:
        return Sent.CUT_OFF
    return Sent.FULL if full >= rules.full_percent else None
