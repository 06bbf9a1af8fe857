"""Who says yes: in time, once, and one of several."""

import itertools
import random

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import CancelReason, Status
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import OfferStatus, Route, RouteStatus
from chalicelib.domain.dispatch.under_way import following
from chalicelib.domain.drivers import acceptance
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Conflict, NotFound, OfferExpired, OfferTaken, StaleVersion
from chalicelib.kit.events import Event
from chalicelib.storage import keys
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.table import Item, Refused, Tables
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import a_hub
from tests.domain.dispatch.conftest import World


def test_a_yes_gives_the_route_to_the_driver_and_tells_the_deliveries(world: World) -> None:
    route = world.an_assigned_route()
    assert route.status is RouteStatus.ASSIGNED
    assert world.work().route_id == route.id
    assert world.work().offer is None
    assert world.delivery().status is Status.EN_ROUTE_TO_PICKUP
    assert world.delivery().driver_id == "drv_1"


def test_the_same_yes_twice_is_one_yes(world: World) -> None:
    route = world.an_assigned_route()
    assert route.offer_id is not None
    again = world.run(lambda uow: offers.accept(uow, "drv_1", route.offer_id or ""))
    assert again == world.route(route.id)


class WorkAsItWas:
    """Tables that show a driver's work as it was when this was made."""

    def __init__(self, tables: Tables, driver_id: str) -> None:
        self._tables = tables
        self._key = keys.driver_work(driver_id)
        self._item = tables.get(self._key)

    def get(self, key: keys.Key) -> Item | None:
        return self._item if key == self._key else self._tables.get(key)


def test_a_yes_that_meets_its_own_double_is_read_again_and_not_refused(world: World) -> None:
    """Tapped twice: the first is committed after the second has read the driver's work."""
    offer_id = world.an_offer(world.a_planned_route(), world.a_driver())
    second = world.begin()
    second._tables = WorkAsItWas(second._tables, "drv_1")
    world.run(lambda uow: offers.accept(uow, "drv_1", offer_id))
    with pytest.raises(StaleVersion):
        offers.accept(second, "drv_1", offer_id)


def test_an_offer_is_nobody_elses_to_accept(world: World) -> None:
    offer_id = world.an_offer(world.a_planned_route(), world.a_driver())
    world.a_driver("drv_2")
    with pytest.raises(NotFound):
        world.run(lambda uow: offers.accept(uow, "drv_2", offer_id))


def test_an_offer_ends_by_the_servers_clock_even_before_it_is_swept(world: World) -> None:
    offer_id = world.an_offer(world.a_planned_route(), world.a_driver())
    world.clock.advance(seconds=world.hub.offer_ttl_s)
    with pytest.raises(OfferExpired):
        world.run(lambda uow: offers.accept(uow, "drv_1", offer_id))


def test_a_no_frees_route_and_driver_and_is_remembered(world: World) -> None:
    route = world.a_planned_route()
    offer_id = world.an_offer(route, world.a_driver())
    world.run(lambda uow: offers.decline(uow, "drv_1", offer_id, "too far"))
    assert world.route(route.id).status is RouteStatus.PLANNED
    assert world.route(route.id).refused_by == ("drv_1",)
    assert world.work().is_free
    with pytest.raises(NotFound):
        world.run(lambda uow: offers.accept(uow, "drv_1", offer_id))


def test_the_same_no_twice_is_one_no(world: World) -> None:
    offer_id = world.an_offer(world.a_planned_route(), world.a_driver())
    for _ in range(2):
        world.run(lambda uow: offers.decline(uow, "drv_1", offer_id, "too far"))
    assert [event.type for event in world.heard].count("offer.declined") == 1


def test_an_expiry_that_comes_too_early_or_twice_does_nothing(world: World) -> None:
    route = world.a_planned_route()
    offer_id = world.an_offer(route, world.a_driver())
    assert world.run(lambda uow: offers.expire(uow, route.id, offer_id)) is None
    world.clock.advance(seconds=world.hub.offer_ttl_s)
    assert world.run(lambda uow: offers.expire(uow, route.id, offer_id)) is not None
    assert world.run(lambda uow: offers.expire(uow, route.id, offer_id)) is None
    assert world.work().is_free


def test_an_expiry_after_the_yes_does_nothing(world: World) -> None:
    route = world.an_assigned_route()
    offer_id = route.offer_id or ""
    world.clock.advance(minutes=20)
    assert world.run(lambda uow: offers.expire(uow, route.id, offer_id)) is None
    assert world.route(route.id).status is RouteStatus.ASSIGNED


