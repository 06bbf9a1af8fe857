"""Whom do we ask: hard filters, the best assignment, and nobody starves."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import candidates, matching
from chalicelib.domain.dispatch.matching.candidates import LOOK_AHEAD, Candidate, Crew
from chalicelib.domain.dispatch.matching.matching import UNASSIGNED_S, Matching
from chalicelib.domain.dispatch.model import Level, Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.rules.eligibility import SHIFT_GRACE
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.drivers.acceptance import Answer, Habits, after
from chalicelib.domain.drivers.model import VehicleKind, Work
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.errors import Conflict
from chalicelib.kit.geo import LatLng
from tests.builders import HUB_AT, NOON, STORE_AT, a_driver_at_work, a_hub, a_vehicle
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
    needs = changes.pop("skills", frozenset())
    door = replace(
        stop, id=f"stp_{route_id}_door", kind=StopKind.DROPOFF, place_name="", needs=needs
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
        "stops": (stop, door),
    }
    return Route(**made | changes)


def matched(
    routes: list[Route], works: list[Work], hub: Hub | None = None, **positions: LatLng
) -> Matching:
    crew = Crew(tuple(works), {}, positions)
    return matching.match(hub or a_hub(), routes, candidates.at_hand(crew, NOON), NOON)


def pairs(routes: list[Route], works: list[Work], **positions: LatLng) -> dict[str, str]:
    due = matched(routes, works, **positions).due
    return {one.route.id: one.candidate.work.driver_id for one in due}


def test_the_nearest_driver_is_asked() -> None:
    near, far = a_driver_at_work("drv_near"), a_driver_at_work("drv_far")
    spots = {"drv_near": STORE_AT, "drv_far": LatLng(51.3, 9.6)}
    assert pairs([a_route()], [far, near], **spots) == {"rte_1": "drv_near"}
    (match,) = matched([a_route()], [near], **spots).due
    assert (match.approach_m, match.terms["approach"]) == (0, 0)


def test_without_a_fix_the_driver_is_where_duty_began() -> None:
    (match,) = matched([a_route()], [a_driver_at_work()]).due
    assert match.approach_m == HUB_AT.distance_m(STORE_AT)
    assert match.terms["approach"] > 0


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
        a_driver_at_work(skills=frozenset({"heavy"})),
        a_driver_at_work(blocks=frozenset({"mer_1"})),
        a_driver_at_work(blocks=frozenset({"hub_1"})),
        a_driver_at_work(papers_end_at=NOON + HOUR),
    ],
    ids=[
        *("kind", "weight", "volume", "shift", "off duty", "asked already", "busy"),
        *("skills", "blocks the shop", "blocks the hub", "papers"),
    ],
)
def test_who_cannot_is_not_asked(work: Work) -> None:
    if work.skills:
        assert pairs([a_route(skills=frozenset({"cash"}))], [work]) == {}
    else:
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
    assert pairs([a_route()], [work], drv_1=STORE_AT) == {"rte_1": "drv_1"}


def test_the_way_there_takes_from_the_shift() -> None:
    leaving = a_driver_at_work(shift_ends_at=NOON + HOUR - SHIFT_GRACE)
    assert pairs([a_route()], [leaving], drv_1=HUB_AT) == {}


def test_a_route_that_is_late_already_has_to_fit_the_shift_from_now() -> None:
    route = a_route(starts_at=NOON - HOUR, ends_at=NOON, duration_s=3600)
    leaving = a_driver_at_work(shift_ends_at=NOON + timedelta(minutes=44))
    assert pairs([route], [leaving]) == {}


SEEKING = (RouteStatus.PLANNED, RouteStatus.OFFERED)


@pytest.mark.parametrize("status", [status for status in RouteStatus if status not in SEEKING])
def test_only_routes_that_wait_are_matched(status: RouteStatus) -> None:
    assert pairs([a_route(status=status)], [a_driver_at_work()]) == {}


def test_an_exclusive_offer_keeps_everybody_else_from_being_asked() -> None:
    asked = a_route(status=RouteStatus.OFFERED, live_offers=(("ofr_1", "drv_9"),), asked=1)
    fresh = replace(asked, starts_at=NOON + HOUR)
    assert pairs([fresh], [a_driver_at_work()]) == {}
    # It starts soon, and one driver was tried: a second one may think about it at the same time.
    assert pairs([asked], [a_driver_at_work()]) == {"rte_1": "drv_1"}


def test_a_refusal_is_for_ever() -> None:
    route = a_route(refused_by=("drv_1",))
    one, other = a_driver_at_work("drv_1"), a_driver_at_work("drv_2")
    assert pairs([route], [one, other], drv_2=LatLng(51.3, 9.6)) == {"rte_1": "drv_2"}
    assert pairs([route], [one]) == {}


def test_who_did_not_answer_is_asked_again_when_nobody_else_is_left() -> None:
    route = a_route(ignored_by=("drv_1",))
    one, other = a_driver_at_work("drv_1"), a_driver_at_work("drv_2")
    assert pairs([route], [one, other], drv_2=LatLng(51.3, 9.6)) == {"rte_1": "drv_2"}
    assert pairs([route], [one]) == {"rte_1": "drv_1"}


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
    far = a_driver_at_work(
        vehicle=a_vehicle(kind=VehicleKind.WALKER, max_weight_g=10_000, max_volume_ml=50_000)
    )
    route = a_route(at=HUB_AT, vehicle_kind=VehicleKind.WALKER)
    spot = LatLng(51.2, 9.52)
    (match,) = matched([replace(route, planned_at=NOON - 3 * HOUR)], [far], drv_1=spot).due
    assert match.terms["approach"] > UNASSIGNED_S
    assert pairs([route], [far], drv_1=spot) == {}


def test_of_two_routes_alike_the_one_that_waited_longer_goes_first() -> None:
    older = a_route("rte_old", planned_at=NOON - HOUR)
    assert pairs([a_route("rte_new"), older], [a_driver_at_work()]) == {"rte_old": "drv_1"}


def test_a_route_whose_driver_did_not_come_goes_before_all_others() -> None:
    older = a_route("rte_old", planned_at=NOON - timedelta(minutes=50))
    left_alone = a_route("rte_left", released=1)
    assert pairs([older, left_alone], [a_driver_at_work()]) == {"rte_left": "drv_1"}


def test_a_route_that_ends_near_home_goes_to_who_lives_there() -> None:
    """Both are far from home; the route brings one of them there."""
    away = LatLng(51.3, 9.6)
    works = [
        a_driver_at_work("drv_far", home_near=LatLng(51.4, 9.8)),
        a_driver_at_work("drv_home", home_near=STORE_AT),
    ]
    (match,) = matched([a_route()], works, drv_far=away, drv_home=away).due
    assert match.candidate.work.driver_id == "drv_home"
    assert match.terms["home"] < 0


def test_who_earned_less_so_far_is_asked_first() -> None:
    since = NOON - 2 * HOUR
    works = [
        a_driver_at_work("drv_rich", on_duty_since=since, earned_minor=6_000),
        a_driver_at_work("drv_poor", on_duty_since=since, earned_minor=2_000),
        a_driver_at_work("drv_new", on_duty_since=NOON - timedelta(minutes=59), earned_minor=0),
    ]
    (match,) = matched([a_route()], works).due
    assert match.candidate.work.driver_id in ("drv_poor", "drv_new")
    fair = {one.driver_id: one.terms["fairness"] for one in match.why.runners_up}
    assert fair["drv_rich"] == 240  # 20 units an hour above the middle, times 12
    assert fair.get("drv_new", 0) == 0


def test_of_two_drivers_alike_the_one_who_says_yes_more_often_is_asked() -> None:
    habits = Habits()
    for _ in range(4):
        habits = after(habits, Answer.DECLINED, NOON)
    picky, willing = a_driver_at_work("drv_1", habits=habits), a_driver_at_work("drv_2")
    (match,) = matched([a_route()], [picky, willing]).due
    assert match.candidate.work is willing
    (runner_up,) = match.why.runners_up
    assert runner_up.terms["acceptance"] > match.terms["acceptance"]


def test_a_choice_is_explained_term_by_term_with_who_came_next_and_who_could_not() -> None:
    works = [
        a_driver_at_work("drv_1"),
        a_driver_at_work("drv_2"),
        a_driver_at_work("drv_3", vehicle=a_vehicle(kind=VehicleKind.CAR)),
    ]
    spots = {"drv_1": STORE_AT, "drv_2": HUB_AT, "drv_3": STORE_AT}
    (match,) = matched([a_route(planned_at=NOON - timedelta(minutes=2))], works, **spots).due
    assert match.terms["age"] == -120
    assert match.why.cost_s == sum(match.terms.values())
    assert [one.driver_id for one in match.why.runners_up] == ["drv_2"]
    assert sum(match.why.runners_up[0].terms.values()) > match.why.cost_s
    assert (match.why.considered, match.why.ruled_out) == (3, {"vehicle": 1})


# -- late commitment -------------------------------------------------------------------------------


def test_a_route_that_has_time_is_matched_but_nobody_is_asked_yet() -> None:
    route = a_route(starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR)
    found = matched([route], [a_driver_at_work()], drv_1=STORE_AT)
    assert (len(found.due), len(found.held)) == (0, 1)


def test_the_way_there_counts_as_time_that_is_needed() -> None:
    hub = a_hub()
    soon = NOON + timedelta(seconds=hub.asking.ask_ahead_s + 60)
    route = a_route(starts_at=soon, ends_at=soon + HOUR)
    assert pairs([route], [a_driver_at_work()], drv_1=STORE_AT) == {}
    assert pairs([route], [a_driver_at_work()], drv_1=HUB_AT) == {"rte_1": "drv_1"}


def on_the_road(driver_id: str, at: LatLng, minutes: int) -> tuple[Work, Route]:
    """A driver who will be done there and then."""
    work = a_driver_at_work(driver_id, route_id=f"rte_{driver_id}")
    ends_at = NOON + timedelta(minutes=minutes)
    return work, a_route(
        f"rte_{driver_id}", at, status=RouteStatus.UNDER_WAY, ends_at=ends_at, driver_id=driver_id
    )


def test_a_driver_who_is_there_in_a_moment_is_waited_for() -> None:
    """Somebody free is half an hour away; somebody else finishes next door in five minutes."""
    busy, road = on_the_road("drv_busy", STORE_AT, 5)
    crew = Crew(
        (busy, a_driver_at_work("drv_free")), {road.id: road}, {"drv_free": LatLng(51.3, 9.6)}
    )
    found = matching.match(a_hub(), [a_route()], candidates.at_hand(crew, NOON), NOON)
    assert [one.candidate.work.driver_id for one in found.held] == ["drv_busy"]
    assert found.due == ()
    assert found.held[0].terms["busy"] == 300


def test_who_is_busy_for_long_is_not_reckoned_with() -> None:
    busy, road = on_the_road("drv_busy", STORE_AT, 21)
    crew = Crew((busy,), {road.id: road}, {})
    assert timedelta(minutes=20) == LOOK_AHEAD
    assert candidates.at_hand(crew, NOON) == []


# -- several at once -------------------------------------------------------------------------------


def test_an_urgent_route_asks_several_drivers_and_others_still_get_theirs() -> None:
    urgent = a_route("rte_urgent", asked=3)
    calm = a_route("rte_calm", planned_at=NOON, starts_at=NOON + timedelta(minutes=14))
    works = [a_driver_at_work(f"drv_{n}") for n in range(6)]
    due = matched([urgent, calm], works).due
    assert sorted(one.route.id for one in due) == ["rte_calm", *["rte_urgent"] * 5]
    assert {one.level for one in due if one.route.id == "rte_urgent"} == {Level.BROADCAST}
    few = matched([urgent, calm], works[:2]).due
    assert sorted(one.route.id for one in few) == ["rte_calm", "rte_urgent"]


# -- the round, on tables --------------------------------------------------------------------------


def found_at(world: World) -> Matching:
    uow = world.begin()
    return matching.find_matches(uow, world.hub, candidates.muster(uow, world.hub))


def waiting_at(world: World) -> list[Route]:
    return dispatch.list_unassigned(world.begin(), world.hub.id)


def test_a_round_offers_expires_and_gives_up_by_the_clock(world: World) -> None:
    route = world.a_planned_route()
    world.a_driver()
    (found,) = found_at(world).due
    assert world.run(lambda uow: matching.offer_match(uow, found, world.hub))
    assert found_at(world).due == ()
    assert matching.expired(world.begin(), waiting_at(world)) == []
    world.clock.advance(seconds=world.hub.offer_ttl_s)
    ((offer_id, _),) = world.route(route.id).live_offers
    assert matching.expired(world.begin(), waiting_at(world)) == [(route.id, offer_id)]
    world.clock.advance(hours=2)
    overdue = matching.overdue(waiting_at(world), world.hub, world.clock.now())
    assert overdue == [], "somebody is being asked"
    with pytest.raises(Conflict):
        world.run(lambda uow: adoption.give_up(uow, route.id))


def test_an_offer_keeps_its_reasons(world: World) -> None:
    route = world.a_planned_route()
    world.a_driver()
    (found,) = found_at(world).due
    world.run(lambda uow: matching.offer_match(uow, found, world.hub))
    ((offer_id, _),) = world.route(route.id).live_offers
    kept = dispatch.load_offer(world.begin(), route.id, offer_id)
    assert kept.why == found.why
    assert (kept.level, kept.approach_s) == (Level.EXCLUSIVE, found.terms["approach"])


def test_what_changed_since_the_matching_is_seen_when_the_offer_is_made(world: World) -> None:
    world.a_planned_route()
    world.a_driver()
    (found,) = found_at(world).due
    assert world.run(lambda uow: matching.offer_match(uow, found, world.hub))
    assert not world.run(lambda uow: matching.offer_match(uow, found, world.hub)), "asked already"


def test_a_route_that_nobody_took_goes_back_to_the_next_wave(world: World) -> None:
    route = world.a_planned_route()
    world.clock.advance(seconds=3600 + 601)
    assert matching.overdue(waiting_at(world), world.hub, world.clock.now()) == [route.id]
    world.run(lambda uow: adoption.give_up(uow, route.id))
    assert world.route(route.id).status is RouteStatus.CANCELLED
    assert world.pending_ids() == {ref.delivery_id for ref in world.refs}


def test_the_desk_hears_once_of_a_route_whose_time_has_come(world: World) -> None:
    route = world.a_planned_route()
    assert not world.run(lambda uow: matching.tell_desk(uow, route.id, world.hub))
    world.clock.advance(minutes=10)
    assert world.run(lambda uow: matching.tell_desk(uow, route.id, world.hub))
    assert not world.run(lambda uow: matching.tell_desk(uow, route.id, world.hub))
    assert [event.type for event in world.heard].count("route.escalated") == 1
    assert world.route(route.id).alerted_at == world.clock.now()


def test_matching_nothing_is_nothing() -> None:
    assert matching.match(a_hub(), [], [Candidate(a_driver_at_work(), None, NOON)], NOON).due == ()
    assert matching.match(a_hub(), [a_route()], [], NOON).due == ()
