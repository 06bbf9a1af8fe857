"""What is expected follows the last tap, the driver's pace, what was learned, the latest fix."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.tracking.forecast import Seen, forecast
from chalicelib.kit.geo import LatLng
from chalicelib.kit.timewindow import TimeWindow
from tests.telling import BERLIN, minutes

#: Ten minutes from stop to stop: eight of driving, two of handling.
EVERY_MIN, HANDLING_S = 10, 120


def place(number: int) -> LatLng:
    return LatLng(BERLIN.latitude + number * 0.02, BERLIN.longitude)


def stop(number: int, kind=StopKind.DROPOFF) -> Stop:
    ref = DeliveryRef("mer_a", f"del_{number}")
    planned_at = minutes(EVERY_MIN * number)
    return Stop(f"stp_{number}", kind, "", place(number), (ref,), planned_at, HANDLING_S)


def route(*stops: Stop, status=RouteStatus.UNDER_WAY) -> Route:
    return Route(
        "rte_a", "hub_a", "wav_a", VehicleKind.VAN, 1, 1, status, 1,
        minutes(0), minutes(0), minutes(90), 1, 1, stops, driver_id="drv_a",
    )  # fmt: skip


def done(one: Stop, late_min: float = 0, handled_min: float = 2) -> Stop:
    at = one.planned_arrival_at + timedelta(minutes=late_min)
    done_at = at + timedelta(minutes=handled_min)
    return replace(one, status=StopStatus.DONE, arrived_at=at, done_at=done_at)


def expected(made: Route, now, **more):
    return {one.stop.id: one.at for one in forecast(made, now, **more)}


def test_a_route_on_plan_arrives_as_planned():
    found = expected(route(done(stop(1)), stop(2), stop(3)), minutes(12))
    assert found == {"stp_2": minutes(20), "stp_3": minutes(30)}


def test_a_late_route_arrives_as_much_later():
    found = expected(route(done(stop(1), 12), stop(2), stop(3)), minutes(24))
    assert found == {"stp_2": minutes(32), "stp_3": minutes(42)}


def test_twelve_slow_stops_are_believed_half():
    """Twelve stops at twice the time, against twelve imaginary ones on plan: half as slow again."""
    slow = [done(stop(number), late_min=10 * number, handled_min=4) for number in range(13)]
    found = expected(route(*slow, stop(13), stop(14)), minutes(244))
    assert found["stp_14"] - found["stp_13"] == timedelta(minutes=15)


def test_one_break_is_no_pace():
    stops = [done(stop(0)), done(stop(1), 180), stop(2)]
    assert expected(route(*stops), minutes(192))["stp_2"] < minutes(192 + 8 * 1.2)


def test_an_overdue_stop_is_still_ahead():
    found = expected(route(done(stop(1)), stop(2), stop(3)), minutes(40))
    assert minutes(40) < found["stp_2"] < minutes(43)
    assert found["stp_3"] > minutes(50)


def test_a_fix_says_how_much_of_the_way_is_left():
    made, now = route(done(stop(1)), stop(2), stop(3)), minutes(14)
    half_way = LatLng((place(1).latitude + place(2).latitude) / 2, BERLIN.longitude)
    found = expected(made, now, seen=Seen(half_way, now))
    assert abs(found["stp_2"] - minutes(18)) < timedelta(seconds=2)
    before_the_tap = Seen(place(2), minutes(11))
    assert expected(made, now, seen=before_the_tap)["stp_2"] == minutes(20)


def test_learned_handling_counts_instead_of_the_plans():
    made = route(done(stop(1)), stop(2), stop(3))
    found = expected(made, minutes(12), handling=lambda one: 300.0)
    assert found["stp_3"] - found["stp_2"] == timedelta(minutes=13)


def test_what_was_skipped_takes_no_time():
    skipped = replace(stop(2), status=StopStatus.SKIPPED)
    found = expected(route(done(stop(1)), skipped, stop(3)), minutes(12))
    assert found == {"stp_3": minutes(28)}, "the way past the skipped door, without its handling"


def test_waiting_for_a_door_to_open_is_no_driving():
    early = replace(stop(2), window=TimeWindow(minutes(30), minutes(60)))
    later = replace(stop(3), planned_arrival_at=minutes(40))
    found = expected(route(done(stop(1)), early, later), minutes(12))
    assert found == {"stp_2": minutes(20), "stp_3": minutes(40)}
    late = expected(route(done(stop(1), 15), early, later), minutes(27))
    assert late["stp_3"] == minutes(45), "no waiting is left"


def test_a_route_that_has_not_begun_begins_as_planned_or_now():
    made = route(stop(1), stop(2), status=RouteStatus.ASSIGNED)
    assert expected(made, minutes(0)) == {"stp_1": minutes(10), "stp_2": minutes(20)}
    assert expected(made, minutes(30)) == {"stp_1": minutes(30), "stp_2": minutes(40)}


def test_only_doors_count_as_stops_before():
    found = forecast(route(stop(1, StopKind.PICKUP), stop(2), stop(3)), minutes(0))
    assert [one.doors_before for one in found] == [0, 0, 1]


def test_nothing_is_ahead_of_a_route_that_is_over():
    assert forecast(route(done(stop(1))), minutes(20)) == []


@given(
    st.lists(st.sampled_from(list(StopStatus)), min_size=1, max_size=8),
    st.integers(-60, 200),
    st.integers(-30, 30),
)
def test_whatever_happened_arrivals_come_in_order_and_never_before_now(statuses, now_min, late):
    stops = []
    for number, status in enumerate(statuses, start=1):
        one = stop(number)
        if status.is_over and status is not StopStatus.SKIPPED:
            one = done(one, late)
        elif status is StopStatus.ARRIVED:
            one = replace(one, arrived_at=one.planned_arrival_at)
        stops.append(replace(one, status=status))
    found = forecast(route(*stops), minutes(now_min))
    times = [one.at for one in found]
    assert times == sorted(times)
    assert all(one.at >= minutes(now_min) for one in found if one.stop.status is StopStatus.PENDING)
    assert all(one.horizon_s >= 0 for one in found)


@pytest.mark.parametrize("tapped_at_once", [True, False])
def test_taps_in_one_go_are_no_sign_of_haste(tapped_at_once):
    handled = 0 if tapped_at_once else 2
    stops = [done(stop(number), 2 - handled, handled) for number in range(6)]
    found = expected(route(*stops, stop(6)), minutes(52))
    assert found["stp_6"] == minutes(60)
