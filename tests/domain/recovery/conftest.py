"""A small town in memory: a hub, a merchant, a locker or two, and a driver on the road."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import instructing
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.instructions import IfMissed, Instructions
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way import driving
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.dispatch.waves.adoption import PlannedStop, RouteDraft
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recovery_rules import RecoveryRules
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import (
    Compartments,
    PickupPoint,
    PointKind,
    Size,
)
from chalicelib.domain.recovery import on_tour, store
from chalicelib.domain.recovery.model import Decision
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.events import Event
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import Span, WeekHours
from chalicelib.listeners import SUBSCRIBERS
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.table import Refused
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import (
    DOOR_AT,
    HUB_AT,
    NOON,
    STORE_AT,
    a_driver_at_work,
    a_hub,
    a_merchant,
    a_request,
)

#: Listeners that keep deliveries, routes and recovery in step; the others need queues.
INSIDE = {
    *(
        "recovery",
        "recovery_follows",
        "recovery_carries_out",
        "recovery_receives",
        "recovery_hears",
    ),
    *("route_brings_it_back", "route_drops_it", "deliveries_are_assigned", "route_moves_its_stop"),
    *("route_goes_elsewhere", "route_lets_it_go"),
}
ALL_DAY = WeekHours(((Span(0, 24 * 60),),) * 7)


def a_locker(number: int, position: LatLng, count: int = 2) -> PickupPoint:
    return PickupPoint(
        id=f"pup_{number}",
        name=f"Locker {number}",
        kind=PointKind.LOCKER,
        line1="Station 1",
        city="Neustadt",
        postal_code="34117",
        country="DE",
        position=position,
        timezone="Europe/Berlin",
        hours=ALL_DAY,
        compartments=(Compartments(Size.MEDIUM, count, 20_000, 60_000),),
    )


@dataclass
class Town:
    """Runs use cases as the edge does, and carries their news as the relay does."""

    tables: Notebook
    clock: FrozenClock
    refs: list[DeliveryRef] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)
    #: None: news goes on at once.
    held: list[Event] | None = None
    routes: int = 0

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, self.clock)

    def run[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        for _ in range(3):
            uow = self.begin()
            result = use_case(uow)
            told = list(uow._events)
            try:
                uow.commit()
            except Refused:
                continue
            break
        else:
            raise AssertionError("refused three times in one thread")
        for event in told:
            self.tell(event)
        return result

    def tell(self, event: Event) -> None:
        self.heard.append(event)
        if self.held is not None:
            self.held.append(event)
            return
        self.deliver(event)

    def deliver(self, event: Event) -> None:
        for one in SUBSCRIBERS.get(event.type, ()):
            if one.name in INSIDE:
                self.run(lambda uow, one=one: one.handle(uow, event))

    def later(self, **span: float) -> None:
        self.clock.at += timedelta(**span)

    # -- what there is ------------------------------------------------------------------------

    def delivery(self, number: int = 0) -> Delivery:
        return delivery_store.load(self.begin(), self.refs[number])

    def decision(self, number: int = 0) -> Decision:
        found = store.find_for(self.begin(), self.delivery(number))
        assert found is not None
        return found

    def route(self, route_id: str) -> Route:
        return dispatch.load_route(self.begin(), route_id)

    def types(self) -> list[str]:
        return [event.type for event in self.heard]

    # -- what is done -------------------------------------------------------------------------

    def rules(self, **changes: Any) -> None:
        before = merchants.load_merchant(self.begin(), "mer_1")
        rules = replace(before.recovery, **changes)
        after = replace(before, recovery=rules, version=before.version + 1)
        self.run(lambda uow: merchants.save_merchant(uow, after))

    def locker(self, number: int, position: LatLng, count: int = 2) -> PickupPoint:
        point = a_locker(number, position, count)
        self.run(lambda uow: pickup_points.save(uow, point))
        return point

    def ready(self, count: int, **changes: Any) -> None:
        for _ in range(count):
            number = len(self.refs)
            door = LatLng(DOOR_AT.latitude + 0.002 * number, DOOR_AT.longitude)
            request = a_request(external_id=str(number), **{"dropoff": door, **changes})
            made = self.run(lambda uow, request=request: deliveries.create(uow, request))
            self.refs.append(deliveries.ref_of(made))

    def drive_out(self, driver_id: str = "drv_1") -> Route:
        """Whatever is ready goes on one route, is picked up, and the driver is on the way."""
        loaded = [self.delivery(number) for number in range(len(self.refs))]
        waiting = [one for one in loaded if one.status is Status.READY]
        refs = [deliveries.ref_of(one) for one in waiting]
        at = self.clock.now()
        doors = [
            PlannedStop(
                StopKind.DROPOFF,
                "",
                one.dropoff,
                (deliveries.ref_of(one),),
                at + timedelta(minutes=20 + 8 * n),
                one.service_s,
            )
            for n, one in enumerate(waiting)
        ]
        pickup = PlannedStop(
            StopKind.PICKUP, "Store", STORE_AT, tuple(refs), at + timedelta(minutes=10), 200
        )
        draft = RouteDraft(
            hub_id="hub_1",
            wave_id="wav_1",
            vehicle_kind=VehicleKind.VAN,
            starts_at=at + timedelta(minutes=10),
            ends_at=at + timedelta(minutes=30 + 8 * len(doors)),
            distance_m=9000,
            duration_s=3000,
            load_weight_g=1200 * len(refs),
            load_volume_ml=4000 * len(refs),
            stops=(pickup, *doors),
            versions={ref: one.version for ref, one in zip(refs, waiting, strict=True)},
        )
        route, _ = self.run(lambda uow: adoption.adopt_route(uow, draft))
        assert route is not None
        work = drivers.load_work(self.begin(), driver_id)
        offer = self.run(lambda uow: offers.make(uow, route, work, 1200, 45))
        taken = self.run(lambda uow: offers.accept(uow, driver_id, offer.id))
        self.later(minutes=10)
        first = taken.stops[0].id
        return self.run(lambda uow: driving.complete(uow, driver_id, first))

    def next_stop(self, route_id: str) -> Stop:
        stop = self.route(route_id).next_stop()
        assert stop is not None
        return stop

    def fail_next(
        self, route_id: str, reason: FailureReason = FailureReason.CUSTOMER_UNAVAILABLE
    ) -> Stop:
        stop = self.next_stop(route_id)
        self.later(minutes=5)
        self.run(lambda uow: driving.fail(uow, "drv_1", stop.id, reason))
        return stop

    def complete_next(self, route_id: str) -> Stop:
        stop = self.next_stop(route_id)
        self.later(minutes=5)
        self.run(lambda uow: driving.complete(uow, "drv_1", stop.id))
        return stop

    def finish(self, route_id: str) -> None:
        """Everything that is left of the tour goes well."""
        while self.route(route_id).status is RouteStatus.UNDER_WAY:
            self.complete_next(route_id)

    def undo(self, stop_id: str) -> Route:
        return self.run(lambda uow: on_tour.undo(uow, "drv_1", stop_id))

    def instruct(self, said: Instructions, if_missed: IfMissed) -> None:
        def say(uow: UnitOfWork) -> None:
            person = delivery_store.load_recipient(uow, self.refs[0])
            assert person is not None
            instructing.instruct(uow, self.delivery(), person, said, if_missed)

        self.run(say)

    def advance(self, number: int, *commands: life.Command) -> Delivery:
        return self.run(lambda uow: deliveries.carry_out(uow, self.refs[number], *commands))


@pytest.fixture
def town() -> Town:
    return a_town()


def a_town(at: datetime = NOON, rules: RecoveryRules | None = None) -> Town:
    made = Town(Notebook(), FrozenClock(at))
    merchant = a_merchant() if rules is None else a_merchant(recovery=rules)
    made.run(lambda uow: merchants.save_hub(uow, a_hub()))
    made.run(lambda uow: merchants.save_merchant(uow, merchant))
    work = a_driver_at_work(shift_ends_at=at + timedelta(days=30), position=HUB_AT)
    made.run(lambda uow: drivers.save_work(uow, work))
    return made


def open_stops(route: Route) -> Iterator[Stop]:
    return (one for one in route.stops if one.status is StopStatus.PENDING)
