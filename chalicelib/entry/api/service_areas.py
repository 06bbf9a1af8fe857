"""Where do we deliver, and what do we promise? ``/v1/service-areas`` and a hub's promises.

The network's areas and promises are the operator's. A merchant draws areas of its own, which only
narrow where it sells: no price zones, no priorities, no promises.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.domain.coverage import service, store
from chalicelib.domain.coverage.model import Area, Use
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Scope
from chalicelib.entry import rest, work
from chalicelib.entry.api.coverage_forms import (
    AreaAnswer,
    AreaForm,
    AreaList,
    OwnerQuery,
    PromisesForm,
    write_area,
    write_rules,
)
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.path_parts import AreaId, HubId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict, Invalid, NotFound, UnusableArea
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Coverage")

READERS = (OPERATOR, merchant(Scope.SETTINGS_READ))
WRITERS = (OPERATOR, merchant(Scope.SETTINGS_WRITE))


@doors.route(
    "POST",
    "/v1/service-areas",
    who=WRITERS,
    answers={201: AreaAnswer},
    errors=(UnusableArea, NotFound, Conflict),
)
def draw_service_area(caller: Caller, body: AreaForm) -> Mapping[str, Any]:
    """Draw a service area.

    An operator draws for a hub (`hub_id`): where it delivers (`use: delivery`), or a price zone
    (`use: pricing`). Or for one merchant (`merchant_id`). A merchant draws where it sells, within
    what its hub delivers to.
    """
    _check_rights(caller, body)
    drawing = body.drawing()

    def draw(uow: UnitOfWork) -> Area:
        return service.draw_area(uow, _owner(uow, caller, body), drawing)

    return write_area(work.run(draw))


@doors.route(
    "GET",
    "/v1/service-areas",
    who=READERS,
    answers={200: AreaList},
    errors=(NotFound,),
)
def list_service_areas(caller: Caller, query: OwnerQuery) -> Mapping[str, Any]:
    """List the areas of a hub or of a merchant.

    A merchant gets its own, and with its hub's `hub_id` those of the network.
    """
    uow = work.begin()
    owner = _listed(uow, caller, query)
    found, cursor = store.list_areas(uow, owner, limit=query.limit, after=query.cursor)
    return {"service_areas": [write_area(area) for area in found], "next_cursor": cursor}


@doors.route("GET", "/v1/service-areas/{area_id}", who=READERS, answers={200: AreaAnswer})
def show_service_area(caller: Caller, area_id: AreaId) -> Mapping[str, Any]:
    """Show a service area."""
    uow = work.begin()
    return write_area(store.load_area(uow, _owner_for(uow, caller, area_id), area_id)[0])


@doors.route(
    "PUT",
    "/v1/service-areas/{area_id}",
    who=WRITERS,
    answers={200: AreaAnswer},
    errors=(UnusableArea, Conflict),
)
def redraw_service_area(caller: Caller, area_id: AreaId, body: AreaForm) -> Mapping[str, Any]:
    """Replace a service area as a whole.

    It keeps its id and its owner: `hub_id` and `merchant_id` are left out, or name the same.
    """
    _check_rights(caller, body)
    drawing = body.drawing()

    def redraw(uow: UnitOfWork) -> Area:
        owner = _owner_for(uow, caller, area_id)
        if {body.hub_id, body.merchant_id} - {None, owner}:
            raise Conflict("an area stays with its owner")
        _check_drawn_by(uow, caller, owner, area_id)
        return service.redraw_area(uow, owner, area_id, drawing)

    return write_area(work.run(redraw))


@doors.route(
    "DELETE",
    "/v1/service-areas/{area_id}",
    who=WRITERS,
    answers={204: None},
    errors=(Conflict,),
)
def erase_service_area(caller: Caller, area_id: AreaId) -> Response:
    """Erase a service area.

    A hub that has lost its last one delivers within its radius again.
    """

    def erase(uow: UnitOfWork) -> None:
        owner = _owner_for(uow, caller, area_id)
        _check_drawn_by(uow, caller, owner, area_id)
        service.erase_area(uow, owner, area_id)

    work.run(erase)
    return rest.answer("", 204)


@doors.route("GET", "/v1/hubs/{hub_id}/promises", who=(OPERATOR,), answers={200: PromisesForm})
def show_promises(hub_id: HubId) -> Mapping[str, Any]:
    """Show what a hub promises."""
    uow = work.begin()
    merchant_store.load_hub(uow, hub_id)
    return write_rules(store.load_directory(uow, hub_id).rules)


@doors.route("PUT", "/v1/hubs/{hub_id}/promises", who=(OPERATOR,), answers={200: PromisesForm})
def set_promises(hub_id: HubId, body: PromisesForm) -> Mapping[str, Any]:
    """Set what a hub promises, as a whole: classes, cut-offs, hours, holidays, capacity.

    Without classes, orders are promised by their merchant's `promise_s`.
    """
    rules = body.rules()

    def set_them(uow: UnitOfWork) -> None:
        merchant_store.load_hub(uow, hub_id)
        service.set_rules(uow, hub_id, rules)

    work.run(set_them)
    return write_rules(rules)


def _check_rights(caller: Caller, body: AreaForm) -> None:
    """What of a form only the network sets; promises belong to hubs."""
    if caller.role is Role.OPERATOR:
        if body.promises is not None and body.merchant_id is not None:
            raise _wrong("promises", "promises belong to an area of a hub")
        return
    given = body.model_fields_set & {"hub_id", "merchant_id", "zone", "priority", "promises"}
    if body.use is not Use.DELIVERY:
        given.add("use")
    if given:
        raise _wrong(min(given), "only the network sets this")


def _owner(uow: UnitOfWork, caller: Caller, body: AreaForm) -> str:
    """Whose a new area is; raise NotFound or Invalid."""
    if caller.role is Role.MERCHANT:
        return caller.id
    return _named(uow, body.hub_id, body.merchant_id)


def _listed(uow: UnitOfWork, caller: Caller, query: OwnerQuery) -> str:
    if caller.role is Role.OPERATOR:
        return _named(uow, query.hub_id, query.merchant_id)
    if query.merchant_id not in (None, caller.id):
        raise NotFound("there is no such merchant")
    if query.hub_id is None:
        return caller.id
    if query.hub_id != merchant_store.load_merchant(uow, caller.id).hub_id:
        raise NotFound("there is no such hub")
    return query.hub_id


def _named(uow: UnitOfWork, hub_id: str | None, merchant_id: str | None) -> str:
    if hub_id is not None and merchant_id is None:
        return merchant_store.load_hub(uow, hub_id).id
    if merchant_id is not None and hub_id is None:
        return merchant_store.load_merchant(uow, merchant_id).id
    raise _wrong("hub_id", "name a hub_id or a merchant_id")


def _owner_for(uow: UnitOfWork, caller: Caller, area_id: str) -> str:
    """The owner of an area that the caller may see; a foreign one is not found."""
    owner = store.owner_of(uow, area_id)
    if caller.role is Role.MERCHANT and owner != caller.id:
        raise NotFound("there is no such service area")
    return owner


def _check_drawn_by(uow: UnitOfWork, caller: Caller, owner: str, area_id: str) -> None:
    """A merchant does not change what the network drew for it."""
    area, _ = store.load_area(uow, owner, area_id)
    is_plain = area.use is Use.DELIVERY and area.zone is None and area.priority == 0
    if caller.role is Role.MERCHANT and not is_plain:
        raise Conflict("the network drew this area for you")


def _wrong(field: str, error: str) -> Invalid:
    return Invalid("the request has wrong fields", fields=[{"field": field, "error": error}])
