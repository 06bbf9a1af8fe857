"""Who hears what? Events to their listeners, which are told in the order in which they stand here.

Calls go down, in the same transaction; news goes up, by these. A listener is either a use case of a
room or an order on a queue for the function that does the work.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from chalicelib import wiring
from chalicelib.domain.attention import flags
from chalicelib.domain.callbacks import catalogue
from chalicelib.domain.callbacks import sending as callbacks_sending
from chalicelib.domain.deliveries import proof_checks, redaction
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import wages
from chalicelib.domain.dispatch.today import marks, sheet_store
from chalicelib.domain.dispatch.under_way import following, joining, rerouting, town_pace
from chalicelib.domain.intake import drop_points
from chalicelib.domain.lockers import elsewhere, settling
from chalicelib.domain.messaging import crew_texts
from chalicelib.domain.messaging import service as messaging
from chalicelib.domain.recovery import carrying_out, deciding, wishes
from chalicelib.domain.recovery import following as recovery_following
from chalicelib.domain.shops import news as shop_news
from chalicelib.domain.tracking import outlooks, whereabouts
from chalicelib.gateways.queues import Queue
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A listener: what it does with an event, under a name that messages can carry."""

    name: str
    handle: Callable[[UnitOfWork, Event], object]


def _match_again(uow: UnitOfWork, event: Event) -> None:
    wiring.queues().send(Queue.REMATCH, {"hub_id": event.data["hub_id"]})


def _watch_offer(uow: UnitOfWork, event: Event) -> None:
    message = {
        "hub_id": event.data["hub_id"],
        "route_id": event.data["route_id"],
        "offer_id": event.subject,
    }
    # A second later than the expiry itself, so that the message does not come too early.
    wiring.queues().send(Queue.REMATCH, message, delay_s=event.data["ttl_s"] + wiring.clock().rate)


def _reorder(uow: UnitOfWork, event: Event) -> None:
    """A stop of a route under way has changed: perhaps another order serves the rest better."""
    if event.data.get("driver_id") is not None:
        message = {"hub_id": event.data["hub_id"], "route_id": event.data["route_id"]}
        wiring.queues().send(Queue.WAVES, message)


def _send_text(uow: UnitOfWork, event: Event) -> None:
    if messaging.is_wanted(uow, event):
        wiring.queues().send(Queue.MESSAGES, messaging.message_for(event))


def _tell_shop(uow: UnitOfWork, event: Event) -> None:
    news = shop_news.of_event(event)
    if news is not None:
        wiring.queues().send(Queue.SHOPS, news.to_message())


def _forget_recipient(uow: UnitOfWork, event: Event) -> None:
    """Redact after the driver can no longer take the last tap back."""
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    if redaction.is_wanted(uow, ref):
        message = {"task": "redact", "delivery": str(ref)}
        wiring.queues().send(Queue.SHOPS, message, delay_s=redaction.AFTER_END_S)


def _post_webhooks(uow: UnitOfWork, event: Event) -> None:
    if callbacks_sending.is_wanted(uow, event):
        wiring.queues().send(Queue.CALLBACKS, {"step": "record", "event": event.to_item()})


def _draw_sheet(uow: UnitOfWork, event: Event) -> None:
    hub_id = event.data["hub_id"]
    if sheet_store.order(uow, hub_id):
        # The pause is one of wall time, whatever business time does.
        delay_s = sheet_store.EVERY.total_seconds() * wiring.clock().rate
        wiring.queues().send(Queue.SHEETS, {"hub_id": hub_id}, delay_s=delay_s)


def _book_delivery(uow: UnitOfWork, event: Event) -> None:
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    wiring.queues().send(
        Queue.BOOKS, {"book": "delivery", "delivery": str(ref), "because": event.id}
    )


def _book_route(uow: UnitOfWork, event: Event) -> None:
    if event.data.get("driver_id") is not None:
        message = {
            "book": "route",
            "route_id": event.subject,
            "driver_id": event.data["driver_id"],
            "because": event.id,
        }
        wiring.queues().send(Queue.BOOKS, message)


def _figure_delivery(uow: UnitOfWork, event: Event) -> None:
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    message = {"task": "delivery", "delivery": str(ref)}
    # Once the text about its end is sent as well.
    wiring.queues().send(Queue.FIGURES, message, delay_s=120)


