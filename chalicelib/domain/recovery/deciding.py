"""What becomes of it? Decided when an attempt fails, and again whenever somebody asks for it.

On ``delivery.attempt_failed`` the costed choice is made and kept. What can be done on the same tour
is begun at once, while the driver has the parcel; everything else waits until the parcel is back at
the hub (``carrying_out``), and the recipient may choose until then. Heard of twice, or after the
tap was taken back, it changes nothing.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.instructions import IfMissed
from chalicelib.domain.deliveries.model import (
    LEAST_TIME_TO_ANSWER,
    Attempt,
    Delivery,
    Status,
)
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import StopStatus
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.recovery import choices, on_tour, store
from chalicelib.domain.recovery.facts import Situation, gather
from chalicelib.domain.recovery.model import By, Chosen, Decision, State, Weighed, Wish
from chalicelib.kit.events import Event
from chalicelib.kit.ids import named_id
from chalicelib.storage.unit_of_work import UnitOfWork

#: What ends a parcel's way for good: it waits until the recipient's time is over.
IRREVERSIBLE = frozenset({Remedy.RETURN, Remedy.DISPOSE, Remedy.WRITE_OFF})
ON_TOUR = frozenset({Remedy.SAFE_PLACE, Remedy.NEIGHBOUR, Remedy.POINT_ON_TOUR})
_STANDING: Mapping[IfMissed, Remedy] = {
    IfMissed.SAFE_PLACE: Remedy.SAFE_PLACE,
    IfMissed.NEIGHBOUR: Remedy.NEIGHBOUR,
    IfMissed.ANOTHER_DAY: Remedy.ANOTHER_DAY,
    IfMissed.PICKUP_POINT: Remedy.PICKUP_POINT,
}


def decide(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.attempt_failed``."""
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    begin(uow, delivery_store.load(uow, ref))


def begin(uow: UnitOfWork, delivery: Delivery) -> Decision | None:
    """The decision about a failed parcel, made now unless there is one; None if it did not fail,
    or is a test's."""
    entry = store.last_failure(delivery)
    if delivery.status is not Status.ATTEMPT_FAILED or entry is None or not delivery.live:
        return None
    ref = deliveries.ref_of(delivery)
    found = store.find(uow, ref, entry.version)
    if found is not None:
        return found
    attempt = delivery.attempts[-1]
    wish = standing_wish(delivery, attempt)
    situation = gather(uow, delivery, attempt, wish, is_back=False)
    options = choices.weigh(situation.facts)
    best = choices.choose(options, None if wish is None else wish.remedy)
    decision = Decision(
        id=named_id("rcv", attempt.at, f"{ref}#{entry.version}"),
        ref=ref,
        hub_id=delivery.hub_id,
        failed_version=entry.version,
        attempt=attempt.number,
        failed_at=attempt.at,
        reason=attempt.reason,
        route_id=attempt.route_id,
        stop_id=_stop_of(uow, attempt, ref),
        options=options,
        choices=(_chosen(best, _author(best, wish), uow.now),),
        until=until(situation, best.remedy, uow.now),
        state=State.ON_TOUR if best.remedy in ON_TOUR else State.WAITING,
        version=1,
        external_id=delivery.external_id,
        fails_again_permille=_likely(situation),
        from_point_id=delivery.pickup_point_id,
    )
    if decision.state is State.ON_TOUR:
        on_tour.start(uow, delivery, decision.chosen, situation)
    store.save(uow, decision, "recovery.decided")
    return decision


def standing_wish(delivery: Delivery, attempt: Attempt) -> Wish | None:
    """What the recipient had asked for before. Where it may be left is news to the driver only if
    it was said since the attempt: whoever knew and could not is not sent back."""
    remedy = None if delivery.if_missed is None else _STANDING.get(delivery.if_missed)
    if remedy is None:
        return None
    if remedy in (Remedy.SAFE_PLACE, Remedy.NEIGHBOUR):
        said_at = delivery.instructions_changed_at
        if said_at is None or said_at < attempt.at:
            return None
    return Wish(remedy)


def until(situation: Situation, remedy: Remedy, now: datetime) -> datetime:
    """How long the recipient may choose: as long as it is not too late, and half an hour at least.

    What goes back waits as long as the merchant says. What goes again can be changed by ordinary
    means until a wave takes it: its cut-off after the parcel is back.
    """
    facts = situation.facts
    nothing_else = facts.reason in choices.POINTLESS or remedy is Remedy.WRITE_OFF
    if remedy in ON_TOUR or facts.rules.always_returns or nothing_else:
        return now
    back_at = now if situation.tour is None else max(now, situation.tour.route.ends_at)
    if remedy in IRREVERSIBLE:
        asked_until = now + timedelta(seconds=situation.facts.rules.wish_within_s)
        return max(asked_until, now + LEAST_TIME_TO_ANSWER)
    return max(next_cut_off(situation, back_at), now + LEAST_TIME_TO_ANSWER)


def next_cut_off(situation: Situation, at: datetime) -> datetime:
    """When the hub's next wave closes: its next cut-off, or the next tick where it has none."""
    rules = situation.hub.waves
    if not rules.cut_offs:
        return at + timedelta(seconds=rules.tick_s)
    zone = ZoneInfo(situation.hub.timezone)
    local = at.astimezone(zone)
    days = (local.date(), local.date() + timedelta(days=1))
    found = [
        datetime.combine(day, cut_off, zone).astimezone(UTC)
        for day in days
        for cut_off in rules.cut_offs
    ]
    return min(one for one in found if one > at)


def change(
    decision: Decision,
    best: Weighed,
    by: By,
    now: datetime,
    *,
    who: str | None = None,
    why: str | None = None,
) -> Decision:
    """The decision with another choice, not saved."""
    chosen = replace(_chosen(best, by, now), who=who, why=why)
    return replace(decision, choices=(*decision.choices, chosen), version=decision.version + 1)


def _chosen(best: Weighed, by: By, at: datetime) -> Chosen:
    return Chosen(best.remedy, by, at, best.window, best.point_id)


def _author(best: Weighed, wish: Wish | None) -> By:
    to_point = (Remedy.POINT_ON_TOUR, Remedy.PICKUP_POINT)
    if wish is None:
        return By.SYSTEM
    is_meant = best.remedy is wish.remedy or (best.remedy in to_point and wish.remedy in to_point)
    return By.RECIPIENT if is_meant else By.SYSTEM


def _likely(situation: Situation) -> int:
    again = situation.facts.today or situation.facts.another
    return 0 if again is None else again.fails_permille


def _stop_of(uow: UnitOfWork, attempt: Attempt, ref: DeliveryRef) -> str | None:
    """The stop of the tap, by which the driver may take it back."""
    if attempt.route_id is None:
        return None
    route = dispatch.load_route(uow, attempt.route_id)
    failed = (one for one in reversed(route.stops) if one.status is StopStatus.FAILED)
    return next((one.id for one in failed if ref in one.deliveries), None)
