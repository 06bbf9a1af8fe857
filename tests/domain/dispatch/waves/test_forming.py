"""What goes together, and when it is due."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.dispatch.waves import adoption, forming
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.merchants.wave_rules import WaveRules
from chalicelib.kit.ids import named_id
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage import keys
from tests.builders import NOON, a_hub, a_request
from tests.domain.dispatch.conftest import World


def order(world: World, number: int, start_s: int, end_s: int) -> str:
    window = TimeWindow(NOON + timedelta(seconds=start_s), NOON + timedelta(seconds=end_s))
    request = a_request(external_id=str(number), window=window)
    made = world.run(lambda uow: deliveries.create(uow, request))
    world.refs.append(deliveries.ref_of(made))
    return made.id


def due_ids(world: World) -> list[str]:
    return [one.ref.delivery_id for one in forming.due_deliveries(world.begin(), world.hub)]


def test_nothing_waits_so_there_is_no_wave(world: World) -> None:
    assert forming.form(world.begin(), world.hub) == []


def test_a_delivery_is_due_when_its_window_opens_within_the_horizon(world: World) -> None:
    horizon = world.hub.wave_horizon_s
    soon = order(world, 1, horizon - 1, horizon + 7200)
    late = order(world, 2, horizon, horizon + 7200)
    assert due_ids(world) == [soon]
    world.clock.advance(seconds=1)
    assert sorted(due_ids(world)) == sorted([soon, late])


def test_an_overdue_delivery_stays_due(world: World) -> None:
    overdue = order(world, 1, 0, 600)
    world.clock.advance(days=2)
    assert due_ids(world) == [overdue]


def test_a_wave_names_its_slot_and_size_but_not_its_deliveries(world: World) -> None:
    """The solver reads them when it starts, so it sees the latest."""
    for number in range(3):
        order(world, number, 0, 7200)
    (formed,) = forming.form(world.begin(), world.hub)
    assert formed.size == 3
    assert formed.to_message() == {
        "wave_id": formed.wave_id,
        "hub_id": world.hub.id,
        "slot": "2026-11-27T13:00+01:00",
    }


def test_another_hubs_deliveries_are_not_ours(world: World) -> None:
    order(world, 1, 0, 7200)
    assert forming.form(world.begin(), a_hub(id="hub_2")) == []


def test_what_was_cancelled_or_planned_is_not_due_any_more(world: World) -> None:
    order(world, 1, 0, 7200)
    gone = world.refs[0]
    cancel = life.Cancel(world.clock.now(), CancelReason.CUSTOMER_REQUEST)
    world.run(lambda uow: deliveries.carry_out(uow, gone, cancel))
    world.a_planned_route()
    assert due_ids(world) == []


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        (datetime(2026, 11, 27, 22, 59, 59, tzinfo=UTC), "2026-11-27T23:59+01:00"),
        (datetime(2026, 11, 27, 23, 0, tzinfo=UTC), "2026-11-28T00:00+01:00"),
        # The hour that comes twice when summer time ends, and the one that is left out.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02:30+02:00"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02:30+01:00"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29T03:00+02:00"),
    ],
)
def test_a_slot_is_the_minute_of_its_tick_on_the_hubs_wall(at: datetime, slot: str) -> None:
    hub = a_hub()
    assert forming.slot_name(hub, forming.slot_begins_at(hub, at)) == slot


def every(tick_s: int) -> Hub:
    return a_hub(waves=WaveRules(tick_s=tick_s))


def test_rarer_ticks_have_longer_slots() -> None:
    at = datetime(2026, 11, 27, 12, 44, 59, tzinfo=UTC)
    begins = [forming.slot_begins_at(every(tick_s), at) for tick_s in (300, 900, 3600)]
    assert [f"{one:%H:%M}" for one in begins] == ["12:44", "12:30", "12:00"]


def test_a_tick_that_comes_twice_asks_for_the_same_wave(world: World) -> None:
    order(world, 1, 0, 7200)
    (once,) = forming.form(world.begin(), world.hub)
    world.clock.advance(seconds=20)
    (again,) = forming.form(world.begin(), world.hub)
    assert again == once
    world.clock.advance(seconds=60)
    (later,) = forming.form(world.begin(), world.hub)
    assert later.wave_id > once.wave_id


def planned(world: World, formed: forming.WaveOrder) -> None:
    outcome = adoption.Outcome("none", (), 0, 0, ())
    world.run(
        lambda uow: adoption.record_wave(uow, formed.hub_id, formed.wave_id, formed.slot, outcome)
    )


def test_a_slot_has_one_wave_however_often_and_late_its_ticks_come(world: World) -> None:
    """What came after it waits for the next slot; a tick that was missed is made up for."""
    hub = every(900)
    order(world, 1, 0, 7200)
    world.clock.advance(seconds=600)
    (late,) = forming.form(world.begin(), hub)
    planned(world, late)
    world.clock.advance(seconds=240)
    assert forming.form(world.begin(), hub) == []
    world.clock.advance(seconds=60)
    (following,) = forming.form(world.begin(), hub)
    assert (late.slot[11:16], following.slot[11:16]) == ("13:00", "13:15")


def test_two_hubs_never_share_a_wave(world: World) -> None:
    order(world, 1, 0, 7200)
    (ours,) = forming.form(world.begin(), world.hub)
    assert ours.wave_id != named_id("wav", forming.slot_begins_at(world.hub, NOON), "hub_2")


def test_an_empty_tick_reads_four_empty_shards_and_nothing_else(world: World) -> None:
    read: list[str] = []
    uow = world.begin()
    query, get = uow.query_all, uow.get
    uow.query_all = lambda *a, **k: read.append("query") or query(*a, **k)  # type: ignore[method-assign]
    uow.get = lambda *a, **k: read.append("get") or get(*a, **k)  # type: ignore[method-assign]
    assert forming.form(uow, world.hub) == []
    assert read == ["query"] * keys.PENDING_SHARDS
