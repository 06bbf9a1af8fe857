"""Who says yes: exclusive, in time, once."""

import pytest

from chalicelib.domain.deliveries import lifecycle as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import CancelReason, Status
from chalicelib.domain.dispatch import offers
from chalicelib.domain.dispatch.model import RouteStatus
from chalicelib.kit.errors import NotFound, OfferExpired, OfferTaken, StaleVersion
from chalicelib.storage import keys
from chalicelib.storage.table import Item, Refused, Tables
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
    world.clock.advance(hours=1)
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
