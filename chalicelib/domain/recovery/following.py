"""What came of it? Each decision learns how its delivery went on, and the hub learns from it.

Everything is read from the delivery's history, never from the event that woke us: heard twice, late
or out of order it says the same. What was taken back never happened, so an outcome that is undone
goes away again, and with it what the hub learned from it.
"""

from dataclasses import replace

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery, HistoryEntry, Place, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.recovery import store
from chalicelib.domain.recovery.model import Decision, State
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

FAILED_AGAIN = "failed_again"
_ENDS = frozenset(status.value for status in Status if status.is_final)
_AT_THE_DOOR = frozenset({Remedy.AGAIN_TODAY, Remedy.ANOTHER_DAY})
#: Why a decision ended that somebody overtook by the ordinary ways.
OVERTAKEN = "overtaken"


def follow(uow: UnitOfWork, event: Event) -> None:
    """On whatever ends a delivery, fails it again, moves it or takes a tap back."""
    if not event.data["attempts"] and event.type != "delivery.undone":
        # Most never fail, and there is nothing to follow.
        return
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    delivery = delivery_store.load(uow, ref)
    undone = {entry.undoes for entry in delivery.history}
    failures = [one for one in delivery.history if one.what == "attempt_failed"]
    for entry in failures:
        decision = store.find(uow, ref, entry.version)
        if decision is not None:
            settled = _settled(delivery, decision, is_undone=entry.version in undone)
            _save(uow, delivery, decision, settled)
            if settled.outcome == OVERTAKEN and decision.back_at is not None:
                _receive(uow, delivery)


def _receive(uow: UnitOfWork, delivery: Delivery) -> None:
    """It lies at the hub already, so no driver will bring it there after it was moved or returned
    by the ordinary ways."""
    hub = merchants.load_hub(uow, delivery.hub_id)
    if delivery.status is Status.RETURNING:
        deliveries.advance(uow, delivery, life.ReceiveReturn(uow.now))
    elif delivery.status in (Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF):
        desk = Place(hub.id, hub.name, hub.position)
        deliveries.advance(uow, delivery, life.WaitAtHub(uow.now, desk))


def _settled(delivery: Delivery, decision: Decision, *, is_undone: bool) -> Decision:
    """The decision as the delivery's history has it."""
    if is_undone:
        return replace(decision, state=State.TAKEN_BACK, outcome=None)
    after = _after(delivery, decision)
    outcome = next((_outcome(one) for one in after if _outcome(one) is not None), None)
    state, done_at = decision.state, decision.done_at
    if decision.state is State.ON_TOUR and _is_over(after, outcome):
        state, done_at = State.DONE, after[-1].at
    elif decision.state is State.WAITING and after and delivery.status is not Status.ATTEMPT_FAILED:
        # Somebody rescheduled, redirected or returned it by the ordinary ways.
        state, done_at, outcome = State.DONE, after[-1].at, outcome or OVERTAKEN
    return replace(decision, state=state, done_at=done_at, outcome=outcome)


def _after(delivery: Delivery, decision: Decision) -> list[HistoryEntry]:
    """What stands of its history after the failed tap."""
    undone = {entry.undoes for entry in delivery.history}
    return [
        entry
        for entry in delivery.history
        if entry.version > decision.failed_version
        and entry.version not in undone
        and entry.undoes is None
    ]


def _outcome(entry: HistoryEntry) -> str | None:
    if entry.what == "attempt_failed":
        return FAILED_AGAIN
    return entry.what if entry.what in _ENDS else None


def _is_over(after: list[HistoryEntry], outcome: str | None) -> bool:
    return outcome is not None or any(one.what == "at_pickup_point" for one in after)


def _save(uow: UnitOfWork, delivery: Delivery, before: Decision, after: Decision) -> None:
    if after == before:
        return
    after = replace(after, version=before.version + 1)
    what = "recovery.taken_back" if after.state is State.TAKEN_BACK else "recovery.ended"
    store.save(uow, after, *([what] if _is_news(before, after) else []))
    _learn(uow, delivery, before, after)


def _is_news(before: Decision, after: Decision) -> bool:
    is_taken_back = after.state is State.TAKEN_BACK and before.state is not State.TAKEN_BACK
    return is_taken_back or (after.outcome is not None and after.outcome != before.outcome)


def _learn(uow: UnitOfWork, delivery: Delivery, before: Decision, after: Decision) -> None:
    """A further visit at the door failed or did not; by as much as that is news."""
    if after.chosen.remedy not in _AT_THE_DOOR or not delivery.live:
        return
    known = store.load_experience(uow, after.hub_id)
    learned = known
    for outcome, times in ((before.outcome, -1), (after.outcome, 1)):
        if outcome in (FAILED_AGAIN, "delivered"):
            failed = outcome == FAILED_AGAIN
            learned = learned.with_visit(after.reason, failed=failed, times=times)
    if learned != known:
        store.save_experience(uow, replace(learned, version=known.version + 1))
