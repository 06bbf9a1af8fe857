"""The portal's forms for an order: call it off, another time, another place, other words.

Each form leads to the same view as the merchants' API, so it obeys the same rules and charges the
same fees; the same form sent twice has one effect, because the use cases behind it have. What a
change costs is shown before it is made.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from chalice.app import Blueprint, Request, Response

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.deliveries import lifecycle, rescheduling
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.commands import Cancel, Return
from chalicelib.domain.deliveries.model import CancelReason, Delivery, Recipient, Status
from chalicelib.domain.deliveries.prices import bills
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.messaging import conversations
from chalicelib.domain.messaging.conversation_store import Side
from chalicelib.domain.messaging.conversations import Post
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import Nearby, Wanted
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api import (
    deliveries,
    delivery_edits,
    delivery_moves,
    messages,
    recoveries,
)
from chalicelib.entry.api.portal_order import OrderId, what_may_be_done
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.portal import Visit
from chalicelib.entry.surface import Doors, View
from chalicelib.kit.errors import NotFound
from chalicelib.kit.money import Money
from chalicelib.kit.move_errors import WindowNotBookable
from chalicelib.kit.talk_errors import ConversationClosed
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

STAFF = (portal_page(TeamRole.STAFF),)
_POINTS_SHOWN = 6
#: Why a shop calls it off; the rest of the codes are ours.
REASONS: Mapping[CancelReason, str] = {
    CancelReason.CUSTOMER_REQUEST: "The customer asked for it",
    CancelReason.MERCHANT_REQUEST: "We decided so",
    CancelReason.OUT_OF_STOCK: "It is out of stock",
    CancelReason.DUPLICATE: "It was ordered twice",
    CancelReason.PAYMENT_FAILED: "It was not paid",
    CancelReason.FRAUD: "It looks like fraud",
}


class EndForm(rest.Body):
    reason: CancelReason
    version: int


class EditForm(rest.Body):
    """The fields of the form; what is as it was is no change."""

    name: str
    phone_number: str = ""
    notes: str = ""
    line1: str
    line2: str = ""
    postal_code: str = ""
    city: str = ""
    country: str

    def changes(self, known: Recipient) -> dict[str, Any]:
        """What differs from what is known; raise nothing: the API's own form judges it."""
        address = {
            "line1": self.line1,
            "line2": self.line2,
            "postal_code": self.postal_code,
            "city": self.city,
            "country": self.country,
        }
        phone = known.phone.e164 if known.phone else ""
        changed: dict[str, Any] = {
            "name": self.name if self.name != known.name else None,
            "phone_number": self.phone_number if self.phone_number != phone else None,
            "notes": self.notes if self.notes != known.notes else None,
            "address": address if address != asdict(known.address) else None,
        }
        return {name: value for name, value in changed.items() if value is not None}


def _form(last: str) -> Callable[[View], View]:
    """The declaration of a form of an order: what is the same for all of them."""

    def declare(view: View) -> View:
        return doors.route(
            "POST",
            f"/m/orders/{{delivery_id}}/{last}",
            who=STAFF,
            answers=portal.FORMS,
            accepts=(forms.FORM,),
            largest_body_bytes=forms.LARGEST_FORM_BYTES,
            may_be_empty=True,
        )(portal.in_words(view))

    return declare


@doors.route("GET", "/m/orders/{delivery_id}/end", who=STAFF, answers=portal.PAGES)
@portal.in_words
def ask_to_end_order(request: Request, caller: Caller, delivery_id: OrderId) -> Response:
    """Ask whether to call an order off, with what that costs for each reason.

    Before the pickup it is cancelled; after it, the parcel comes back.
    """
    visit = portal.visit(request, caller)
    uow = work.begin()
    delivery = _load(uow, visit, delivery_id)
    if _is_called_off(delivery):
        return _back(visit, delivery_id, "cancelled")
    choices = _ways_out(uow, delivery)
    return visit.show(
        "portal/order_end.html",
        section="orders",
        title=f"Call off order {delivery.order_name}",
        delivery=delivery,
        choices=choices,
        is_on_its_way=lifecycle.may_be_returned(delivery),
        said=portal.asked(request).get("said", ""),
    )


