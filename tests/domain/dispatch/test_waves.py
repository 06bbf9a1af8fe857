"""What goes together, and when it is due."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.deliveries import lifecycle as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import CancelReason
from chalicelib.domain.dispatch import waves
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import NOON, a_hub, a_request
from tests.domain.dispatch.conftest import World


def order(world: World, number: int, start_s: int, end_s: int) -> str:
    window = TimeWindow(NOON + timedelta(seconds=start_s), NOON + timedelta(seconds=end_s))
    request = a_request(external_id=str(number), window=window)
    made = world.run(lambda uow: deliveries.create(uow, request))
    world.refs.append(deliveries.ref_of(made))
    return made.id


def due_ids(world: World) -> list[str]:
    return [one.ref.delivery_id for one in waves.due_deliveries(world.begin(), world.hub)]


def test_nothing_waits_so_there_is_no_wave(world: World) -> None:
    assert waves.form(world.begin(), world.hub) == []


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
    (formed,) = waves.form(world.begin(), world.hub)
    assert formed.size == 3
    assert formed.to_message() == {
        "wave_id": formed.wave_id,
        "hub_id": world.hub.id,
        "slot": "2026-11-27T13",
    }


def test_another_hubs_deliveries_are_not_ours(world: World) -> None:
    order(world, 1, 0, 7200)
    assert waves.form(world.begin(), a_hub(id="hub_2")) == []


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
        (datetime(2026, 11, 27, 22, 59, tzinfo=UTC), "2026-11-27T23"),
        (datetime(2026, 11, 27, 23, 0, tzinfo=UTC), "2026-11-28T00"),
        # The hour that comes twice when summer time ends, and the one that is left out.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25T02"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25T02"),
        (datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29T03"),
    ],
)
def test_a_slot_is_the_hour_on_the_hubs_wall(at: datetime, slot: str) -> None:
    assert waves.slot_at(a_hub(), at) == slot
    assert waves.slot_at(replace(a_hub(), timezone="UTC"), at) == f"{at:%Y-%m-%dT%H}"
