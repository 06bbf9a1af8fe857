"""A wave too large for one worker: side by side, in rounds, and whatever fails, a whole plan."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.dispatch.reasons import Sent
from chalicelib.domain.dispatch.waves import adoption, cuts, departures, fanout, planning, snapshots
from chalicelib.domain.dispatch.waves.cuts import OUT_OF_TIME
from chalicelib.domain.dispatch.waves.departures import ROUTE_WAITS
from chalicelib.domain.dispatch.waves.fanout import CLOSING_S, ROUNDS, Stage
from chalicelib.domain.merchants.wave_rules import WaveRules
from chalicelib.domain.routing.travel import matrix
from chalicelib.entry.functions.solve_wave import solve_wave
from chalicelib.gateways.queues import Queue
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage import keys
from chalicelib.storage.table import Tables
from tests.builders import a_hub
from tests.entry.lambda_stage import Context, from_queue, json
from tests.entry.shared_wave import DUE, FAN_OUT_ABOVE, PARTS, WAVE, Workshop, a_workshop


@pytest.fixture
def shop(tables: Tables, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    yield from a_workshop(tables, clock, monkeypatch)


@pytest.fixture
def opened(shop: Workshop) -> Workshop:
    shop.stand_there()
    shop.open()
    return shop


def assert_all_planned(shop: Workshop) -> None:
    assert sorted(map(str, shop.on_routes())) == sorted(map(str, shop.refs))
    record = shop.record()
    assert (record.served, record.left_out, record.dropped) == (len(shop.refs), 0, 0)
    assert set(record.route_ids) == {route.id for route in shop.routes()}


def cancelled(shop: Workshop, number: int) -> None:
    cancel = life.Cancel(shop.clock.now(), CancelReason.CUSTOMER_REQUEST)
    shop.run(lambda uow: deliveries.carry_out(uow, shop.refs[number], cancel))


# -- the usual way ---------------------------------------------------------------------------------


def test_a_large_wave_is_shared_out_in_rounds_and_made_real(opened: Workshop) -> None:
    first = opened.shared()
    assert (first.stage, first.round, first.parts) == (Stage.SOLVING, 0, PARTS)
    parts = [message for queue, message in opened.taken() if queue is Queue.WAVES]
    assert [message["part"] for message in parts] == list(range(PARTS))
    for message in parts:
        opened.solve_part(message)
    second = opened.shared()
    assert second.round == 1
    assert opened.cut(second).shares != opened.cut(first).shares
    opened.pump()
    assert (opened.shared().stage, opened.shared().round) == (Stage.DONE, ROUNDS - 1)
    assert_all_planned(opened)
    assert opened.record().engine == "construct"


def test_a_tick_sends_a_large_wave_to_be_shared_out_and_a_small_one_to_a_worker(
    shop: Workshop,
) -> None:
    shop.stand_there()
    assert shop.tick() == {"waves": 1}
    ((queue, order),) = shop.taken()
    assert (queue, order["step"]) == (Queue.MERGES, "open")
    for number in range(FAN_OUT_ABOVE, DUE):
        cancelled(shop, number)
    assert shop.tick() == {"waves": 1}
    ((queue, small),) = shop.taken()
    assert queue is Queue.WAVES
    assert "step" not in small


def test_a_wave_that_shrank_before_it_was_opened_goes_to_one_worker(shop: Workshop) -> None:
    shop.stand_there(due=5)
    shop.open()
    ((queue, order),) = shop.taken()
    assert (queue, order["wave_id"]) == (Queue.WAVES, WAVE)
    assert fanout.find(shop.begin(), WAVE) is None


def test_a_wave_that_nobody_could_drive_needs_no_sharing(shop: Workshop) -> None:
    shop.stand_there(on_duty=0)
    shop.open()
    assert [queue for queue, _ in shop.taken()] == [Queue.WAVES]


def test_a_hub_whose_wave_is_being_shared_out_gets_no_other(opened: Workshop) -> None:
    assert opened.tick() == {"waves": 0}
    opened.open("wav_other")
    assert fanout.find(opened.begin(), "wav_other") is None
    opened.pump()
    assert opened.begin().get(keys.open_wave(opened.hub_id)) is None


def test_a_hub_is_not_kept_waiting_by_a_wave_that_nobody_ends(opened: Workshop) -> None:
    opened.clock.advance(hours=1)
    assert opened.tick() == {"waves": 1}


# -- what comes twice, late or never ---------------------------------------------------------------


def test_every_message_may_come_three_times(opened: Workshop) -> None:
    opened.open()
    opened.open()
    opened.pump(times=3)
    assert opened.shared().round == ROUNDS - 1
    assert_all_planned(opened)
    before = opened.shared(), opened.routes()
    for step in ("open", "close"):
        opened.step(step, slot="2026-11-27T13")
    for round_ in range(ROUNDS):
        opened.step("merge", round=round_, late=True)
    assert (opened.shared(), opened.routes()) == before
    assert_all_planned(opened)


def test_a_round_waits_for_its_last_part(opened: Workshop) -> None:
    opened.deaf = lambda round_, part: part == 3
    opened.pump()
    opened.step("merge", round=0)
    assert opened.shared().round == 0


def test_a_dead_worker_costs_its_round_and_no_delivery(opened: Workshop) -> None:
    opened.deaf = lambda round_, part: (round_, part) in ((0, 3), (1, 0))
    opened.pump()
    opened.late()
    assert opened.shared().round == 1
    left = opened.cut(opened.shared()).left()
    assert set(left.values()) == {OUT_OF_TIME}
    opened.pump()
    opened.late()
    opened.pump()
    assert_all_planned(opened)


def test_a_late_answer_changes_nothing(opened: Workshop) -> None:
    opened.deaf = lambda round_, part: (round_, part) == (0, 3)
    ready = opened.taken()
    for _, message in ready:
        opened.solve_part(message)
    wave = opened.shared()
    cut, outline = opened.cut(wave), opened.outline(wave)
    problem, _ = outline.part(cut.shares[3], cut.tours, matrix)
    opened.late()
    seen = opened.shared()
    assert seen.round == 1
    nothing = cuts.Answer(((),) * len(problem.vehicles), {}, "native")
    assert opened.run(lambda uow: fanout.keep_answer(uow, WAVE, 0, 3, nothing))
    opened.step("merge", round=0)
    assert opened.shared() == seen


def test_the_first_answer_to_a_part_counts(opened: Workshop) -> None:
    one, other = (cuts.Answer(((1,),), {}, name) for name in ("one", "other"))
    assert opened.run(lambda uow: fanout.keep_answer(uow, WAVE, 0, 0, one))
    assert not opened.run(lambda uow: fanout.keep_answer(uow, WAVE, 0, 0, other))
    assert fanout.answers(opened.begin(), opened.shared()) == {0: one}


def test_without_any_worker_the_deadline_still_makes_a_plan(opened: Workshop) -> None:
    opened.deaf = lambda round_, part: True
    opened.taken()
    opened.step("close")
    assert_all_planned(opened)
    assert opened.record().engine == "construct"


def test_the_deadline_takes_what_has_come_back(opened: Workshop) -> None:
    """Round 1 is half done: its answers count, the other parts keep their routes of round 0."""
    opened.deaf = lambda round_, part: round_ == 1 and part > 2
    opened.pump()
    assert opened.shared().round == 1
    opened.step("close")
    assert opened.shared().stage is Stage.DONE
    assert_all_planned(opened)


def test_the_deadline_is_a_message_that_was_sent_before_the_wave_was_opened(
    opened: Workshop,
) -> None:
    queue, message, delay_s = opened.queues.sent[0]
    assert (queue, message["step"]) == (Queue.MERGES, "close")
    assert timedelta(seconds=delay_s) == opened.shared().deadline_at - opened.clock.now()


def test_no_round_begins_that_would_end_after_the_deadline(opened: Workshop) -> None:
    left = opened.shared().deadline_at - opened.clock.now()
    opened.clock.advance(seconds=left.total_seconds() - 20)
    opened.pump()
    assert opened.shared().round == 0
    assert_all_planned(opened)


# -- making it real --------------------------------------------------------------------------------


def test_what_was_cancelled_meanwhile_is_dropped(opened: Workshop) -> None:
    cancelled(opened, 7)
    opened.pump()
    record = opened.record()
    assert (record.served, record.dropped) == (DUE - 1, 1)
    assert opened.refs[7] not in opened.on_routes()


def test_a_closing_whose_worker_died_is_taken_over(opened: Workshop) -> None:
    """One route was real when it died: it stays, the rest follows, and the record counts all."""
    opened.deaf = lambda round_, part: round_ == ROUNDS - 1
    opened.pump()
    wave = opened.shared()
    claimed = opened.run(lambda uow: fanout.claim(uow, wave, wave.cut))
    assert claimed is not None
    snapshot = snapshots.read_snapshot(opened.payloads.get(wave.snapshot), a_hub())
    outline, tours = planning.build_outline(snapshot), opened.cut(wave).tours
    problem, plan = next(cuts.checked_routes(outline, tours, matrix))
    (draft,), _, _ = departures.Desk.of(snapshot, WAVE).sort_out(problem, plan)
    opened.run(partial(adoption.adopt_route, draft=draft))

    opened.step("close")
    assert len(opened.routes()) == 1, "its worker may still be alive"
    opened.clock.advance(seconds=CLOSING_S)
    opened.step("close")
    assert opened.shared().stage is Stage.DONE
    assert_all_planned(opened)


def test_whoever_claims_a_closing_leaves_a_message_for_its_own_death(opened: Workshop) -> None:
    opened.taken(delayed=True)
    opened.deaf = lambda round_, part: True
    opened.step("close")
    again = [m["step"] for _, m in opened.taken(delayed=True)]
    assert again == ["close"]


def test_two_closers_are_one(opened: Workshop) -> None:
    wave = opened.shared()
    claims = [opened.run(lambda uow: fanout.claim(uow, wave, wave.cut)) for _ in range(2)]
    assert [claim is not None for claim in claims] == [True, False]
    steps = [opened.run(lambda uow: fanout.advance(uow, wave, wave.cut, 1)) for _ in range(2)]
    assert steps == [None, None]


# -- holding back ----------------------------------------------------------------------------------


def test_a_shared_wave_holds_back_what_can_wait(shop: Workshop) -> None:
    """Insertion plans the cheap ones; nothing on their routes must go, and none is full."""
    shop.hub = a_hub(waves=WaveRules(prize_percent=100_000, decay_percent_per_h=1))
    shop.stand_there(hours=8)
    shop.open()
    shop.pump()
    assert shop.shared().stage is Stage.DONE
    assert shop.routes() == []
    record = shop.record()
    assert (record.served, record.left_out, record.route_ids) == (0, DUE, ())
    assert record.held
    assert {one.sent for one in record.held} == {None}
    assert sum(one.deliveries for one in record.held) == DUE
    assert {one.reason for one in record.unserved} == {ROUTE_WAITS}
    assert all(one.until is not None for one in record.unserved)


def test_a_shared_wave_sends_the_routes_of_what_must_go(shop: Workshop) -> None:
    shop.hub = a_hub(waves=WaveRules(safety_s=4 * 3600))
    shop.stand_there()
    shop.open()
    shop.pump()
    assert_all_planned(shop)
    assert {one and one.sent for one in shop.record().sent} == {Sent.MUST_GO}


# -- a part's worker -------------------------------------------------------------------------------


def solve(shop: Workshop, message: dict[str, object], receives: int = 1) -> None:
    event = from_queue(json.dumps(message))
    event["Records"][0]["attributes"]["ApproximateReceiveCount"] = str(receives)
    assert solve_wave(event, Context()) == {"batchItemFailures": []}


def test_a_worker_solves_its_part_once_and_says_so_every_time(opened: Workshop) -> None:
    message = next(message for _, message in opened.taken() if message.get("part") == 2)
    solve(opened, message)
    (kept,) = fanout.answers(opened.begin(), opened.shared()).items()
    assert kept[0] == 2
    solve(opened, message)
    assert fanout.answers(opened.begin(), opened.shared()) == dict([kept])
    told = Counter((queue, m["step"], m["round"]) for queue, m in opened.taken())
    assert told == {(Queue.MERGES, "merge", 0): 2}
    merged, refused = cuts.merge_answers(
        opened.outline(opened.shared()), opened.cut(opened.shared()), dict([kept]), matrix
    )
    assert refused == ()
    assert any(merged.tours)


def test_a_worker_of_a_round_that_is_over_does_nothing(opened: Workshop) -> None:
    message = next(message for _, message in opened.taken() if message.get("part") == 2)
    opened.deaf = lambda round_, part: True
    opened.step("merge", round=0, late=True)
    opened.taken()
    solve(opened, message)
    assert opened.taken() == []


def test_what_took_its_worker_with_it_is_solved_in_a_process_of_its_own(opened: Workshop) -> None:
    messages = [message for _, message in opened.taken() if message.get("part") in (0, 1)]
    for message, receives in zip(messages, (1, 2), strict=True):
        solve(opened, message, receives)
    found = fanout.answers(opened.begin(), opened.shared())
    assert found[0].engine == "native"
    assert found[1].engine in ("ortools", "construct")
