"""Elsewhere, later, or back: a merchant or the desk changes its mind about a parcel on its way."""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from chalicelib.domain.coverage.model import PromiseClass
from chalicelib.domain.coverage.promises import Offerable
from chalicelib.domain.deliveries import rescheduling
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.commands import Return
from chalicelib.domain.deliveries.model import CancelReason, Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.under_way import rerouting
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.entry import rest, work
from chalicelib.entry.api import delivery_answers as answers
from chalicelib.entry.api.delivery_forms import WindowForm, write_delivery
from chalicelib.entry.api.naming import named
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import IllegalTransition, Invalid, NotFound
from chalicelib.kit.move_errors import (
    DoesNotFit,
    HomeUnknown,
    NeedsADoor,
    OthersWouldBeLate,
    PointClosed,
    PointFull,
    WindowNotBookable,
)
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Deliveries")

READ = (merchant(Scope.DELIVERIES_READ), OPERATOR)
WRITE = (merchant(Scope.DELIVERIES_WRITE), OPERATOR)

Named = Annotated[str, StringConstraints(pattern=r"^mer_[0-9a-hjkmnp-tv-z]{26}$")]
_WINDOW = {"start_time": "2026-11-24T08:00:00Z", "end_time": "2026-11-24T12:00:00Z"}


class WhoseQuery(rest.Body):
    merchant_id: Named | None = None


class RescheduleForm(rest.Body):
    """One of the windows that were listed; the operator names the merchant."""

    window: WindowForm
    merchant_id: Named | None = None

    model_config = rest.example(window=_WINDOW)


class RedirectForm(rest.Body):
    """Where it goes instead.

    ``to`` is ``pickup_point``, which is named, or ``home``. ``insist`` is the operator's word that
    others may come late.
    """

    to: Literal["pickup_point", "home"] = "pickup_point"
    pickup_point_id: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    merchant_id: Named | None = None
    insist: bool = False

    model_config = rest.example(pickup_point_id="pup_01m83qpnc10y2w525st46371np")

    @model_validator(mode="after")
    def _names_a_point(self) -> "RedirectForm":
        if (self.to == "pickup_point") != (self.pickup_point_id is not None):
            raise ValueError("pickup_point_id goes with to: pickup_point, and only with that")
        return self


class ReturnForm(rest.Body):
    reason: CancelReason = CancelReason.MERCHANT_REQUEST
    merchant_id: Named | None = None

    model_config = rest.example(reason="customer_request")


class BookableWindow(answers.Window):
    """``left`` is how many places there are, null for any number."""

    service: PromiseClass
    order_by: AwareDatetime
    left: int | None


class BookableWindows(rest.Answer):
    """The windows that it can be moved to now, by start."""

    windows: list[BookableWindow]

    model_config = rest.example(
        windows=[
            {**_WINDOW, "service": "scheduled", "order_by": "2026-11-24T10:00:00Z", "left": 12}
        ]
    )


@doors.route(
    "GET",
    "/v1/deliveries/{delivery_id}/windows",
    who=READ,
    answers={200: BookableWindows},
)
def list_bookable_windows(
    caller: Caller, delivery_id: DeliveryId, query: WhoseQuery
) -> Mapping[str, Any]:
    """List the windows that a delivery can be moved to now.

    Empty when it is too late. What is on board has to come back to the hub first, so it can be had
    from the next day on. The operator names the merchant in `merchant_id`.
    """
    ref = _ref(caller, delivery_id, query.merchant_id)

    def look(uow: UnitOfWork) -> list[Offerable]:
        return rescheduling.windows(uow, delivery_store.load(uow, ref))

    return {"windows": [_write_window(one) for one in work.read(look)]}


