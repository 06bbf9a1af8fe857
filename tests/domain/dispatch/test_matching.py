"""Whom do we ask: hard filters, the best assignment, and nobody starves."""

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import adoption, matching
from chalicelib.domain.dispatch.assignment import assign
from chalicelib.domain.dispatch.matching import APPROACH_SPEED, SHIFT_GRACE, UNASSIGNED_S
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.drivers.model import VehicleKind, Work
from chalicelib.kit.errors import Conflict
from chalicelib.kit.geo import LatLng
from tests.builders import HUB_AT, NOON, STORE_AT, a_driver_at_work, a_vehicle
from tests.domain.dispatch.conftest import World

HOUR = timedelta(hours=1)


def a_route(route_id: str = "rte_1", at: LatLng = STORE_AT, **changes: Any) -> Route:
    stop = Stop(
        id=f"stp_{route_id}",
        kind=StopKind.PICKUP,
        place_name="Blumen Roth",
        position=at,
        deliveries=(DeliveryRef("mer_1", "del_1"),),
        planned_arrival_at=NOON,
        service_s=60,
    )
    made: dict[str, Any] = {
        "id": route_id,
        "hub_id": "hub_1",
        "wave_id": "wav_1",
        "vehicle_kind": VehicleKind.VAN,
        "load_weight_g": 10_000,
        "load_volume_ml": 50_000,
        "status": RouteStatus.PLANNED,
        "version": 1,
        "planned_at": NOON,
        "starts_at": NOON,
        "ends_at": NOON + HOUR,
        "distance_m": 9000,
        "duration_s": 3600,
        "stops": (stop,),
    }
    return Route(**made | changes)


def pairs(routes: list[Route], works: list[Work], **positions: LatLng) -> dict[str, str]:
    found = matching.match(routes, works, positions, NOON)
    return {one.route.id: one.work.driver_id for one in found}


def test_the_nearest_driver_is_asked() -> None:
    near, far = a_driver_at_work("drv_near"), a_driver_at_work("drv_far")
    spots = {"drv_near": STORE_AT, "drv_far": LatLng(51.3, 9.6)}
    assert pairs([a_route()], [far, near], **spots) == {"rte_1": "drv_near"}
    (match,) = matching.match([a_route()], [near], spots, NOON)
    assert match.approach_m == 0


def test_without_a_fix_the_driver_is_where_duty_began() -> None:
    (match,) = matching.match([a_route()], [a_driver_at_work()], {}, NOON)
    assert match.approach_m == HUB_AT.distance_m(STORE_AT)


@pytest.mark.parametrize(
    "work",
    [
        a_driver_at_work(vehicle=a_vehicle(kind=VehicleKind.CAR)),
        a_driver_at_work(vehicle=a_vehicle(max_weight_g=9_999)),
        a_driver_at_work(vehicle=a_vehicle(max_volume_ml=49_999)),
        a_driver_at_work(shift_ends_at=NOON + HOUR - SHIFT_GRACE - timedelta(seconds=1)),
        a_driver_at_work(on_duty=False),
        a_driver_at_work(offer=("rte_9", "ofr_9")),
        a_driver_at_work(route_id="rte_9"),
    ],
    ids=["kind", "weight", "volume", "shift", "off duty", "asked already", "busy"],
)
def test_who_cannot_is_not_asked(work: Work) -> None:
    assert pairs([a_route()], [work]) == {}


@pytest.mark.parametrize(
    "work",
    [
        a_driver_at_work(vehicle=a_vehicle(max_weight_g=10_000, max_volume_ml=50_000)),
        a_driver_at_work(shift_ends_at=NOON + HOUR - SHIFT_GRACE),
        a_driver_at_work(shift_ends_at=None),
    ],
    ids=["just large enough", "just long enough", "no end"],
)
def test_who_just_can_is_asked(work: Work) -> None:
    assert pairs([a_route()], [work]) == {"rte_1": "drv_1"}


def test_a_route_that_is_late_already_has_to_fit_the_shift_from_now() -> None:
    route = a_route(starts_at=NOON - HOUR, ends_at=NOON, duration_s=3600)
    leaving = a_driver_at_work(shift_ends_at=NOON + timedelta(minutes=44))
    assert pairs([route], [leaving]) == {}


@pytest.mark.parametrize(
    "status", [status for status in RouteStatus if status is not RouteStatus.PLANNED]
)
def test_only_routes_that_wait_are_matched(status: RouteStatus) -> None:
    assert pairs([a_route(status=status)], [a_driver_at_work()]) == {}


def test_a_refusal_is_remembered_while_somebody_else_can_be_asked() -> None:
    route = a_route(refused_by=("drv_1",))
    one, other = a_driver_at_work("drv_1"), a_driver_at_work("drv_2")
    far = {"drv_2": LatLng(51.3, 9.6)}
    assert pairs([route], [one, other], **far) == {"rte_1": "drv_2"}


