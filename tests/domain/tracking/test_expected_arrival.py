"""The expected arrival follows the plan and how late the route is."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.tracking import eta
from tests.telling import BERLIN, minutes


def ref(number: int) -> DeliveryRef:
    return DeliveryRef("mer_a", f"del_{number}")


def stop(number: int, kind=StopKind.DROPOFF) -> Stop:
    return Stop(f"stp_{number}", kind, "", BERLIN, (ref(number),), minutes(10 * number), 120)


def route(*stops: Stop) -> Route:
    return Route(
        "rte_a", "hub_a", "wav_a", VehicleKind.VAN, 1, 1, RouteStatus.UNDER_WAY, 1,
        minutes(0), minutes(0), minutes(90), 1, 1, stops,
    )  # fmt: skip


def done(one: Stop, late_min: float = 0) -> Stop:
    at = one.planned_arrival_at + timedelta(minutes=late_min)
    return replace(one, status=StopStatus.DONE, arrived_at=at, done_at=at)


def test_a_route_on_plan_arrives_as_planned():
    found = eta.progress(route(done(stop(1)), stop(2), stop(3)), ref(3), minutes(12))
    assert found is not None
    assert found.expected_at == minutes(30)
    assert (found.earliest_at, found.latest_at) == (minutes(25), minutes(45))
    assert found.stops_before == 1


def test_a_late_route_arrives_as_much_later():
    found = eta.progress(route(done(stop(1), 12), stop(2), stop(3)), ref(3), minutes(23))
    assert found is not None
    assert found.expected_at == minutes(42)


def test_an_overdue_next_stop_counts_before_the_driver_gets_there():
    found = eta.progress(route(done(stop(1)), stop(2), stop(3)), ref(3), minutes(40))
    assert found is not None
    assert found.expected_at == minutes(50)


def test_only_doors_count_as_stops_before():
    found = eta.progress(route(stop(1, StopKind.PICKUP), stop(2), stop(3)), ref(3), minutes(0))
    assert found is not None
    assert found.stops_before == 1


def test_a_stop_that_is_over_or_elsewhere_has_no_expected_time():
    one = route(done(stop(1)), replace(stop(2), status=StopStatus.SKIPPED), stop(3))
    assert eta.progress(one, ref(1), minutes(12)) is None
    assert eta.progress(one, ref(2), minutes(12)) is None
    assert eta.progress(one, ref(9), minutes(12)) is None


@given(st.integers(0, 600), st.integers(-30, 120), st.integers(0, 4))
def test_the_span_is_never_in_the_past_and_holds_what_is_expected(now_min, late_min, over):
    stops = [done(stop(n), late_min) if n <= over else stop(n) for n in range(1, 7)]
    found = eta.progress(route(*stops), ref(6), minutes(now_min))
    assert found is not None
    assert found.earliest_at > minutes(now_min) - timedelta(minutes=5)
    assert found.earliest_at <= found.expected_at <= found.latest_at
    assert found.latest_at - found.earliest_at == timedelta(minutes=20)
    assert found.earliest_at.minute % 5 == 0