def test_a_yes_and_an_expiry_that_race_cannot_both_win(world: World) -> None:
    route = world.a_planned_route()
    offer_id = world.an_offer(route, world.a_driver())
    yes = world.begin()
    offers.accept(yes, "drv_1", offer_id)
    world.clock.advance(hours=1)
    world.run(lambda uow: offers.expire(uow, route.id, offer_id))
    with pytest.raises(Refused):
        yes.commit()


def test_one_driver_cannot_be_offered_two_routes_at_once(world: World) -> None:
    """Both rounds saw the driver free; the driver's work item lets only one commit."""
    one, other = world.a_planned_route(), world.a_planned_route()
    work = world.a_driver()
    first, second = world.begin(), world.begin()
    offers.make(first, one, work, 0, 45)
    offers.make(second, other, work, 0, 45)
    first.commit()
    with pytest.raises(Refused):
        second.commit()


def test_a_route_that_came_to_nothing_cannot_be_accepted(world: World) -> None:
    route = world.a_planned_route(1)
    offer_id = world.an_offer(route, world.a_driver())
    cancel = life.Cancel(world.clock.now(), CancelReason.CUSTOMER_REQUEST)
    world.run(lambda uow: deliveries.carry_out(uow, world.refs[0], cancel))
    assert world.route(route.id).status is RouteStatus.CANCELLED
    with pytest.raises(OfferTaken):
        world.run(lambda uow: offers.accept(uow, "drv_1", offer_id))


# -- several drivers, one route --------------------------------------------------------------------


def asked(world: World, count: int) -> tuple[Route, list[str]]:
    """A route that so many drivers are asked about: ``drv_0``, ``drv_1``, ..."""
    route = world.a_planned_route()
    made = [world.an_offer(world.route(route.id), world.a_driver(f"drv_{n}")) for n in range(count)]
    return world.route(route.id), made


def told(world: World, kind: str) -> Event:
    return next(event for event in reversed(world.heard) if event.type == kind)


def end_others(world: World) -> None:
    event = told(world, "route.assigned")
    world.run(lambda uow: following.end_other_offers(uow, event))


def test_of_several_who_are_asked_the_first_yes_gets_the_route(world: World) -> None:
    route, made = asked(world, 3)
    assert world.run(lambda uow: offers.accept(uow, "drv_1", made[1])).driver_id == "drv_1"
    with pytest.raises(OfferTaken):
        world.run(lambda uow: offers.accept(uow, "drv_2", made[2]))
    assert world.route(route.id).live_offers == ()


def test_the_others_are_freed_and_hear_that_it_is_taken_whenever_they_tap(world: World) -> None:
    route, made = asked(world, 3)
    world.run(lambda uow: offers.accept(uow, "drv_1", made[1]))
    assert offers.find(world.begin(), "drv_0") is None, "it is not shown any more"
    end_others(world)
    end_others(world)
    assert [world.work(f"drv_{n}").is_free for n in range(3)] == [True, False, True]
    assert [event.type for event in world.heard].count("offer.withdrawn") == 2
    for answer in (offers.accept, lambda *who: offers.decline(*who, "late")):
        with pytest.raises(OfferTaken):
            world.run(lambda uow, answer=answer: answer(uow, "drv_0", made[0]))
    kept = dispatch.load_offer(world.begin(), route.id, made[0])
    assert kept.status is OfferStatus.WITHDRAWN


def test_a_route_taken_by_a_faster_driver_says_nothing_about_the_others(world: World) -> None:
    _, made = asked(world, 2)
    world.run(lambda uow: offers.accept(uow, "drv_1", made[1]))
    before = world.work("drv_0").habits
    world.clock.advance(seconds=world.hub.offer_ttl_s)
    route_id = world.work("drv_1").route_id or ""
    ended = world.run(lambda uow: offers.expire(uow, route_id, made[0]))
    assert ended is not None
    assert ended.status is OfferStatus.WITHDRAWN
    assert world.work("drv_0").habits == before
    assert world.work("drv_0").is_free


def test_one_no_leaves_the_others_thinking(world: World) -> None:
    route, made = asked(world, 2)
    world.run(lambda uow: offers.decline(uow, "drv_0", made[0], "too far"))
    after = world.route(route.id)
    assert (after.status, after.refused_by) == (RouteStatus.OFFERED, ("drv_0",))
    assert after.live_offers == ((made[1], "drv_1"),)
    world.run(lambda uow: offers.decline(uow, "drv_1", made[1], "too far"))
    assert world.route(route.id).status is RouteStatus.PLANNED


