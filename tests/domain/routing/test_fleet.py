"""A vehicle that exists is sound: its hours, limits, prices, breaks and reloads can be meant."""

from dataclasses import replace

import pytest

from chalicelib.domain.routing.fleet import Break, Reload, Vehicle, Window

NOON, EVENING = Break(Window(100, 200), 30), Break(Window(230, 300), 30)
VEHICLE = Vehicle("van", "van", 0, 0, max_weight_g=1, max_volume_ml=1, shift=Window(0, 900))


@pytest.mark.parametrize("window", [(-1, 5), (6, 5)])
def test_a_window_is_not_empty_nor_before_the_epoch(window: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="Window"):
        Window(*window)


def test_a_window_may_be_an_instant() -> None:
    assert Window(5, 5).earliest_s == Window(5, 5).latest_s


@pytest.mark.parametrize(
    "amount",
    [
        "max_weight_g",
        "max_volume_ml",
        "fixed_cost",
        "cost_per_m",
        "cost_per_s",
        "max_jobs",
        "max_parcels",
        "max_distance_m",
        "max_duration_s",
        "overtime_after_s",
        "overtime_cost_per_s",
    ],
)
def test_no_amount_of_a_vehicle_is_negative(amount: str) -> None:
    assert getattr(replace(VEHICLE, **{amount: 0}), amount) == 0
    with pytest.raises(ValueError, match="van has a negative amount"):
        replace(VEHICLE, **{amount: -1})


@pytest.mark.parametrize("duration_s", [0, -1])
def test_a_break_takes_time(duration_s: int) -> None:
    with pytest.raises(ValueError, match="takes time"):
        Break(Window(0, 1), duration_s)


def test_breaks_follow_each_other_with_room_for_the_earlier_one() -> None:
    assert replace(VEHICLE, breaks=(NOON, EVENING)).breaks == (NOON, EVENING)
    long = replace(NOON, duration_s=31)
    for breaks in ((long, EVENING), (EVENING, NOON), (NOON, NOON)):
        with pytest.raises(ValueError, match="overlap or are out of order"):
            replace(VEHICLE, breaks=breaks)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"place": -1}, "negative"),
        ({"service_s": -1}, "negative"),
        ({"max_times": 0}, "never reloads"),
    ],
)
def test_a_reload_is_sound(change: dict[str, int], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        replace(Reload(0), **change)
