"""What can be asked of a simulation? The forms of entry.api.simulations."""

from dataclasses import fields
from typing import Annotated

from pydantic import Field

from chalicelib.domain.merchants.wave_rules import SCHEDULE_S
from chalicelib.domain.simulation.choices import (
    MOST_DRIVERS_MORE,
    WINDOW_CHANGE_S,
    Choices,
    Scenario,
)
from chalicelib.domain.simulation.made_up import Recipe
from chalicelib.domain.simulation.model import (
    MOST_MADE_UP_DRIVERS,
    MOST_PARCELS,
    MOST_RUNS,
    MOST_SCENARIOS,
    MOST_SEEDS,
    Asked,
    Engine,
)
from chalicelib.entry import rest
from chalicelib.kit.errors import Invalid

_HUB = "hub_01m83qpn8tsfztk8g4j2we32hb"
_Permille = Annotated[int, Field(ge=0, le=1000)]


class ChoicesForm(rest.Body):
    """What is otherwise; what is left out is as it was on the day. See docs/what-if.md."""

    drivers: Annotated[int, Field(ge=-MOST_DRIVERS_MORE, le=MOST_DRIVERS_MORE)] = 0
    window_s: Annotated[int, Field(ge=-WINDOW_CHANGE_S, le=WINDOW_CHANGE_S)] = 0
    holds_back: bool | None = None
    tick_s: Annotated[int, Field(ge=SCHEDULE_S, le=86_400, multiple_of=SCHEDULE_S)] | None = None
    prize_percent: Annotated[int, Field(ge=0, le=100_000)] | None = None
    decay_percent_per_h: Annotated[int, Field(ge=0, le=1000)] | None = None
    full_percent: Annotated[int, Field(ge=1, le=100)] | None = None
    horizon_s: Annotated[int, Field(ge=SCHEDULE_S, le=86_400)] | None = None
    lockers: bool = True
    more_lockers: Annotated[int, Field(ge=0, le=200)] = 0
    locker_percent: Annotated[int, Field(ge=0, le=100)] = 0
    locker_walk_m: Annotated[int, Field(ge=50, le=5_000)] = 800
    e_bikes: Annotated[int, Field(ge=0, le=500)] = 0
    own_fleet: Annotated[tuple[rest.Name, ...], Field(max_length=20)] = ()
    travel_percent: Annotated[int, Field(ge=25, le=400)] = 100
    shut_door_permille: _Permille | None = None

    model_config = rest.example(drivers=1, holds_back=False)

    def choices(self) -> Choices:
        told = {name: getattr(self, name) for name in (one.name for one in fields(Choices))}
        return Choices(**told)


class ScenarioForm(rest.Body):
    name: rest.Name
    choices: ChoicesForm = ChoicesForm()

    model_config = rest.example(name="one driver more", choices={"drivers": 1})


class RecipeForm(rest.Body):
    """A made-up day, all from its seed."""

    parcels: Annotated[int, Field(ge=1, le=MOST_PARCELS)] = 120
    drivers: Annotated[int, Field(ge=1, le=MOST_MADE_UP_DRIVERS)] = 8
    brands: Annotated[int, Field(ge=1, le=50)] = 6
    bikes: Annotated[int, Field(ge=0, le=MOST_MADE_UP_DRIVERS)] = 0
    disc_m: Annotated[int, Field(ge=500, le=30_000)] = 6_000
    promise_h: Annotated[int, Field(ge=1, le=12)] = 4
    latitude: rest.Latitude = 50.11
    longitude: rest.Longitude = 8.68
    seed: Annotated[int, Field(ge=1, le=1_000_000)] = 1

    model_config = rest.example(parcels=120, drivers=8)

    def recipe(self) -> Recipe:
        return Recipe(**self.model_dump())


class SimulationForm(rest.Body):
    """`hub_id` with `day` replays what was recorded; `generated` plays a made-up day.

    The first scenario is what the others are compared with; one without choices is the day as it
    was planned.
    """

    hub_id: rest.Name | None = None
    day: rest.Day | None = None
    generated: RecipeForm | None = None
    scenarios: Annotated[list[ScenarioForm], Field(min_length=1, max_length=MOST_SCENARIOS)]
    seeds: Annotated[
        tuple[Annotated[int, Field(ge=1, le=999_999)], ...],
        Field(min_length=1, max_length=MOST_SEEDS),
    ] = (1, 2, 3)
    engine: Annotated[Engine, Field(strict=False)] = Engine.NATIVE

    model_config = rest.example(
        hub_id=_HUB,
        day="2026-11-26",
        scenarios=[
            {"name": "as it was"},
            {"name": "one driver more", "choices": {"drivers": 1}},
        ],
        seeds=[1, 2, 3],
    )

    def asked(self) -> Asked:
        """What to play; raise Invalid for what does not go together."""
        is_day = self.hub_id is not None and self.day is not None
        _refuse(
            is_day == (self.generated is not None) or (self.hub_id is None) != (self.day is None),
            "hub_id",
            "name a hub and its day, or a generated one",
        )
        names = [one.name for one in self.scenarios]
        _refuse(len(set(names)) < len(names), "scenarios", "each scenario has a name of its own")
        _refuse(len(set(self.seeds)) < len(self.seeds), "seeds", "each seed once")
        runs = len(self.scenarios) * len(self.seeds)
        _refuse(runs > MOST_RUNS, "seeds", f"at most {MOST_RUNS} runs: scenarios times seeds")
        return Asked(
            scenarios=tuple(Scenario(one.name, one.choices.choices()) for one in self.scenarios),
            seeds=self.seeds,
            hub_id=self.hub_id,
            day=self.day,
            recipe=None if self.generated is None else self.generated.recipe(),
            engine=self.engine,
        )


def _refuse(is_wrong: bool, field: str, why: str) -> None:
    if is_wrong:
        raise Invalid(why, fields=[{"field": field, "error": why}])


class SimulationsQuery(rest.Body):
    """`hub_id`: of this hub's days alone; made-up days belong to none."""

    hub_id: Annotated[str, Field(max_length=64)] | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 20
    cursor: Annotated[str, Field(max_length=1024)] | None = None
