"""When does a hub send, and may its vehicles come back for more? The settings of its waves.

``dispatch.waves.sending`` decides by them; docs/waves.md says how to choose them. The defaults of
the prize are those of docs/benchmarks.md.
"""

from dataclasses import dataclass
from datetime import time

#: The schedule's own rhythm [s]: a hub's ticks are multiples of it.
SCHEDULE_S = 300


@dataclass(frozen=True, slots=True)
class WaveRules:
    """The settings of one hub.

    Parameters
    ----------
    holds_back
        False: every wave sends all that is due.
    prize_percent
        What bringing a delivery at the last moment is worth: so many per cent of the way from its
        door to its neighbours'.
    decay_percent_per_h
        How fast that falls with each hour that it can still wait: a rate, so 69 halves it.
    full_percent
        A route leaves, whatever is on it, once so much of its vehicle or of its time is used.
    cut_offs
        On the hub's wall: what was ready by then leaves with the next wave.
    tick_s
        How often a wave may be formed [s], a multiple of ``SCHEDULE_S``.
    safety_s
        How much sooner than the bound of its way says a delivery must go [s]: a tick that is
        missed, a driver who declines, a street that is dug up.
    most_trips
        How often a vehicle may be loaded at the hub in one route; 1: it does not come back.
    reload_s
        How long loading there takes each time [s].
    """

    holds_back: bool = True
    prize_percent: int = 2000
    decay_percent_per_h: int = 90
    full_percent: int = 80
    cut_offs: tuple[time, ...] = ()
    tick_s: int = SCHEDULE_S
    safety_s: int = 900
    most_trips: int = 1
    reload_s: int = 300


#: What a hub goes by that says nothing.
USUAL = WaveRules()
