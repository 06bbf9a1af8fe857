"""A route's outlook follows its taps and fixes; who is near or late is told once; routes teach."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries.model import DoorKind, FailureReason
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import releases
from chalicelib.domain.dispatch.matching.releases import ReleaseReason
from chalicelib.domain.dispatch.model import StopKind
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.tracking import outlook_store, outlooks, whereabouts
from chalicelib.domain.tracking.eta import Action
from chalicelib.domain.tracking.positions import Ping
from chalicelib.kit.timewindow import TimeWindow
from tests.builders import HUB_AT, NOON, a_hub
from tests.domain.dispatch.conftest import World


class Road(World):
    """A world whose relay also tells ``outlooks``; drivers tap at times of their own."""

    def tell(self, event):
        super().tell(event)
        if event.type.startswith("route."):
            self.run(lambda uow: outlooks.follow_route(uow, event))

    def told(self, what):
        return [event.subject for event in self.heard if event.type == f"delivery.{what}"]

    def outlook(self, route):
        return outlook_store.load(self.begin(), self.hub.id, route.id)

    def wait(self, **duration):
        self.clock.advance(**duration)

    def tap(self, use_case, stop, *more):
        return self.run(lambda uow: use_case(uow, "drv_1", stop.id, *more))

    def finish(self, stop, handled_s=120):
        self.tap(driving.arrive, stop)
        self.wait(seconds=handled_s)
        return self.tap(driving.complete, stop)

    def ping(self, *pings):
        def take(uow):
            taken = whereabouts.take_in(uow, "drv_1", pings)
            outlooks.follow_pings(uow, taken)
            return taken

        return self.run(take)

    def spread_out(self, route, gap_min=20, promised_min=480):
        """Doors so many minutes apart, promised until a time."""
        window = TimeWindow(NOON - timedelta(hours=1), NOON + timedelta(minutes=promised_min))
        stops = tuple(
            replace(
                stop,
                planned_arrival_at=NOON + timedelta(minutes=10 + gap_min * number),
                window=window if stop.kind is StopKind.DROPOFF else None,
            )
            for number, stop in enumerate(route.stops)
        )
        changed = replace(route, stops=stops, version=route.version + 1)
        self.run(lambda uow: dispatch.save_route(uow, changed))
        return changed


@pytest.fixture
def road(begin, clock):
    made = Road(begin, clock, a_hub())
    made.run(lambda uow: merchants.save_hub(uow, made.hub))
    return made


def test_an_assigned_route_has_an_outlook_and_each_tap_renews_it(road):
    route = road.an_assigned_route()
    first = road.outlook(route)
    assert [one.stop_id for one in first.arrivals] == [stop.id for stop in route.stops]
    road.wait(minutes=12)
    road.finish(route.stops[0])
    later = road.outlook(route)
    assert len(later.arrivals) == len(first.arrivals) - 1
    assert later.made_at > first.made_at


def test_hearing_the_same_news_again_changes_nothing(road):
    route = road.an_assigned_route()
    heard = [event for event in road.heard if event.type == "route.assigned"]
    before = road.outlook(route)
    road.tell(heard[0])
    assert road.outlook(route) == before


def test_a_near_driver_is_announced_once_and_not_before_the_parcel_is_on_board(road):
    route = road.spread_out(road.an_assigned_route(6))
    assert road.told("announced") == []
    road.wait(minutes=10)
    road.finish(route.stops[0])
    near = [ref.delivery_id for stop in route.stops[1:5] for ref in stop.deliveries]
    assert road.told("announced") == near, "the next and three doors behind it"
    road.wait(minutes=18)
    road.finish(route.stops[1])
    assert len(road.told("announced")) == len(set(road.told("announced"))) == 5


def test_what_will_be_late_is_told_once_and_listed_by_urgency(road):
    route = road.spread_out(road.an_assigned_route(6), promised_min=75)
    assert road.told("delayed") == []
    road.wait(minutes=40)
    road.finish(route.stops[0])
    late = [ref.delivery_id for stop in route.stops[2:] for ref in stop.deliveries]
    assert set(road.told("delayed")) == set(late)
    listed = outlooks.late_risks(road.begin(), road.hub.id)
    assert {risk.delivery.delivery_id for risk in listed} == set(late)
    assert [risk.breach_in_s for risk in listed] == sorted(risk.breach_in_s for risk in listed)
    assert all(risk.late_percent >= 50 for risk in listed)
    assert Action.ASK_FOR_ANOTHER_DRIVER in {risk.action for risk in listed}
    road.wait(minutes=25)
    road.finish(route.stops[1])
    assert len(road.told("delayed")) == len(set(road.told("delayed")))


def test_a_delivery_that_is_told_of_can_still_be_undone(road):
    route = road.an_assigned_route()
    road.wait(minutes=12)
    road.finish(route.stops[0])
    road.tap(driving.arrive, route.stops[1])
    road.tap(driving.undo, route.stops[1])
    assert road.route(route.id).stop(route.stops[1].id).arrived_at is None


def test_fixes_renew_an_outlook_once_a_minute_at_most(road):
    route = road.an_assigned_route()
    made_at = road.outlook(route).made_at
    road.wait(seconds=30)
    road.ping(Ping(HUB_AT, road.clock.now()))
    assert road.outlook(route).made_at == made_at
    road.wait(seconds=31)
    road.ping(Ping(HUB_AT, road.clock.now()))
    assert road.outlook(route).made_at == road.clock.now()


def test_a_stop_that_was_reached_without_a_tap_is_noticed_and_the_tap_stays_the_truth(road):
    route = road.an_assigned_route()
    door = route.stops[0]
    arrived_at = road.clock.now() + timedelta(seconds=10)
    for _ in range(7):
        road.wait(seconds=10)
        road.ping(Ping(door.position, road.clock.now()))
    assert outlooks.arrival_seen_at(road.begin(), road.route(route.id)) == (door.id, arrived_at)
    road.wait(minutes=4)
    road.tap(driving.arrive, door)
    assert outlooks.arrival_seen_at(road.begin(), road.route(route.id)) is None
    assert road.route(route.id).stop(door.id).arrived_at == road.clock.now()


def test_fixes_that_come_late_say_nothing_of_the_next_stop(road):
    """He drove past it an hour ago, without a signal: that was no arrival, and no departure."""
    route = road.an_assigned_route()
    door = route.stops[0]
    past = road.clock.now() + timedelta(minutes=1)
    road.wait(minutes=60)
    road.ping(Ping(HUB_AT, road.clock.now()))
    road.ping(Ping(door.position, past))
    road.wait(minutes=30)
    arrived_at = road.clock.now()
    road.ping(Ping(door.position, arrived_at))
    assert outlooks.arrival_seen_at(road.begin(), road.route(route.id)) is None
    road.wait(minutes=1)
    road.ping(Ping(door.position, road.clock.now()))
    assert outlooks.arrival_seen_at(road.begin(), road.route(route.id)) == (door.id, arrived_at)
    road.ping(*(Ping(HUB_AT, past + timedelta(minutes=20 + number)) for number in range(3)))
    assert road.outlook(route).visit.left_at is None


def test_a_route_that_lost_its_driver_is_expected_nowhere(road):
    """Its parcels may leave with somebody else: what was reckoned for it would be listed on."""
    route = road.spread_out(road.an_assigned_route(6), promised_min=75)
    road.wait(minutes=40)
    road.tap(driving.arrive, route.stops[0])
    assert outlooks.late_risks(road.begin(), road.hub.id)
    road.run(lambda uow: releases.release(uow, route.id, ReleaseReason.DESK))
    assert road.outlook(route) is None
    assert outlooks.late_risks(road.begin(), road.hub.id) == []


def test_a_finished_route_is_learned_from_once(road):
    route = road.an_assigned_route()
    road.wait(minutes=12)
    road.finish(route.stops[0], 300)
    for stop in route.stops[1:]:
        road.wait(minutes=10)
        road.finish(stop, 400)
    lessons = outlook_store.load_lessons(road.begin(), road.hub.id)
    count = lessons.handling[DoorKind.APARTMENT.value]
    assert (count.stops, count.total_s) == (2, 800)
    done = next(event for event in road.heard if event.type == "route.completed")
    road.run(lambda uow: outlooks.follow_route(uow, done))
    assert outlook_store.load_lessons(road.begin(), road.hub.id) == lessons
    assert road.outlook(route) is None


def test_a_failed_door_adds_the_way_back_to_the_outlook(road):
    route = road.an_assigned_route()
    road.wait(minutes=12)
    road.finish(route.stops[0])
    road.tap(driving.arrive, route.stops[1])
    road.tap(driving.fail, route.stops[1], FailureReason.CUSTOMER_UNAVAILABLE)
    kinds = [stop.kind for stop in road.route(route.id).stops if not stop.status.is_over]
    assert kinds[-1] is StopKind.RETURN
    assert len(road.outlook(route).arrivals) == len(kinds)
