"""What the console shows: a hub's day, what changed of it, one opened delivery, the streets."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.domain.board import cursor, reading
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.entry import rest, street_map, work
from chalicelib.entry.api.board_answers import (
    BoardAnswer,
    BoardChanges,
    write_day,
    write_news,
)
from chalicelib.entry.api.delivery_answers import WholeDelivery
from chalicelib.entry.api.delivery_forms import write_delivery
from chalicelib.entry.auth import OPERATOR
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Malformed, NotFound

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")

ParcelId = Annotated[str, IdOf("del", "delivery")]


class BoardQuery(rest.Body):
    hub_id: rest.Name


class SinceQuery(rest.Body):
    """``since``: the cursor of the answer before."""

    hub_id: rest.Name
    since: Annotated[str, Field(max_length=200)]


class OwnerQuery(rest.Body):
    merchant_id: rest.Name


class TileQuery(rest.Body):
    """A tile of the usual square grid of maps; from ``zoom`` 15 on it has the side streets too."""

    hub_id: rest.Name
    zoom: Annotated[int, Field(ge=10, le=16)]
    x: Annotated[int, Field(ge=0, lt=1 << 16)]
    y: Annotated[int, Field(ge=0, lt=1 << 16)]


class StreetTile(rest.Answer):
    """Lines in 4096ths of the tile's side, east and south of its corner: ``x, y, x, y, …``."""

    main: list[list[int]]
    side: list[list[int]]
    credit: str

    model_config = rest.example(main=[[0, 2048, 4096, 2050]], side=[], credit="")


@doors.route("GET", "/ops/board", who=(OPERATOR,), answers={200: BoardAnswer}, errors=(NotFound,))
def show_board(query: BoardQuery) -> Mapping[str, Any]:
    """Show a hub's day: routes with their stops, drivers, and what waits.

    No recipient is named; `GET /ops/deliveries/{delivery_id}` opens one.
    """
    uow = work.begin()
    hub = merchant_store.load_hub(uow, query.hub_id)
    return write_day(hub.id, reading.day(uow, hub))


@doors.route(
    "GET", "/ops/changes", who=(OPERATOR,), answers={200: BoardChanges}, errors=(Malformed,)
)
def show_changes(query: SinceQuery) -> Mapping[str, Any]:
    """Show what changed of a hub's day since a cursor, each thing whole.

    Ask every five seconds while somebody looks. A thing may come twice and never not at all.
    """
    heard = cursor.read(query.hub_id, query.since)
    return write_news(work.read(lambda uow: reading.news(uow, query.hub_id, heard)))


@doors.route("GET", "/ops/deliveries/{delivery_id}", who=(OPERATOR,), answers={200: WholeDelivery})
def open_delivery(delivery_id: ParcelId, query: OwnerQuery) -> Mapping[str, Any]:
    """Open a delivery at the desk, its recipient included."""
    ref = DeliveryRef(query.merchant_id, delivery_id)
    uow = work.begin()
    delivery = delivery_store.load(uow, ref)
    return write_delivery(delivery, delivery_store.load_recipient(uow, ref))


@doors.route("GET", "/ops/streets", who=(OPERATOR,), answers={200: StreetTile})
def show_street_tile(query: TileQuery) -> Any:
    """Show the streets of a tile, from the hub's own street file; none where it has none."""
    told = street_map.tile(query.hub_id, query.zoom, query.x, query.y)
    return rest.answer(told, headers={"Cache-Control": "private, max-age=86400"})
