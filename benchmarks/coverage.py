"""How fast is a door looked up, and what does it cost? Service areas of a city, cut into cells.

Outlines are seeded stars; doors are drawn evenly from the box around them. Look-ups go through the
real code down to DynamoDB's own wire format, which a dictionary in this process answers: what is
measured is our part, without a network. Read units are counted by DynamoDB's rule, one for each
4 kB of an item, one for an item that is not there. Times are CPU time, so that neighbours on the
machine do not matter.
"""

import argparse
import math
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table

from chalicelib.domain.coverage import cells, geojson, index, service
from chalicelib.domain.coverage.cells import Cell
from chalicelib.domain.coverage.model import Covered, Use
from chalicelib.domain.coverage.service import Drawing
from chalicelib.domain.coverage.shape import Shape
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.geo import LatLng
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Tables
from chalicelib.storage.unit_of_work import UnitOfWork

_CENTRE = LatLng(52.52, 13.4)
_HUB = Hub("hub_1", "Hub", "-", _CENTRE, 30_000, "Europe/Berlin", "DE", 45, 14_400)
_METRE = 360 / 40_030_000
#: Corners and radius of a city and of a metropolis.
AREAS = ((100, 17_000), (500, 17_000), (4_999, 17_000), (500, 38_000))
#: Resolutions of an item and of its cells, and the step along an edge that suits the cells [m].
GRIDS = ((4, 7, 400), (4, 8, 150), (5, 7, 400), (5, 8, 150), (5, 9, 55), (6, 8, 150), (6, 9, 55))


class Memory:
    """DynamoDB in a dictionary, as far as coverage asks; counts what is read."""

    def __init__(self) -> None:
        self.items: dict[tuple[str, str], dict[str, Any]] = {}
        self.requests = self.read_units = 0

    def get_item(self, *, Key: dict[str, Any], **_: Any) -> dict[str, Any]:
        item = self._read(Key)
        return {"Item": item} if item else {}

    def batch_get_item(self, *, RequestItems: dict[str, Any]) -> dict[str, Any]:
        self.requests += 1
        [(name, asked)] = RequestItems.items()
        found = [self._read(key) for key in asked["Keys"]]
        return {"Responses": {name: [item for item in found if item]}}

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]], **_: Any) -> None:
        for action in TransactItems:
            [(kind, arguments)] = action.items()
            if kind == "Put":
                item = arguments["Item"]
                self.items[item["pk"]["S"], item["sk"]["S"]] = item
            else:
                self.items.pop(_key(arguments["Key"]), None)

    def _read(self, key: dict[str, Any]) -> dict[str, Any] | None:
        item = self.items.get(_key(key))
        self.read_units += max(1, math.ceil(size(item) / 4096)) if item else 1
        return item


def _key(key: dict[str, Any]) -> tuple[str, str]:
    return key["pk"]["S"], key["sk"]["S"]


def size(item: dict[str, Any]) -> int:
    """Bytes of an item as DynamoDB counts them, nearly."""
    return sum(len(name) + _value_size(value) for name, value in item.items())


def _value_size(value: dict[str, Any]) -> int:
    [(kind, held)] = value.items()
    if kind == "M":
        return 3 + size(held) + len(held)
    if kind == "L":
        return 3 + sum(1 + _value_size(one) for one in held)
    return 1 if kind in ("NULL", "BOOL") else len(held)


def an_outline(seed: int, corners: int, radius_m: int) -> dict[str, Any]:
    """A bay here, a headland there: a few waves around a circle, and a little roughness."""
    chance = random.Random(seed)
    waves = [(chance.uniform(-1, 1), chance.uniform(0, 6)) for _ in range(8)]
    shrink = math.cos(math.radians(_CENTRE.latitude))
    ring = []
    for number in range(corners):
        angle = 2 * math.pi * number / corners
        bend = sum(high * math.sin((k + 1) * angle + at) for k, (high, at) in enumerate(waves))
        reach = radius_m * _METRE * (1 + 0.06 * bend + 0.005 * chance.uniform(-1, 1))
        ring.append(
            [
                _CENTRE.longitude + reach * math.cos(angle) / shrink,
                _CENTRE.latitude + reach * math.sin(angle),
            ]
        )
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def doors_around(shape: Shape, count: int) -> list[LatLng]:
    chance = random.Random(7)
    ys = [y for part in shape.parts for y, _ in part[0]]
    xs = [x for part in shape.parts for _, x in part[0]]
    return [
        LatLng(chance.randint(min(ys), max(ys)) / 1e6, chance.randint(min(xs), max(xs)) / 1e6)
        for _ in range(count)
    ]


