"""Waves that meet, and a wave that dies: whole routes or nothing; the next takes the rest."""

import time
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.kit.timewindow import TimeWindow
from tests.stack.town import Place, Town, wait_until


def settled(town: Town, url_name: str) -> bool:
    """Whether a queue is empty and nobody works on a message of it."""
    counts = town.cloud.client("sqs").get_queue_attributes(
        QueueUrl=town.stack.outputs[url_name], AttributeNames=["All"]
    )["Attributes"]
    names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
    return all(counts[name] == "0" for name in names)


def test_two_waves_at_once_put_no_delivery_into_two_routes(town: Town) -> None:
    place = town.open_place("Overlap")
    town.on_duty(place, 4)
    refs = town.order_many(place, 24)
    for wave_id in ("wav_one", "wav_two"):
        town.ask_for_wave(place, wave_id)

    def waves() -> list[Any]:
        found = [town.wave(place, wave_id) for wave_id in ("wav_one", "wav_two")]
        return found if all(found) else []

    # Both found the same deliveries waiting, or the second would have left no record.
    found = wait_until(waves, 60)
    assert len(found) == 2
    live = town.check_routes(place)
    assert sum(len(list(route.deliveries())) for route in live) == len(refs)
    assert sum(wave.served for wave in found) == len(refs)
    assert sum(wave.dropped for wave in found) > 0
    assert {route.wave_id for route in live} <= {"wav_one", "wav_two"}
    assert settled(town, "WavesQueueUrl")


def is_searching(town: Town, place: Place) -> bool:
    return bool(town.workers("solve_wave")) and town.engine_runs("solve_wave")


def has_committed_something(town: Town, place: Place) -> bool:
    return len(town.routes(place)) > 0


@pytest.mark.parametrize("moment", [is_searching, has_committed_something])
def test_a_killed_wave_leaves_whole_routes_and_the_next_one_takes_the_rest(
    town: Town, moment: Any
) -> None:
    place = town.open_place(f"Kill {moment.__name__}")
    # Half an hour at each door within two hours: ten routes or so, with a middle to be killed in.
    town.on_duty(place, 20)
    now = town.clock.now()
    window = TimeWindow(now, now + timedelta(hours=2))
    refs = town.order_many(place, 28, window=window, service_s=1800)
    town.ask_for_wave(place, "wav_killed")
    deadline = time.monotonic() + 60
    while not moment(town, place):
        assert time.monotonic() < deadline, "the wave never got that far"
    assert town.kill_workers("solve_wave") >= 1

    assert town.wave(place, "wav_killed") is None, "killed too late to prove anything"
    survivors = town.check_routes(place)
    planned = sum(len(list(route.deliveries())) for route in survivors)
    assert planned + town.waiting(place) == len(refs)
    assert planned < len(refs)
    assert bool(survivors) is (moment is has_committed_something)

    assert town.invoke("plan_waves")["waves"] >= 1
    assert wait_until(lambda: town.waiting(place) == 0, 60)
    live = town.check_routes(place)
    assert sum(len(list(route.deliveries())) for route in live) == len(refs)
    assert {route.id for route in survivors} <= {route.id for route in live}
