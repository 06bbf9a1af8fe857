"""A problem that exists is sound: anything negative, empty, doubled or dangling is refused."""

from dataclasses import replace

import pytest

from chalicelib.domain.routing.fleet import Reload, Window
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.problem import (
    HIGHEST_PRIORITY,
    MANDATORY_PENALTY,
    RELOAD,
    Fairness,
    is_pickup,
    job_of,
)
from tests.domain.routing.altered import job, vehicle
from tests.domain.routing.street import MORNING as PROBLEM

# Number 0 has a pickup, number 2 is loaded at the hub.
PAIR, LOADED = PROBLEM.jobs[0], PROBLEM.jobs[2]
VEHICLE = PROBLEM.vehicles[0]
NEXT_DOOR = Travel(Matrix.of(((0, 1), (1, 0))), Matrix.of(((0, 1), (1, 0))))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"jobs": (PAIR, PAIR)}, "two jobs have the same id"),
        ({"vehicles": (VEHICLE, VEHICLE)}, "two vehicles have the same id"),
        ({"jobs": (replace(PAIR, pickup=99),)}, "no place 99"),
        ({"jobs": (replace(PAIR, dropoff=-1),)}, "no place -1"),
        ({"vehicles": (replace(VEHICLE, start=99),)}, "no place 99"),
        ({"vehicles": (replace(VEHICLE, end=5),)}, "no place 5"),
        ({"vehicles": (replace(VEHICLE, reload=Reload(5)),)}, "no place 5"),
        ({"vehicles": (replace(VEHICLE, kind="zeppelin"),)}, "no travel for zeppelin"),
        ({"places": PROBLEM.places[:-1]}, "no place 4"),
        ({"places": (*PROBLEM.places, PROBLEM.places[0])}, "not of 6 places"),
        ({"travel": {**PROBLEM.travel, "bike": NEXT_DOOR}}, "travel of bike"),
        ({"epoch_at": PROBLEM.epoch_at.replace(tzinfo=None)}, "zone"),
        ({"same_route": ((0, 6),)}, "no such jobs"),
        ({"same_route": ((-1, 0),)}, "no such jobs"),
        ({"pickup_order": ((0, 6),)}, "no such jobs"),
        ({"pickup_order": ((0, 2),)}, "no order of pickups"),
    ],
)
def test_a_problem_points_only_to_what_is_there(change: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(PROBLEM, **change)


@pytest.mark.parametrize("frozen", [(0, 0), (12,), (-2,), (4,)])
def test_only_tasks_that_exist_are_frozen_and_only_once(frozen: tuple[int, ...]) -> None:
    """Task 4 would be the pickup of what is loaded at the hub."""
    with pytest.raises(ValueError, match="frozen"):
        vehicle(PROBLEM, frozen=frozen)


def test_a_task_is_not_frozen_on_two_vehicles() -> None:
    with pytest.raises(ValueError, match="frozen twice"):
        vehicle(vehicle(PROBLEM, frozen=(0,)), "spare", frozen=(0,))


def test_a_reload_may_be_frozen_more_than_once() -> None:
    frozen = (5, RELOAD, 0, RELOAD)
    assert vehicle(PROBLEM, frozen=frozen).vehicles[0].frozen == frozen


@pytest.mark.parametrize(
    "change",
    [
        {"skills": frozenset({"cool"})},
        {"only_vehicle": "spare"},
        {"not_vehicles": frozenset({"van"})},
    ],
)
def test_nothing_is_frozen_where_it_is_not_allowed(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="not allowed there"):
        job(vehicle(PROBLEM, frozen=(0,)), PAIR.id, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"weight_g": -1},
        {"volume_ml": -1},
        {"parcels": -1},
        {"pickup_service_s": -1},
        {"dropoff_service_s": -1},
        {"late_cost_per_s": -1},
        {"due_s": -1},
        {"change_cost": -1},
        {"penalty": -1},
        {"penalty": MANDATORY_PENALTY + 1},
        {"priority": -1},
        {"priority": HIGHEST_PRIORITY + 1},
        {"dropoff_windows": ()},
        {"dropoff_windows": (Window(10, 20), Window(20, 30))},
        {"dropoff_windows": (Window(30, 40), Window(10, 20))},
        {"pickup": None},
    ],
    ids=str,
)
def test_a_job_is_sound(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=f"job {PAIR.id}"):
        replace(PAIR, **change)


@pytest.mark.parametrize(
    ("penalty", "priority", "price"),
    [
        (500, 0, 500),
        (500, 2, 1_500),
        (0, 9, 0),
        (None, 0, 10_000_000_000),
        (None, 9, 100_000_000_000),
    ],
)
def test_priority_multiplies_what_leaving_out_costs(
    penalty: int | None, priority: int, price: int
) -> None:
    assert replace(PAIR, penalty=penalty, priority=priority).price_of_leaving_out == price


def test_a_vehicle_needs_every_skill_that_a_job_asks_for() -> None:
    picky = replace(PAIR, skills=frozenset({"cool", "heavy"}))
    assert not picky.allows(replace(VEHICLE, skills=frozenset({"cool"})))
    assert picky.allows(replace(VEHICLE, skills=frozenset({"cool", "heavy", "quiet"})))


def test_pins_and_exclusions_name_vehicles() -> None:
    assert replace(PAIR, only_vehicle="van").allows(VEHICLE)
    assert not replace(PAIR, only_vehicle="bike").allows(VEHICLE)
    assert replace(PAIR, not_vehicles=frozenset({"bike"})).allows(VEHICLE)
    assert not replace(PAIR, not_vehicles=frozenset({"van"})).allows(VEHICLE)


def test_a_job_has_two_tasks_or_the_second_alone() -> None:
    assert PAIR.tasks(3) == (6, 7)
    assert LOADED.tasks(3) == (7,)
    assert [(job_of(task), is_pickup(task)) for task in (6, 7)] == [(3, True), (3, False)]


def test_a_job_is_ready_when_its_pickup_window_opens() -> None:
    assert replace(LOADED, pickup_window=Window(40, 90)).release_s == 40


@pytest.mark.parametrize("amounts", [(-1, 0), (0, -1)])
def test_fairness_is_not_negative(amounts: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="negative"):
        Fairness(*amounts)


def test_a_place_takes_no_negative_time() -> None:
    with pytest.raises(ValueError, match="setup"):
        replace(PROBLEM.places[0], setup_s=-1)