@contextmanager
def grid(item: int, cell: int, step_m: int) -> Iterator[None]:
    """Other resolutions for a while."""
    names = ("ITEM_RESOLUTION", "CELL_RESOLUTION", "STEP_M", "CELLS_PER_ITEM")
    before = [getattr(cells, name) for name in names]
    most = index.MOST_CELLS
    for name, value in zip(names, (item, cell, step_m, 7 ** (cell - item)), strict=True):
        setattr(cells, name, value)
    index.MOST_CELLS = 10_000
    yield
    for name, value in zip(names, before, strict=True):
        setattr(cells, name, value)
    index.MOST_CELLS = most


def drawn(shape: Shape) -> tuple[Memory, UnitOfWork, float]:
    """A table with one area, a unit of work to read it, and how long drawing took [s]."""
    memory = Memory()
    tables = Tables(memory, {name: "t" for name in TableName})  # type: ignore[arg-type]
    clock = FrozenClock(datetime(2026, 11, 27, 9, 0, tzinfo=UTC))
    started = time.process_time()
    uow = UnitOfWork(tables, clock)
    service.draw_area(uow, "hub_1", Drawing("x", Use.DELIVERY, shape))
    # Past the limit of a transaction, for the grids that we did not choose.
    for write in uow._writes.values():
        memory.transact_write_items(TransactItems=[tables._action(write, "w")])
    return memory, UnitOfWork(tables, clock), time.process_time() - started


def measured(shape: Shape, count: int) -> dict[str, float]:
    """What one area costs to draw, to keep and to ask."""
    memory, uow, draw_s = drawn(shape)
    kept = [size(item) for (_, sk), item in memory.items.items() if sk.startswith("C#")]
    states = [
        patch.state(n) for patch in cells.cut(shape).values() for n in range(cells.CELLS_PER_ITEM)
    ]
    doors = doors_around(shape, count)
    service.look_up(uow, "mer_1", _HUB, doors[0])
    memory.requests = memory.read_units = 0
    times, answers = [], []
    for door in doors:
        started = time.process_time()
        answer = service.look_up(uow, "mer_1", _HUB, door)
        times.append(time.process_time() - started)
        answers.append(isinstance(answer, Covered))
    if answers[:500] != [shape.contains(door) for door in doors[:500]]:
        raise AssertionError("the index does not say what the polygon says")
    ordered = sorted(times)
    return {
        "draw_ms": draw_s * 1000,
        "items": len(kept),
        "kB": sum(kept) / 1000,
        "largest_kB": max(kept) / 1000,
        "border": states.count(Cell.BORDER) / (len(states) - states.count(Cell.OUTSIDE)),
        "requests": memory.requests / count,
        "read_units": memory.read_units / count,
        "per_s": count / sum(times),
        "p50_us": ordered[count // 2] * 1e6,
        "p99_us": ordered[count * 99 // 100] * 1e6,
    }


def import_ms() -> float:
    """What the first look-up of a worker pays for loading H3."""
    code = (
        "import time, boto3; started = time.process_time(); "
        "from chalicelib.domain.coverage import cells; from chalicelib.kit.geo import LatLng; "
        "cells.address_of(LatLng(52.5, 13.4)); print((time.process_time() - started) * 1000)"
    )
    taken = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(9)
    ]
    return statistics.median(taken)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--doors", type=int, default=20_000, help="look-ups of each measurement")
    chosen = parser.parse_args(arguments)
    console = Console()
    console.print(f"first look-up of a process, H3 loaded: {import_ms():.0f} ms")
    table = Table("corners", "radius", "check ms", "draw ms", "items", "kB", "largest kB", "border",
                  "requests", "read units", "look-ups/s", "p50 us", "p99 us")  # fmt: skip
    for corners, radius_m in AREAS:
        outline = an_outline(1, corners, radius_m)
        started = time.process_time()
        shape = geojson.read_shape(outline)
        checked = (time.process_time() - started) * 1000
        row = measured(shape, chosen.doors)
        table.add_row(str(corners), f"{radius_m // 1000} km", f"{checked:.0f}", *_cells(row))
    console.print(table)
    table = Table("item, cell", "draw ms", "items", "kB", "largest kB", "border", "requests",
                  "read units", "look-ups/s", "p50 us", "p99 us")  # fmt: skip
    shape = geojson.read_shape(an_outline(1, 500, 17_000))
    for item, cell, step_m in GRIDS:
        with grid(item, cell, step_m):
            row = measured(shape, chosen.doors // 2)
        table.add_row(f"{item}, {cell}", *_cells(row))
    console.print(table)
    return 0


def _cells(row: dict[str, float]) -> list[str]:
    return [
        f"{row['draw_ms']:.0f}",
        f"{row['items']:.0f}",
        f"{row['kB']:.1f}",
        f"{row['largest_kB']:.1f}",
        f"{row['border']:.0%}",
        f"{row['requests']:.2f}",
        f"{row['read_units']:.2f}",
        f"{row['per_s']:,.0f}",
        f"{row['p50_us']:.0f}",
        f"{row['p99_us']:.0f}",
    ]


if __name__ == "__main__":
    sys.exit(main())
