"""Which hub do benchmarks of the road ask? One with full routes: a city, its day, its newcomers.

A disc of nine kilometres with districts of two, stores near the middle, vans. Drawn three ways: as
the day sheet alone, with windows of every kind (``a_city``); as routes and drivers, half of them
under way, doors anywhere (``a_ground``); and all under way, each in a district (``on_the_road``).
The same generator in the same state makes the same day.
"""

import math
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from chalicelib.domain.deliveries.model import Delivery, HistoryEntry, Place, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.plans import assessing
from chalicelib.domain.dispatch.today.day_sheets import Ground
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.daysheet import (
    Ahead,
    Columns,
    Head,
    Sheet,
    Start,
    Waiting,
    add_row,
)
from chalicelib.domain.routing.detours import Newcomer
from chalicelib.domain.routing.plane import FINEST_SHIFT, Spot, legs_of
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow

_CENTRE = LatLng(52.52, 13.40)
_DISC_M, _DISTRICT_M = 9_000, 2_000
_VAN = ("van", 30, 500)
_TRAFFIC_PERCENT = 114
_SERVICE_S, _SETUP_S = 180, 180


@dataclass(frozen=True)
class City:
    """A sheet and where its stores are."""

    sheet: Sheet
    stores: tuple[Spot, ...]


def a_city(rng: random.Random, routes: int, stops: int, stores: int = 60) -> City:
    """The same generator in the same state makes the same city."""
    columns = Columns.empty()
    legs = legs_of(_VAN[0], _TRAFFIC_PERCENT, FINEST_SHIFT, *_VAN[1:])
    shops = tuple(_near(rng, (0, 0), 5_000) for _ in range(stores))
    rows = []
    for number in range(routes):
        head = Head(
            id=f"rte_{rng.getrandbits(100):026x}",
            kind=_VAN[0],
            cost_per_m=_VAN[1],
            cost_per_s=_VAN[2],
            fixed_cost=0,
            max_weight_g=800_000,
            max_volume_ml=4_000_000,
            room=98 - stops,
            until_s=rng.randrange(16_000, 30_000),
        )
        is_open = number % 2 == 0
        centre = _near(rng, (0, 0), _DISC_M)
        spots = _in_turn([_near(rng, centre, _DISTRICT_M) for _ in range(stops)])
        pickup = min(shops, key=lambda shop: math.dist(shop, centre))
        weight_g = 2_500 * stops
        start = Start(None if is_open else pickup, rng.randrange(1_800), weight_g, 5 * weight_g)
        doors = []
        for k, spot in enumerate(spots):
            expected_s = 1_200 + 420 * k
            opens_s = max(0, expected_s - rng.randrange(3_600, 14_000))
            left_g = weight_g - 2_500 * (k + 1)
            latest_s = expected_s + rng.randrange(600, 14_000)
            doors.append(Ahead(spot, 0, _SERVICE_S, opens_s, latest_s, left_g, 5 * left_g))
        if is_open:
            doors.insert(0, Ahead(pickup, _SETUP_S, 20 * stops, 0, 1 << 30, weight_g, 5 * weight_g))
        rows.append(add_row(columns, head, legs, start, doors))
    spare = tuple((row.until_s - rng.randrange(3_600), row.until_s) for row in rows)
    due = {900 * quarter: 2 for quarter in range(20, 32)}
    waiting = Waiting.of(420, due, spare)
    return City(
        Sheet(
            1_795_000_000,
            51_200_000,
            9_400_000,
            FINEST_SHIFT,
            _TRAFFIC_PERCENT,
            tuple(rows),
            columns,
            waiting,
        ),
        shops,
    )


def a_newcomer(rng: random.Random, city: City) -> Newcomer:
    return Newcomer(
        pickup=rng.choice(city.stores),
        dropoff=_near(rng, (0, 0), _DISC_M),
        weight_g=2_500,
        volume_ml=12_500,
        pickup_setup_s=_SETUP_S,
        pickup_service_s=20,
        dropoff_service_s=_SERVICE_S,
    )


def _near(rng: random.Random, centre: Spot, reach_m: int) -> Spot:
    far, angle = reach_m * math.sqrt(rng.random()), rng.random() * math.tau
    return centre[0] + round(far * math.cos(angle)), centre[1] + round(far * math.sin(angle))


def _in_turn(spots: list[Spot]) -> list[Spot]:
    """Nearest neighbour after nearest neighbour: a route that somebody might drive."""
    left, turn = spots[1:], spots[:1]
    while left:
        coming = min(left, key=lambda spot: math.dist(spot, turn[-1]))
        left.remove(coming)
        turn.append(coming)
    return turn


