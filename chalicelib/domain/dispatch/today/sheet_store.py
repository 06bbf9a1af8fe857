"""How is a day sheet kept, and when is it drawn anew?

One item per hub in ``eph``, whose changes no stream carries. Whatever changes routes, duty or what
waits orders a new one by :func:`order`: the first such news of fifteen seconds sends one message
that is delayed by as long, so a hub's sheet is drawn at most four times a minute, however many taps
there are, and never lags by more. A reader that finds none, or a very old one, draws it at once.
"""

from datetime import timedelta
from typing import Any

from chalicelib.domain.dispatch.today.day_sheets import blank, draw, survey
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.daysheet import Sheet
from chalicelib.domain.routing.daysheet_wire import pack, unpack
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: Wall time between two drawings of a hub's sheet.
EVERY = timedelta(seconds=15)
#: A sheet that nothing has changed for so long is drawn anew by who reads it: traffic has changed.
STALE_AFTER = timedelta(minutes=10)
KEPT = timedelta(days=2)
#: DynamoDB takes 400 kB per item.
LARGEST_BYTES = 390_000


def order(uow: UnitOfWork, hub_id: str) -> bool:
    """True if a message has to be sent now; False while one is on its way."""
    key = keys.day_sheet_due(hub_id)
    item = uow.get(key)
    if item is not None and read_instant(item["due_at"]) > uow.wall_now:
        return False
    due = {"due_at": write_instant(uow.wall_now + EVERY)}
    version = 0 if item is None else item["version"]
    uow.put(key, due, expect=version, expires_at=uow.wall_now + KEPT)
    return True


def redraw(uow: UnitOfWork, hub: Hub) -> Sheet:
    """Draw the sheet as things are now, and keep it."""
    sheet = draw(survey(uow, hub))
    uow.put(
        keys.day_sheet(hub.id),
        {"packed": fitting(sheet), "drawn_at": write_instant(uow.now)},
        expect=None,
        expires_at=uow.wall_now + KEPT,
    )
    return sheet


def read(uow: UnitOfWork, hub: Hub) -> Sheet:
    """The sheet of a hub; drawn on the spot when there is none, or a very old one."""
    item = uow.get(keys.day_sheet(hub.id))
    if item is None or read_instant(item["drawn_at"]) < uow.now - STALE_AFTER:
        return redraw(uow, hub)
    return _unpacked(item)


def peek(uow: UnitOfWork, hub: Hub) -> Sheet:
    """The sheet of a hub as it lies there, one without drivers if there is none: one read, for who
    cannot wait for a drawing."""
    item = uow.get(keys.day_sheet(hub.id))
    return blank(hub, uow.now) if item is None else _unpacked(item)


def _unpacked(item: Item) -> Sheet:
    packed: Any = item["packed"]
    return unpack(bytes(packed))


def fitting(sheet: Sheet) -> bytes:
    """The packed sheet; without its last rows if it is too large: less room, never too much."""
    packed = pack(sheet)
    while len(packed) > LARGEST_BYTES:
        sheet = sheet.first_rows(len(sheet.rows) * 3 // 4)
        packed = pack(sheet)
    return packed
