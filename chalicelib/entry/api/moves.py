"""The desk's hands: move, place, reorder, split and merge, looked at before it is committed."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field, model_validator

from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.plans import changes, journal, undoing, wishes
from chalicelib.domain.dispatch.plans.changes import Author
from chalicelib.domain.dispatch.plans.effects import Effect
from chalicelib.domain.dispatch.plans.journal import Change
from chalicelib.domain.dispatch.plans.wishes import Wish
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Hub
from chalicelib.entry import rest, work
from chalicelib.entry.api.move_answers import (
    ChangeEffect,
    ChangePage,
    JournalEntry,
    write_change,
    write_effect,
)
from chalicelib.entry.auth import OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import ChangeId, HubId, RouteId, StopId
from chalicelib.entry.roads import roads_of
from chalicelib.entry.surface import Doors
from chalicelib.kit.desk_errors import (
    MoveImpossible,
    MoveNeedsForce,
    PreviewStale,
    RuleBroken,
    UndoRefused,
)
from chalicelib.kit.errors import NotFound
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Plans")

_ERRORS = (MoveImpossible, MoveNeedsForce, PreviewStale, RuleBroken, NotFound)
_ROUTE = "rte_01m83qqb5cfmsa2k3w3tegjase"
_STOP = "stp_01m83qqb5c9x7v3k1t5r8w2y4z"


class ChangeForm(rest.Body):
    """``if_version``: what the preview answered; a commit without it is refused."""

    preview: bool = True
    if_version: Annotated[dict[str, int], Field(max_length=10)] | None = None
    force: bool = False
    reason: rest.Text = ""

    @model_validator(mode="after")
    def _is_whole(self) -> "ChangeForm":
        if not self.preview and not self.if_version:
            raise ValueError("a commit names the versions that its preview answered: if_version")
        if self.force and not self.reason:
            raise ValueError("say why it is forced: reason")
        return self


class MoveForm(ChangeForm):
    """``to_route_id`` may be the same route; or ``unassign``: it waits for the next wave.

    Without ``before_stop_id`` the stop goes where it makes the least late and costs least.
    """

    to_route_id: rest.Name | None = None
    unassign: bool = False
    before_stop_id: rest.Name | None = None

    model_config = rest.example(to_route_id=_ROUTE, preview=True)

    @model_validator(mode="after")
    def _goes_somewhere(self) -> "MoveForm":
        if self.unassign == (self.to_route_id is not None):
            raise ValueError("say to_route_id, or unassign")
        return self


class PlaceForm(ChangeForm):
    merchant_id: rest.Name
    delivery_id: rest.Name
    before_stop_id: rest.Name | None = None

    model_config = rest.example(
        merchant_id="mer_01m83qpn9gec8xh7wbacsaen6x",
        delivery_id="del_01m83qpnc10y2w525st46371np",
        preview=True,
    )


class OrderForm(ChangeForm):
    """``order``: every stop that can still move, a return at the end left out."""

    order: Annotated[list[rest.Name], Field(min_length=1, max_length=300)]

    model_config = rest.example(order=[_STOP], preview=True)


class SplitForm(ChangeForm):
    stop_id: rest.Name

    model_config = rest.example(stop_id=_STOP, preview=True)


class MergeForm(ChangeForm):
    """``with_route_id``: the route that ends; it has no driver."""

    with_route_id: rest.Name

    model_config = rest.example(with_route_id=_ROUTE, preview=True)


class PageQuery(rest.Body):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class UndoForm(rest.Body):
    reason: rest.Text = ""

    model_config = rest.example(reason="the shop called again")


@doors.route(
    "POST",
    "/v1/routes/{route_id}/stops/{stop_id}/move",
    who=(OPERATOR,),
    answers={200: ChangeEffect},
    errors=_ERRORS,
    headers=(DESK_USER,),
)
def move_stop(
    route_id: RouteId, stop_id: StopId, body: MoveForm, caller: Caller
) -> Mapping[str, Any]:
    """Move a door to another place, to another route, or back to what waits.

    With `preview` (the default) nothing changes: the answer says what would. What is done, and the
    stop that comes next, cannot be moved; nor a parcel that is on board, off its route. A route on
    offer is left alone until the driver has answered.
    """
    wish = wishes.move(route_id, stop_id, body.to_route_id, body.before_stop_id)
    return _change(route_id, wish, body, caller)


@doors.route(
    "POST",
    "/v1/routes/{route_id}/deliveries",
    who=(OPERATOR,),
    answers={200: ChangeEffect},
    errors=_ERRORS,
    headers=(DESK_USER,),
)
def place_delivery(route_id: RouteId, body: PlaceForm, caller: Caller) -> Mapping[str, Any]:
    """Put a delivery that waits onto a route; a preview unless told otherwise."""
    ref = DeliveryRef(body.merchant_id, body.delivery_id)
    return _change(route_id, wishes.place(ref, route_id, body.before_stop_id), body, caller)


@doors.route(
    "POST",
    "/v1/routes/{route_id}/order",
    who=(OPERATOR,),
    answers={200: ChangeEffect},
    errors=_ERRORS,
    headers=(DESK_USER,),
)
def reorder_route(route_id: RouteId, body: OrderForm, caller: Caller) -> Mapping[str, Any]:
    """Put the stops of a route in another order; a preview unless told otherwise."""
    return _change(route_id, wishes.reorder(route_id, body.order), body, caller)


@doors.route(
    "POST",
    "/v1/routes/{route_id}/split",
    who=(OPERATOR,),
    answers={200: ChangeEffect},
    errors=_ERRORS,
    headers=(DESK_USER,),
)
def split_route(route_id: RouteId, body: SplitForm, caller: Caller) -> Mapping[str, Any]:
    """Make two routes of one: the doors from a stop on wait for another driver.

    A preview unless told otherwise; the id of the new route in a preview is not yet its own.
    """
    return _change(route_id, wishes.split(route_id, body.stop_id), body, caller)


@doors.route(
    "POST",
    "/v1/routes/{route_id}/merge",
    who=(OPERATOR,),
    answers={200: ChangeEffect},
    errors=_ERRORS,
    headers=(DESK_USER,),
)
def merge_routes(route_id: RouteId, body: MergeForm, caller: Caller) -> Mapping[str, Any]:
    """Put all of a route that has no driver behind the stops of this one.

    The other route ends. A preview unless told otherwise.
    """
    return _change(route_id, wishes.merge(route_id, body.with_route_id), body, caller)


@doors.route("GET", "/v1/hubs/{hub_id}/changes", who=(OPERATOR,), answers={200: ChangePage})
def list_changes(hub_id: HubId, query: PageQuery) -> Mapping[str, Any]:
    """List what was changed by hand at a hub, by whom and why, newest first."""
    uow = work.begin()
    merchant_store.load_hub(uow, hub_id)
    found, cursor = journal.list_changes(uow, hub_id, limit=query.limit, after=query.cursor)
    return {"changes": [write_change(one) for one in found], "next_cursor": cursor}


@doors.route(
    "POST",
    "/v1/hubs/{hub_id}/changes/{change_id}/undo",
    who=(OPERATOR,),
    answers={200: JournalEntry},
    errors=(UndoRefused,),
    headers=(DESK_USER,),
)
def undo_change(
    hub_id: HubId, change_id: ChangeId, body: UndoForm, caller: Caller
) -> Mapping[str, Any]:
    """Take a change back, within 15 minutes, as long as nothing later rests on it.

    The routes are as they were before; what a driver has done since stays done. The same undo twice
    is one.
    """
    author = Author(desk_user(caller), body.reason)
    return write_change(work.run(lambda uow: undoing.undo(uow, hub_id, change_id, author)))


def _change(route_id: str, wish: Wish, body: ChangeForm, caller: Caller) -> Mapping[str, Any]:
    hub = work.read(lambda uow: _hub_of(uow, route_id))
    roads = roads_of(hub.id)
    if body.preview:
        return write_effect(work.read(lambda uow: changes.preview(uow, hub, wish, roads)))
    author = Author(desk_user(caller), body.reason, body.force)
    seen = body.if_version or {}

    def commit(uow: UnitOfWork) -> tuple[Change, Effect]:
        return changes.commit(uow, hub, wish, roads, author, seen)

    change, effect = work.run(commit)
    return write_effect(effect, change)


def _hub_of(uow: UnitOfWork, route_id: str) -> Hub:
    return merchant_store.load_hub(uow, dispatch.load_route(uow, route_id).hub_id)
