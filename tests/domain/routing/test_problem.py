"""A problem that exists is sound: anything negative, empty, doubled or dangling is refused."""

from dataclasses import replace

import pytest

from chalicelib.domain.routing.problem import Travel, Window
from tests.domain.routing.cities import a_city

PROBLEM = a_city(1, jobs=2, vehicles=2)
JOB, VEHICLE = PROBLEM.jobs[0], PROBLEM.vehicles[0]


@pytest.mark.parametrize(
    "change",
    [
        {"jobs": (JOB, JOB)},
        {"vehicles": (VEHICLE, VEHICLE)},
        {"jobs": (replace(JOB, pickup=99),)},
        {"jobs": (replace(JOB, dropoff=-1),)},
        {"vehicles": (replace(VEHICLE, start=99),)},
        {"vehicles": (replace(VEHICLE, kind="zeppelin"),)},
        {"places": PROBLEM.places[:-1]},
        {"epoch_at": PROBLEM.epoch_at.replace(tzinfo=None)},
    ],
)
def test_a_problem_points_only_to_what_is_there(change):
    with pytest.raises(ValueError, match=r"."):
        replace(PROBLEM, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"weight_g": -1},
        {"dropoff_service_s": -1},
        {"penalty": -1},
        {"dropoff_windows": ()},
        {"dropoff_windows": (Window(10, 20), Window(20, 30))},
    ],
)
def test_a_job_is_sound(change):
    with pytest.raises(ValueError, match=JOB.id):
        replace(JOB, **change)


@pytest.mark.parametrize("window", [(-1, 5), (6, 5)])
def test_a_window_is_not_empty_nor_before_the_epoch(window):
    with pytest.raises(ValueError, match="Window"):
        Window(*window)


@pytest.mark.parametrize("rows", [((0, 1),), ((0, 1), (1,)), ((0, -1), (1, 0)), ((1, 1), (1, 0))])
def test_travel_is_square_and_not_negative_and_staying_is_free(rows):
    with pytest.raises(ValueError, match="travel"):
        Travel(rows, rows)
