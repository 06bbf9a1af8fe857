"""A desk that takes orders in as the edge does, and versions of one order to give it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lists
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Address, Delivery, Recipient
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import service, store
from chalicelib.domain.intake.order import Contact, Kind, Order
from chalicelib.domain.intake.store import Outcome
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import DOOR_AT, NOON, SERVER_KEY, a_hub, a_merchant
from tests.domain.intake.shops import Gazetteer, a_place

ADDRESS = Address("Lindenweg 7", "", "Kassel", "34117", "DE")
OTHER_ADDRESS = replace(ADDRESS, line1="Am Markt 3")
OTHER_DOOR = LatLng(51.23, 9.43)
#: Doors of their own; the town's other addresses are all at one door.
TOWN = {OTHER_ADDRESS.line1: (a_place(OTHER_DOOR),)}
MERCHANT_ID = "mer_1"


def an_order(minute: int = 0, **changes: Any) -> Order:
    """A version of one order, ``minute`` being the shop's time."""
    order = Order(
        platform="generic",
        kind=Kind.PLACED if minute == 0 else Kind.UPDATED,
        source_event_id=f"message:{minute}",
        order_id="A-1",
        order_name="A-1",
        updated_at=NOON - timedelta(hours=1) + timedelta(minutes=minute),
        contact=Contact("Mara Vogel", Phone("+491713920009")),
        address=ADDRESS,
        position=DOOR_AT,
        parcel=Parcel(700, 3500, 2),
    )
    return replace(order, **changes)


def a_cancellation(minute: int = 9, **changes: Any) -> Order:
    return an_order(minute, kind=Kind.CANCELLED, **changes)


@dataclass
class Desk:
    """Takes orders in as the edge does: one unit of work and one commit each."""

    begin: Callable[[], UnitOfWork]
    gazetteer: Gazetteer = field(default_factory=lambda: Gazetteer(answers=dict(TOWN)))
    hub: Hub = field(default_factory=a_hub)
    merchant: Merchant = field(default_factory=a_merchant)

    def receive(self, order: Order) -> Outcome:
        uow = self.begin()
        outcome = self.receive_in(uow, order)
        uow.commit()
        return outcome

    def receive_in(self, uow: UnitOfWork, order: Order) -> Outcome:
        return service.receive(uow, self.merchant, self.hub, order, self.gazetteer, SERVER_KEY)

    def deliveries(self) -> list[Delivery]:
        found, _ = lists.list_day(self.begin(), MERCHANT_ID, NOON.date(), limit=100, after=None)
        return found

    def the_delivery(self) -> Delivery:
        (delivery,) = self.deliveries()
        return delivery

    def recipient(self) -> Recipient | None:
        ref = deliveries.ref_of(self.the_delivery())
        return delivery_store.load_recipient(self.begin(), ref)

    def rejection_codes(self) -> list[str]:
        found, _ = store.list_rejections(self.begin(), MERCHANT_ID, limit=100, after=None)
        return [rejection.code for rejection in found]

    def carry_out(self, *commands: life.Command) -> None:
        uow = self.begin()
        ref = DeliveryRef(MERCHANT_ID, self.the_delivery().id)
        deliveries.carry_out(uow, ref, *commands)
        uow.commit()

    def pick_up(self) -> None:
        self.carry_out(life.Plan(NOON, "rte_1"), life.Assign(NOON, "drv_1"), life.PickUp(NOON))
