"""A recorded day: everything that its figures are made of, nobody in it, and the same day again."""

import json
from functools import cache, partial

import pytest

from chalicelib.domain.analytics import figures, rolling, store
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Address, Recipient
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.simulation import comparing, experience, recorded, recording, stage, standing
from chalicelib.domain.simulation.choices import Choices, Scenario
from chalicelib.domain.simulation.day import Run, SimulatedDay, simulate
from chalicelib.kit.phone import Phone
from chalicelib.kit.simulation_errors import RecordingTooLarge
from tests.domain.simulation.days import DAY, a_day, played


@cache
def lived() -> SimulatedDay:
    """A day that was driven, in the tables in which it was: as good as a live one."""
    wanted = Run(Scenario("lived", Choices(shut_door_permille=250)), 3, engine="construct")
    day = SimulatedDay(a_day(), wanted)
    day.play()
    return day


def test_a_file_reads_back_as_the_day_that_was_written():
    day = played()
    document = recorded.write(day)
    assert recorded.read(document) == day
    assert recorded.unpack(recorded.pack(day)) == day
    assert recorded.write(recorded.read(document)) == document


def test_a_replayed_day_has_the_very_figures_of_the_days_report():
    day = lived()
    clock, hub_id = day.clock, day.hub.id
    # The report of the live day: facts by the news, then the roll, as the functions make it.
    for arrival in day.stage.arrivals:
        ref = deliveries.ref_of(arrival.delivery)
        clock.run(lambda uow, ref=ref: rolling.note_delivery(uow, ref))
    for route in clock.read(lambda uow: recording.record(uow, hub_id, DAY)).routes:
        clock.run(lambda uow, route=route: rolling.note_route(uow, route.id))
    clock.run(lambda uow: rolling.begin_roll(uow, hub_id, DAY))
    for wanted, before in clock.read(lambda uow: rolling.changes(uow, hub_id, DAY)):
        clock.run(partial(store.save_rollup, wanted=wanted, before=before))
    rolled = clock.read(lambda uow: store.rollups_of_day(uow, hub_id, DAY))
    (whole,) = [one.sums for one in rolled if one.scope == "H"]
    report = figures.from_totals(whole)
    assert report.of("deliveries").n > 8

    document = recorded.write(clock.read(lambda uow: recording.record(uow, hub_id, DAY)))
    assert standing.figures_of(recorded.read(document)) == report


def test_nobody_is_in_a_recording():
    day = lived()
    person = Recipient(
        "Ada Sommer", Phone("+4915112345678"), Address("Lindenweg 7", "", "Neustadt", "1", "DE")
    )
    (first, *_) = day.stage.arrivals
    ref = deliveries.ref_of(first.delivery)
    day.clock.run(lambda uow: delivery_store.save_recipient(uow, ref, person))
    merchant = day.clock.read(lambda uow: merchants.load_merchant(uow, ref.merchant_id))
    assert merchant.stores
    found = day.clock.read(lambda uow: recording.record(uow, day.hub.id, DAY))
    text = recorded.write(found).decode()
    for secret in ("Ada Sommer", "+4915112345678", "Lindenweg"):
        assert secret not in text
    told = json.loads(text)
    assert all(one["external_id"] == one["order_name"] == "" for one in told["deliveries"])
    assert all(one["work"]["home_near"] is None for one in told["crew"])
    kept = {sk: item for _, pk, sk, item in told["kept"] if pk.startswith("M#") and sk == "A"}
    assert all(item["sealed_secrets"] == {} for item in kept.values())


def test_a_day_that_was_driven_replays_near_to_itself():
    """The error bar: the same choices on the recording of a day that was played."""
    was = recorded.read(recorded.write(played()))
    again = simulate(was, Run(Scenario("as it was"), 1, engine="construct"))
    before = comparing.values_of(was, standing.figures_of(was))
    after = comparing.values_of(again, standing.figures_of(again))
    assert after["brought"] == before["brought"]
    assert abs(after["distance_m"] / before["distance_m"] - 1) < 0.35
    assert abs(after["order_to_door_mean_s"] / before["order_to_door_mean_s"] - 1) < 0.25


def test_doors_that_were_shut_on_the_day_are_shut_again():
    was = lived().clock.read(lambda uow: recording.record(uow, lived().hub.id, DAY))
    failed = {one.id for one in was.deliveries if one.attempts}
    assert failed
    again = simulate(was, Run(Scenario("as it was"), 9, engine="construct"))
    assert {one.id for one in again.deliveries if one.attempts} == failed


def test_experience_is_what_taps_tell():
    was = played()
    found = experience.of(was, stage.hub_of(was))
    assert len(found.legs) > 5
    assert found.declines_permille < 300
    assert found.doors is not None


def test_a_day_beyond_the_limits_is_refused_and_not_cut(monkeypatch):
    monkeypatch.setattr(recording, "MOST_DELIVERIES", 3)
    with pytest.raises(RecordingTooLarge):
        lived().clock.read(lambda uow: recording.record(uow, lived().hub.id, DAY))


def test_differences_are_taken_seed_by_seed():
    results = [
        comparing.Result(0, 1, {"routes": 10.0, "on_time_rate": 0.9}),
        comparing.Result(0, 2, {"routes": 20.0}),
        comparing.Result(1, 1, {"routes": 11.0, "on_time_rate": 0.95}),
        comparing.Result(1, 2, {"routes": 21.0}),
    ]
    first, second = comparing.compare(results)
    assert first.against == {}
    assert second.against["routes"].mean == 1.0
    # Both seeds say one route more: however different the days are, that is sure.
    assert second.against["routes"].half == 0.0
    assert round(second.against["on_time_rate"].mean, 6) == 0.05
    assert second.against["on_time_rate"].half is None
