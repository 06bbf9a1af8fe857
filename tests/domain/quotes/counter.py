"""A counter where quotes are asked for and accepted as the edge does it, one commit each."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from chalicelib.domain.coverage import service as coverage
from chalicelib.domain.coverage.model import ClassRule, PromiseClass, Rules
from chalicelib.domain.deliveries.model import Address, Delivery, Place
from chalicelib.domain.dispatch.today import sheet_store
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.intake.order import Contact, Kind, Order
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.quotes import service, store
from chalicelib.domain.quotes.model import Ask, Quote, Quoted
from chalicelib.domain.quotes.rates import Destination, Rate, rates
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import (
    DOOR_AT,
    SERVER_KEY,
    STORE_AT,
    a_driver_at_work,
    a_hub,
    a_merchant,
)
from tests.domain.intake.shops import Gazetteer

ADDRESS = Address("Lindenweg 7", "", "Kassel", "34117", "DE")
OTHER_ADDRESS = replace(ADDRESS, line1="Am Markt 3")
PARCEL = Parcel(700, 3500, 2)
STORE = Place("str_1", "Blumen Roth, Markt", STORE_AT)


def an_ask(**changes: Any) -> Ask:
    return replace(Ask(STORE, PARCEL, ADDRESS, DOOR_AT), **changes)


def an_acceptance(**changes: Any) -> Order:
    """What a shop sends to accept: who gets it, the rest is as quoted."""
    order = Order(
        platform="api",
        kind=Kind.PLACED,
        source_event_id="A-1",
        order_id="A-1",
        order_name="A-1",
        updated_at=None,
        contact=Contact("Mara Vogel", Phone("+491713920009")),
        address=ADDRESS,
    )
    return replace(order, **changes)


def two_hours() -> ClassRule:
    return ClassRule(
        PromiseClass.SCHEDULED,
        cut_off_min=20 * 60,
        lead_days=0,
        horizon_days=3,
        window_s=7200,
        notice_s=1800,
    )


def by_night() -> ClassRule:
    """Same day until 21 o'clock, if ordered by 16 o'clock."""
    return ClassRule(
        PromiseClass.SAME_DAY, cut_off_min=16 * 60, lead_days=0, horizon_days=0, window_s=None
    )


@dataclass
class Counter:
    """See the module's page."""

    begin: Callable[[], UnitOfWork]
    clock: FrozenClock
    gazetteer: Gazetteer = field(default_factory=Gazetteer)
    hub: Hub = field(default_factory=a_hub)
    merchant: Merchant = field(default_factory=a_merchant)

    def run[T](self, use_case: Callable[[UnitOfWork], T]) -> T:
        uow = self.begin()
        result = use_case(uow)
        uow.commit()
        return result

    def quote_in(self, uow: UnitOfWork, ask: Ask) -> Quoted:
        return service.quote(uow, self.merchant, self.hub, ask, self.gazetteer, SERVER_KEY)

    def quote(self, **changes: Any) -> Quote:
        return self.run(lambda uow: self.quote_in(uow, an_ask(**changes))).quote

    def quoted(self, **changes: Any) -> Quoted:
        return self.run(lambda uow: self.quote_in(uow, an_ask(**changes)))

    def accept_in(self, uow: UnitOfWork, quote_id: str, order: Order) -> Delivery:
        return service.accept_quote(
            uow, self.merchant, self.hub, quote_id, order, self.gazetteer, SERVER_KEY
        )

    def accept(self, quote: Quote, **changes: Any) -> Delivery:
        return self.run(lambda uow: self.accept_in(uow, quote.id, an_acceptance(**changes)))

    def load(self, quote: Quote) -> Quote:
        return store.load(self.begin(), self.merchant.id, quote.id)

    def rates(self, destination: Destination, **more: Any) -> tuple[Rate, ...]:
        return self.run(
            lambda uow: rates(uow, self.merchant, self.hub, destination, PARCEL, uow.now, **more)
        )

    def promise(self, *classes: ClassRule, **rules: Any) -> None:
        self.run(lambda uow: coverage.set_rules(uow, self.hub.id, Rules(classes=classes, **rules)))

    def a_driver(self, driver_id: str = "drv_1", hours: int = 8, **changes: Any) -> None:
        """On duty from now, and on the sheet."""
        work = a_driver_at_work(
            driver_id, shift_ends_at=self.clock.now() + timedelta(hours=hours), **changes
        )
        self.run(lambda uow: drivers.save_work(uow, work))
        self.run(lambda uow: sheet_store.redraw(uow, self.hub))
