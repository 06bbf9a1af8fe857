"""The rest of a route in a better order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way.reordering import Reordered, reorder
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.routing.matrix import Matrix, Travel
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import Problem, Tour
from chalicelib.domain.routing.solve import solve
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import HUB_AT, NOON, a_driver_at_work, a_hub

HOUR = timedelta(hours=1)


def roads(points: Sequence[LatLng], depart_at: datetime, kind: str) -> Travel:
    """As the crow flies, at 5 m/s."""
    distance = tuple(tuple(a.distance_m(b) for b in points) for a in points)
    return Travel(
        Matrix.of(tuple(tuple(metres // 5 for metres in row) for row in distance)),
        Matrix.of(distance),
    )


def search(problem: Problem, initial: Sequence[Tour] | None) -> Plan:
    return solve(problem, budget_s=60, seed=1, iterations=400, initial=initial)


def north(km: float) -> LatLng:
    return LatLng(HUB_AT.latitude + km / 111.2, HUB_AT.longitude)


def a_door(number: int, km: float, *, until: datetime = NOON + 8 * HOUR, **changes: object) -> Stop:
    """A door so far north of the hub, planned one after the other every ten minutes."""
    stop = Stop(
        id=f"stp_{number}",
        kind=StopKind.DROPOFF,
        place_name="",
        position=north(km),
        deliveries=(DeliveryRef("mer_1", f"del_{number}"),),
        planned_arrival_at=NOON + number * timedelta(minutes=10),
        service_s=120,
        window=TimeWindow(NOON - HOUR, until),
        weight_g=1000,
        volume_ml=1000,
    )
    return replace(stop, **changes)


def a_route(*stops: Stop) -> Route:
    return Route(
        id="rte_1",
        hub_id="hub_1",
        wave_id="wav_1",
        vehicle_kind=VehicleKind.VAN,
        load_weight_g=len(stops) * 1000,
        load_volume_ml=len(stops) * 1000,
        status=RouteStatus.UNDER_WAY,
        version=5,
        planned_at=NOON - HOUR,
        starts_at=NOON - HOUR,
        ends_at=NOON + 3 * HOUR,
        distance_m=90_000,
        duration_s=4 * 3600,
        stops=stops,
        driver_id="drv_1",
    )


def improved(route: Route, at: datetime = NOON) -> Reordered | None:
    return reorder(route, a_driver_at_work(), a_hub(), at, roads, search)


def order(route: Route) -> list[str]:
    return [stop.id for stop in route.stops]


ZIGZAG = (a_door(1, 1), a_door(2, 9), a_door(3, 2), a_door(4, 8), a_door(5, 3), a_door(6, 7))


def test_a_zigzag_is_straightened_behind_the_next_stop() -> None:
    found = improved(a_route(*ZIGZAG))
    assert found is not None
    assert order(found.route)[0] == "stp_1"
    assert order(found.route) in (
        ["stp_1", "stp_3", "stp_5", "stp_6", "stp_4", "stp_2"],
        ["stp_1", "stp_2", "stp_4", "stp_6", "stp_5", "stp_3"],
    )
    assert found.saved_s > 600
    assert found.route.distance_m == 90_000 - found.saved_m


def test_each_stop_is_told_when_its_driver_arrives_now() -> None:
    """Ten minutes were planned between doors; the new times follow the new order."""
    found = improved(a_route(*ZIGZAG))
    assert found is not None
    times = [stop.planned_arrival_at for stop in found.route.stops]
    assert times == sorted(times)
    assert found.route.ends_at == times[-1] + timedelta(seconds=120)


def test_a_good_order_is_left_alone() -> None:
    doors = (a_door(1, 1), a_door(2, 2), a_door(3, 3), a_door(4, 4))
    assert improved(a_route(*doors)) is None


def test_a_small_gain_is_not_worth_the_disturbance() -> None:
    """A hundred metres saved of thirty kilometres: the driver keeps the order in their head."""
    doors = (a_door(1, 1), a_door(2, 30), a_door(3, 30.1), a_door(4, 30.05))
    assert improved(a_route(*doors)) is None


def test_a_promise_is_saved_by_going_there_first() -> None:
    """Even at the price of a longer way."""
    soon = NOON + timedelta(minutes=32)
    doors = (a_door(1, 1), a_door(2, 2), a_door(3, 3), a_door(4, 4), a_door(5, 6, until=soon))
    found = improved(a_route(*doors))
    assert found is not None
    assert order(found.route)[1] != "stp_2"
    assert (found.late_before, found.late_after) == (1, 0)


def test_no_promise_is_broken_to_save_another() -> None:
    """Both end at the same minute, and only one of them can be kept: the one that is kept now."""
    soon = NOON + timedelta(minutes=24)
    doors = (a_door(1, 0.1), a_door(2, -6, until=soon), a_door(3, 6, until=soon), a_door(4, 6.1))
    found = improved(a_route(*doors))
    assert found is None or order(found.route)[1] == "stp_2"


def test_what_is_over_stays_where_it_was() -> None:
    over = a_door(0, 5, status=StopStatus.DONE, arrived_at=NOON, done_at=NOON)
    found = improved(a_route(over, *ZIGZAG))
    assert found is not None
    assert found.route.stops[:2] == (over, ZIGZAG[0])


def test_a_pickup_stays_before_its_doors() -> None:
    """The shop is at the far end: its two parcels cannot be handed over on the way there."""
    refs = (*ZIGZAG[3].deliveries, *ZIGZAG[5].deliveries)
    shop = a_door(9, 9.5, kind=StopKind.PICKUP, deliveries=refs, window=None, place_name="Shop")
    found = improved(a_route(ZIGZAG[0], shop, ZIGZAG[3], *ZIGZAG[1:3], *ZIGZAG[4:]))
    assert found is not None
    ids = order(found.route)
    assert ids.index("stp_9") < min(ids.index("stp_4"), ids.index("stp_6"))
    assert sorted(ids) == sorted([*order(a_route(*ZIGZAG)), "stp_9"])


def test_the_return_stays_last() -> None:
    refs = (DeliveryRef("mer_1", "del_0"),)
    back = a_door(8, 0, kind=StopKind.RETURN, deliveries=refs, window=None)
    found = improved(a_route(*ZIGZAG, back))
    assert found is not None
    assert found.route.stops[-1].id == "stp_8"
    assert found.route.stops[-1].planned_arrival_at == found.route.ends_at


def test_a_delay_before_now_is_counted_in() -> None:
    """The last stop was half an hour late, so all that follows is."""
    late = NOON + timedelta(minutes=30)
    over = a_door(0, 1, status=StopStatus.DONE, arrived_at=late, done_at=late)
    found = improved(a_route(over, *ZIGZAG), at=late)
    assert found is not None
    assert found.route.stops[2].planned_arrival_at > ZIGZAG[0].planned_arrival_at + timedelta(
        minutes=30
    )


def test_two_stops_have_no_order_to_speak_of() -> None:
    assert improved(a_route(*ZIGZAG[:2])) is None


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(-80, 80), st.integers(10, 300)), min_size=3, max_size=8))
def test_whatever_comes_the_route_keeps_its_stops_and_its_promises(
    doors: list[tuple[int, int]],
) -> None:
    """Stops are neither lost nor doubled, and nothing becomes later than it had to be."""
    stops = [
        a_door(number, km / 10, until=NOON + timedelta(minutes=minutes))
        for number, (km, minutes) in enumerate(doors, 1)
    ]
    found = improved(a_route(*stops))
    if found is None:
        return
    assert sorted(order(found.route)) == sorted(stop.id for stop in stops)
    assert found.route.stops[0] == stops[0]
    assert found.late_after <= found.late_before
    assert {stop.id: replace(stop, planned_arrival_at=NOON) for stop in found.route.stops} == {
        stop.id: replace(stop, planned_arrival_at=NOON) for stop in stops
    }
