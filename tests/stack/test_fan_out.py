"""A wave above the stage's limit, on the deployed stack: parts by SQS, payloads in S3, one plan."""

import json
from typing import Any

from chalicelib.domain.dispatch.waves import fanout
from chalicelib.domain.dispatch.waves.fanout import SharedWave, Stage
from chalicelib.domain.dispatch.waves.snapshots import unpack
from tests.stack.town import Place, Town, wait_until

#: Above the limit that conftest deploys, and what a laptop plans in seconds.
DUE, DRIVERS = 60, 8
#: Rounds that wait for late workers, one after the other, and the deadline that ends them.
WAVE_S = 900
#: A kill that came too late proves nothing, and is tried again.
TRIES = 4


def share_out(town: Town, place: Place, wave_id: str) -> None:
    """What ``plan_waves`` sends for a large wave, under a name that the test knows."""
    town.send_merge(place, wave_id, "open", slot="2026-11-27T10")


def shared(town: Town, wave_id: str) -> SharedWave | None:
    return fanout.find(town.begin(), wave_id)


def is_done(town: Town, wave_id: str) -> bool:
    wave = shared(town, wave_id)
    return wave is not None and wave.stage is Stage.DONE


def assert_all_planned(town: Town, place: Place, wave_id: str) -> Any:
    live = town.check_routes(place)
    assert sum(len(list(route.deliveries())) for route in live) == DUE
    assert {route.wave_id for route in live} == {wave_id}
    record = town.wave(place, wave_id)
    assert (record.served, record.left_out, record.dropped) == (DUE, 0, 0)
    assert set(record.route_ids) == {route.id for route in live}
    return record


def assert_nobody_is_in_the_payloads(town: Town) -> None:
    s3 = town.cloud.client("s3")
    bucket = town.stack.outputs["PayloadsBucketName"]
    kept = s3.list_objects_v2(Bucket=bucket)["Contents"]
    for one in kept:
        packed = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
        text = json.dumps(unpack(packed))
        assert [word for word in ("Ada", "+49", "Lindenweg", "second floor") if word in text] == []


def test_a_tick_shares_a_large_wave_out_and_its_routes_become_real(town: Town) -> None:
    place = town.open_place("Shared out")
    town.on_duty(place, DRIVERS)
    town.order_many(place, DUE)
    assert town.invoke("plan_waves")["waves"] >= 1
    assert wait_until(lambda: town.waiting(place) == 0, WAVE_S, 1.0)
    (wave_id,) = {route.wave_id for route in town.routes(place)}
    assert wait_until(lambda: is_done(town, wave_id))
    # A part whose worker is late keeps what simple insertion made of it.
    assert "native" in assert_all_planned(town, place, wave_id).engine.split("+")
    wave = shared(town, wave_id)
    assert wave is not None
    assert wave.parts > 1
    assert_nobody_is_in_the_payloads(town)

    # Whatever comes again finds nothing to do.
    for step in ("open", "close"):
        town.send_merge(place, wave_id, step, slot="2026-11-27T10")
    town.send_merge(place, wave_id, "merge", round=0, late=True)
    assert wait_until(lambda: town.in_queue("MergesQueueUrl") == 0)
    assert shared(town, wave_id) == wave
    assert_all_planned(town, place, wave_id)


def test_workers_that_die_cost_a_round_and_no_delivery(town: Town) -> None:
    assert any(killed_over_parts(town, number) for number in range(TRIES))


def killed_over_parts(town: Town, number: int) -> bool:
    """Kill the workers of a shared wave; whether it was still being solved then."""
    place = town.open_place(f"Workers die {number}")
    town.on_duty(place, DRIVERS)
    town.order_many(place, DUE)
    wave_id = f"wav_deadly_{number}"
    share_out(town, place, wave_id)

    def begun() -> bool:
        return town.engine_runs("solve_wave") or is_done(town, wave_id)

    assert wait_until(begun, WAVE_S, 0.05)
    killed = town.kill_workers("solve_wave")
    in_time = killed > 0 and not is_done(town, wave_id)
    assert wait_until(lambda: is_done(town, wave_id), WAVE_S, 1.0)
    assert_all_planned(town, place, wave_id)
    return in_time
