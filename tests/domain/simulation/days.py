"""Small made-up days, and how they are played."""

from datetime import UTC, date, datetime
from functools import cache

from chalicelib.domain.simulation import made_up
from chalicelib.domain.simulation.choices import Choices, Scenario
from chalicelib.domain.simulation.day import Run, simulate
from chalicelib.domain.simulation.recorded import RecordedDay

DAY = date(2026, 11, 26)
MADE_AT = datetime(2026, 11, 26, 23, 0, tzinfo=UTC)
AS_IT_WAS = Choices()


@cache
def a_day(parcels: int = 12, drivers: int = 3) -> RecordedDay:
    """Rare waves: what is tested here is not how often they are formed."""
    recipe = made_up.Recipe(parcels=parcels, drivers=drivers, brands=3, tick_s=3600)
    return made_up.make(recipe, DAY, MADE_AT)


@cache
def played(choices: Choices = AS_IT_WAS, seed: int = 1) -> RecordedDay:
    """A day as it was played, by plans without a search: what tests look at is not their length."""
    run = Run(Scenario("tried", choices), seed, engine="construct")
    return simulate(a_day(), run)
