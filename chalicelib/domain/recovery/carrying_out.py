"""How does a decision become true? Once the parcel is back at the hub.

``route.parcels_returned`` names up to 98 parcels, more than one commit can mend: it marks each
decision (or makes the one that is missing), and ``recovery.parcel_back`` carries each out in a
commit of its own. What ends a parcel's way waits until the recipient's time is over; the sweep does
it then. What cannot be done any more (the window is full, the locker too) gives way to the next
best, and the way back is always possible: so every parcel comes to an end without anybody's hands.
"""

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import redirecting, rescheduling
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import BY_RECOVERY, Delivery, Place, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.recovery import choices, deciding, store
from chalicelib.domain.recovery.facts import Situation, gather
from chalicelib.domain.recovery.model import By, Decision, State, Weighed, Wish
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.unit_of_work import UnitOfWork

#: Of one tick of the sweep and hub; what is left over is due at the next.
MOST_DUE = 200
#: Why the system chose anew, as the record says it.
NOT_POSSIBLE_ANY_MORE = "not_possible_any_more"


def receive_parcels(uow: UnitOfWork, event: Event) -> None:
    """On ``route.parcels_returned``: mark what came back; what was on its way back has arrived."""
    refs = [DeliveryRef.parse(text) for text in event.data["deliveries"]]
    hub = merchants.load_hub(uow, event.data["hub_id"])
    desk = Place(hub.id, hub.name, hub.position)
    for delivery in delivery_store.load_many(uow, refs).values():
        if delivery.route_id != event.subject:
            continue
        if delivery.status is Status.RETURNING:
            deliveries.advance(uow, delivery, life.ReceiveReturn(uow.now))
        elif delivery.status in (Status.PICKED_UP, Status.EN_ROUTE_TO_DROPOFF):
            # Somebody wants it at another time, or elsewhere.
            deliveries.advance(uow, delivery, life.WaitAtHub(uow.now, desk))
        elif delivery.status is Status.ATTEMPT_FAILED:
            _mark(uow, delivery)


def _mark(uow: UnitOfWork, delivery: Delivery) -> None:
    decision = deciding.begin(uow, delivery)
    if decision is None or decision.state is not State.WAITING or decision.back_at is not None:
        return
    back = replace(decision, back_at=uow.now, version=decision.version + 1)
    store.save(uow, back, "recovery.parcel_back")


def carry_out_one(uow: UnitOfWork, event: Event) -> None:
    """On ``recovery.parcel_back`` and ``recovery.changed``: do what is due of it."""
    ref = DeliveryRef(event.data["merchant_id"], event.data["delivery_id"])
    carry_out(uow, ref, event.data["failed_version"])


def due(uow: UnitOfWork, hub_id: str) -> Iterator[tuple[DeliveryRef, int]]:
    """Decisions of a hub whose parcel is back and whose time is over."""
    page, _ = store.page_of_open(uow, hub_id, limit=MOST_DUE, after=None)
    for decision in page:
        if decision.until > uow.now:
            return
        if decision.state is State.WAITING and decision.back_at is not None:
            yield decision.ref, decision.failed_version


def carry_out(uow: UnitOfWork, ref: DeliveryRef, failed_version: int) -> Decision | None:
    """Do what was chosen, or the next best; None when nothing is due (any more)."""
    decision = store.find(uow, ref, failed_version)
    if decision is None or decision.state is not State.WAITING or decision.back_at is None:
        return None
    delivery = delivery_store.load(uow, ref)
    entry = store.last_failure(delivery)
    if delivery.status is not Status.ATTEMPT_FAILED or entry is None:
        return None
    if entry.version != failed_version or not is_due(decision, uow):
        return None
    return now(uow, delivery, decision)


def is_due(decision: Decision, uow: UnitOfWork) -> bool:
    """What can still be changed afterwards, or what somebody asked for, waits for nobody."""
    chosen = decision.chosen
    waits = chosen.remedy in deciding.IRREVERSIBLE and chosen.by is By.SYSTEM
    return decision.until <= uow.now or not waits


def now(uow: UnitOfWork, delivery: Delivery, decision: Decision) -> Decision:
    """Carry a decision out at the hub."""
    chosen = decision.chosen
    is_own = chosen.by is By.SYSTEM
    wish = Wish(
        chosen.remedy, None if is_own else chosen.window, None if is_own else chosen.point_id
    )
    situation = gather(uow, delivery, delivery.attempts[-1], wish, is_back=True)
    best = choices.choose(choices.weigh(situation.facts), chosen.remedy)
    final = decision
    if best.remedy is not chosen.remedy:
        final = deciding.change(decision, best, By.SYSTEM, uow.now, why=NOT_POSSIBLE_ANY_MORE)
    _do(uow, delivery, best, situation)
    # The window or the compartment may be another one than was thought of.
    last = replace(final.chosen, window=best.window, point_id=best.point_id)
    done = replace(
        final,
        choices=(*final.choices[:-1], last),
        state=State.DONE,
        done_at=uow.now,
        version=decision.version + 1,
    )
    store.save(uow, done, "recovery.carried_out")
    return done


def _do(uow: UnitOfWork, delivery: Delivery, best: Weighed, situation: Situation) -> None:
    hub, reason = situation.hub, delivery.attempts[-1].reason
    desk = Place(hub.id, hub.name, hub.position)
    match best.remedy:
        case Remedy.AGAIN_TODAY | Remedy.ANOTHER_DAY:
            assert best.window is not None
            _again(uow, delivery, desk, best.window, situation)
        case Remedy.PICKUP_POINT:
            assert best.point_id is not None
            ready = deliveries.advance(uow, delivery, life.Retry(uow.now, desk, to_point=True))
            point = situation.points[best.point_id]
            redirecting.redirect(uow, ready, point, by=BY_RECOVERY)
        case Remedy.DISPOSE:
            deliveries.advance(uow, delivery, life.Dispose(uow.now))
        case Remedy.WRITE_OFF:
            deliveries.advance(uow, delivery, life.Lose(uow.now))
        case _:
            back = life.Return(uow.now, reason), life.ReceiveReturn(uow.now)
            deliveries.advance(uow, delivery, *back)


def _again(
    uow: UnitOfWork, delivery: Delivery, desk: Place, window: TimeWindow, situation: Situation
) -> None:
    """Ready for the next wave; a window that is counted is booked in the same commit."""
    offer = situation.offers.get(window)
    if window == delivery.window or offer is None:
        deliveries.advance(uow, delivery, life.Retry(uow.now, desk, window=window))
        return
    ready = deliveries.advance(uow, delivery, life.Retry(uow.now, desk))
    rescheduling.reschedule(uow, ready, offer, by=BY_RECOVERY)
