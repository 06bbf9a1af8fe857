"""What needs a person stands in one list, by the time until a promise breaks, and says why."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.attention import flags, gathering, items
from chalicelib.domain.attention.flags import Settled
from chalicelib.domain.attention.gathering import DeadLetters
from chalicelib.domain.attention.model import Item, Kind, in_order
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Unserved, Wave
from chalicelib.domain.dispatch.reasons import Blocking, Relaxed
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.events import Event
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON, a_driver_at_work, a_hub, a_merchant
from tests.domain.dispatch.conftest import World


@pytest.fixture
def world():
    clock, tables = FrozenClock(NOON), Notebook()
    made = World(lambda: UnitOfWork(tables, clock), clock, a_hub())
    made.run(lambda uow: merchants.save_hub(uow, made.hub))
    made.run(lambda uow: merchants.save_merchant(uow, a_merchant()))
    return made


def look(world, given_up=()):
    return gathering.gather(world.begin(), world.hub, given_up)


def later(world, **passed):
    world.clock.at = world.clock.now() + timedelta(**passed)


def kinds(found):
    return [one.kind for one in found.items]


MOMENTS = st.none() | st.integers(-600, 600).map(lambda n: NOON + timedelta(minutes=n))
ITEMS = st.builds(
    Item,
    id=st.sampled_from("abcdefgh"),
    kind=st.sampled_from(Kind),
    due_at=MOMENTS,
    why=st.just(""),
)


@given(st.lists(ITEMS, max_size=12))
def test_the_order_is_that_of_the_minutes_and_the_same_however_it_was_found(some):
    once = {one.id: one for one in some}
    ordered = in_order(some, NOON)
    left = [one.minutes_to_breach(NOON) for one in ordered]
    assert left == sorted(left)
    assert {one.id: one for one in ordered} == once
    assert in_order(reversed(list(once.values())), NOON) == ordered


def test_a_hub_where_all_is_well_needs_nobody(world):
    world.an_assigned_route()
    world.a_ready_delivery(9)
    found = look(world, [DeadLetters("messages", 0, redrivable=True)])
    assert (list(found.items), found.more) == ([], ())


def test_a_route_that_nobody_took_is_due_when_it_should_begin(world):
    route = world.a_planned_route()
    assert kinds(look(world)) == []
    told = replace(route, alerted_at=world.clock.now(), version=route.version + 1, asked=3)
    world.run(lambda uow: dispatch.save_route(uow, told))
    (item,) = look(world).items
    assert (item.kind, item.due_at) == (Kind.UNTAKEN_ROUTE, route.starts_at)
    assert "3 were asked" in item.why
    assert item.calls[0].body == {"hub_id": world.hub.id, "dry_run": False}


def test_a_driver_who_does_not_come_is_due_when_we_stop_waiting(world):
    route = world.an_assigned_route()
    later(world, minutes=11)
    (item,) = look(world).items
    assert item.kind is Kind.NO_SHOW
    assert item.due_at == (route.expected_at or route.starts_at) + timedelta(seconds=600)
    assert item.calls[0].path == f"/v1/routes/{route.id}/release"


def test_a_driver_of_whom_nothing_is_heard_is_shown_with_somebody_who_is_free(world):
    route = world.an_assigned_route()
    driving.complete(uow := world.begin(), "drv_1", route.stops[0].id)
    uow.commit()
    assert kinds(look(world)) == []
    other = replace(a_driver_at_work("drv_2"), version=1)
    world.run(lambda uow: drivers.save_work(uow, other))
    later(world, minutes=25)
    (item,) = (one for one in look(world).items if one.kind is Kind.SILENT_DRIVER)
    assert [one.path.rpartition("/")[2] for one in item.calls] == ["drv_1", "hand-over", "eta"]
    assert item.calls[1].body == {"driver_id": "drv_2"}


def a_wave(world, *unserved):
    wave = Wave("wav_9", world.hub.id, "slot", world.clock.now(), "native", (), 0, unserved, 1, 0)
    world.run(lambda uow: dispatch.save_wave(uow, wave))


@pytest.mark.parametrize(
    ("lever", "driver_id", "ends"),
    [
        ("dropoff_later", None, "windows?merchant_id=mer_1"),
        ("weight", "drv_1", "deliveries"),
        ("vehicle", None, "shifts"),
        ("penalty", None, "explain?merchant_id=mer_1"),
    ],
)
def test_what_a_wave_left_out_names_the_cheapest_way_around(world, lever, driver_id, ends):
    world.an_assigned_route()
    left = world.a_ready_delivery(7)
    ref = deliveries.ref_of(left)
    blocking = Blocking("vehicle_weight", Relaxed(lever, 600, 40, driver_id, True))
    a_wave(world, Unserved(ref, "capacity_exhausted", blocking))
    (item,) = look(world).items
    assert (item.kind, item.due_at) == (Kind.UNSERVED, left.window.end_at)
    assert f"{lever} by 600" in item.why
    assert item.calls[0].path.rpartition("/")[2] == ends


def test_what_waits_by_choice_needs_nobody(world):
    ref = deliveries.ref_of(world.a_ready_delivery(7))
    a_wave(world, Unserved(ref, "not_worth_the_detour", None, NOON + timedelta(hours=1)))
    assert kinds(look(world)) == []


def refused(delivery_id, version=1):
    data = {"merchant_id": "mer_1", "delivery_id": delivery_id, "point_id": "pup_1"}
    return Event("locker.refused", f"{delivery_id}.pup_1", version, NOON, data)


def lost(delivery_id, version=2):
    data = {"merchant_id": "mer_1", "delivery_id": delivery_id, "template": "out_for_delivery"}
    return Event("notification.lost", f"{delivery_id}.4.out_for_delivery", version, NOON, data)


def test_news_that_comes_twice_is_shown_once_and_goes_when_somebody_saw_to_it(world):
    made = world.a_ready_delivery(7)
    for _ in range(2):
        world.run(lambda uow: flags.hear(uow, lost(made.id)))
    (item,) = look(world).items
    assert (item.kind, item.due_at) == (Kind.LOST_TEXT, NOON + items.UNTOLD)
    settled = Settled(item.id, "marta", "rang her", NOON, NOON + flags.KEPT)
    world.run(lambda uow: flags.settle(uow, world.hub.id, settled))
    # The relay may bring the old news again; another text is another thing.
    world.run(lambda uow: flags.hear(uow, lost(made.id)))
    assert kinds(look(world)) == []
    world.run(lambda uow: flags.hear(uow, lost(made.id, version=5)))
    assert kinds(look(world)) == [Kind.LOST_TEXT]


def test_a_full_locker_matters_only_while_the_parcel_still_goes_there(world):
    world.pickup_point_id = "pup_1"
    there = world.a_ready_delivery(7)
    world.pickup_point_id = None
    elsewhere = world.a_ready_delivery(8)
    for one in (there, elsewhere):
        world.run(lambda uow, one=one: flags.hear(uow, refused(one.id)))
    (item,) = look(world).items
    assert item.about["delivery_id"] == there.id
    assert item.calls[0].path == f"/v1/deliveries/{there.id}/return"


def test_news_of_what_is_gone_is_let_go(world):
    world.run(lambda uow: flags.hear(uow, refused("del_gone")))
    assert kinds(look(world)) == []


def test_what_is_settled_comes_back_as_long_as_its_cause_is_there(world):
    world.an_assigned_route()
    later(world, minutes=11)
    (item,) = look(world).items
    until = world.clock.now() + timedelta(minutes=5)
    settled = Settled(item.id, "marta", "", world.clock.now(), until)
    world.run(lambda uow: flags.settle(uow, world.hub.id, settled))
    assert kinds(look(world)) == []
    later(world, minutes=5)
    assert kinds(look(world)) == [Kind.NO_SHOW]


def test_dead_letters_are_due_at_once(world):
    world.an_assigned_route()
    later(world, minutes=11)
    found = look(world, [DeadLetters("relay", 3, redrivable=False)])
    assert kinds(found) == [Kind.DEAD_LETTERS, Kind.NO_SHOW]
    assert [one.method for one in found.items[0].calls] == ["GET"]


def test_a_long_list_is_cut_and_says_so(world):
    made = world.a_ready_delivery(7)
    for version in range(gathering.MOST_OF_A_KIND + 2):
        world.run(lambda uow, v=version: flags.hear(uow, lost(made.id, version=v + 1)))
    found = look(world)
    assert len(found.items) == gathering.MOST_OF_A_KIND
    assert found.more == (Kind.LOST_TEXT,)
