"""What is known when an attempt has failed? Gathered from the rooms below, for ``choices``.

Nothing here decides: each question is put to the room that owns the answer. Personal data is not
among them: that there is a safe place or a neighbour stands in ``core``, which one does not.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.coverage.promises import Offerable
from chalicelib.domain.deliveries import lifecycle, redirecting, rescheduling
from chalicelib.domain.deliveries.commands import Retry
from chalicelib.domain.deliveries.model import MOST_TRIES, Attempt, Delivery, FailureReason, Place
from chalicelib.domain.deliveries.requirements import DoorAction, Requirements
from chalicelib.domain.dispatch.under_way import second_visits
from chalicelib.domain.dispatch.under_way.detours import Detour
from chalicelib.domain.dispatch.under_way.second_visits import Tour
from chalicelib.domain.drivers import pay_rates
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.merchants.recovery_rules import RecoveryRules, Remedy
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import Nearby, PickupPoint, Wanted
from chalicelib.domain.pricing.faults import is_ours
from chalicelib.domain.recovery import chances, store
from chalicelib.domain.recovery.choices import USUAL_RATES, Again, Facts, Point, Rates, Way
from chalicelib.domain.recovery.model import Wish
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

#: Points that are looked at: the nearest with room.
MOST_POINTS = 6
#: What a further run from the hub needs of a window: a wave, and the way there.
LEAST_LEFT = timedelta(hours=1)
#: A visit that the recipient need not be there for rarely fails.
LEFT_ALONE_PERMILLE = 50
_LEAVES = frozenset({Remedy.SAFE_PLACE, Remedy.NEIGHBOUR})


@dataclass(frozen=True, slots=True)
class Situation:
    """The facts, and what is needed to carry a choice out."""

    facts: Facts
    hub: Hub
    tour: Tour | None
    door: Detour | None
    points: dict[str, PickupPoint]
    offers: dict[TimeWindow, Offerable]


def gather(
    uow: UnitOfWork, delivery: Delivery, attempt: Attempt, wish: Wish | None, *, is_back: bool
) -> Situation:
    """The situation of a delivery after its last attempt, as of now."""
    wished = None if wish is None else wish.remedy
    hub = merchants.load_hub(uow, delivery.hub_id)
    rules = merchants.load_merchant(uow, delivery.merchant_id).recovery
    tour = None if is_back else second_visits.tour_of(uow, delivery, hub)
    is_door = delivery.pickup_point_id is None
    door = tour.to_door(delivery) if tour and is_door else None
    near = list(_points(uow, delivery, wish))
    back_at = uow.now if tour is None else max(uow.now, tour.route.ends_at)
    today, another, offers = _windows(uow, delivery, hub, back_at)
    if wish is not None and wish.window in offers:
        another = wish.window
    odds = _Odds(uow, hub, attempt, wished in _LEAVES)
    facts = Facts(
        reason=attempt.reason,
        attempts_left=attempts_left(delivery, rules),
        rules=rules,
        rates=_rates(uow, hub),
        wished=wished,
        point_id=None if wish is None else wish.point_id,
        tries_left=MOST_TRIES - len(delivery.attempts),
        tried_on_tour=sum(one.route_id == delivery.route_id for one in delivery.attempts) > 1,
        door=_way(door),
        is_on_road=tour is not None,
        leaves_alone=_leaves_alone(delivery.requirements),
        needs_a_check=_needs_a_check(delivery.requirements),
        points=tuple(
            Point(one.id, walk_m, _way(tour.to_point(delivery, one) if tour else None))
            for one, walk_m in near
        ),
        today=odds.again(today),
        another=odds.again(another),
        days_away=_days(hub, uow.now, another),
    )
    points = {one.id: one for one, _ in near}
    return Situation(facts, hub, tour, door, points, offers)


def attempts_left(delivery: Delivery, rules: RecoveryRules) -> int:
    """By the merchant's rules, and never more than the delivery itself allows."""
    counted = sum(not is_ours(one.reason.party_at_fault) for one in delivery.attempts)
    return max(0, min(rules.most_attempts - counted, delivery.attempts_left))