@_form("end")
def end_order(request: Request, caller: Caller, raw_body: bytes, delivery_id: OrderId) -> Response:
    """Call an order off: the fields `reason`, and `version`, the order's as the page showed it.

    Where it has moved on since, the page asks again, because the fee may be another.
    """
    visit = portal.visit(request, caller)
    form = rest.read_cells(EndForm, forms.fields(raw_body))
    delivery = _load(work.begin(), visit, delivery_id)
    if _is_called_off(delivery):
        return _back(visit, delivery_id, "cancelled")
    if delivery.version != form.version:
        return portal.go(request, f"m/orders/{delivery_id}/end", said="moved_on")
    if lifecycle.may_be_returned(delivery):
        body = delivery_moves.ReturnForm(reason=form.reason)
        delivery_moves.return_delivery(visit.as_caller, delivery_id, body)
        return _back(visit, delivery_id, "returning")
    cancelled = deliveries.CancelForm(reason=form.reason)
    deliveries.cancel_delivery(visit.merchant.id, delivery_id, cancelled)
    return _back(visit, delivery_id, "cancelled")


@doors.route("GET", "/m/orders/{delivery_id}/change", who=STAFF, answers=portal.PAGES)
@portal.in_words
def ask_to_change_order(request: Request, caller: Caller, delivery_id: OrderId) -> Response:
    """Show what can still be changed about an order: its time, its place, what the driver reads."""
    visit = portal.visit(request, caller)
    uow = work.begin()
    delivery = _load(uow, visit, delivery_id)
    may = what_may_be_done(delivery)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    return visit.show(
        "portal/order_change.html",
        section="orders",
        title=f"Change order {delivery.order_name}",
        delivery=delivery,
        recipient=delivery_store.load_recipient(uow, ref),
        may=may,
        windows=[
            (f"{write_instant(w.start_at)}/{write_instant(w.end_at)}", visit.local.window(w))
            for w in (one.window for one in rescheduling.windows(uow, delivery))
        ],
        points=_points_near(uow, delivery) if may["redirect"] else [],
    )


@_form("reschedule")
def reschedule_order(
    request: Request, caller: Caller, raw_body: bytes, delivery_id: OrderId
) -> Response:
    """Bring an order at another time: the field `window`, one of those that the page lists."""
    visit = portal.visit(request, caller)
    start, _, end = forms.fields(raw_body).get("window", "").partition("/")
    window = {"start_time": start, "end_time": end}
    form = rest.parse_value(delivery_moves.RescheduleForm, {"window": window})
    try:
        delivery_moves.reschedule_delivery(visit.as_caller, delivery_id, form)
    except WindowNotBookable:
        return _back(visit, delivery_id, "went")
    return _back(visit, delivery_id, "moved")


@_form("redirect")
def redirect_order(
    request: Request, caller: Caller, raw_body: bytes, delivery_id: OrderId
) -> Response:
    """Bring an order elsewhere: the field `to` is a pickup point's id, or `home`."""
    visit = portal.visit(request, caller)
    to = forms.fields(raw_body).get("to", "")
    told = {"to": "home"} if to == "home" else {"pickup_point_id": to}
    form = rest.parse_value(delivery_moves.RedirectForm, told)
    delivery_moves.redirect_delivery(visit.as_caller, delivery_id, form)
    return _back(visit, delivery_id, "redirected")


