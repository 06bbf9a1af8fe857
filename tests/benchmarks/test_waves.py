"""Days on which orders keep coming: the published rules, a referee that sees, and every policy."""

from array import array
from dataclasses import replace

import pytest

from benchmarks.dynamic_day import DRAWS, DynamicDay, Request, leaves_s
from benchmarks.instances import Instance, Node, Truck
from benchmarks.instances.roads import Table
from benchmarks.waves import Epoch, policies, run
from benchmarks.waves_report import changes, markdown
from chalicelib.domain.merchants.wave_rules import USUAL

HOUR = 3600
SIZE = 12


def an_instance() -> Instance:
    """Eleven customers on a line, ten minutes apart; windows from two to six o'clock."""
    cells = array("i", (600 * abs(a - b) for a in range(SIZE) for b in range(SIZE)))
    customers = [
        Node(load=10, opens=(2 + n % 4) * HOUR, closes=(4 + n % 4) * HOUR, service=300 + 10 * n)
        for n in range(1, SIZE)
    ]
    return Instance(
        "made_up",
        "line",
        (Node(closes=10 * HOUR), *customers),
        (),
        Table(SIZE, cells),
        (Truck(120),),
        fleet_binds=False,
    )


@pytest.fixture(scope="module")
def day() -> DynamicDay:
    drawn = DynamicDay.draw(an_instance(), seed=3)
    # A tenth of it is enough to see, and quick to play.
    few = [one for one in drawn.requests if one.id % 10 == 0]
    return replace(drawn, requests=tuple(replace(one, id=index) for index, one in enumerate(few)))


def test_a_day_is_drawn_by_the_published_rules() -> None:
    day = DynamicDay.draw(an_instance(), seed=3)
    # Windows open from two to five; vehicles of an epoch leave an hour after it begins.
    assert day.epochs == range(1, 5)
    assert day == DynamicDay.draw(an_instance(), seed=3)
    assert day != DynamicDay.draw(an_instance(), seed=4)
    for epoch in day.epochs:
        new = [one for one in day.requests if one.epoch == epoch]
        assert 0 < len(new) <= DRAWS
        for one in new:
            arrival_s = max(leaves_s(epoch) + day.legs[0][one.customer], one.opens_s)
            assert arrival_s <= one.closes_s
    assert len(day.requests) < 4 * DRAWS, "what could not be served any more was never asked for"


def test_a_request_must_go_when_the_next_epoch_would_be_too_late(day: DynamicDay) -> None:
    one = Request(0, 1, 3, 2 * HOUR, 4 * HOUR, 300, 10)
    # Half an hour away: who leaves at half past three is just in time.
    assert not day.must_go(one, 1)
    assert day.must_go(one, 2)
    assert day.must_go(replace(one, closes_s=9 * HOUR), day.epochs[-1]), "there is no later one"
    assert day.must_go(replace(one, closes_s=9 * HOUR, service_s=7 * HOUR), 1), "back too late"


def test_the_referee_sees_every_broken_rule(day: DynamicDay) -> None:
    small = replace(day, requests=day.requests[:2], capacity=15)
    first, second = small.requests
    late = small.epochs[-1] + 4
    assert not list(replace(small, capacity=99).faults([(first.epoch, [0]), (second.epoch, [1])]))
    for sent, word in (
        ([(first.epoch, [0])], "exactly once"),
        ([(first.epoch, [0]), (first.epoch, [0, 1])], "exactly once"),
        ([(late, [0]), (second.epoch, [1])], "late"),
        ([(first.epoch - 1, [0]), (second.epoch, [1])], "not known"),
        ([(first.epoch, [0, 1])], "heavy"),
        ([(late + 9, [0]), (second.epoch, [1])], "back too late"),
    ):
        assert any(word in fault for fault in small.faults(sent)), (sent, word)


def test_every_policy_serves_everybody_in_time(day: DynamicDay) -> None:
    rows = [
        {"policy": one.name, "instance": "line", "seed": 3, "asked_seed": 3, "budget_s": 60.0}
        | run(day, one, 60.0, seed=3, iterations=300)
        for one in policies(USUAL)
    ]
    assert {row["requests"] for row in rows} == {len(day.requests)}
    assert changes(rows, "prize")[0] < 0 < changes(rows, "must go alone")[0]
    table = markdown(rows, ())
    assert "| line |" in table
    assert "**mean of all**" in table


def test_productions_rule_of_what_must_go_is_the_published_one(day: DynamicDay) -> None:
    """Two computations of their own; the day's last epoch has a rule of its own."""
    judged = [Epoch.of(day, number, set()) for number in day.epochs[:-1]]
    for epoch in judged:
        pairs = zip(epoch.open, epoch.spare_s, strict=True)
        assert {one.id for one, spare_s in pairs if spare_s < 0} == epoch.must
    assert any(epoch.must for epoch in judged)
