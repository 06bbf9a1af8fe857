"""How are simulations kept? An item for each, and one for each run of it; see storage."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from chalicelib.domain.simulation.choices import Choices, Scenario
from chalicelib.domain.simulation.comparing import Result
from chalicelib.domain.simulation.made_up import Recipe
from chalicelib.domain.simulation.model import KEPT, Asked, Engine, Simulation, State
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import simulation_keys as keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def load(uow: UnitOfWork, simulation_id: str) -> Simulation:
    """Raise NotFound for one that there never was, or that has gone."""
    item = uow.get(keys.simulation(simulation_id))
    # DynamoDB deletes what has expired within days, not seconds.
    if item is None or item["expires"] <= uow.wall_now.timestamp():
        raise NotFound("there is no such simulation")
    return _from_item(item)


def save(uow: UnitOfWork, simulation: Simulation) -> None:
    uow.put(
        keys.simulation(simulation.id),
        _to_item(simulation),
        expect=simulation.version - 1,
        expires_at=uow.wall_now + KEPT,
    )


def add(uow: UnitOfWork, simulation: Simulation) -> None:
    """Keep a new one, and its places in the lists."""
    save(uow, simulation)
    asked = simulation.asked
    places = [keys.simulation_asked(simulation.id)]
    if asked.hub_id is not None:
        places.append(keys.simulation_asked_at_hub(asked.hub_id, simulation.id))
    for place in places:
        told = {"id": simulation.id}
        uow.put(place, told, expect=0, expires_at=uow.wall_now + KEPT)


def list_asked(
    uow: UnitOfWork, hub_id: str | None, *, limit: int, after: Cursor | None
) -> tuple[list[Simulation], Cursor | None]:
    """A page of what was asked for, of a hub's days or all of it; newest first."""
    page = uow.query(
        TableName.EPH, keys.simulations_asked(hub_id), limit=limit, after=after, newest_first=True
    )
    wanted = [keys.simulation(row["id"]) for row in page.items]
    items = uow.get_many(wanted)
    now_s = uow.wall_now.timestamp()
    found = [items[key] for key in wanted if key in items and items[key]["expires"] > now_s]
    return [_from_item(item) for item in found], page.cursor


def keep_result(uow: UnitOfWork, simulation_id: str, result: Result) -> None:
    """Write down what a run came to; played twice, it came to the same."""
    values = {name: repr(float(value)) for name, value in result.values.items()}
    uow.put(
        keys.simulation_run(simulation_id, result.scenario, result.seed),
        {"scenario": result.scenario, "seed": result.seed, "values": values},
        expect=None,
        expires_at=uow.wall_now + KEPT,
    )


def results(uow: UnitOfWork, simulation_id: str) -> list[Result]:
    """The runs that have been played, by scenario and seed."""
    pk, prefix = keys.simulation_runs(simulation_id)
    return [
        Result(item["scenario"], item["seed"], read_values(item["values"]))
        for item in uow.query_all(TableName.EPH, pk, prefix)
    ]


def read_values(told: Mapping[str, str]) -> dict[str, float]:
    """Tables know whole numbers only."""
    return {name: float(text) for name, text in told.items()}


def _to_item(simulation: Simulation) -> Item:
    asked = simulation.asked
    return {
        "id": simulation.id,
        "by": simulation.by,
        "asked_at": write_instant(simulation.asked_at),
        "state": simulation.state.value,
        "share_percent": simulation.share_percent,
        "failure": simulation.failure,
        "recorded": dict(simulation.recorded),
        "begun_at": _write(simulation.begun_at),
        "ended_at": _write(simulation.ended_at),
        "version": simulation.version,
        "scenarios": [[one.name, one.choices.told()] for one in asked.scenarios],
        "seeds": list(asked.seeds),
        "hub_id": asked.hub_id,
        "day": asked.day and asked.day.isoformat(),
        "recipe": asked.recipe and _recipe_to_item(asked.recipe),
        "engine": asked.engine.value,
    }


def _from_item(item: Item) -> Simulation:
    return Simulation(
        id=item["id"],
        asked=Asked(
            scenarios=tuple(Scenario(name, Choices.of(told)) for name, told in item["scenarios"]),
            seeds=tuple(item["seeds"]),
            hub_id=item["hub_id"],
            day=item["day"] and date.fromisoformat(item["day"]),
            recipe=item["recipe"] and _recipe_from_item(item["recipe"]),
            engine=Engine(item["engine"]),
        ),
        by=item["by"],
        asked_at=read_instant(item["asked_at"]),
        state=State(item["state"]),
        share_percent=item["share_percent"],
        failure=item["failure"],
        recorded=tuple(sorted(item["recorded"].items())),
        begun_at=_read(item["begun_at"]),
        ended_at=_read(item["ended_at"]),
        version=item["version"],
    )


def _recipe_to_item(recipe: Recipe) -> dict[str, Any]:
    where = {"latitude": repr(recipe.latitude), "longitude": repr(recipe.longitude)}
    return asdict(recipe) | where


def _recipe_from_item(item: Mapping[str, Any]) -> Recipe:
    where = {name: float(item[name]) for name in ("latitude", "longitude")}
    return Recipe(**{**item, **where})


def _write(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)


def _read(text: str | None) -> datetime | None:
    return None if text is None else read_instant(text)
