"""Orders from a spreadsheet: ``POST /v1/deliveries/import``, one delivery per row.

Rows are taken one by one, each its own commit, and each is answered: what is wrong with one stops
no other. A row whose ``external_id`` has a delivery already is ``exists``, so a file can be mended
and sent again as a whole. Addresses are looked up side by side before anything is written; when the
time is up the rest is ``not_tried``, because the door closes on whoever takes longer.
"""

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.intake import repeats, service
from chalicelib.domain.intake.doors import Locate
from chalicelib.domain.intake.order import Order, Refusal
from chalicelib.domain.intake.repeats import Answer
from chalicelib.domain.intake.wishes import wished_window
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.entry import rest, work
from chalicelib.entry.api.deliveries import WRITE
from chalicelib.entry.api.delivery_forms import DeliveryForm
from chalicelib.entry.once import IDEMPOTENCY_KEY
from chalicelib.entry.orders_in import articles_of, locate
from chalicelib.entry.spreadsheet import Row, WrongField, cells_of, read_sheet, wrong_fields
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import DuplicateDelivery, IdempotencyMismatch, Invalid, LastmileError
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Found
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Deliveries")

MOST_ROWS = 200
LARGEST_FILE_BYTES = 256 * 1024
#: API Gateway hangs up after 29 s; what is left over pays for the last row and the answer.
TIME_S = 20
#: Asked side by side; the geocoder allows far more a second.
_LOOKUPS_AT_ONCE = 8