@doors.route(
    "POST",
    "/v1/deliveries/{delivery_id}/reschedule",
    who=WRITE,
    answers={200: answers.OneDelivery},
    errors=(WindowNotBookable, IllegalTransition),
    headers=(DESK_USER,),
)
def reschedule_delivery(
    caller: Caller, delivery_id: DeliveryId, body: RescheduleForm
) -> Mapping[str, Any]:
    """Bring a delivery in another window.

    One of those that `GET .../windows` lists. Its place is taken and the old one given back in one
    step. A planned delivery leaves its route; one that is on board comes back to the hub with its
    driver. The same window again changes nothing.
    """
    ref = _ref(caller, delivery_id, body.merchant_id)
    wanted = body.window.window

    def change(uow: UnitOfWork, delivery: Delivery) -> Delivery:
        if delivery.window == wanted:
            return delivery
        offer = rescheduling.bookable(uow, delivery, wanted)
        return rerouting.reschedule(uow, delivery, offer, by=_by(caller))

    return _changed(ref, change)


@doors.route(
    "POST",
    "/v1/deliveries/{delivery_id}/redirect",
    who=WRITE,
    answers={200: answers.OneDelivery},
    errors=(
        PointFull,
        DoesNotFit,
        PointClosed,
        NeedsADoor,
        HomeUnknown,
        OthersWouldBeLate,
        IllegalTransition,
        NotFound,
    ),
    headers=(DESK_USER,),
)
def redirect_delivery(
    caller: Caller, delivery_id: DeliveryId, body: RedirectForm
) -> Mapping[str, Any]:
    """Bring a delivery to a pickup point, or home again before it lies there.

    A compartment is reserved in the same step. On a route under way its stop moves; where that
    would make others late it is refused, unless the operator insists. The same again changes
    nothing.
    """
    ref = _ref(caller, delivery_id, body.merchant_id)
    insist = body.insist and caller.role is Role.OPERATOR

    def change(uow: UnitOfWork, delivery: Delivery) -> Delivery:
        by = _by(caller)
        if body.pickup_point_id is None:
            return rerouting.redirect_home(uow, delivery, by=by, insist=insist)
        point = pickup_points.load(uow, body.pickup_point_id)
        return rerouting.redirect(uow, delivery, point, by=by, insist=insist)

    return _changed(ref, change)


@doors.route(
    "POST",
    "/v1/deliveries/{delivery_id}/return",
    who=WRITE,
    answers={200: answers.OneDelivery},
    errors=(IllegalTransition,),
    headers=(DESK_USER,),
)
def return_delivery(caller: Caller, delivery_id: DeliveryId, body: ReturnForm) -> Mapping[str, Any]:
    """Turn a parcel back that is on board, or that lies at a pickup point.

    It is `returning`, and `returned` when it is back at the hub; the card's return fee is due by
    the reason. Before the pickup a delivery is cancelled instead. The same again changes nothing.
    """
    ref = _ref(caller, delivery_id, body.merchant_id)

    def change(uow: UnitOfWork, delivery: Delivery) -> Delivery:
        turned = Return(uow.now, body.reason, by=_by(caller))
        return deliveries.advance(uow, delivery, turned)

    return _changed(ref, change)


def _changed(
    ref: DeliveryRef, change: Callable[[UnitOfWork, Delivery], Delivery]
) -> Mapping[str, Any]:
    return write_delivery(work.run(lambda uow: change(uow, delivery_store.load(uow, ref))))


def _by(caller: Caller) -> str | None:
    """Who at the desk did it; a merchant's own change carries no name."""
    return desk_user(caller) if caller.role is Role.OPERATOR else None


def _ref(caller: Caller, delivery_id: str, merchant_id: str | None) -> DeliveryRef:
    """Which delivery; a merchant's own key goes before what it names."""
    if caller.role is Role.MERCHANT:
        return named(caller.id, delivery_id)
    if merchant_id is None:
        field = {"field": "merchant_id", "error": "the operator names the merchant"}
        raise Invalid("whose delivery is it?", fields=[field])
    return named(merchant_id, delivery_id)


def _write_window(one: Offerable) -> dict[str, Any]:
    return {
        "start_time": write_instant(one.window.start_at),
        "end_time": write_instant(one.window.end_at),
        "service": one.kind.value,
        "order_by": write_instant(one.order_by),
        "left": one.left,
    }
