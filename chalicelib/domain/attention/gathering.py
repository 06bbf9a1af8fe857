"""What needs a person at a hub now? Reads what the rooms leave to people, and puts it in order.

Every list is read up to a bound, the most pressing first, and the list says of which kinds there is
more. Nothing is written, so looking costs reads alone: eleven requests to the tables where nothing
is open, some twenty with a bit of everything, and none grows with what is well.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.attention import flags, items
from chalicelib.domain.attention.flags import Flag
from chalicelib.domain.attention.items import Taken
from chalicelib.domain.attention.model import Attention, Item, Kind, in_order
from chalicelib.domain.billing import disputes
from chalicelib.domain.callbacks import store as callbacks
from chalicelib.domain.callbacks.model import DisabledReason
from chalicelib.domain.deliveries import lists, proof_checks
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.matching import releases
from chalicelib.domain.dispatch.model import Route, RouteStatus, Unserved
from chalicelib.domain.dispatch.rules import eligibility, rule_store
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.drivers.model import Work
from chalicelib.domain.intake import review
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.recovery import deciding
from chalicelib.domain.recovery import store as recoveries
from chalicelib.domain.recovery.model import By, Decision, State
from chalicelib.domain.support import store as cases
from chalicelib.domain.tracking import outlooks, whereabouts
from chalicelib.domain.tracking.whereabouts import Fix
from chalicelib.storage.unit_of_work import UnitOfWork

#: Of each kind: who has more than that on one day needs more people, not a longer list.
MOST_OF_A_KIND = 40
#: The latest waves: what an earlier one left, a later one has looked at again.
WAVES_BACK = 2
#: So long before a decision can no longer be changed, it is shown.
RECOVERY_NEAR = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class DeadLetters:
    """How many messages of a kind of work were given up."""

    queue: str
    depth: int
    redrivable: bool


@dataclass(frozen=True, slots=True)
class _Crew:
    """Who is on duty, what they drive, and where they were last seen."""

    works: tuple[Work, ...]
    routes: Mapping[str, Route]
    fixes: Mapping[str, Fix]
    now: datetime

    def taken(self, route: Route) -> Taken:
        free = (one for one in self.works if one.is_free)
        able = (one.driver_id for one in free if eligibility.bar(route, one, self.now) is None)
        return Taken(route, next(able, None))

    @property
    def route_of(self) -> dict[str, str]:
        return {one.driver_id: one.route_id for one in self.works if one.route_id}


@dataclass(slots=True)
class _Found:
    """What is found, and of which kinds there is more."""

    items: list[Item] = field(default_factory=list)
    more: list[Kind] = field(default_factory=list)

    def add(self, kind: Kind, found: Iterable[Item], *, is_all: bool) -> None:
        some = list(found)
        self.items += some[:MOST_OF_A_KIND]
        if not is_all or len(some) > MOST_OF_A_KIND:
            self.more.append(kind)


def gather(uow: UnitOfWork, hub: Hub, given_up: Iterable[DeadLetters] = ()) -> Attention:
    """What needs a person at a hub, the most pressing first, without what somebody has seen to."""
    raised, settled = flags.read(uow, hub.id)
    hidden = flags.hidden(settled)
    found = _Found()
    crew = _crew(uow, hub)
    _roads(uow, hub, crew, found)
    _left_behind(uow, hub, crew, found)
    _parcels(uow, hub, found)
    _flagged(uow, [one for one in raised if one.id not in hidden], found)
    letters = (
        items.dead_letters(one.queue, one.depth, redrivable=one.redrivable)
        for one in given_up
        if one.depth
    )
    found.add(Kind.DEAD_LETTERS, letters, is_all=True)
    shown = [one for one in found.items if one.id not in hidden]
    return Attention(in_order(shown, uow.now), tuple(found.more))


def _crew(uow: UnitOfWork, hub: Hub) -> _Crew:
    works = drivers.list_on_duty(uow, hub.id)
    routes = dispatch.load_routes(uow, [one.route_id for one in works if one.route_id])
    driving = [one.driver_id for one in works if one.route_id]
    return _Crew(tuple(works), routes, whereabouts.last_fixes(uow, driving), uow.now)


def _roads(uow: UnitOfWork, hub: Hub, crew: _Crew, found: _Found) -> None:
    """Routes without a driver, drivers who do not come or say nothing, promises about to break."""
    waiting = dispatch.list_unassigned(uow, hub.id)
    nobody = (one for one in waiting if one.alerted_at is not None or one.released)
    found.add(Kind.UNTAKEN_ROUTE, map(items.untaken, nobody), is_all=True)
    absent, silent = [], []
    for work in crew.works:
        route = crew.routes.get(work.route_id or "")
        if route is None:
            continue
        fix = crew.fixes.get(work.driver_id)
        ready_at = route.expected_at or route.starts_at
        is_here = fix is not None and releases.is_there(route, fix.position)
        if route.status is RouteStatus.ASSIGNED and ready_at <= uow.now and not is_here:
            gives_up_at = releases.given_up_at(route, hub.asking)
            absent.append(items.no_show(crew.taken(route), gives_up_at))
        elif _is_silent(route, fix, uow.now):
            heard_at = fix.at if fix else max(ready_at, work.on_duty_since or ready_at)
            silent.append(items.silent(crew.taken(route), heard_at))
    found.add(Kind.NO_SHOW, absent, is_all=True)
    found.add(Kind.SILENT_DRIVER, silent, is_all=True)
    risks = outlooks.late_risks(uow, hub.id)
    taken = {route_id: crew.taken(route) for route_id, route in crew.routes.items()}
    late = (items.late(one, taken.get(one.route_id)) for one in risks)
    found.add(Kind.LATE_RISK, late, is_all=True)


def _is_silent(route: Route, fix: Fix | None, now: datetime) -> bool:
    """Nobody has to be heard of before the route begins."""
    if (route.expected_at or route.starts_at) > now - items.SILENCE:
        return False
    return fix is None or fix.at <= now - items.SILENCE


def _left_behind(uow: UnitOfWork, hub: Hub, crew: _Crew, found: _Found) -> None:
    """What the latest waves could not take along, and does not wait by choice."""
    waves, _ = dispatch.list_waves(uow, hub.id, limit=WAVES_BACK, after=None)
    latest: dict[DeliveryRef, Unserved] = {}
    for one in (left for wave in waves for left in wave.unserved):
        latest.setdefault(one.delivery, one)
    stuck = {ref: one for ref, one in latest.items() if one.until is None}
    wanted = list(stuck)[: 2 * MOST_OF_A_KIND]
    there = deliveries.load_many(uow, wanted)
    # Under way or over by now: somebody has helped.
    still = [ref for ref in wanted if ref in there and there[ref].status is Status.READY]
    rules = rule_store.counting(uow, hub.id).every if still else ()
    lines = (items.unserved(hub.id, stuck[ref], there[ref], crew.route_of, rules) for ref in still)
    found.add(Kind.UNSERVED, lines, is_all=len(wanted) == len(stuck))


def _parcels(uow: UnitOfWork, hub: Hub, found: _Found) -> None:
    """Addresses, proofs, failed deliveries and cases that wait for the desk."""
    limit = MOST_OF_A_KIND
    doubtful, after = lists.list_address_reviews(uow, hub.id, limit=limit, after=None)
    refs = {one.id: DeliveryRef(one.merchant_id, one.id) for one in doubtful}
    asked = review.load_many(uow, refs.values())
    addresses = (items.address(one, asked.get(refs[one.id])) for one in doubtful if one.live)
    found.add(Kind.ADDRESS_REVIEW, addresses, is_all=after is None)
    checks, after = proof_checks.list_reviews(uow, hub.id, limit=limit, after=None)
    found.add(Kind.PROOF_REVIEW, map(items.proof, checks), is_all=after is None)
    decided, after = recoveries.page_of_open(uow, hub.id, limit=100, after=None)
    soon = (items.recovery(one) for one in decided if _is_a_persons(one, uow.now))
    found.add(Kind.RECOVERY, soon, is_all=after is None)
    waiting, after = cases.list_due(uow, hub.id, limit=limit, after=None)
    found.add(Kind.SUPPORT_CASE, map(items.case, waiting), is_all=after is None)
    disputed, after = disputes.list_due(uow, hub.id, limit=limit, after=None)
    found.add(Kind.DISPUTE, map(items.dispute, disputed), is_all=after is None)


def _is_a_persons(decision: Decision, now: datetime) -> bool:
    """Whether what nobody chose will soon be done for good."""
    chosen = decision.chosen
    is_final = chosen.by is By.SYSTEM and chosen.remedy in deciding.IRREVERSIBLE
    waits = decision.state is State.WAITING and decision.until > now
    return waits and is_final and decision.until <= now + RECOVERY_NEAR


def _flagged(uow: UnitOfWork, raised: list[Flag], found: _Found) -> None:
    """Flags that still matter."""
    lost = (items.lost_text(one) for one in raised if one.kind is Kind.LOST_TEXT)
    found.add(Kind.LOST_TEXT, lost, is_all=True)
    off = [one for one in raised if one.kind is Kind.WEBHOOK_OFF and _is_off(uow, one)]
    found.add(Kind.WEBHOOK_OFF, map(items.webhook_off, off), is_all=True)
    refused = [one for one in raised if one.kind is Kind.LOCKER_REFUSED]
    found.add(Kind.LOCKER_REFUSED, _refused(uow, refused[:MOST_OF_A_KIND]), is_all=True)


def _is_off(uow: UnitOfWork, flag: Flag) -> bool:
    book = callbacks.load_book(uow, flag.about["merchant_id"])
    endpoint = book.find(flag.about["endpoint_id"])
    if endpoint is None or endpoint.is_enabled:
        return False
    return endpoint.disabled_reason is not DisabledReason.BY_MERCHANT


def _refused(uow: UnitOfWork, raised: list[Flag]) -> list[Item]:
    """Those that still go to the point that refused them."""
    refs = {
        one.id: DeliveryRef(one.about["merchant_id"], one.about["delivery_id"]) for one in raised
    }
    there = deliveries.load_many(uow, refs.values())
    shown = []
    for one in raised:
        delivery = there.get(refs[one.id])
        if delivery is None or delivery.status.is_final:
            continue
        if delivery.pickup_point_id == one.about["point_id"] and delivery.status not in _THERE:
            shown.append(items.locker_refused(one, delivery))
    return shown


_THERE = (Status.AT_PICKUP_POINT, Status.RETURNING)
