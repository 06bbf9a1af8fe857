"""Waves that meet, and a wave that dies: whole routes or nothing; the next takes the rest."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.kit.timewindow import TimeWindow
from tests.stack.town import PATIENCE_S, Place, Town, wait_until

#: Overlaps and kills are a matter of milliseconds on a busy machine: what came too early or too
#: late proves nothing, and is tried again with another hub. The invariants hold every time.
TRIES = 8


def test_two_waves_at_once_put_no_delivery_into_two_routes(town: Town) -> None:
    assert any(two_waves_overlap(town, number) for number in range(TRIES))


def leave_no_other_wave(town: Town) -> None:
    """Waves of other tests' hubs, and the messages of workers that they killed, which would stay
    invisible for half an hour."""
    town.empty_queue("WavesQueueUrl")
    assert wait_until(lambda: not town.engine_runs("solve_wave"))


def two_waves_overlap(town: Town, number: int) -> bool:
    """Solve two waves of the same deliveries at once; whether they really met."""
    place = town.open_place(f"Overlap {number}")
    town.on_duty(place, 4)
    refs = town.order_many(place, 24)
    wave_ids = (f"wav_one_{number}", f"wav_two_{number}")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda wave_id: town.solve_wave(place, wave_id), wave_ids))
    assert town.waiting(place) == 0
    found = [wave for wave_id in wave_ids if (wave := town.wave(place, wave_id)) is not None]
    live = town.check_routes(place)
    assert sum(len(list(route.deliveries())) for route in live) == len(refs)
    assert sum(wave.served for wave in found) == len(refs)
    assert {route.wave_id for route in live} <= set(wave_ids)
    return sum(wave.dropped for wave in found) > 0


def is_searching(town: Town, place: Place) -> bool:
    return bool(town.workers("solve_wave")) and town.engine_runs("solve_wave")


def has_committed_something(town: Town, place: Place) -> bool:
    return town.counted_routes(place) > 0


@pytest.mark.parametrize("moment", [is_searching, has_committed_something])
def test_a_killed_wave_leaves_whole_routes_and_the_next_one_takes_the_rest(
    town: Town, moment: Any
) -> None:
    assert any(killed_in_time(town, moment, number) for number in range(TRIES))


def wait_until_quiet(town: Town, place: Place) -> None:
    """What a worker had sent when it was killed may still be on its way into the tables."""
    seen: list[tuple[int, int]] = [(-1, -1)]

    def is_quiet() -> bool:
        seen.append((town.counted_routes(place), town.waiting(place)))
        return seen[-1] == seen[-2]

    assert wait_until(is_quiet, pause_s=1)


def killed_in_time(town: Town, moment: Any, number: int) -> bool:
    """Kill a wave's worker at a moment; whether it was still at work then."""
    place = town.open_place(f"Kill {moment.__name__} {number}")
    leave_no_other_wave(town)
    # Half an hour at each door within two hours: ten routes or so, with a middle to be killed in.
    town.on_duty(place, 20)
    now = town.clock.now()
    window = TimeWindow(now, now + timedelta(hours=2))
    refs = town.order_many(place, 28, window=window, service_s=1800)
    wave_id = f"wav_killed_{number}"
    town.ask_for_wave(place, wave_id)
    deadline = time.monotonic() + PATIENCE_S
    while not moment(town, place) and town.wave(place, wave_id) is None:
        assert time.monotonic() < deadline, "the wave never got that far"
    town.kill_workers("solve_wave")
    wait_until_quiet(town, place)
    survivors = town.check_routes(place)
    planned = sum(len(list(route.deliveries())) for route in survivors)
    assert planned + town.waiting(place) == len(refs)
    finished = town.wave(place, wave_id) is not None or planned == len(refs)
    if finished or bool(survivors) is not (moment is has_committed_something):
        return False

    assert town.invoke("plan_waves")["waves"] >= 1
    assert wait_until(lambda: town.waiting(place) == 0)
    live = town.check_routes(place)
    assert sum(len(list(route.deliveries())) for route in live) == len(refs)
    assert {route.id for route in survivors} <= {route.id for route in live}
    return True
