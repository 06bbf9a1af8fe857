"""Facts follow from what is kept: from a history, from stops, and from nothing else."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.domain.analytics import gathering
from chalicelib.domain.analytics.rules import USUAL
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.drivers.pay import PayRates, pay_of, with_tips
from chalicelib.kit.parcel import Parcel
from tests.builders import DOOR_AT, HUB_AT, NOON, STORE_AT, a_delivery, a_hub

BERLIN = "Europe/Berlin"


def at(minutes: int):
    return NOON + timedelta(minutes=minutes)


def lived(*steps, **changes):
    delivery = a_delivery(**changes)
    for step in steps:
        delivery, _ = lifecycle.apply(delivery, step)
    return delivery


DRIVEN = (life.Plan(at(1), "rte_1"), life.Assign(at(2), "drv_1"), life.PickUp(at(10)))


def test_a_handover_is_timed_from_the_order_to_the_door() -> None:
    fact = gathering.facts_of(lived(*DRIVEN, life.Deliver(at(95))), BERLIN, sent=3)
    assert fact is not None
    assert (fact.status, fact.on_time, fact.order_to_door_s) == ("delivered", True, 5700)
    assert (fact.attempts, fact.first_attempt_ok, fact.texts) == (1, True, 3)
    # 13:35 in UTC is 14:35 at the hub.
    assert (fact.day, fact.hour) == (date(2026, 11, 27), 14)


def test_the_day_is_the_hubs() -> None:
    fact = gathering.facts_of(lived(*DRIVEN, life.Deliver(at(11 * 60 + 30))), BERLIN)
    assert fact is not None
    assert (fact.day, fact.hour, fact.on_time) == (date(2026, 11, 28), 0, False)


def test_what_is_under_way_or_a_test_is_no_fact() -> None:
    assert gathering.facts_of(lived(*DRIVEN), BERLIN) is None
    assert gathering.facts_of(lived(*DRIVEN, life.Deliver(at(95)), live=False), BERLIN) is None


def test_every_failed_try_is_told_with_its_reason() -> None:
    hub = a_delivery().pickup
    again = (life.Plan(at(70), "rte_2"), life.Assign(at(71), "drv_2"), life.PickUp(at(80)))
    fact = gathering.facts_of(
        lived(
            *DRIVEN,
            life.FailAttempt(at(60), FailureReason.CUSTOMER_UNAVAILABLE),
            life.Retry(at(65), hub),
            *again,
            life.Deliver(at(90)),
        ),
        BERLIN,
    )
    assert fact is not None
    assert (fact.attempts, fact.failures) == (2, ("customer_unavailable",))
    assert (fact.first_attempt_ok, fact.driver_id) == (False, "drv_2")


def test_at_a_pickup_point_it_counts_when_it_lay_there() -> None:
    point = lived(
        *DRIVEN,
        life.LeaveAtPickupPoint(at(60), at(5000)),
        life.Collect(at(3000)),
        pickup_point_id="pup_1",
    )
    fact = gathering.facts_of(point, BERLIN)
    assert fact is not None
    assert (fact.at_point, fact.on_time, fact.order_to_door_s) == (True, True, 3600)
    assert fact.first_attempt_ok is None


def test_what_was_taken_back_leaves_its_day() -> None:
    undone = lived(*DRIVEN, life.Deliver(at(95)), life.Undo(at(97)))
    assert gathering.facts_of(undone, BERLIN) is None
    assert gathering.days_of(undone, BERLIN) == {date(2026, 11, 27)}


def a_stop(number: int, kind: StopKind, place, status: StopStatus, minute: int, *refs) -> Stop:
    return Stop(
        id=f"stp_{number}",
        kind=kind,
        place_name="",
        position=place,
        deliveries=refs,
        planned_arrival_at=at(minute),
        service_s=120,
        status=status,
        arrived_at=at(minute),
        done_at=at(minute + 2),
    )


NEAR, FAR = DeliveryRef("mer_1", "del_1"), DeliveryRef("mer_2", "del_2")


@pytest.fixture
def route() -> Route:
    stops = (
        a_stop(1, StopKind.PICKUP, STORE_AT, StopStatus.DONE, 10, NEAR, FAR),
        a_stop(2, StopKind.DROPOFF, DOOR_AT, StopStatus.DONE, 20, NEAR),
        a_stop(3, StopKind.DROPOFF, HUB_AT, StopStatus.FAILED, 40, FAR),
    )
    return Route(
        id="rte_1",
        hub_id="hub_1",
        wave_id="wav_1",
        vehicle_kind=VehicleKind.VAN,
        load_weight_g=2400,
        load_volume_ml=8000,
        status=RouteStatus.COMPLETED,
        version=9,
        planned_at=NOON,
        starts_at=at(10),
        ends_at=at(45),
        distance_m=6_001,
        duration_s=1800,
        stops=stops,
        driver_id="drv_1",
    )


def test_a_route_is_shared_out_to_the_last_metre_cent_and_milligram(route) -> None:
    pay = with_tips(pay_of(PayRates("EUR", per_stop_minor=101), 3, 6_001, 1800), 150)
    carried = {
        NEAR: a_delivery(),
        FAR: a_delivery(id="del_2", merchant_id="mer_2", parcel=Parcel(1200, 4000, 3)),
    }
    fact = gathering.route_facts_of(route, carried, a_hub(), pay, USUAL)
    assert fact is not None
    assert (fact.doors, fact.duration_s, fact.cost_minor, fact.tips_minor) == (2, 1920, 303, 150)
    assert sum(one.distance_m for one in fact.shares) == 6_001
    assert sum(one.cost_minor for one in fact.shares) == 303
    assert sum(one.co2e_mg for one in fact.shares) == fact.co2e_mg > 0
    assert [one.brought for one in fact.shares] == [True, False]
    # It is carried less far by air, but there are three of it.
    assert fact.shares[1].co2e_mg > fact.shares[0].co2e_mg
    assert fact.eta_errors


def test_a_route_that_is_not_over_is_no_fact(route) -> None:
    under_way = replace(route, status=RouteStatus.UNDER_WAY)
    assert gathering.route_facts_of(under_way, {}, a_hub(), None, USUAL) is None


def test_the_same_things_are_the_same_fact(route) -> None:
    made = [gathering.route_facts_of(route, {}, a_hub(), None, USUAL) for _ in range(2)]
    assert made[0] == made[1]