_REQUIRED = ("external_id", "name", "line1")
_ADDRESS = ("line1", "line2", "city", "postal_code", "country")
_DROPOFF = ("name", "phone_number", "latitude", "longitude", "notes")
_ITEM = ("quantity", "weight_g", "volume_ml", "sku")
_WINDOW = ("window_start", "window_end", "delivery_date", "delivery_time")
_PLAIN = ("external_id", "order_name", "store_external_id")
_DOOR = ("action", "pin", "signature", "photo", "id_min_age", "barcode", "geofence_m")
_CASH = {"cash_minor": "amount_minor", "cash_currency": "currency"}
COLUMNS = (*_PLAIN, *_DROPOFF, *_ADDRESS, *_ITEM, *_WINDOW, *_DOOR, *_CASH)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What every row of a file shares."""

    merchant: Merchant
    hub: Hub
    server_key: bytes


@dataclass(frozen=True, slots=True)
class _Read:
    """A row that reads well."""

    line: int
    order: Order


class RowResult(StrEnum):
    CREATED = "created"
    EXISTS = "exists"
    REFUSED = "refused"
    NOT_TRIED = "not_tried"


class RowAnswer(rest.Answer):
    """What became of a row; `code` and `fields` say why nothing did."""

    line: int
    external_id: str
    result: RowResult
    delivery_id: str | None = None
    warnings: list[str] | None = None
    code: str | None = None
    message: str | None = None
    fields: list[WrongField] | None = None


class ImportAnswer(rest.Answer):
    """How many rows came to what, and each of them."""

    created: int
    exists: int
    refused: int
    not_tried: int
    rows: list[RowAnswer]
    ignored_columns: list[str]

    model_config = rest.example(
        created=1,
        exists=0,
        refused=0,
        not_tried=0,
        rows=[
            {
                "line": 2,
                "external_id": "S-1001",
                "result": "created",
                "delivery_id": "del_01m83qpnc10y2w525st46371np",
            }
        ],
        ignored_columns=["colour"],
    )


@doors.route(
    "POST",
    "/v1/deliveries/import",
    who=(WRITE,),
    answers={200: ImportAnswer},
    errors=(Invalid, IdempotencyMismatch),
    headers=(IDEMPOTENCY_KEY,),
    accepts=("text/csv",),
    largest_body_bytes=LARGEST_FILE_BYTES,
)
def import_deliveries(merchant_id: str, raw_body: bytes, request: Request) -> Response:
    """Ask for deliveries in a table, one per row; each row is answered by its line.

    A row whose `external_id` has a delivery already is `exists`, so a file may be mended and sent
    again as a whole.
    """
    attempted = repeats.attempted(merchant_id, request.headers.get("idempotency-key"), raw_body)
    if attempted:
        earlier = work.read(lambda uow: repeats.first_answer(uow, attempted))
        if earlier is not None:
            return rest.answer(earlier.body, earlier.status)
    answer, is_whole = _import(merchant_id, raw_body)
    if attempted and is_whole:
        work.run(lambda uow: repeats.remember(uow, attempted, answer))
    return rest.answer(answer.body, answer.status)


def _import(merchant_id: str, body: bytes) -> tuple[Answer, bool]:
    """Take a file in; whether every row was tried."""
    started = time.perf_counter()
    sheet = read_sheet(body, COLUMNS, _REQUIRED, most_rows=MOST_ROWS)
    uow = work.begin()
    merchant = merchant_store.load_merchant(uow, merchant_id)
    hub = merchant_store.load_hub(uow, merchant.hub_id)
    desk = _Desk(merchant, hub, wiring.vault().server_key())
    told: dict[int, dict[str, Any]] = {}
    read = _read_rows(desk, sheet.rows, told)
    find = _looked_up(desk, read)
    for row in read:
        if time.perf_counter() - started > TIME_S:
            told[row.line] = {"external_id": row.order.order_id, "result": "not_tried"}
        else:
            told[row.line] = _take_in(desk, row.order, find)
    rows = [{"line": line, **told[line]} for line in sorted(told)]
    counts = {
        result: sum(row["result"] == result for row in rows) for result in map(str, RowResult)
    }
    answer = {**counts, "rows": rows, "ignored_columns": sheet.ignored_columns}
    return Answer(200, json.dumps(answer, separators=(",", ":"))), not counts["not_tried"]


def _read_rows(desk: _Desk, rows: Iterable[Row], told: dict[int, dict[str, Any]]) -> list[_Read]:
    """What reads well; what does not is told."""
    find_articles = articles_of(desk.merchant.id)
    first: dict[str, int] = {}
    read = []
    for row in rows:
        external_id = row.cells.get("external_id", "")
        try:
            form = rest.read_cells(DeliveryForm, _values(row, desk.hub))
            if external_id in first:
                raise Invalid(f"line {first[external_id]} has this external_id already")
        except LastmileError as wrong:
            told[row.line] = _refused(external_id, wrong)
            continue
        first[external_id] = row.line
        order = form.order(desk.merchant.default_weight_g, find_articles)
        read.append(_Read(row.line, order))
    return read


def _values(row: Row, hub: Hub) -> dict[str, Any]:
    """A row as the JSON of ``POST /v1/deliveries`` would be; raise Invalid."""
    cells = cells_of(row, ("latitude", "longitude"))
    address = _some(cells, _ADDRESS)
    address["country"] = address.get("country", hub.country).upper()
    values: dict[str, Any] = _some(cells, _PLAIN)
    values["dropoff"] = {**_some(cells, _DROPOFF), "address": address}
    values["items"] = [_some(cells, _ITEM)]
    values["requirements"] = _requirements(cells)
    window = _window(cells, ZoneInfo(hub.timezone))
    return values | ({"window": window} if window else {})


def _requirements(cells: dict[str, str]) -> dict[str, Any]:
    cash = {part: cells[name] for name, part in _CASH.items() if name in cells}
    asked: dict[str, Any] = _some(cells, _DOOR)
    return asked | ({"cash_on_delivery": cash} if cash else {})


def _window(cells: dict[str, str], zone: ZoneInfo) -> dict[str, str] | None:
    """Two instants, or a day with its hours in the hub's zone, as shops' plugins write them."""
    if "delivery_date" not in cells:
        given = {"start_time": cells.get("window_start"), "end_time": cells.get("window_end")}
        return {name: end for name, end in given.items() if end} or None
    named = {"delivery-date": cells["delivery_date"]}
    if "delivery_time" in cells:
        named["delivery-time"] = cells["delivery_time"]
    window = wished_window(named, zone)
    if window is None or isinstance(window, Refusal):
        fields = [{"field": "delivery_date", "error": "2026-11-27, with 14:00 - 16:00"}]
        raise Invalid("the requested time cannot be read", fields=fields)
    ends = {"start_time": window.start_at, "end_time": window.end_at}
    return {name: write_instant(at) for name, at in ends.items()}


def _some(cells: dict[str, str], names: tuple[str, ...]) -> dict[str, str]:
    return {name: cells[name] for name in names if name in cells}


def _looked_up(desk: _Desk, rows: Iterable[_Read]) -> Locate:
    """A geocoder that knows the file's addresses already."""
    near = desk.hub.position
    addresses = {row.order.address for row in rows if row.order.address and not row.order.position}

    def ask(address: Address) -> tuple[Address, tuple[Found, ...] | LastmileError]:
        try:
            return address, locate(address, near)
        except LastmileError as error:
            return address, error

    with ThreadPoolExecutor(_LOOKUPS_AT_ONCE) as pool:
        known = dict(pool.map(ask, addresses))

    def find(address: Address, near: LatLng) -> tuple[Found, ...]:
        found = known[address] if address in known else locate(address, near)
        if isinstance(found, LastmileError):
            raise found
        return found

    return find


def _take_in(desk: _Desk, order: Order, find: Locate) -> dict[str, Any]:
    """One row, one commit."""
    try:
        delivery = work.run(
            lambda uow: service.accept(uow, desk.merchant, desk.hub, order, find, desk.server_key)
        )
    except DuplicateDelivery as known:
        return {"external_id": order.order_id, "result": "exists", **known.extra}
    except LastmileError as error:
        return _refused(order.order_id, error)
    warnings = {"warnings": ["phone_unusable"]} if order.contact.has_bad_phone else {}
    return {
        "external_id": order.order_id,
        "result": "created",
        "delivery_id": delivery.id,
        **warnings,
    }


def _refused(external_id: str, error: LastmileError) -> dict[str, Any]:
    """Why: the code that the API would have answered, or the refusal's own where there is one."""
    return {
        "external_id": external_id[:128],
        "result": "not_tried" if error.retry else "refused",
        "code": error.extra.get("reason", error.code),
        "message": str(error),
        "fields": wrong_fields(error),
    }
