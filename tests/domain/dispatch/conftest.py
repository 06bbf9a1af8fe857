"""A small world: one hub, some ready deliveries, some drivers on duty."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from chalicelib.domain.deliveries import lists
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.requirements import NOTHING, Requirements
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Route, StopKind
from chalicelib.domain.dispatch.under_way import following, rerouting
from chalicelib.domain.dispatch.waves import adoption
from chalicelib.domain.dispatch.waves.adoption import PlannedStop, RouteDraft
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import VehicleKind, Work
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.recovery import carrying_out
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.events import Event
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT, STORE_AT, a_driver_at_work, a_hub, a_merchant, a_request

LISTENERS = {
    "route.assigned": following.tell_deliveries,
    "route.handed_over": following.hand_deliveries_over,
    "delivery.cancelled": following.drop_cancelled,
    "delivery.returning": following.bring_back,
    "delivery.updated": following.move_stop,
    "delivery.redirected": rerouting.follow_redirect,
    "delivery.rescheduled": rerouting.follow_reschedule,
    "route.parcels_returned": carrying_out.receive_parcels,
    "recovery.parcel_back": carrying_out.carry_out_one,
}


@dataclass
class World:
    """Runs use cases as the edge does, and carries their news as the relay does."""

    begin: Callable[[], UnitOfWork]
    clock: FrozenClock
    hub: Hub
    refs: list[DeliveryRef] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)
    requirements: Requirements = NOTHING
    pickup_point_id: str | None = None
    a_door_follows: bool = False

    def run[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        uow = self.begin()
        result = use_case(uow)
        told = list(uow._events)
        uow.commit()
        for event in told:
            self.tell(event)
        return result

    def tell(self, event: Event) -> None:
        self.heard.append(event)
        listener = LISTENERS.get(event.type)
        if listener is not None:
            self.run(lambda uow: listener(uow, event))

    def a_ready_delivery(self, number: int = 1) -> Delivery:
        point_id = None if number and self.a_door_follows else self.pickup_point_id
        request = a_request(
            external_id=str(number),
            hub_id=self.hub.id,
            requirements=self.requirements,
            pickup_point_id=point_id,
        )
        made = self.run(lambda uow: deliveries.create(uow, request))
        self.refs.append(deliveries.ref_of(made))
        return made

    def a_driver(self, driver_id: str = "drv_1") -> Work:
        work = a_driver_at_work(driver_id)
        self.run(lambda uow: drivers.save_work(uow, work))
        return work

    def draft(self, count: int = 2) -> RouteDraft:
        """Pick everything up at the store, then one door after the other."""
        made = [self.a_ready_delivery(number) for number in range(count)]
        refs = [deliveries.ref_of(one) for one in made]
        at = self.clock.now()
        doors = [
            PlannedStop(StopKind.DROPOFF, "", DOOR_AT, (ref,), at + timedelta(minutes=30), 180)
            for ref in refs
        ]
        store = PlannedStop(
            StopKind.PICKUP, "Blumen Roth", STORE_AT, tuple(refs), at + timedelta(minutes=10), 200
        )
        return RouteDraft(
            hub_id=self.hub.id,
            wave_id="wav_1",
            vehicle_kind=VehicleKind.VAN,
            starts_at=at + timedelta(minutes=10),
            ends_at=at + timedelta(hours=1),
            distance_m=9000,
            duration_s=3000,
            load_weight_g=1200 * count,
            load_volume_ml=4000 * count,
            stops=(store, *doors),
            versions={ref: one.version for ref, one in zip(refs, made, strict=True)},
        )

    def a_planned_route(self, count: int = 2) -> Route:
        draft = self.draft(count)
        route, _ = self.run(lambda uow: adoption.adopt_route(uow, draft))
        assert route is not None
        return route

    def an_offer(self, route: Route, work: Work) -> str:
        offer = self.run(lambda uow: offers.make(uow, route, work, 1200, self.hub.offer_ttl_s))
        return offer.id

    def an_assigned_route(self, count: int = 2) -> Route:
        route = self.a_planned_route(count)
        offer_id = self.an_offer(route, self.a_driver())
        return self.run(lambda uow: offers.accept(uow, "drv_1", offer_id))

    def route(self, route_id: str) -> Route:
        return dispatch.load_route(self.begin(), route_id)

    def work(self, driver_id: str = "drv_1") -> Work:
        return drivers.load_work(self.begin(), driver_id)

    def delivery(self, number: int = 0) -> Delivery:
        return delivery_store.load(self.begin(), self.refs[number])

    def pending_ids(self) -> set[str]:
        return {row["delivery_id"] for row in lists.pending_refs(self.begin(), self.hub.id)}

    def item(self, route_id: str) -> dict[str, object] | None:
        return self.begin().get(keys.route(route_id))


@pytest.fixture
def world(begin: Callable[[], UnitOfWork], clock: FrozenClock) -> World:
    made = World(begin, clock, a_hub())
    made.run(lambda uow: merchants.save_hub(uow, made.hub))
    made.run(lambda uow: merchants.save_merchant(uow, a_merchant()))
    return made