def _figure_route(uow: UnitOfWork, event: Event) -> None:
    wiring.queues().send(Queue.FIGURES, {"task": "route", "route_id": event.subject})


def _figure_crew(uow: UnitOfWork, event: Event) -> None:
    message = {"task": "crew", "hub_id": event.data["hub_id"], "at": write_instant(event.at)}
    wiring.queues().send(Queue.FIGURES, message)


def _post_voucher(uow: UnitOfWork, event: Event) -> None:
    message = {"book": "voucher", "owner": event.data["owner"], "name": event.data["name"]}
    wiring.queues().send(Queue.BOOKS, message)


def _close_books(uow: UnitOfWork, event: Event) -> None:
    wiring.queues().send(Queue.BOOKS, {"book": "close", "until": event.data["until"]})


def _text_driver(uow: UnitOfWork, event: Event) -> None:
    wiring.queues().send(Queue.MESSAGES, crew_texts.message_for(event))


def _check_proof(uow: UnitOfWork, event: Event) -> None:
    proof_checks.assess(uow, DeliveryRef(event.data["merchant_id"], event.subject))


def _settle_locker(uow: UnitOfWork, event: Event) -> None:
    if settling.is_concerned(uow, event):
        ref = DeliveryRef(event.data["merchant_id"], event.subject)
        wiring.queues().send(Queue.SHOPS, {"task": "locker", "delivery": str(ref)})


_LOCKER = Subscriber("lockers", _settle_locker)
_RECOVER = Subscriber("recovery", deciding.decide)
_FOLLOW = Subscriber("recovery_follows", recovery_following.follow)
_CARRY_OUT = Subscriber("recovery_carries_out", carrying_out.carry_out_one)
_SHOP = Subscriber("shops", _tell_shop)
_PROOF = Subscriber("proof_check", _check_proof)
_FORGET = Subscriber("redaction", _forget_recipient)
_MATCH = Subscriber("matching", _match_again)
_TEXT = Subscriber("texts", _send_text)
_LEARN = Subscriber("drop_points", drop_points.learn)
_SHEET = Subscriber("day_sheet", _draw_sheet)
_BOARD = Subscriber("board", marks.note_event)
_OFFERS_END = Subscriber("offers_end", following.end_other_offers)
_ARRIVALS = Subscriber("arrivals", outlooks.follow_route)
_REORDER = Subscriber("reordering", _reorder)
_BOOK = Subscriber("books", _book_delivery)
_FIGURE = Subscriber("figures", _figure_delivery)
_FLAG = Subscriber("attention", flags.hear)

