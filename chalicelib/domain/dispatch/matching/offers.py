"""Who says yes? Offers: limited in time, one or several a route, and race-safe.

Making, accepting, declining and expiring an offer each guard the same three items by their
versions: the offer, the route and the driver's work. Whoever commits first wins, the other gets a
clear refusal; no lock, no lease. An offer that ran out is refused by the server's clock, whether or
not anybody has swept it yet.

A route lists its live offers. Accepting one takes the route; the other offers are withdrawn a
moment later, and whoever taps before that hears that the route is taken. How a driver answered is
counted in the commit of the answer (``drivers.acceptance``).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.dispatch import store, wages
from chalicelib.domain.dispatch.model import Level, Offer, OfferStatus, Route, RouteStatus, Why
from chalicelib.domain.drivers import acceptance
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.acceptance import Answer
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
    *,
    level: Level = Level.EXCLUSIVE,
    approach_s: int = 0,
    why: Why | None = None,
) -> Offer:
    """Offer a route to a free driver; both are as they were loaded, or the commit fails.

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
        approach_s=approach_s,
        level=level,
        why=why,
        pay=agreed.pay if agreed else None,
        rates=agreed.rates if agreed else None,
    )
    store.save_offer(uow, offer)
    store.save_route(
        uow,
        replace(
            route,
            status=RouteStatus.OFFERED,
            live_offers=(*route.live_offers, (offer.id, work.driver_id)),
            asked=route.asked + 1,
            version=route.version + 1,
        ),
    )
    drivers.save_work(uow, replace(work, offer=(route.id, offer.id), version=work.version + 1))
    data = {"hub_id": route.hub_id, "ttl_s": ttl_s, "level": level.value}
    uow.emit(_news("offer.made", offer, uow.now, data))
    return offer


def look(uow: UnitOfWork, driver_id: str) -> tuple[tuple[Offer, Route] | None, bool]:
    """What a phone shows: the live offer with its route, and whether a pause might help."""
    work = drivers.load_work(uow, driver_id)
    return _shown(uow, work), acceptance.should_pause(work.habits, uow.now)


def find(uow: UnitOfWork, driver_id: str) -> tuple[Offer, Route] | None:
    """The driver's live offer with its route; None when there is none."""
    return _shown(uow, drivers.load_work(uow, driver_id))


def _shown(uow: UnitOfWork, work: Work) -> tuple[Offer, Route] | None:
    if work.offer is None:
        return None
    offer = store.load_offer(uow, *work.offer)
    if offer.status is not OfferStatus.MADE or offer.expires_at <= uow.now:
        return None
    route = store.load_route(uow, offer.route_id)
    return (offer, route) if _is_open(route, offer) else None


