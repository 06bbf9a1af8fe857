"""How is a day sheet kept? Drivers as JSON, columns as they are, all compressed.

Read at every checkout and written a few times a minute, hence 32-bit columns instead of JSON.
"""

import json
import sys
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any, Final

from chalicelib.domain.routing.daysheet import Columns, Row, Sheet, Waiting

_CELL: Final = "i"
_WIDTH = array(_CELL).itemsize


def pack(sheet: Sheet) -> bytes:
    """The sheet in one piece."""
    facts = (sheet.at_s, sheet.latitude_e6, sheet.longitude_e6, sheet.shift, sheet.traffic_percent)
    head = json.dumps(
        [facts, [list(_values(row)) for row in sheet.rows], list(_values(sheet.waiting))],
        separators=(",", ":"),
    ).encode()
    columns = b"".join(_cells(column).tobytes() for column in _values(sheet.columns))
    return zlib.compress(len(head).to_bytes(_WIDTH, "little") + head + columns)


def unpack(packed: bytes) -> Sheet:
    """What ``pack`` packed."""
    plain = memoryview(zlib.decompress(packed))
    size = _WIDTH + int.from_bytes(plain[:_WIDTH], "little")
    facts, rows, (each_s, due, spare) = json.loads(bytes(plain[_WIDTH:size]))
    columns = _columns(plain[size:])
    at_s, latitude_e6, longitude_e6, shift, traffic_percent = facts
    return Sheet(
        at_s=at_s,
        latitude_e6=latitude_e6,
        longitude_e6=longitude_e6,
        shift=shift,
        traffic_percent=traffic_percent,
        rows=tuple(Row(*row) for row in rows),
        columns=columns,
        waiting=Waiting(
            each_s,
            tuple((at_s, many, spare_s) for at_s, many, spare_s in due),
            tuple((from_s, until_s) for from_s, until_s in spare),
        ),
    )


def _columns(plain: memoryview) -> Columns:
    """The columns where they lie: most rows are never looked into."""
    if sys.byteorder == "big":
        cells = array(_CELL, plain.tobytes())
        cells.byteswap()
        plain = memoryview(cells).cast("B")
    count = len(fields(Columns))
    size = len(plain) // count
    return Columns(*(plain[k * size : (k + 1) * size].cast(_CELL) for k in range(count)))


def _cells(column: Sequence[int]) -> array[int]:
    cells = array(_CELL, column)
    if sys.byteorder == "big":
        cells.byteswap()
    return cells


def _values(thing: Any) -> Iterator[Any]:
    return (getattr(thing, field.name) for field in fields(thing))
