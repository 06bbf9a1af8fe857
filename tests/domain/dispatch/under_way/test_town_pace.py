"""What is learned from a route: its legs, once, by the time of the taps."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import town_pace
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.routing import travel
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON, a_hub

BERLIN = ZoneInfo("Europe/Berlin")
PLACES = [LatLng(51.20 + 0.02 * step, 9.40) for step in range(6)]


def a_route(slower: float = 1.0, route_id: str = "rte_1") -> Route:
    """Six stops, two minutes at each; the legs between take what the model says, times a factor."""
    at, stops = NOON, []
    for number, place in enumerate(PLACES):
        if number:
            points = [PLACES[number - 1], place]
            leg = travel.matrix(points, at.astimezone(BERLIN), "van").duration_s[0][1]
            at += timedelta(seconds=round(leg * slower))
        arrived_at, at = at, at + timedelta(minutes=2)
        stops.append(a_stop(number, place, arrived_at, at))
    return Route(
        id=route_id,
        hub_id="hub_1",
        wave_id="wav_1",
        vehicle_kind=VehicleKind.VAN,
        load_weight_g=0,
        load_volume_ml=0,
        status=RouteStatus.COMPLETED,
        version=1,
        planned_at=NOON,
        starts_at=NOON,
        ends_at=at,
        distance_m=1,
        duration_s=1,
        stops=tuple(stops),
        driver_id="drv_1",
    )


def a_stop(number: int, place: LatLng, arrived_at: datetime, done_at: datetime) -> Stop:
    return Stop(
        id=f"stp_{number}",
        kind=StopKind.DROPOFF,
        place_name="",
        position=place,
        deliveries=(DeliveryRef("mer_1", f"del_{number}"),),
        planned_arrival_at=arrived_at,
        service_s=120,
        status=StopStatus.DONE,
        arrived_at=arrived_at,
        done_at=done_at,
    )


def ratios(route: Route) -> list[float]:
    found = town_pace.samples_of(route, BERLIN)
    return [sample.actual_s / sample.predicted_s for sample in found]


def told(route: Route) -> Event:
    return Event("route.completed", route.id, 1, NOON, {"hub_id": "hub_1"})


@pytest.fixture
def learn(begin: Callable[[], UnitOfWork]) -> Callable[[Route], None]:
    uow = begin()
    merchants.save_hub(uow, a_hub())
    uow.commit()

    known: set[str] = set()

    def hear(route: Route) -> None:
        uow = begin()
        if route.id not in known:
            known.add(route.id)
            store.save_route(uow, route, expect=0)
            uow.commit()
            uow = begin()
        town_pace.learn(uow, told(route))
        uow.commit()

    return hear


def factor(begin: Callable[[], UnitOfWork], at: datetime = NOON) -> float:
    calibrations = town_pace.load(begin(), "hub_1")
    points = PLACES[:2]
    local = at.astimezone(BERLIN)
    learned = travel.calibrated(calibrations)(points, local, "van").duration_s[0][1]
    return learned / travel.matrix(points, local, "van").duration_s[0][1]


def test_a_leg_lasts_from_a_door_left_to_the_next_one_reached() -> None:
    assert ratios(a_route(1.5)) == pytest.approx([1.5] * 5, abs=0.01)


def test_who_taps_both_at_once_tells_nothing_of_the_leg() -> None:
    route = a_route()
    hasty = replace(route.stops[2], arrived_at=route.stops[2].done_at)
    stops = (*route.stops[:2], hasty, *route.stops[3:])
    assert len(ratios(replace(route, stops=stops))) == 4


def test_legs_follow_the_taps_and_not_the_plan() -> None:
    route = a_route()
    assert ratios(replace(route, stops=route.stops[::-1])) == ratios(route)


def test_stops_that_nobody_reached_are_no_legs() -> None:
    route = a_route()
    skipped = replace(route.stops[3], arrived_at=None, status=StopStatus.SKIPPED)
    found = ratios(replace(route, stops=(*route.stops[:3], skipped, *route.stops[4:])))
    assert len(found) == 4


def test_routes_make_the_towns_pace(
    learn: Callable[[Route], None], begin: Callable[[], UnitOfWork]
) -> None:
    assert factor(begin) == 1.0
    for number in range(12):
        learn(a_route(1.6, f"rte_{number}"))
    assert factor(begin) == pytest.approx(1.45, abs=0.15)


def test_news_that_comes_again_is_learned_once(
    learn: Callable[[Route], None], begin: Callable[[], UnitOfWork]
) -> None:
    learn(a_route(1.6))
    once = factor(begin)
    for _ in range(5):
        learn(a_route(1.6))
    assert factor(begin) == once
