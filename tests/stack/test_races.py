"""Many at once: one offer has one yes, one webhook makes one delivery."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import OfferStatus, Route, RouteStatus, StopKind
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.dispatch.waves.adoption import PlannedStop, RouteDraft
from chalicelib.domain.drivers import store as driver_store
from chalicelib.domain.drivers.model import VehicleKind
from tests.stack.test_one_order import send_order, shopify_order
from tests.stack.town import STORE_AT, Driver, Place, Reply, Town, wait_until

THREADS = 64


def planned_route(town: Town, place: Place, count: int) -> Route:
    """A route as a wave would have made it."""
    made = town.loaded(town.order_many(place, count))
    now = town.clock.now()
    doors = [
        PlannedStop(StopKind.DROPOFF, "", one.dropoff, (ref,), now + timedelta(minutes=30), 120)
        for ref, one in made.items()
    ]
    pickup = PlannedStop(StopKind.PICKUP, "Store", STORE_AT, tuple(made), now, 120)
    draft = RouteDraft(
        hub_id=place.hub_id,
        wave_id="wav_race",
        vehicle_kind=VehicleKind.VAN,
        starts_at=now,
        ends_at=now + timedelta(hours=1),
        distance_m=5000,
        duration_s=3600,
        load_weight_g=800 * count,
        load_volume_ml=4_000 * count,
        stops=(pickup, *doors),
        versions={ref: one.version for ref, one in made.items()},
    )
    route, _ = town.run(lambda uow: adoption.adopt_route(uow, draft))
    assert route is not None
    return route


def offered_route(town: Town, route_id: str) -> Route:
    """The route once the deployed matcher has found it a driver."""

    def ask() -> Route | None:
        found = dispatch.load_route(town.begin(), route_id)
        return found if found.status is RouteStatus.OFFERED else None

    found = town.soon(ask, "match_drivers")
    assert found is not None
    return found


def test_sixty_four_accepts_of_one_offer_are_one_yes(town: Town) -> None:
    place = town.open_place("Races")
    drivers = town.on_duty(place, 4)
    tokens = {driver.id: town.token(driver) for driver in drivers}
    before = offered_route(town, planned_route(town, place, 3).id)
    offer = dispatch.load_offer(town.begin(), before.id, before.live_offers[0][0])

    def say_yes(driver: Driver) -> Reply:
        return town.call("POST", f"/v1/offers/{offer.id}/accept", {}, tokens[driver.id])

    callers = [drivers[number % len(drivers)] for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        replies = list(pool.map(say_yes, callers))

    asked = [r for d, r in zip(callers, replies, strict=True) if d.id == offer.driver_id]
    others = [r for d, r in zip(callers, replies, strict=True) if d.id != offer.driver_id]
    assert Counter(reply.status for reply in asked) == {200: THREADS // 4}
    assert len({reply.raw for reply in asked}) == 1
    assert {reply.status for reply in others} <= {404, 409}

    after = dispatch.load_route(town.begin(), before.id)
    assert (after.status, after.driver_id) == (RouteStatus.ASSIGNED, offer.driver_id)
    # One yes is one step, besides a second driver's being asked by a tick in between.
    assert after.version - after.asked == before.version - before.asked + 1
    answered = dispatch.load_offer(town.begin(), before.id, offer.id)
    assert (answered.status, answered.version) == (OfferStatus.ACCEPTED, offer.version + 1)
    holders = [driver_store.load_work(town.begin(), driver.id).route_id for driver in drivers]
    assert [route_id for route_id in holders if route_id] == [before.id]
    # The relay tells the deliveries, once each.
    told = wait_until(
        lambda: all(one.driver_id == offer.driver_id for one in town.loaded(place.refs).values())
    )
    assert told
    town.check_routes(place)


def test_one_webhook_ten_times_at_once_is_one_delivery(town: Town) -> None:
    place = town.open_place("Repeats")
    body = shopify_order(7)
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda _: send_order(town, place, body, "same"), range(10)))
    assert Counter(reply.status for reply in replies) == {200: 10}
    assert len({reply.body["delivery_id"] for reply in replies}) == 1
    assert list_ids(town, place) == {replies[0].body["delivery_id"]}


def test_one_order_under_ten_event_ids_at_once_is_one_delivery(town: Town) -> None:
    """The shop's retries may come as events of their own; the order is the same."""
    place = town.open_place("Echoes")
    body = shopify_order(8)
    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda n: send_order(town, place, body, f"echo-{n}"), range(10)))
    assert Counter(reply.status for reply in replies) == {200: 10}
    assert len({reply.body["delivery_id"] for reply in replies}) == 1
    outcomes = Counter(reply.body["outcome"] for reply in replies)
    assert outcomes["created"] == 1
    assert list_ids(town, place) == {replies[0].body["delivery_id"]}


def list_ids(town: Town, place: Place) -> set[str]:
    listed = town.call("GET", "/v1/deliveries", token=place.api_key).body["deliveries"]
    assert len(listed) == len({one["id"] for one in listed})
    return {one["id"] for one in listed}
