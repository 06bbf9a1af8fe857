"""The portal's page of one order: what was promised, what came, what it costs, what was said."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.prices import Bill, bill
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.messaging import conversations
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pricing.faults import Payer
from chalicelib.domain.recovery import wishes
from chalicelib.domain.recovery.model import By
from chalicelib.domain.recovery.wishes import Author, Choice
from chalicelib.domain.tracking import compared
from chalicelib.domain.tracking import rating as ratings
from chalicelib.entry import portal, talk, work
from chalicelib.entry.api import deliveries
from chalicelib.entry.api.delivery_forms import write_delivery
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import NotFound
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

OrderId = Annotated[str, IdOf("del", "delivery")]
#: What was done, as the page says it after a form.
SAID = {
    "cancelled": "The delivery is cancelled.",
    "returning": "The parcel is coming back to the hub.",
    "moved": "It comes at the new time.",
    "redirected": "It goes there now.",
    "changed": "The change is taken over.",
    "sent": "Your message is sent.",
    "closed": "Your message was not sent: nobody is on the way to the recipient right now.",
    "decided": "That is what will be done.",
    "went": "That time was just taken by somebody else. Please choose another one.",
}


@doors.route(
    "GET", "/m/orders/{delivery_id}", who=(portal_page(TeamRole.VIEWER),), answers=portal.PAGES
)
@portal.in_words
def show_order(request: Request, caller: Caller, delivery_id: OrderId) -> Response:
    """Show an order: promise, plan and expectation, history, price, charges, proof, messages.

    Photos are linked for 60 seconds. Whoever may act on deliveries also gets the forms for it.
    """
    visit = portal.visit(request, caller)
    uow = work.begin()
    ref = DeliveryRef(visit.merchant.id, delivery_id)
    delivery = delivery_store.load(uow, ref)
    proofs = deliveries.list_proofs(visit.merchant.id, delivery_id)
    has_photo = any(one["url"] for one in proofs["photos"])
    return visit.show(
        "portal/order.html",
        section="orders",
        title=f"Order {delivery.order_name}",
        photo_url=wiring.photos().view_url("proofs/") if has_photo else None,
        delivery=delivery,
        recipient=delivery_store.load_recipient(uow, ref),
        point=_point(uow, delivery),
        tracking_url=write_delivery(delivery)["tracking_url"],
        times=compared.compare(uow, delivery),
        price=_price(uow, delivery),
        proofs=proofs,
        rating=ratings.load(uow, ref),
        messages=_messages(uow, delivery),
        recovery=_recovery(uow, delivery),
        may=what_may_be_done(delivery),
        said=portal.asked(request).get("said", ""),
        texts=SAID,
    )


def what_may_be_done(delivery: Delivery) -> Mapping[str, bool]:
    """Which changes the state of a delivery allows."""
    return {
        "cancel": lifecycle.may_be_changed(delivery),
        "edit": lifecycle.may_be_changed(delivery),
        "return": lifecycle.may_be_returned(delivery),
        "reschedule": lifecycle.may_be_rescheduled(delivery),
        "redirect": lifecycle.may_be_redirected(delivery),
    }


def _price(uow: UnitOfWork, delivery: Delivery) -> Mapping[str, Any] | None:
    """What it costs by now; None for one of before there were prices."""
    try:
        made: Bill = bill(uow, delivery)
    except NotFound:
        return None
    whens = {f"evt_{delivery.id}_{one.version:06d}": one for one in delivery.history}
    lines = [
        {
            "kind": line.component.kind.value,
            "rule": line.component.rule,
            "inputs": dict(line.component.inputs),
            "amount_minor": line.component.amount_minor,
            "is_ours": line.payer is Payer.PLATFORM,
            "cause": None if line.event_id is None else whens.get(line.event_id),
        }
        for line in made.charges.lines
    ]
    return {
        "agreed": made.agreed,
        "lines": lines,
        "currency": made.charges.currency,
        "total_minor": made.charges.total_minor,
        "is_final": delivery.status.is_final,
    }


def _messages(uow: UnitOfWork, delivery: Delivery) -> Mapping[str, Any]:
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    lines = [
        {"side": one.side.value, "text": talk.text_of(one), "at": one.at}
        for one in conversations.read(uow, ref)
    ]
    return {
        "lines": lines,
        "is_open": conversations.is_open(delivery, uow.now),
        "longest": conversations.LONGEST,
    }


def _recovery(uow: UnitOfWork, delivery: Delivery) -> Choice | None:
    return wishes.options(uow, delivery, Author(By.MERCHANT)) if delivery.attempts else None


def _point(uow: UnitOfWork, delivery: Delivery) -> Any:
    if delivery.pickup_point_id is None:
        return None
    try:
        return pickup_points.load(uow, delivery.pickup_point_id)
    except NotFound:
        return None
