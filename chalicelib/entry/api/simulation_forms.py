"""What can be asked of a simulation? The forms of entry.api.simulations, and what they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, Field

from chalicelib.domain.merchants.wave_rules import SCHEDULE_S
from chalicelib.domain.simulation import store
from chalicelib.domain.simulation.choices import (
    MOST_DRIVERS_MORE,
    WINDOW_CHANGE_S,
    Choices,
    Scenario,
)
from chalicelib.domain.simulation.comparing import Compared, Result, compare
from chalicelib.domain.simulation.made_up import Recipe
from chalicelib.domain.simulation.model import (
    MOST_MADE_UP_DRIVERS,
    MOST_PARCELS,
    MOST_RUNS,
    MOST_SCENARIOS,
    MOST_SEEDS,
    Asked,
    Engine,
    Simulation,
    State,
)
from chalicelib.entry import rest
from chalicelib.kit.errors import Invalid
from chalicelib.kit.intervals import Interval
from chalicelib.kit.timewindow import write_instant

_SIMULATION = "sim_01m83qqb5cfmsa2k3w3tegjase"
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


class ValueAnswer(rest.Answer):
    """A figure over the seeds: its mean, and half the width of its 95 % interval; `half` is null
    of one seed."""

    id: str
    mean: float
    half: float | None


class PlayedScenario(rest.Answer):
    """`differences` are to the first scenario, seed by seed; the first has none."""

    name: str
    choices: dict[str, Any]
    runs: int
    figures: list[ValueAnswer]
    differences: list[ValueAnswer]


class RunsAnswer(rest.Answer):
    """How many runs are done of how many, and the share of the one that is being played."""

    done: int
    of: int
    share_percent: int


class SimulationAnswer(rest.Answer):
    """`recorded`: the figures of the day as it was, to hold against the first scenario."""

    id: str
    state: State
    hub_id: str | None
    day: date | None
    generated: dict[str, Any] | None
    seeds: list[int]
    engine: Engine
    runs: RunsAnswer
    failure: str | None
    asked_at: AwareDatetime
    begun_at: AwareDatetime | None
    ended_at: AwareDatetime | None
    recorded: dict[str, float]
    scenarios: list[PlayedScenario]

    model_config = rest.example(
        id=_SIMULATION,
        state="playing",
        hub_id=_HUB,
        day="2026-11-26",
        generated=None,
        seeds=[1, 2, 3],
        engine="native",
        runs={"done": 2, "of": 6, "share_percent": 40},
        failure=None,
        asked_at="2026-11-27T08:00:00.000Z",
        begun_at="2026-11-27T08:00:02.000Z",
        ended_at=None,
        recorded={"on_time_rate": 0.9533},
        scenarios=[
            {
                "name": "as it was",
                "choices": {},
                "runs": 1,
                "figures": [{"id": "on_time_rate", "mean": 0.9517, "half": None}],
                "differences": [],
            },
            {
                "name": "one driver more",
                "choices": {"drivers": 1},
                "runs": 1,
                "figures": [{"id": "on_time_rate", "mean": 0.9683, "half": None}],
                "differences": [{"id": "on_time_rate", "mean": 0.0166, "half": None}],
            },
        ],
    )


def write_simulation(one: Simulation, results: Sequence[Result]) -> dict[str, Any]:
    asked = one.asked
    played = {told.scenario: told for told in compare(results)}
    nothing = Compared(0, 0, {}, {})
    return {
        "id": one.id,
        "state": one.state.value,
        "hub_id": asked.hub_id,
        "day": asked.day and asked.day.isoformat(),
        "generated": None if asked.recipe is None else asked.recipe.told(),
        "seeds": list(asked.seeds),
        "engine": asked.engine.value,
        "runs": {
            "done": len(results),
            "of": len(asked.scenarios) * len(asked.seeds),
            "share_percent": one.share_percent,
        },
        "failure": one.failure,
        "asked_at": write_instant(one.asked_at),
        "begun_at": one.begun_at and write_instant(one.begun_at),
        "ended_at": one.ended_at and write_instant(one.ended_at),
        "recorded": store.read_values(dict(one.recorded)),
        "scenarios": [
            _write_scenario(scenario, played.get(number, nothing))
            for number, scenario in enumerate(asked.scenarios)
        ],
    }


def _write_scenario(scenario: Scenario, played: Compared) -> dict[str, Any]:
    return {
        "name": scenario.name,
        "choices": scenario.choices.told(),
        "runs": played.runs,
        "figures": _write_values(played.values),
        "differences": _write_values(played.against),
    }


def _write_values(values: Mapping[str, Interval]) -> list[dict[str, Any]]:
    return [
        {
            "id": name,
            "mean": round(one.mean, 4),
            "half": None if one.half is None else round(one.half, 4),
        }
        for name, one in values.items()
    ]
