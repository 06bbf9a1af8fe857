"""What is a simulation that somebody asked for? Scenarios, seeds, and how far it is.

It is played run by run, each a scenario under a seed, and each run's figures are kept as it ends: a
worker that is killed loses one run at most, and whoever comes next goes on with the others.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.simulation.choices import Scenario
from chalicelib.domain.simulation.made_up import Recipe

MOST_SCENARIOS, MOST_SEEDS, MOST_RUNS = 12, 10, 60
#: Of a made-up day.
MOST_PARCELS, MOST_MADE_UP_DRIVERS = 2_000, 200
#: Wall time, also of what lies in S3.
KEPT = timedelta(days=30)


class State(StrEnum):
    QUEUED = "queued"
    PLAYING = "playing"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"

    @property
    def is_over(self) -> bool:
        return self in (State.DONE, State.CANCELLED, State.FAILED)


class Engine(StrEnum):
    """``native`` searches as production does; ``construct`` is the fall-back without a search."""

    NATIVE = "native"
    CONSTRUCT = "construct"


@dataclass(frozen=True, slots=True)
class Asked:
    """What to play: a hub's ``day``, or a ``recipe`` for one that is made up."""

    scenarios: tuple[Scenario, ...]
    seeds: tuple[int, ...]
    hub_id: str | None = None
    day: date | None = None
    recipe: Recipe | None = None
    engine: Engine = Engine.NATIVE

    def runs(self) -> Iterator[tuple[int, int]]:
        """Every scenario under a seed before the next seed: so half a simulation compares all."""
        return ((number, seed) for seed in self.seeds for number in range(len(self.scenarios)))


@dataclass(frozen=True, slots=True)
class Simulation:
    """``share_percent``: of the run that is being played. ``failure``: a stable code.

    ``recorded``: the figures of the day as it was, for comparison; empty for a made-up one.
    """

    id: str
    asked: Asked
    by: str
    asked_at: datetime
    state: State = State.QUEUED
    share_percent: int = 0
    failure: str | None = None
    recorded: tuple[tuple[str, str], ...] = ()
    begun_at: datetime | None = None
    ended_at: datetime | None = None
    version: int = 1
