"""What is told of simulations? The answers of entry.api.simulations: a line, the whole."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import AwareDatetime

from chalicelib import wiring
from chalicelib.domain.simulation import store
from chalicelib.domain.simulation.choices import Scenario
from chalicelib.domain.simulation.comparing import Compared, Result, compare
from chalicelib.domain.simulation.model import Engine, Simulation, State
from chalicelib.entry import rest
from chalicelib.kit.intervals import Interval
from chalicelib.kit.timewindow import write_instant

_SIMULATION = "sim_01m83qqb5cfmsa2k3w3tegjase"
_HUB = "hub_01m83qpn8tsfztk8g4j2we32hb"
_SUMMARY: dict[str, Any] = {
    "id": _SIMULATION,
    "state": "done",
    "by": "Marta Roth",
    "hub_id": _HUB,
    "day": "2026-11-26",
    "generated": None,
    "scenarios": [
        {"name": "as it was", "choices": {}},
        {"name": "one driver more", "choices": {"drivers": 1}},
    ],
    "runs": 6,
    "failure": None,
    "asked_at": "2026-11-27T08:00:00.000Z",
    "ended_at": "2026-11-27T08:02:40.000Z",
    "report_url": f"https://lastmile.example/v1/simulations/{_SIMULATION}/report",
}


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


class AskedScenario(rest.Answer):
    name: str
    choices: dict[str, Any]


class SimulationSummary(rest.Answer):
    """What was asked for and how it stands. `by`: who asked; `runs`: so many were asked for;
    `report_url`: null until it is `done`."""

    id: str
    state: State
    by: str
    hub_id: str | None
    day: date | None
    generated: dict[str, Any] | None
    scenarios: list[AskedScenario]
    runs: int
    failure: str | None
    asked_at: AwareDatetime
    ended_at: AwareDatetime | None
    report_url: str | None

    model_config = rest.example(**_SUMMARY)


class SimulationPage(rest.Answer):
    """Newest first; a page may be shorter than asked for, and there may be more nevertheless."""

    simulations: list[SimulationSummary]
    next_cursor: str | None

    model_config = rest.example(simulations=[_SUMMARY], next_cursor=None)


class SimulationAnswer(rest.Answer):
    """`recorded`: the figures of the day as it was, to hold against the first scenario. `by`: who
    asked; `report_url`: null until it is `done`."""

    id: str
    state: State
    by: str
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
    report_url: str | None

    model_config = rest.example(
        id=_SIMULATION,
        state="playing",
        by="Marta Roth",
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
        report_url=None,
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


def write_summary(one: Simulation) -> dict[str, Any]:
    asked = one.asked
    scenarios = [{"name": it.name, "choices": it.choices.told()} for it in asked.scenarios]
    return {
        **_write_asked(one),
        "scenarios": scenarios,
        "runs": len(asked.scenarios) * len(asked.seeds),
    }


def _write_asked(one: Simulation) -> dict[str, Any]:
    asked = one.asked
    report = f"{wiring.settings().public_base_url}/v1/simulations/{one.id}/report"
    return {
        "id": one.id,
        "state": one.state.value,
        "by": one.by,
        "hub_id": asked.hub_id,
        "day": asked.day and asked.day.isoformat(),
        "generated": None if asked.recipe is None else asked.recipe.told(),
        "failure": one.failure,
        "asked_at": write_instant(one.asked_at),
        "ended_at": one.ended_at and write_instant(one.ended_at),
        "report_url": report if one.state is State.DONE else None,
    }


def write_simulation(one: Simulation, results: Sequence[Result]) -> dict[str, Any]:
    asked = one.asked
    played = {told.scenario: told for told in compare(results)}
    nothing = Compared(0, 0, {}, {})
    return {
        **_write_asked(one),
        "seeds": list(asked.seeds),
        "engine": asked.engine.value,
        "runs": {
            "done": len(results),
            "of": len(asked.scenarios) * len(asked.seeds),
            "share_percent": one.share_percent,
        },
        "begun_at": one.begun_at and write_instant(one.begun_at),
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
