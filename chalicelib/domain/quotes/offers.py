"""Which windows can be had, at which price? What is promised, less what has no room.

Coverage says which windows may be booked by cut-offs, calendars and counts; the day sheet says
which of those a driver could keep. Where nothing is promised by class, the merchant's own promise
is the one window. Shared by quotes, which fix one of them, and by rates, which only show them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.coverage import capacity as counted
from chalicelib.domain.coverage.model import Covered, Promise
from chalicelib.domain.coverage.promises import (
    Offerable,
    WhyNot,
    best_for_no_wish,
    bookable_windows,
)
from chalicelib.domain.deliveries.model import Place
from chalicelib.domain.deliveries.prices import way_m
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.pickup_points.model import PickupPoint
from chalicelib.domain.pricing import store as cards
from chalicelib.domain.pricing.model import Job, Price, RateCard
from chalicelib.domain.pricing.rounds import current_surge
from chalicelib.domain.pricing.rules import price
from chalicelib.domain.pricing.surge import Surge
from chalicelib.domain.quotes.capacity import Fitted, Today
from chalicelib.domain.quotes.model import NoQuote, Offer, Service
from chalicelib.domain.routing.daysheet import Sheet
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import local_day
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

#: What a checkout shows, and what a request may cost in looking.
MOST_WINDOWS = 12
#: Past a long weekend.
DAYS_AHEAD = 7

type Why = NoQuote | WhyNot


@dataclass(frozen=True, slots=True)
class Errand:
    """One parcel from a store to a door that is covered."""

    merchant: Merchant
    hub: Hub
    pickup: Place
    door: LatLng
    parcel: Parcel
    covered: Covered
    cash_minor: int = 0
    point: PickupPoint | None = None


class Desk:
    """Makes the offers of one errand by a day sheet; reads the rate card and the surge once."""

    def __init__(self, uow: UnitOfWork, errand: Errand, sheet: Sheet) -> None:
        self._uow = uow
        self._errand = errand
        self._today = Today(sheet, errand.hub, uow.now, errand.pickup, errand.door, errand.parcel)
        self.card: RateCard = cards.load_card(uow, errand.merchant.id)
        load = self._today.load
        self._surge = current_surge(uow, errand.hub.id, load.open_stops, load.free_capacity)

    def offers(self, service: Service | None) -> list[Offer] | Why:
        """What can be had, by start and end; the first reason when there is nothing."""
        promises = self._promised(service)
        if isinstance(promises, NoQuote):
            return promises
        if not promises:
            one = self._own_promise()
            return [one] if isinstance(one, Offer) else one
        found: list[Offer] = []
        why: Why | None = None
        for window in self._bookable(promises):
            left = TimeWindow(max(self._uow.now, window.window.start_at), window.window.end_at)
            offer = self.offer(Service(window.kind.value), left, window)
            if isinstance(offer, Offer):
                found.append(offer)
            else:
                why = why or offer
            if len(found) == MOST_WINDOWS:
                break
        if found:
            return found
        if why is not None:
            return why
        chosen = counted.choose(self._uow, promises, None, self._uow.now)
        return chosen if isinstance(chosen, WhyNot) else NoQuote.NO_CAPACITY_LEFT

    def wished(self, service: Service | None, wish: TimeWindow) -> Offer | Why:
        """The window that was asked for as it is; its place is counted where most of it lies."""
        promises = self._promised(service)
        if isinstance(promises, NoQuote):
            return promises
        if not promises:
            return self.offer(service or self._own_service, wish, None)
        chosen = counted.choose(self._uow, promises, wish, self._uow.now)
        if isinstance(chosen, WhyNot):
            return chosen
        return self.offer(Service(chosen.kind.value), wish, chosen)

    def offer(
        self, service: Service, window: TimeWindow, place: Offerable | None
    ) -> Offer | NoQuote:
        """One window with its price, if there is room in it."""
        fitted = self._today.fit(window)
        if isinstance(fitted, NoQuote):
            return fitted
        if fitted is None:
            fitted = Fitted(window.end_at, 0, 0)
        return Offer(
            service=service,
            window=window,
            price=self._price(window),
            dropoff_at=min(fitted.dropoff_at, window.end_at),
            is_fitted=fitted.extra_s > 0,
            place=place,
            extra_s=fitted.extra_s,
            extra_m=fitted.extra_m,
        )

    def surge_of(self, window: TimeWindow) -> Surge:
        return self._surge if self._today.is_soon(window) else Surge()

    def _price(self, window: TimeWindow) -> Price:
        errand, surge = self._errand, self.surge_of(window)
        return price(
            self.card,
            Job(
                distance_m=way_m(errand.pickup.position, errand.door),
                weight_g=errand.parcel.weight_g,
                volume_ml=errand.parcel.volume_ml,
                zone_id=errand.covered.zone_id,
                window_s=window.duration_s,
                surge_permille=surge.permille,
                surge_inputs=surge.inputs,
                cash_on_delivery_minor=errand.cash_minor,
                is_pickup_point=errand.point is not None,
            ),
        )

    def _promised(self, service: Service | None) -> Sequence[Promise] | NoQuote:
        """The promises of a service; none where the merchant's own promise counts."""
        if self._errand.point is not None:
            return self._promised_at_points(service)
        promises = counted.for_doors(self._errand.covered.promises)
        if not promises:
            own = (None, Service.STANDARD, Service.SAME_DAY, Service.SCHEDULED)
            return () if service in own else NoQuote.SERVICE_NOT_OFFERED
        wanted = [one for one in promises if service in (None, Service(one.kind.value))]
        return wanted or NoQuote.SERVICE_NOT_OFFERED

    def _promised_at_points(self, service: Service | None) -> Sequence[Promise] | NoQuote:
        every = self._errand.covered.promises
        promises = counted.for_points(every)
        if service not in (None, Service.PICKUP_POINT) or (every and not promises):
            return NoQuote.SERVICE_NOT_OFFERED
        return promises

    def _own_promise(self) -> Offer | NoQuote:
        now = self._uow.now
        window = TimeWindow(now, now + timedelta(seconds=self._errand.merchant.promise_s))
        return self.offer(self._own_service, window, None)

    @property
    def _own_service(self) -> Service:
        return Service.STANDARD if self._errand.point is None else Service.PICKUP_POINT

    def _bookable(self, promises: Sequence[Promise]) -> Iterable[Offerable]:
        """Windows of the days to come, less the time that has passed already."""
        now = self._uow.now
        first = min(local_day(now, one.calendar.timezone) for one in promises)
        seen = 0
        for ahead in range(DAYS_AHEAD):
            day = first + timedelta(days=ahead)
            counts = counted.counts_of(self._uow, promises, day)
            for window in bookable_windows(promises, now, day, counts):
                yield window
                seen += 1
            if seen >= 2 * MOST_WINDOWS:
                return


def best(offers: Sequence[Offer]) -> Offer:
    """The one for who wishes no time: of the first day with any, the widest window."""
    placed = [one.place for one in offers if one.place is not None]
    if not placed:
        return offers[0]
    first = min(one.day for one in placed)
    chosen = best_for_no_wish(one for one in placed if one.day == first)
    return next((one for one in offers if one.place == chosen), offers[0])
