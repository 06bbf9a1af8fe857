"""May somebody choose something else? The recipient by link, the merchant, the desk.

Until a decision is carried out it can be changed by whoever has as much say as its author; after
that what lies ready at the hub can still go another way until a wave takes it. A choice is checked
against the facts of the moment, and kept with its author; the same choice twice is one.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.deliveries import redirecting, rescheduling
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.recovery import choices, deciding, on_tour, store
from chalicelib.domain.recovery.facts import Situation, gather
from chalicelib.domain.recovery.model import By, Decision, State, Weighed, Wish
from chalicelib.kit.events import Event
from chalicelib.kit.recovery_errors import NothingFailed, RecoverySettled, RemedyNotAllowed
from chalicelib.storage.unit_of_work import UnitOfWork

_RANK = tuple(By)
#: What can still be done with a parcel that lies ready at the hub again.
_WHILE_READY = frozenset({Remedy.AGAIN_TODAY, Remedy.ANOTHER_DAY, Remedy.PICKUP_POINT})


@dataclass(frozen=True, slots=True)
class Author:
    """Who chooses; ``who`` and ``why`` are what somebody at the desk says of it."""

    by: By
    who: str | None = None
    why: str | None = None


RECIPIENT = Author(By.RECIPIENT)


@dataclass(frozen=True, slots=True)
class Choice:
    """What stands, and what could be chosen instead now, cheapest first; nothing: it is settled."""

    decision: Decision
    options: tuple[Weighed, ...]


def options(uow: UnitOfWork, delivery: Delivery, author: Author = RECIPIENT) -> Choice | None:
    """What a person could choose for a failed delivery; None if nothing failed."""
    decision = store.find_for(uow, delivery)
    if decision is None or decision.state is State.TAKEN_BACK:
        return None
    if not _may_choose(uow, delivery, decision, author):
        return Choice(decision, ())
    situation = _situation(uow, delivery, decision, None)
    offered = [one for one in choices.weigh(situation.facts) if _is_offered(one, delivery)]
    return Choice(decision, tuple(sorted(offered, key=lambda one: one.cost_minor)))


def wish(uow: UnitOfWork, delivery: Delivery, wanted: Wish, author: Author = RECIPIENT) -> Decision:
    """Choose what becomes of it.

    Raises
    ------
    NothingFailed
    RecoverySettled
        If it is too late, or somebody with more say has chosen.
    RemedyNotAllowed
        If it cannot be done for this parcel.
    """
    decision = store.find_for(uow, delivery) or deciding.begin(uow, delivery)
    if decision is None or decision.state is State.TAKEN_BACK:
        raise NothingFailed
    if _is_same(decision, wanted, author):
        return decision
    if not _may_choose(uow, delivery, decision, author):
        raise RecoverySettled(extra={"state": decision.state.value})
    situation = _situation(uow, delivery, decision, wanted)
    weighed = choices.weigh(situation.facts)
    best = choices.choose(weighed, wanted.remedy)
    if not _is_meant(best, wanted, delivery):
        found = next(one for one in weighed if one.remedy is wanted.remedy)
        why_not = None if found.why_not is None else found.why_not.value
        raise RemedyNotAllowed(extra={"remedy": wanted.remedy.value, "why_not": why_not})
    changed = deciding.change(decision, best, author.by, uow.now, who=author.who, why=author.why)
    return _follow(uow, delivery, changed, best, situation)


def hear(uow: UnitOfWork, event: Event) -> None:
    """On ``delivery.instructions_changed``: what the recipient says after a failed attempt counts
    as a choice, where it can be one: a safe place sends the driver back on the same tour."""
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    delivery = delivery_store.load(uow, ref)
    if delivery.status is not Status.ATTEMPT_FAILED or not delivery.attempts:
        return
    wanted = deciding.standing_wish(delivery, delivery.attempts[-1])
    decision = store.find_for(uow, delivery)
    if wanted is None or decision is None or decision.state is not State.WAITING:
        return
    if not _may_choose(uow, delivery, decision, RECIPIENT):
        return
    options_now = choices.weigh(_situation(uow, delivery, decision, wanted).facts)
    if _is_meant(choices.choose(options_now, wanted.remedy), wanted, delivery):
        wish(uow, delivery, wanted)


def _follow(
    uow: UnitOfWork, delivery: Delivery, changed: Decision, best: Weighed, situation: Situation
) -> Decision:
    """Do at once what can be done at once; the rest waits for the parcel."""
    if delivery.status is Status.READY:
        _move_ready(uow, delivery, best, situation)
    elif best.remedy in deciding.ON_TOUR:
        changed = replace(changed, state=State.ON_TOUR)
        on_tour.start(uow, delivery, changed.chosen, situation)
    else:
        until = deciding.until(situation, best.remedy, uow.now)
        changed = replace(changed, until=max(changed.until, until))
    store.save(uow, changed, "recovery.changed")
    return changed


def _move_ready(uow: UnitOfWork, delivery: Delivery, best: Weighed, situation: Situation) -> None:
    """It lies at the hub for the next wave: give it another window, or another place."""
    if best.remedy is Remedy.PICKUP_POINT:
        assert best.point_id is not None
        redirecting.redirect(uow, delivery, situation.points[best.point_id])
    elif best.window is not None and best.window in situation.offers:
        rescheduling.reschedule(uow, delivery, situation.offers[best.window])


def _situation(
    uow: UnitOfWork, delivery: Delivery, decision: Decision, wanted: Wish | None
) -> Situation:
    is_back = decision.back_at is not None
    return gather(uow, delivery, delivery.attempts[-1], wanted, is_back=is_back)


def _may_choose(uow: UnitOfWork, delivery: Delivery, decision: Decision, author: Author) -> bool:
    if _RANK.index(author.by) < _RANK.index(decision.chosen.by):
        return False
    if decision.state is State.DONE:
        return delivery.status is Status.READY
    if decision.state is State.ON_TOUR or delivery.status is not Status.ATTEMPT_FAILED:
        return False
    # Who answers for the parcel may decide until something is done, who waits for it only in time.
    return author.by is not By.RECIPIENT or _is_in_time(decision, uow.now)


def _is_in_time(decision: Decision, now: datetime) -> bool:
    """Until the parcel is back there is time for all that goes out again."""
    if decision.chosen.remedy in deciding.IRREVERSIBLE:
        return now < decision.until
    return decision.back_at is None or now < decision.until


def _is_offered(one: Weighed, delivery: Delivery) -> bool:
    if delivery.status is Status.READY and one.remedy not in _WHILE_READY:
        return False
    return one.is_allowed and one.remedy is not Remedy.WRITE_OFF


def _is_meant(best: Weighed, wanted: Wish, delivery: Delivery) -> bool:
    to_point = {Remedy.POINT_ON_TOUR, Remedy.PICKUP_POINT}
    same = best.remedy is wanted.remedy or {best.remedy, wanted.remedy} <= to_point
    if not same or (delivery.status is Status.READY and best.remedy not in _WHILE_READY):
        return False
    if wanted.point_id is not None and best.point_id != wanted.point_id:
        return False
    return wanted.window is None or best.window == wanted.window


def _is_same(decision: Decision, wanted: Wish, author: Author) -> bool:
    chosen = decision.chosen
    if chosen.by is not author.by or chosen.remedy is not wanted.remedy:
        return False
    return wanted.window in (None, chosen.window) and wanted.point_id in (None, chosen.point_id)