@_form("edit")
def edit_order(request: Request, caller: Caller, raw_body: bytes, delivery_id: OrderId) -> Response:
    """Change who gets it, where, and what the driver reads, before the pickup.

    The fields are `name`, `phone_number`, `notes`, `line1`, `line2`, `postal_code`, `city`,
    `country`; the address counts as a new one only where it differs.
    """
    visit = portal.visit(request, caller)
    given = rest.read_cells(EditForm, forms.fields(raw_body))
    ref = DeliveryRef(visit.merchant.id, delivery_id)
    known = delivery_store.load_recipient(work.begin(), ref)
    if known is None:
        raise NotFound("the recipient's data has been deleted")
    form = rest.parse_value(delivery_edits.DeliveryChanges, {"dropoff": given.changes(known)})
    delivery_edits.change_delivery(visit.merchant.id, delivery_id, form)
    return _back(visit, delivery_id, "changed")


@_form("messages")
def write_from_portal(
    request: Request, caller: Caller, raw_body: bytes, delivery_id: OrderId
) -> Response:
    """Write to the recipient and the driver: the fields `text` and `once`, the page's number."""
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    form = rest.parse_value(messages.NewMessage, {"text": given.get("text", "")})
    ref = DeliveryRef(visit.merchant.id, delivery_id)

    def post(uow: UnitOfWork) -> None:
        delivery = delivery_store.load(uow, ref)
        conversations.post(uow, delivery, Post(Side.DESK, form.text, id=messages.once(given)))

    try:
        work.run(post)
    except ConversationClosed:
        return _back(visit, delivery_id, "closed")
    return _back(visit, delivery_id, "sent")


@_form("recovery")
def decide_order(
    request: Request, caller: Caller, raw_body: bytes, delivery_id: OrderId
) -> Response:
    """Choose what becomes of a failed delivery: the field `remedy`."""
    visit = portal.visit(request, caller)
    remedy = forms.fields(raw_body).get("remedy", "")
    form = rest.parse_value(recoveries.RemedyForm, {"remedy": remedy})
    nobody = recoveries.WhoseQuery()
    recoveries.choose_recovery(visit.as_caller, delivery_id, form, nobody)
    return _back(visit, delivery_id, "decided")


def _load(uow: UnitOfWork, visit: Visit, delivery_id: str) -> Delivery:
    return delivery_store.load(uow, DeliveryRef(visit.merchant.id, delivery_id))


def _back(visit: Visit, delivery_id: str, said: str) -> Response:
    return portal.go(visit.request, f"m/orders/{delivery_id}", said=said)


def _is_called_off(delivery: Delivery) -> bool:
    return delivery.status in (Status.CANCELLED, Status.RETURNING, Status.RETURNED)


def _ways_out(uow: UnitOfWork, delivery: Delivery) -> list[Mapping[str, Any]]:
    """Each reason with what calling it off for that reason would add to the bill.

    Raises
    ------
    NoncancelableDelivery, IllegalTransition
        If it is over.
    """
    on_its_way = lifecycle.may_be_returned(delivery)
    ended = []
    for reason in REASONS:
        command = Return(uow.now, reason) if on_its_way else Cancel(uow.now, reason)
        ended.append(lifecycle.apply(delivery, command)[0])
    now, *then = bills(uow, delivery, *ended)
    return [
        {
            "reason": reason.value,
            "label": label,
            "added": Money(
                bill.charges.total_minor - now.charges.total_minor, now.charges.currency
            ),
            "total": Money(bill.charges.total_minor, bill.charges.currency),
        }
        for (reason, label), bill in zip(REASONS.items(), then, strict=True)
    ]


def _points_near(uow: UnitOfWork, delivery: Delivery) -> list[Nearby]:
    """Pickup points near the door that take the parcel, without the one that it goes to."""
    wanted = Wanted(delivery.parcel.weight_g, delivery.parcel.volume_ml)
    door = delivery.home.dropoff if delivery.home else delivery.dropoff
    near = pickup_points.nearest(uow, door, wanted, _POINTS_SHOWN + 1)
    return [one for one in near if one.point.id != delivery.pickup_point_id][:_POINTS_SHOWN]
