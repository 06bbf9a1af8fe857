"""Rollups are made anew: whatever comes twice, late, out of order or never, they say what is so."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.analytics import figures, reading, rolling, rollups, store
from chalicelib.domain.analytics.reading import GroupBy, Question
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Invalid, StaleVersion
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import HUB_AT, NOON, a_hub, a_merchant, a_request
from tests.domain.analytics.facts import a_fact, a_route_fact

TODAY = date(2026, 11, 27)
Run = Callable[[Callable[[UnitOfWork], object]], object]


@pytest.fixture
def run(begin) -> Run:
    def use(use_case):
        uow = begin()
        result = use_case(uow)
        uow.commit()
        return result

    use(lambda uow: merchants.save_hub(uow, a_hub()))
    use(lambda uow: merchants.save_merchant(uow, a_merchant()))
    return use


def a_delivered(run: Run, external_id: str, minutes: int = 60) -> DeliveryRef:
    made = run(lambda uow: deliveries.create(uow, a_request(external_id=external_id)))
    ref = deliveries.ref_of(made)
    at = NOON + timedelta(minutes=minutes)
    steps = (life.Plan(at, "rte_1"), life.Assign(at, "drv_1"), life.PickUp(at), life.Deliver(at))
    run(lambda uow: deliveries.carry_out(uow, ref, *steps))
    return ref


def roll(run: Run, day: date = TODAY) -> object:
    changed = run(lambda uow: rolling.changes(uow, "hub_1", day))
    for wanted, before in changed:
        run(lambda uow, wanted=wanted, before=before: store.save_rollup(uow, wanted, before))
    return len(changed)


def told(begin, **changes):
    asked = replace(Question(TODAY, TODAY, ("hub_1",)), **changes)
    return reading.answer(begin(), asked)


def figures_of(begin, **changes):
    (row,) = told(begin, **changes).rows
    return figures.from_totals(row.sums)


def test_a_fact_that_comes_twice_counts_once(run, begin) -> None:
    ref = a_delivered(run, "A-1")
    first = run(lambda uow: rolling.note_delivery(uow, ref))
    again = run(lambda uow: rolling.note_delivery(uow, ref))
    assert (first, again) == ([("hub_1", TODAY)], [])
    assert roll(run) == 4
    assert roll(run) == 0
    assert figures_of(begin).of("deliveries").value == 1
    assert figures_of(begin, merchant_id="mer_1").of("on_time_rate").value == 1
    assert figures_of(begin, driver_id="drv_1").of("deliveries").value == 1


def test_what_a_driver_takes_back_is_gone_from_the_figures(run, begin, clock: FrozenClock) -> None:
    ref = a_delivered(run, "A-1")
    run(lambda uow: rolling.note_delivery(uow, ref))
    roll(run)
    at = NOON + timedelta(minutes=62)
    run(lambda uow: deliveries.carry_out(uow, ref, life.Undo(at)))
    assert run(lambda uow: rolling.note_delivery(uow, ref)) == [("hub_1", TODAY)]
    assert roll(run) == 4
    assert figures_of(begin).of("deliveries").value == 0
    assert told(begin, group_by=GroupBy.MERCHANT).rows == ()


def test_late_news_changes_the_day_that_it_belongs_to(run, begin) -> None:
    yesterday = a_delivered(run, "A-1", minutes=60)
    run(lambda uow: rolling.note_delivery(uow, yesterday))
    tomorrow = a_delivered(run, "A-2", minutes=24 * 60)
    assert run(lambda uow: rolling.note_delivery(uow, tomorrow)) == [
        ("hub_1", TODAY + timedelta(days=1))
    ]
    roll(run)
    roll(run, TODAY + timedelta(days=1))
    found = told(begin, last=TODAY + timedelta(days=2), group_by=GroupBy.DAY)
    assert [row.key for row in found.rows] == ["2026-11-27", "2026-11-28"]


def test_an_older_reading_never_replaces_a_newer_one(run, begin) -> None:
    newer = a_fact(version=12, texts=4)
    assert run(lambda uow: store.put_fact(uow, newer))
    assert not run(lambda uow: store.put_fact(uow, a_fact(version=11)))
    facts, _ = store.facts_of_day(begin(), "hub_1", TODAY)
    assert facts == [newer]


def test_facts_come_back_as_they_were_put(run, begin) -> None:
    sparse = a_fact(
        delivery_id="del_2", status="cancelled", zone_id=None, on_time=None, order_to_door_s=None,
        attempts=0, driver_id=None, route_id=None, net_minor=None, currency=None,
    )  # fmt: skip
    route = a_route_fact()
    for one in (a_fact(), sparse, route):
        run(lambda uow, one=one: store.put_fact(uow, one))
    assert store.facts_of_day(begin(), "hub_1", TODAY) == ([a_fact(), sparse], [route])


def test_a_message_that_never_came_is_made_up_for_in_the_night(run, begin) -> None:
    """Of two deliveries only one was told of; the night finds a text that came late."""
    told_of = a_delivered(run, "A-1")
    run(lambda uow: rolling.note_delivery(uow, told_of))
    steps = list(rolling.look_over(begin(), "hub_1", TODAY))
    assert len(steps) == 1
    assert run(steps[0]) == []


def test_of_two_rolls_at_once_the_later_writer_begins_again(run, begin) -> None:
    ref = a_delivered(run, "A-1")
    run(lambda uow: rolling.note_delivery(uow, ref))
    slow = rolling.changes(begin(), "hub_1", TODAY)
    roll(run)
    with pytest.raises(StaleVersion):
        run(lambda uow: store.save_rollup(uow, *slow[0]))


def test_one_roll_is_ordered_however_much_happens(run, clock: FrozenClock) -> None:
    asked = [run(lambda uow: rolling.order(uow, "hub_1", TODAY)) for _ in range(3)]
    assert asked == [True, False, False]
    run(lambda uow: rolling.begin_roll(uow, "hub_1", TODAY))
    assert run(lambda uow: rolling.order(uow, "hub_1", TODAY)) is True
    clock.advance(minutes=5)
    assert run(lambda uow: rolling.order(uow, "hub_1", TODAY)) is True


def test_hours_zones_and_merchants_sum_to_the_hub() -> None:
    facts = [
        a_fact(delivery_id=f"del_{n}", merchant_id=f"mer_{n % 3}", hour=8 + n % 5,
               zone_id=None if n % 4 == 0 else f"zon_{n % 2}")
        for n in range(40)
    ]  # fmt: skip
    made = rollups.rollups_of("hub_1", TODAY, facts, [a_route_fact()], [], NOON)
    whole = made["H"].sums
    for kind in ("M#", "Z#"):
        parts = [one.sums for scope, one in made.items() if scope.startswith(kind)]
        for name in ("ended", "to_door_on_time", "texts", "distance_m", "co2e_mg", "brought"):
            assert sum(one.count(name) for one in parts) == whole.count(name), (kind, name)
    assert sum(one.count("ended") for one in made["H"].hours.values()) == 40
    for scope, one in made.items():
        if scope.startswith("M#"):
            zones = one.zones.values()
            assert sum(part.count("ended") for part in zones) == one.sums.count("ended")
    assert made["M#mer_1"].sums.count("route_s") == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"zone_id": "zon_1", "driver_id": "drv_1"},
        {"merchant_id": "mer_1", "group_by": GroupBy.DRIVER},
        {"driver_id": "drv_1", "group_by": GroupBy.ZONE},
        {"merchant_id": "mer_1", "zone_id": "zon_1", "group_by": GroupBy.HOUR},
        {"last": TODAY + timedelta(days=5000)},
        {"group_by": GroupBy.DRIVER, "last": TODAY + timedelta(days=200)},
    ],
)
def test_what_no_rollup_holds_is_refused(begin, changes) -> None:
    with pytest.raises(Invalid):
        told(begin, **changes)


def a_driven_route(**changes: Any) -> Route:
    """One pickup, ended at two o'clock of the hub's day, when nothing else is said."""
    ended_at = NOON + timedelta(hours=1)
    stop = Stop(
        id="stp_1",
        kind=StopKind.PICKUP,
        place_name="Store",
        position=HUB_AT,
        deliveries=(),
        planned_arrival_at=ended_at,
        service_s=120,
        status=StopStatus.DONE,
        done_at=ended_at,
    )
    route = Route(
        id="rte_1",
        hub_id="hub_1",
        wave_id="wav_1",
        vehicle_kind=VehicleKind.VAN,
        load_weight_g=0,
        load_volume_ml=0,
        status=RouteStatus.COMPLETED,
        version=9,
        planned_at=NOON,
        starts_at=NOON,
        ends_at=ended_at,
        distance_m=6_000,
        duration_s=1800,
        stops=(stop,),
        driver_id="drv_1",
    )
    return replace(route, **changes)


def test_a_route_that_ends_again_on_the_next_day_counts_there_alone(run, begin) -> None:
    """Its end was taken back shortly before midnight."""
    yesterday = TODAY - timedelta(days=1)
    run(lambda uow: store.put_fact(uow, a_route_fact(day=yesterday)))
    run(lambda uow: dispatch.save_route(uow, a_driven_route(), expect=0))
    changed = run(lambda uow: rolling.note_route(uow, "rte_1"))
    assert changed == [("hub_1", yesterday), ("hub_1", TODAY)]
    assert store.facts_of_day(begin(), "hub_1", yesterday) == ([], [])
    assert run(lambda uow: rolling.note_route(uow, "rte_1")) == []


def test_the_night_finds_what_was_planned_in_a_western_evening(run, begin) -> None:
    """At eight in the evening in Los Angeles the UTC day is the next one already."""
    run(lambda uow: merchants.save_hub(uow, a_hub(timezone="America/Los_Angeles", version=2)))
    evening = datetime(2026, 11, 28, 4, tzinfo=UTC)
    run(lambda uow: dispatch.save_route(uow, a_driven_route(planned_at=evening), expect=0))
    steps = list(rolling.look_over(begin(), "hub_1", TODAY))
    assert len(steps) == 1