def a_ground(rng: random.Random, routes: int, stops: int) -> Ground:
    """The same kind of day as dispatch keeps it, half of the routes under way."""
    at = datetime(2026, 11, 27, 11, 0, tzinfo=UTC)
    hub = Hub("hub_1", "Hub", "", _CENTRE, 15_000, "Europe/Berlin", "DE", 45, 14_400)
    vehicle = Vehicle(VehicleKind.VAN, 800_000, 4_000_000)
    made, works = [], []
    for number in range(routes):
        route_id, driver_id = f"rte_{number:026d}", f"drv_{number:026d}"
        made.append(_a_route(rng, route_id, driver_id, at, stops, is_begun=number % 2 == 1))
        works.append(
            Work(
                driver_id,
                hub.id,
                vehicle,
                1,
                on_duty=True,
                shift_ends_at=at + timedelta(hours=7),
                route_id=route_id,
            )
        )
    return Ground(hub, at, tuple(works), tuple(made), {}, ())


def _a_route(
    rng: random.Random, route_id: str, driver_id: str, at: datetime, stops: int, *, is_begun: bool
) -> Route:
    store = _a_position(rng)
    refs = [
        DeliveryRef(f"mer_{rng.randrange(40):026d}", f"del_{rng.getrandbits(80):026d}"[:30])
        for _ in range(stops)
    ]
    pickup = Stop(
        "stp_" + "9" * 26,
        StopKind.PICKUP,
        "Store",
        store,
        tuple(refs),
        at,
        20 * stops,
        status=StopStatus.DONE if is_begun else StopStatus.PENDING,
        arrived_at=at if is_begun else None,
        weight_g=2_500 * stops,
        volume_ml=12_500 * stops,
    )
    doors = [
        Stop(
            f"stp_{number:026d}",
            StopKind.DROPOFF,
            "",
            _a_position(rng),
            (ref,),
            at + timedelta(minutes=20 + 7 * number),
            _SERVICE_S,
            window=TimeWindow(at, at + timedelta(hours=8)),
            weight_g=2_500,
            volume_ml=12_500,
        )
        for number, ref in enumerate(refs)
    ]
    status = RouteStatus.UNDER_WAY if is_begun else RouteStatus.ASSIGNED
    return Route(
        route_id,
        "hub_1",
        "wav_" + "0" * 26,
        VehicleKind.VAN,
        100_000,
        500_000,
        status,
        3,
        at,
        at,
        at + timedelta(hours=6),
        60_000,
        20_000,
        (pickup, *doors),
        driver_id,
    )


def _a_position(rng: random.Random) -> LatLng:
    return LatLng(
        _CENTRE.latitude + rng.uniform(-0.08, 0.08), _CENTRE.longitude + rng.uniform(-0.12, 0.12)
    )


def on_the_road(rng: random.Random, ground: Ground) -> Ground:
    """The same routes, each in a district of its own and begun: what nobody drives nobody joins."""
    routes = tuple(
        assessing.retimed(_in_a_district(rng, route), ground.hub, ground.at)
        for route in ground.routes
    )
    return replace(ground, routes=routes)


def _in_a_district(rng: random.Random, route: Route) -> Route:
    """Doors within two kilometres, each the nearest to the one before."""
    centre = beside(rng, route.stops[0].position, 0.0)
    left = [replace(stop, position=beside(rng, centre, 0.018)) for stop in route.stops[1:]]
    here, doors = route.stops[0].position, []
    while left:
        coming = min(left, key=lambda stop: stop.position.distance_m(here))
        left.remove(coming)
        doors.append(coming)
        here = coming.position
    return replace(route, status=RouteStatus.UNDER_WAY, stops=(route.stops[0], *doors))


def beside(rng: random.Random, centre: LatLng, reach: float) -> LatLng:
    return LatLng(
        centre.latitude + rng.uniform(-reach, reach),
        centre.longitude + 1.6 * rng.uniform(-reach, reach),
    )


def an_order(rng: random.Random, ground: Ground, number: int, within: timedelta) -> Delivery:
    centre, at = ground.hub.position, ground.at
    return Delivery(
        id=f"del_{number:026d}",
        merchant_id="mer_1",
        hub_id=ground.hub.id,
        platform="generic",
        external_id=str(number),
        order_name=f"#{number}",
        status=Status.READY,
        version=1,
        created_at=at,
        pickup=Place("str_1", "Store", beside(rng, centre, 0.08)),
        dropoff=beside(rng, centre, 0.08),
        window=TimeWindow(at, at + within),
        parcel=Parcel(2_500, 12_500),
        service_s=180,
        source_updated_at=at,
        history=(HistoryEntry(1, "created", Status.READY, at),),
    )