def accept(uow: UnitOfWork, driver_id: str, offer_id: str) -> Route:
    """Say yes. The same yes twice is one yes.

    Raises
    ------
    NotFound
        If the offer is not this driver's.
    OfferExpired
        If its time is over.
    OfferTaken
        If somebody else was faster, it was withdrawn, or answered otherwise before.
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
        live_offers=(),
        expected_at=max(route.starts_at, uow.now + timedelta(seconds=offer.approach_s)),
        version=route.version + 1,
    )
    store.save_offer(uow, accepted)
    store.save_route(uow, assigned)
    taken = replace(work, offer=None, route_id=route.id, version=work.version + 1)
    if offer.pay is not None:
        taken = replace(taken, earned_minor=taken.earned_minor + offer.pay.total_minor)
    drivers.save_work(uow, _answered(taken, Answer.ACCEPTED, uow.now))
    others = [one for one, _ in route.live_offers if one != offer.id]
    uow.emit(_news("offer.accepted", accepted, uow.now, {"hub_id": route.hub_id}))
    uow.emit(
        Event(
            "route.assigned",
            route.id,
            assigned.version,
            uow.now,
            {
                "hub_id": route.hub_id,
                "driver_id": driver_id,
                "wave_id": route.wave_id,
                "other_offers": others,
            },
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
    # Too late for a route that somebody else has is no silence of this driver's.
    status = OfferStatus.EXPIRED if _is_open(route, offer) else OfferStatus.WITHDRAWN
    return _release(uow, offer, route, work, status, None)


def withdraw(uow: UnitOfWork, route_id: str, offer_id: str) -> Offer | None:
    """End an offer whose route is taken or gone; None when there is nothing to end."""
    offer = store.load_offer(uow, route_id, offer_id)
    route = store.load_route(uow, route_id)
    if offer.status is not OfferStatus.MADE or _is_open(route, offer):
        return None
    work = drivers.load_work(uow, offer.driver_id)
    if route.driver_id == offer.driver_id and route.offer_id == offer.id:
        # The very offer that was accepted: its own commit ends it.
        raise StaleVersion
    return _release(uow, offer, route, work, OfferStatus.WITHDRAWN, None)


def _is_open(route: Route, offer: Offer) -> bool:
    """Whether a route still waits for the answer to this offer."""
    live = (offer.id, offer.driver_id) in route.live_offers
    return route.status is RouteStatus.OFFERED and live


def _live_offer(uow: UnitOfWork, work: Work, offer_id: str) -> tuple[Offer, Route]:
    if work.offer is None or work.offer[1] != offer_id:
        raise _gone(uow, work, offer_id)
    offer = store.load_offer(uow, *work.offer)
    if offer.driver_id != work.driver_id:
        raise NotFound("there is no such offer")
    route = store.load_route(uow, offer.route_id)
    is_theirs = route.offer_id == offer.id and route.driver_id == work.driver_id
    if offer.status is OfferStatus.ACCEPTED or is_theirs:
        # Their own yes was committed between our reads: read again, and find it.
        raise StaleVersion
    if offer.status is not OfferStatus.MADE or not _is_open(route, offer):
        raise OfferTaken
    return offer, route


def _gone(uow: UnitOfWork, work: Work, offer_id: str) -> NotFound | OfferTaken:
    """What to answer to a driver who does not hold this offer (any more)."""
    if work.lost is not None and work.lost[1] == offer_id:
        return OfferTaken()
    return NotFound("there is no such offer")


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
    """End an offer without a yes: the route seeks on, the driver is free."""
    ended = replace(offer, status=status, reason=reason, version=offer.version + 1)
    store.save_offer(uow, ended)
    if _is_open(route, offer):
        store.save_route(uow, _without(route, offer, status))
    if work.offer == (route.id, offer.id):
        drivers.save_work(uow, _freed(work, status, uow.now))
    uow.emit(_news(f"offer.{status.value}", ended, uow.now, {"hub_id": route.hub_id}))
    return ended


def _without(route: Route, offer: Offer, status: OfferStatus) -> Route:
    live = tuple(one for one in route.live_offers if one[0] != offer.id)
    refused, ignored = set(route.refused_by), set(route.ignored_by)
    (refused if status is OfferStatus.DECLINED else ignored).add(offer.driver_id)
    return replace(
        route,
        status=RouteStatus.OFFERED if live else RouteStatus.PLANNED,
        live_offers=live,
        refused_by=tuple(sorted(refused)),
        ignored_by=tuple(sorted(ignored)),
        version=route.version + 1,
    )


def _freed(work: Work, status: OfferStatus, at: datetime) -> Work:
    freed = replace(work, offer=None, version=work.version + 1)
    if status is OfferStatus.WITHDRAWN:
        return replace(freed, lost=work.offer)
    if status is OfferStatus.DECLINED:
        freed = replace(freed, declined=work.offer)
    return _answered(freed, Answer(status.value), at)


def _answered(work: Work, answer: Answer, at: datetime) -> Work:
    return replace(work, habits=acceptance.after(work.habits, answer, at))


def _news(what: str, offer: Offer, at: datetime, more: dict[str, object]) -> Event:
    data = {"route_id": offer.route_id, "driver_id": offer.driver_id, **more}
    return Event(what, offer.id, offer.version, at, data)