@dataclass(frozen=True, slots=True)
class _Odds:
    """How likely a further visit fails, at a time."""

    uow: UnitOfWork
    hub: Hub
    attempt: Attempt
    may_be_left: bool

    def again(self, window: TimeWindow | None) -> Again | None:
        if window is None:
            return None
        reason: FailureReason = self.attempt.reason
        rate = store.load_experience(self.uow, self.hub.id).rate_permille(reason)
        timezone = self.hub.timezone
        failed_in = chances.part_of_day(self.attempt.at, timezone)
        middle = window.start_at + (window.end_at - window.start_at) / 2
        then = chances.part_of_day(max(middle, self.uow.now), timezone)
        likely = chances.fails_again_permille(rate, reason, failed_in, then)
        return Again(window, min(likely, LEFT_ALONE_PERMILLE) if self.may_be_left else likely)


def _points(
    uow: UnitOfWork, delivery: Delivery, wish: Wish | None
) -> Iterator[tuple[PickupPoint, int]]:
    """Points with a compartment for the parcel, and how far they are from its door: the nearest,
    and the one that was asked for."""
    parcel = delivery.parcel
    wanted = Wanted(parcel.weight_g, parcel.volume_ml)
    found = pickup_points.nearest(uow, delivery.dropoff, wanted, MOST_POINTS)
    named = None if wish is None else wish.point_id
    if named is not None and named not in {one.point.id for one in found}:
        point = pickup_points.load(uow, named)
        found.append(Nearby(point, point.position.distance_m(delivery.dropoff)))
    for near in found:
        is_other = near.point.id != delivery.pickup_point_id
        if is_other and redirecting.place_at(uow, delivery, near.point):
            yield near.point, near.distance_m


def _windows(
    uow: UnitOfWork, delivery: Delivery, hub: Hub, back_at: datetime
) -> tuple[TimeWindow | None, TimeWindow, dict[TimeWindow, Offerable]]:
    """Today's next window, the first of another day, and those that would have to be booked.

    What was promised still counts while there is time; where no window can be booked at all, the
    same hours of the next day stand in: a parcel has to come back some time.
    """
    desk = Place(hub.id, hub.name, hub.position)
    ready, _ = lifecycle.apply(delivery, Retry(uow.now, desk, to_point=True))
    today, zone = local_day(back_at, hub.timezone), hub.timezone
    offers = {
        one.window: one
        for one in rescheduling.windows(uow, ready)
        if one.window.end_at - back_at >= LEAST_LEFT
    }
    promised = delivery.window
    soon = promised if promised.end_at - back_at >= LEAST_LEFT else None
    if soon is not None and local_day(soon.end_at, zone) > today:
        soon = None
    bookable = sorted(offers, key=lambda one: (one.start_at, one.end_at))
    if soon is None:
        soon = next((one for one in bookable if local_day(one.start_at, zone) <= today), None)
    later = promised.shift(timedelta(days=1))
    while local_day(later.start_at, zone) <= today:
        later = later.shift(timedelta(days=1))
    another = next((one for one in bookable if local_day(one.start_at, zone) > today), later)
    return soon, another, offers


def _days(hub: Hub, now: datetime, window: TimeWindow) -> int:
    days = local_day(window.start_at, hub.timezone) - local_day(now, hub.timezone)
    return max(1, days.days)


def _rates(uow: UnitOfWork, hub: Hub) -> Rates:
    found = pay_rates.find(uow, hub.id, hub.country)
    return USUAL_RATES if found is None else Rates.of(found.default)


def _way(found: Detour | None) -> Way | None:
    """What a detour adds; a stop that falls away with the parcel makes it no less than nothing."""
    if found is None:
        return None
    return Way(max(0, found.extra_s), max(0, found.extra_m), bool(found.late))


def _leaves_alone(asked: Requirements) -> bool:
    """Whether it may be left without the recipient; what the merchant wants is the merchant's."""
    needs_somebody = asked.pin or asked.signature or asked.id_min_age is not None
    return not (needs_somebody or asked.cash_minor) or asked.action is DoorAction.LEAVE_AT_DOOR


def _needs_a_check(asked: Requirements) -> bool:
    return asked.id_min_age is not None or asked.cash_minor > 0
