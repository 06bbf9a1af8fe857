"""Who says yes? Offers: exclusive, limited in time, and race-safe.

Making, accepting, declining and expiring an offer each guard the same three items by their
versions: the offer, the route and the driver's work. Whoever commits first wins, the other gets a
clear refusal; no lock, no lease. An offer that ran out is refused by the server's clock, whether or
not anybody has swept it yet.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.dispatch import store, wages
from chalicelib.domain.dispatch.model import Offer, OfferStatus, Route, RouteStatus
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.kit.crew_errors import DocumentExpired
from chalicelib.kit.errors import NotFound, OfferExpired, OfferTaken, StaleVersion
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork


def make(
    uow: UnitOfWork,
    route: Route,
    work: Work,
    approach_m: int,
    ttl_s: int,
    bonus_minor: int = 0,
) -> Offer:
    """Offer a planned route to a free driver; both are as they were loaded, or the commit fails.

    What it pays is fixed here, ``bonus_minor`` on top.

    Raises
    ------
    DocumentExpired
        If a paper that the driver's vehicle needs has ended.
    """
    if not work.papers_are_good(uow.now):
        raise DocumentExpired("the driver's papers have ended")
    agreed = wages.agree(uow, route, work.vehicle.kind, bonus_minor)
    offer = Offer(
        id=uow.new_id("ofr"),
        route_id=route.id,
        driver_id=work.driver_id,
        status=OfferStatus.MADE,
        version=1,
        made_at=uow.now,
        expires_at=uow.now + timedelta(seconds=ttl_s),
        approach_m=approach_m,
        pay=agreed.pay if agreed else None,
        rates=agreed.rates if agreed else None,
    )
    store.save_offer(uow, offer)
    store.save_route(
        uow,
        replace(route, status=RouteStatus.OFFERED, offer_id=offer.id, version=route.version + 1),
    )
    drivers.save_work(uow, replace(work, offer=(route.id, offer.id), version=work.version + 1))
    uow.emit(_news("offer.made", offer, uow.now, {"hub_id": route.hub_id, "ttl_s": ttl_s}))
    return offer


def find(uow: UnitOfWork, driver_id: str) -> tuple[Offer, Route] | None:
    """The driver's live offer with its route; None when there is none."""
    work = drivers.load_work(uow, driver_id)
    if work.offer is None:
        return None
    offer = store.load_offer(uow, *work.offer)
    if offer.status is not OfferStatus.MADE or offer.expires_at <= uow.now:
        return None
    return offer, store.load_route(uow, offer.route_id)


def accept(uow: UnitOfWork, driver_id: str, offer_id: str) -> Route:
    """Say yes. The same yes twice is one yes.

    Raises
    ------
    NotFound
        If the offer is not this driver's.
    OfferExpired
        If its time is over.
    OfferTaken
        If it was withdrawn, or answered otherwise before.
    """
    work = drivers.load_work(uow, driver_id)
    already = _accepted_before(uow, work, offer_id)
    if already is not None:
        return already
    offer, route = _live_offer(uow, work, offer_id)
    if offer.expires_at <= uow.now:
        raise OfferExpired
    accepted = replace(offer, status=OfferStatus.ACCEPTED, version=offer.version + 1)
    assigned = replace(
        route,
        status=RouteStatus.ASSIGNED,
        driver_id=driver_id,
        offer_id=offer.id,
        version=route.version + 1,
    )
    store.save_offer(uow, accepted)
    store.save_route(uow, assigned)
    drivers.save_work(uow, replace(work, offer=None, route_id=route.id, version=work.version + 1))
    uow.emit(_news("offer.accepted", accepted, uow.now, {"hub_id": route.hub_id}))
    uow.emit(
        Event(
            "route.assigned",
            route.id,
            assigned.version,
            uow.now,
            {"hub_id": route.hub_id, "driver_id": driver_id, "wave_id": route.wave_id},
        )
    )
    return assigned


def decline(uow: UnitOfWork, driver_id: str, offer_id: str, reason: str) -> Offer:
    """Say no; this driver is not asked about this route again. The same no twice is one no.

    Raises
    ------
    NotFound, OfferTaken
        As :func:`accept` does.
    """
    work = drivers.load_work(uow, driver_id)
    if work.declined is not None and work.declined[1] == offer_id:
        return store.load_offer(uow, *work.declined)
    offer, route = _live_offer(uow, work, offer_id)
    return _release(uow, offer, route, work, OfferStatus.DECLINED, reason)


def expire(uow: UnitOfWork, route_id: str, offer_id: str) -> Offer | None:
    """End an offer whose time is over; None when there is nothing to end (yet, or any more)."""
    offer = store.load_offer(uow, route_id, offer_id)
    if offer.status is not OfferStatus.MADE or offer.expires_at > uow.now:
        return None
    route = store.load_route(uow, route_id)
    work = drivers.load_work(uow, offer.driver_id)
    return _release(uow, offer, route, work, OfferStatus.EXPIRED, None)


def _live_offer(uow: UnitOfWork, work: Work, offer_id: str) -> tuple[Offer, Route]:
    if work.offer is None or work.offer[1] != offer_id:
        raise NotFound("there is no such offer")
    offer = store.load_offer(uow, *work.offer)
    route = store.load_route(uow, offer.route_id)
    is_open = route.status is RouteStatus.OFFERED and route.offer_id == offer.id
    is_theirs = route.offer_id == offer.id and route.driver_id == work.driver_id
    if offer.status is OfferStatus.ACCEPTED or is_theirs:
        # Their own yes was committed between our reads: read again, and find it.
        raise StaleVersion
    if offer.status is not OfferStatus.MADE or not is_open:
        raise OfferTaken
    return offer, route


def _accepted_before(uow: UnitOfWork, work: Work, offer_id: str) -> Route | None:
    for route_id in (work.route_id, work.last_route_id):
        route = None if route_id is None else store.load_route(uow, route_id)
        if route is not None and route.offer_id == offer_id:
            return route
    return None


def _release(
    uow: UnitOfWork,
    offer: Offer,
    route: Route,
    work: Work,
    status: OfferStatus,
    reason: str | None,
) -> Offer:
    """Give the route back to the pool and the driver back to the road."""
    ended = replace(offer, status=status, reason=reason, version=offer.version + 1)
    store.save_offer(uow, ended)
    if route.status is RouteStatus.OFFERED and route.offer_id == offer.id:
        store.save_route(
            uow,
            replace(
                route,
                status=RouteStatus.PLANNED,
                offer_id=None,
                refused_by=tuple(sorted({*route.refused_by, offer.driver_id})),
                version=route.version + 1,
            ),
        )
    if work.offer == (route.id, offer.id):
        declined = work.offer if status is OfferStatus.DECLINED else work.declined
        freed = replace(work, offer=None, declined=declined, version=work.version + 1)
        drivers.save_work(uow, freed)
    uow.emit(_news(f"offer.{status.value}", ended, uow.now, {"hub_id": route.hub_id}))
    return ended


def _news(what: str, offer: Offer, at: datetime, more: dict[str, object]) -> Event:
    data = {"route_id": offer.route_id, "driver_id": offer.driver_id, **more}
    return Event(what, offer.id, offer.version, at, data)
