"""The portal's ``/m/stores``: where are a shop's parcels picked up, and what may change about it?

The same rules as the API's (``settings``). Whoever types an address need not know where that is on
earth: left out, the position is looked up, and only a door counts as found.
"""

from collections.abc import Mapping
from typing import Annotated

from chalice.app import Blueprint, Request, Response
from markupsafe import Markup
from pydantic import Field

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.merchants import changes
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Merchant, Store
from chalicelib.domain.merchants.service import NewStore
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api.settings import StoreForm, StoreId
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.orders_in import locate
from chalicelib.entry.portal import Visit
from chalicelib.entry.spreadsheet import decimal_point
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict, Invalid, LastmileError, NotFound, PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork
from chalicelib.web import area_map
from chalicelib.web.area_map import Spot

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

VIEWER, OWNER = (portal_page(TeamRole.VIEWER),), (portal_page(TeamRole.OWNER),)
SAID = {
    "opened": "The store is there. Orders may name it from now on.",
    "changed": "Saved. Orders that came before start where they were to.",
    "closed": "The store is gone. Orders that came before are still picked up there.",
}
_FIELDS = ("name", "external_id", "address", "latitude", "longitude")
_NOT_FOUND = (
    "We could not find this address. Look at it again, or write the position of the door below: "
    "maps show it as two numbers."
)


class ChangeForm(rest.Body):
    """What the page of a store sends beside the store's own fields."""

    do: str = ""
    version: Annotated[int, Field(ge=0)] = 0


