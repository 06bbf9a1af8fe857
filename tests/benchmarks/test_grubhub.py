"""The replay of Grubhub's days: its rules, on a made-up day; the real ones stay where they are."""

from pathlib import Path

from benchmarks.grubhub import Replay, main, nearest_just_in_time, ours, replay
from benchmarks.grubhub_day import Courier, GrubhubDay, Meal

#: 300 m a minute: c1 is a minute from r1, c2 ten.
DAY = GrubhubDay(
    name="0o100t100s1p100",
    meals=(Meal("o1", (600.0, 0.0), "r1", 500, 510), Meal("o2", (9000.0, 0.0), "r2", 500, 505)),
    couriers=(
        Courier("c1", (300.0, 0.0), 480, 700),
        Courier("c2", (3000.0, 0.0), 480, 700),
    ),
    restaurants={"r1": (0.0, 0.0), "r2": (6000.0, 0.0)},
    metres_per_minute=300.0,
)


def played(policy, day: GrubhubDay = DAY) -> Replay:
    return replay(day, policy)


def test_nothing_is_picked_up_before_it_is_ready_and_services_take_their_time() -> None:
    run = played(ours)
    # o1: ready at 510, 2 more at the counter, 2 to the door, 2 there.
    # o2: c2 drives 10, is served at 512, 2 more, 10 to the door, 2 there.
    assert sorted(run.waits) == [16, 26]


def test_the_nearest_courier_in_time_delivers_too() -> None:
    assert sorted(played(nearest_just_in_time).waits) == [16, 26]


def test_what_no_shift_reaches_stays_unserved() -> None:
    early = GrubhubDay(
        DAY.name, DAY.meals, (Courier("c1", (300.0, 0.0), 480, 505),), DAY.restaurants, 300.0
    )
    assert played(ours, early).waits == []
    assert len(played(ours, early).waiting) == 2


def test_without_the_folder_it_says_so_and_ends_well(tmp_path: Path) -> None:
    assert main(["--instances", str(tmp_path / "nowhere")]) == 0