def test_when_everybody_has_refused_everybody_may_be_asked_again() -> None:
    route = a_route(refused_by=("drv_1", "drv_2"))
    works = [a_driver_at_work("drv_1"), a_driver_at_work("drv_2")]
    assert set(pairs([route], works)) == {"rte_1"}


def test_one_driver_gets_one_route_and_one_route_one_driver() -> None:
    routes = [a_route(f"rte_{n}") for n in range(5)]
    works = [a_driver_at_work(f"drv_{n}") for n in range(3)]
    found = pairs(routes, works)
    assert len(found) == 3
    assert len(set(found.values())) == 3


def test_the_nearest_for_one_may_be_worth_more_to_another() -> None:
    """Greedy would give driver 1 to route 1 and leave route 2 a long way for driver 2."""
    left, middle, right = LatLng(51.2, 9.40), LatLng(51.2, 9.44), LatLng(51.2, 9.46)
    routes = [a_route("rte_1", middle), a_route("rte_2", right)]
    works = [a_driver_at_work("drv_1"), a_driver_at_work("drv_2")]
    found = pairs(routes, works, drv_1=LatLng(51.2, 9.45), drv_2=left)
    assert found == {"rte_1": "drv_2", "rte_2": "drv_1"}


def test_too_far_is_worse_than_waiting_unless_it_has_waited_long() -> None:
    metres = round((UNASSIGNED_S + 600) * APPROACH_SPEED[VehicleKind.VAN])
    far = LatLng(51.2 + metres / 111_195, 9.4)
    route = a_route(at=HUB_AT)
    assert matching.match([route], [a_driver_at_work()], {"drv_1": far}, NOON) == []
    later = NOON + timedelta(minutes=20)
    assert matching.match([route], [a_driver_at_work()], {"drv_1": far}, later)


def test_of_two_routes_alike_the_one_that_waited_longer_goes_first() -> None:
    older = a_route("rte_old", planned_at=NOON - HOUR)
    assert pairs([a_route("rte_new"), older], [a_driver_at_work()]) == {"rte_old": "drv_1"}


@pytest.mark.parametrize("seed", range(30))
def test_the_assignment_is_the_best_there_is(seed: int) -> None:
    """Against every possibility, on small cases with forbidden pairs."""
    rng = random.Random(seed)
    rows, columns = rng.randint(1, 5), rng.randint(1, 5)
    costs = [
        [None if rng.random() < 0.3 else rng.randint(0, 9000) for _ in range(columns)]
        for _ in range(rows)
    ]
    unassigned = [rng.choice((UNASSIGNED_S, 3000, 0)) for _ in range(rows)]

    def price(chosen: tuple[int | None, ...] | list[int | None]) -> int | None:
        taken = [column for column in chosen if column is not None]
        if len(taken) != len(set(taken)):
            return None
        sums = 0
        for row, column in enumerate(chosen):
            cost = unassigned[row] if column is None else costs[row][column]
            if cost is None:
                return None
            sums += cost
        return sums

    every = itertools.product([*range(columns), None], repeat=rows)
    best = min(found for chosen in every if (found := price(chosen)) is not None)
    assert price(assign(costs, unassigned)) == best


def test_nothing_to_assign_needs_no_solver() -> None:
    assert assign([], []) == []
    assert matching.match([], [a_driver_at_work()], {}, NOON) == []
    assert matching.match([a_route()], [], {}, NOON) == []


# -- the round, on tables ------------------------------------------------------------------------


def test_a_round_offers_expires_and_gives_up_by_the_clock(world: World) -> None:
    route = world.a_planned_route()
    world.a_driver()
    (found,) = matching.find_matches(world.begin(), world.hub)
    world.run(lambda uow: matching.offer_match(uow, found, world.hub))
    assert matching.find_matches(world.begin(), world.hub) == []
    assert matching.expired(world.begin(), world.hub) == []
    world.clock.advance(seconds=world.hub.offer_ttl_s)
    offered = world.route(route.id)
    assert matching.expired(world.begin(), world.hub) == [(route.id, offered.offer_id)]
    world.clock.advance(hours=2)
    assert matching.overdue(world.begin(), world.hub) == [], "somebody is being asked"
    with pytest.raises(Conflict):
        world.run(lambda uow: adoption.give_up(uow, route.id))


def test_a_route_that_nobody_took_goes_back_to_the_next_wave(world: World) -> None:
    route = world.a_planned_route()
    world.clock.advance(seconds=3600 + 601)
    assert matching.overdue(world.begin(), world.hub) == [route.id]
    world.run(lambda uow: adoption.give_up(uow, route.id))
    assert world.route(route.id).status is RouteStatus.CANCELLED
    assert world.pending_ids() == {ref.delivery_id for ref in world.refs}