@doors.route("GET", "/m/stores", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_stores(request: Request, caller: Caller) -> Response:
    """Show where a shop's parcels are picked up, listed and drawn."""
    return _list(portal.visit(request, caller))


@doors.form("/m/stores", who=OWNER, answers=portal.FORMS)
@portal.in_words
def open_portal_store(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Add a store: `name`, `external_id`, `address`; `latitude` and `longitude` may be empty."""
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    try:
        new = _read(visit, given)
        work.run(lambda uow: _open(uow, visit.merchant.id, new))
    except LastmileError as error:
        if error.status >= 500 and not error.retry:
            raise
        return _list(visit, given=given, problem=error)
    return portal.go(request, "m/stores", said="opened")


@doors.route("GET", "/m/stores/{store_id}", who=OWNER, answers=portal.PAGES)
@portal.in_words
def ask_to_change_store(request: Request, caller: Caller, store_id: StoreId) -> Response:
    """Show a store's form."""
    visit = portal.visit(request, caller)
    return _one(visit, _store(visit.merchant, store_id))


@doors.form("/m/stores/{store_id}", who=OWNER, answers=portal.FORMS)
@portal.in_words
def change_portal_store(
    request: Request, caller: Caller, store_id: StoreId, raw_body: bytes
) -> Response:
    """Describe a store anew, or take it away with `do` = `close`; the last one stays.

    `version` is the shop's, as the page showed it: what somebody else changed since is shown first.
    """
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    form = rest.read_cells(ChangeForm, {n: given[n] for n in ("do", "version") if n in given})
    if form.do == "close":
        return _close(visit, store_id)
    store = _store(visit.merchant, store_id)
    try:
        new = _read(visit, given)
        work.run(lambda uow: _change(uow, visit.merchant.id, store_id, new, form.version))
    except LastmileError as error:
        if error.status >= 500 and not error.retry:
            raise
        return _one(portal.visit(request, caller), store, given=given, problem=error)
    return portal.go(request, "m/stores", said="changed")


def _close(visit: Visit, store_id: str) -> Response:
    if any(one.id == store_id for one in visit.merchant.stores):
        work.run(lambda uow: changes.close_store(uow, visit.merchant.id, store_id))
    return portal.go(visit.request, "m/stores", said="closed")


def _open(uow: UnitOfWork, merchant_id: str, new: NewStore) -> None:
    """Add it, unless the same form came twice."""
    shop = merchants.load_merchant(uow, merchant_id)
    if not any(_is(one, new) for one in shop.stores):
        changes.open_store(uow, merchant_id, new)


def _change(uow: UnitOfWork, merchant_id: str, store_id: str, new: NewStore, seen: int) -> None:
    shop = merchants.load_merchant(uow, merchant_id)
    if _is(_store(shop, store_id), new):
        return
    if shop.version != seen:
        raise Conflict(
            "Somebody changed your shop’s settings meanwhile. What you typed is still here: "
            "compare it with the store as it is now, then save again."
        )
    changes.change_store(uow, merchant_id, store_id, new)


def _is(store: Store, new: NewStore) -> bool:
    said = (store.external_id, store.name, store.address, store.position)
    return said == (new.external_id, new.name, new.address, new.position)


def _store(shop: Merchant, store_id: str) -> Store:
    found = next((one for one in shop.stores if one.id == store_id), None)
    if found is None:
        raise NotFound("There is no such store.")
    return found


def _read(visit: Visit, given: Mapping[str, str]) -> NewStore:
    """The form as the API takes it; without a position, the one of the address.

    Raises
    ------
    Invalid
        If a field is wrong, or nobody knows where the address is.
    """
    cells = {name: given.get(name, "").strip() for name in _FIELDS}
    if not rest.clean(cells["address"]):
        raise _wrong("address", "is missing")
    if not cells["latitude"] and not cells["longitude"]:
        # What else is wrong is told before anybody is asked.
        rest.read_cells(StoreForm, {**cells, "latitude": 0, "longitude": 0})
        there = _look_up(visit, rest.clean(cells["address"]))
        cells |= {"latitude": str(there.latitude), "longitude": str(there.longitude)}
    for name in ("latitude", "longitude"):
        cells[name] = decimal_point(cells[name])
    return rest.read_cells(StoreForm, cells).new_store()


def _look_up(visit: Visit, address: str) -> LatLng:
    try:
        found = locate(Address(address, "", "", "", visit.hub.country), visit.hub.position)
    except PlacesUnavailable:
        found = ()
    door = next((one for one in found if one.kind.is_door), None)
    if door is None:
        raise Invalid(_NOT_FOUND)
    return door.position


def _wrong(name: str, what: str) -> Invalid:
    return Invalid("A field is missing.", fields=[{"field": name, "error": what}])


def _list(
    visit: Visit, *, given: Mapping[str, str] | None = None, problem: LastmileError | None = None
) -> Response:
    return visit.show(
        "portal/stores.html",
        section="stores",
        title="Stores",
        status=200 if problem is None else problem.status,
        map=_map(visit),
        given=dict.fromkeys(_FIELDS, "") | dict(given or {}),
        problem=problem,
        may_save=visit.person.role.reaches(TeamRole.OWNER),
        most=changes.MOST_STORES,
        said=portal.asked(visit.request).get("said", ""),
        texts=SAID,
    )


def _one(
    visit: Visit,
    store: Store,
    *,
    given: Mapping[str, str] | None = None,
    problem: LastmileError | None = None,
) -> Response:
    there = {"latitude": store.position.latitude, "longitude": store.position.longitude}
    kept = {"name": store.name, "external_id": store.external_id, "address": store.address, **there}
    # As it is now: somebody else may have changed it.
    now = next((one for one in visit.merchant.stores if one.id == store.id), store)
    return visit.show(
        "portal/store.html",
        section="stores",
        title=now.name,
        status=200 if problem is None else problem.status,
        store=now,
        given=kept | dict(given or {}),
        problem=problem,
        version=visit.merchant.version,
        is_last=len(visit.merchant.stores) == 1,
    )


def _map(visit: Visit) -> Markup:
    hub = visit.hub
    spots = [Spot(one.name, _point(one.position), "store") for one in visit.merchant.stores]
    spots.append(Spot(hub.name, _point(hub.position), "hub"))
    return area_map.draw("Where we pick up", _point(hub.position), [], spots, hub.radius_m)


def _point(position: LatLng) -> area_map.Point:
    return (position.latitude, position.longitude)