def test_no_answer_is_remembered_apart_from_a_no(world: World) -> None:
    route, made = asked(world, 2)
    world.run(lambda uow: offers.decline(uow, "drv_0", made[0], "too far"))
    world.clock.advance(seconds=world.hub.offer_ttl_s)
    world.run(lambda uow: offers.expire(uow, route.id, made[1]))
    after = world.route(route.id)
    assert (after.refused_by, after.ignored_by) == (("drv_0",), ("drv_1",))


def test_offers_end_with_their_route(world: World) -> None:
    """The shop cancels the only order while two drivers think about it."""
    route = world.a_planned_route(1)
    made = [world.an_offer(world.route(route.id), world.a_driver(f"drv_{n}")) for n in range(2)]
    cancel = life.Cancel(world.clock.now(), CancelReason.CUSTOMER_REQUEST)
    world.run(lambda uow: deliveries.carry_out(uow, world.refs[0], cancel))
    event = told(world, "route.cancelled")
    world.run(lambda uow: following.end_other_offers(uow, event))
    assert all(world.work(f"drv_{n}").is_free for n in range(2))
    with pytest.raises(OfferTaken):
        world.run(lambda uow: offers.accept(uow, "drv_0", made[0]))


def test_habits_are_counted_in_the_commit_of_the_answer(world: World) -> None:
    _, made = asked(world, 2)
    world.run(lambda uow: offers.decline(uow, "drv_0", made[0], "no"))
    world.run(lambda uow: offers.decline(uow, "drv_0", made[0], "no"))
    world.run(lambda uow: offers.accept(uow, "drv_1", made[1]))
    world.run(lambda uow: offers.accept(uow, "drv_1", made[1]))
    assert world.work("drv_0").habits.declined_milli == 1000
    assert world.work("drv_1").habits.accepted_milli == 1000
    now = world.clock.now()
    unsure, sure = (acceptance.chance(world.work(f"drv_{n}").habits, now) for n in range(2))
    assert unsure < sure


@pytest.mark.parametrize("seed", range(200))
def test_whatever_the_order_of_taps_expiries_and_sweeps_one_driver_has_the_route(
    clock: FrozenClock, seed: int
) -> None:
    """Three drivers; each step may run on what it read two steps ago, twice, or late."""
    rng = random.Random(seed)
    tables = Notebook()
    world = World(lambda: UnitOfWork(tables, clock), clock, a_hub())
    world.run(lambda uow: merchants.save_hub(uow, world.hub))
    route, made = asked(world, 3)
    ways = [
        *(("accept", n) for n in range(3)),
        *(("decline", n) for n in rng.sample(range(3), 1)),
        *(("expire", n) for n in range(3)),
        *(("withdraw", n) for n in range(3)),
    ]
    steps = [step for step in ways for _ in range(2)]
    rng.shuffle(steps)
    open_units = []
    for (what, n), stale in zip(steps, itertools.cycle((False, True, False)), strict=False):
        if rng.random() < 0.2:
            world.clock.advance(seconds=rng.choice((5, 50)))
        uow = world.begin()
        try:
            {
                "accept": lambda n=n, uow=uow: offers.accept(uow, f"drv_{n}", made[n]),
                "decline": lambda n=n, uow=uow: offers.decline(uow, f"drv_{n}", made[n], "no"),
                "expire": lambda n=n, uow=uow: offers.expire(uow, route.id, made[n]),
                "withdraw": lambda n=n, uow=uow: offers.withdraw(uow, route.id, made[n]),
            }[what]()
        except (Conflict, NotFound):
            continue
        open_units.append(uow)
        if not stale:
            rng.shuffle(open_units)
            while open_units:
                try:
                    open_units.pop().commit()
                except Conflict:
                    continue
    check_one_story(world, route.id, made)


def check_one_story(world: World, route_id: str, made: list[str]) -> None:
    """Route, offers and drivers agree on who has it."""
    route = world.route(route_id)
    kept = [dispatch.load_offer(world.begin(), route_id, offer_id) for offer_id in made]
    yes = [one for one in kept if one.status is OfferStatus.ACCEPTED]
    holders = [n for n in range(len(made)) if world.work(f"drv_{n}").route_id == route_id]
    if route.status is RouteStatus.ASSIGNED:
        assert [one.driver_id for one in yes] == [route.driver_id]
        assert [f"drv_{n}" for n in holders] == [route.driver_id]
        assert route.live_offers == ()
    else:
        assert not yes
        assert not holders
        waiting = {one.id for one in kept if one.status is OfferStatus.MADE}
        assert {offer_id for offer_id, _ in route.live_offers} == waiting
        assert route.status is (RouteStatus.OFFERED if waiting else RouteStatus.PLANNED)
    for n, one in enumerate(kept):
        if one.status is not OfferStatus.MADE:
            assert world.work(f"drv_{n}").offer is None