_INSIDE: Mapping[str, tuple[Subscriber, ...]] = {
    "delivery.created": (_TEXT,),
    "delivery.ready": (
        Subscriber("joining", joining.join_if_pressing),
        _SHEET,
        _BOARD,
        _LOCKER,
    ),
    "delivery.unplanned": (_SHEET, _BOARD),
    "delivery.redirected": (
        Subscriber("route_goes_elsewhere", rerouting.follow_redirect),
        _SHEET,
        _BOARD,
        _LOCKER,
        _FOLLOW,
    ),
    "delivery.rescheduled": (
        Subscriber("route_lets_it_go", rerouting.follow_reschedule),
        _SHEET,
        _BOARD,
        _FOLLOW,
    ),
    "delivery.cancelled": (
        Subscriber("route_drops_it", following.drop_cancelled),
        _SHEET,
        _BOARD,
        _TEXT,
        _SHOP,
        _FORGET,
        _FOLLOW,
        _BOOK,
        _FIGURE,
        _LOCKER,
    ),
    "delivery.returning": (
        Subscriber("route_brings_it_back", following.bring_back),
        _FOLLOW,
        _TEXT,
        _LOCKER,
    ),
    "delivery.address_review": (_TEXT, _BOARD),
    "delivery.unassigned": (_BOARD,),
    "delivery.updated": (Subscriber("route_moves_its_stop", following.move_stop), _REORDER),
    "delivery.door_moved": (Subscriber("route_moves_its_stop", following.move_stop), _REORDER),
    "delivery.announced": (_TEXT,),
    "delivery.arrived_at_dropoff": (_TEXT,),
    "delivery.delayed": (_REORDER, _TEXT),
    "delivery.picked_up": (_TEXT, _SHOP),
    "delivery.en_route_to_dropoff": (_SHOP,),
    "delivery.delivered": (_TEXT, _LEARN, _SHOP, _FORGET, _PROOF, _FOLLOW, _BOOK, _FIGURE),
    "delivery.attempt_failed": (_RECOVER, _FOLLOW, _TEXT, _SHOP),
    "delivery.at_pickup_point": (_TEXT, _SHOP, _FOLLOW),
    "delivery.collection_due": (_TEXT,),
    "delivery.collected": (_SHOP, _FORGET, _FOLLOW, _BOOK, _FIGURE, _LOCKER),
    "delivery.returned": (_SHOP, _FORGET, _FOLLOW, _BOOK, _FIGURE, _LOCKER),
    "delivery.disposed": (_SHOP, _FORGET, _FOLLOW, _BOOK, _FIGURE, _LOCKER),
    "delivery.lost": (_SHOP, _FORGET, _FOLLOW, _BOOK, _FIGURE, _LOCKER),
    "delivery.damaged": (_SHOP, _FORGET, _FOLLOW, _BOOK, _FIGURE, _LOCKER),
    "delivery.undone": (_LEARN, _SHOP, _PROOF, _FOLLOW, _BOOK, _FIGURE),
    "delivery.instructions_changed": (Subscriber("recovery_hears", wishes.hear),),
    "recovery.parcel_back": (_CARRY_OUT,),
    "recovery.changed": (_CARRY_OUT,),
    "voucher.written": (Subscriber("books", _post_voucher),),
    "books.close_asked": (Subscriber("books", _close_books),),
    "conversation.posted": (_TEXT,),
    "notification.lost": (_FLAG,),
    "webhook_endpoint.disabled": (_FLAG,),
    "locker.refused": (Subscriber("another_point", elsewhere.move_on), _FLAG),
    "driver.on_duty": (_MATCH, _SHEET, _BOARD),
    "driver.off_duty": (
        _SHEET,
        _BOARD,
        Subscriber("positions", whereabouts.forget),
        Subscriber("figures", _figure_crew),
    ),
    "driver.document_expiring": (Subscriber("driver_texts", _text_driver),),
    "shift.reminded": (Subscriber("driver_texts", _text_driver),),
    "offer.made": (Subscriber("offer_watch", _watch_offer), _BOARD),
    "offer.accepted": (_BOARD,),
    "offer.declined": (_MATCH, _BOARD),
    "offer.expired": (_MATCH, _BOARD),
    "offer.withdrawn": (_MATCH, _BOARD),
    "route.planned": (_MATCH, _SHEET, _BOARD),
    "route.assigned": (
        Subscriber("deliveries_are_assigned", following.tell_deliveries),
        _OFFERS_END,
        _SHEET,
        _BOARD,
        _ARRIVALS,
    ),
    "route.released": (_MATCH, _SHEET, _BOARD),
    "route.handed_over": (
        Subscriber("deliveries_are_handed_over", following.hand_deliveries_over),
        _MATCH,
        _SHEET,
        _BOARD,
    ),
    "route.started": (_SHEET, _BOARD, _ARRIVALS),
    "route.updated": (_SHEET, _BOARD, _ARRIVALS),
    "route.changed": (_SHEET, _BOARD, _ARRIVALS),
    "route.extended": (_SHEET, _BOARD, _ARRIVALS),
    "route.reordered": (_SHEET, _BOARD, _ARRIVALS),
    "route.cancelled": (_OFFERS_END, _SHEET, _BOARD),
    "route.escalated": (_BOARD,),
    "route.parcels_returned": (
        Subscriber("recovery_receives", carrying_out.receive_parcels),
        _BOARD,
    ),
    "route.completed": (
        Subscriber("town_pace", town_pace.learn),
        _MATCH,
        _SHEET,
        _BOARD,
        Subscriber("pay", wages.settle_ended),
        Subscriber("books", _book_route),
        Subscriber("figures", _figure_route),
        _ARRIVALS,
    ),
}

_WEBHOOK = Subscriber("webhooks", _post_webhooks)

#: Who hears what. A room may listen only to rooms below it. Merchants hear last, and of most.
SUBSCRIBERS: Mapping[str, tuple[Subscriber, ...]] = {
    name: (*_INSIDE.get(name, ()), *((_WEBHOOK,) if name in catalogue.EVENTS else ()))
    for name in dict.fromkeys((*_INSIDE, *catalogue.EVENTS))
}
