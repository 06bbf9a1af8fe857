"""VRPLIB files, in the dialect of PyVRP's sets and in that of ORTEC's.

What a file may ask for: one or several depots, kinds of trucks with their capacity and prices,
windows, releases with reloads, prizes, longest durations, and who may be served by whom.
"""

import math
from array import array
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.instances.model import NEVER, Instance, Node, NotRead, Truck
from benchmarks.instances.roads import (
    NEAREST,
    TENTHS,
    THOUSANDTHS,
    Roads,
    Rounding,
    StraightLines,
    Table,
)

_KNOWN = {
    *("NODE_COORD", "EDGE_WEIGHT", "DEMAND", "DEPOT", "TIME_WINDOW", "SERVICE_TIME"),
    *("RELEASE_TIME", "PRIZE", "CAPACITY", "VEHICLES_DEPOT", "VEHICLES_RELOAD_DEPOT"),
    *("VEHICLES_FIXED_COST", "VEHICLES_UNIT_DISTANCE_COST", "VEHICLES_ALLOWED_CLIENTS"),
}
#: By the file's TYPE. HFVRP has prices times 100; the others add up distances.
_ROUNDING = {
    "CVRP": NEAREST,
    "VRPTW": NEAREST,
    "HFVRP": THOUSANDTHS,
    "MTVRPTWR": TENTHS,
    "PCVRPTW": TENTHS,
    "MDVRPTW": THOUSANDTHS,
    "SDVRPTW": THOUSANDTHS,
}
#: What one unit of bks.json counts, where it is not what the legs are counted in: money, with
#: prices times 100 and distances times 1,000.
_UNITS = {"HFVRP": 100 * 1000}
#: Families that count no vehicles: their references may have more than the file says.
_FREE_FLEET = {"CVRP", "VRPTW"}


@dataclass(frozen=True, slots=True)
class _File:
    """Header fields, and sections as rows of numbers."""

    fields: dict[str, str]
    sections: dict[str, list[list[float]]]

    def column(self, section: str, fallback: float) -> list[float]:
        """A section's second column; else the header's field of that name, for one and all."""
        if section in self.sections:
            return [row[1] for row in self.sections[section]]
        count = self.vehicles if section.startswith(("VEHICLES", "CAPACITY")) else self.size
        return [float(self.fields.get(section, fallback))] * count

    @property
    def size(self) -> int:
        return int(self.fields["DIMENSION"])

    @property
    def vehicles(self) -> int:
        """As many as the header says; where it is silent, what the loads need and then some."""
        if "VEHICLES" in self.fields and self.fields["TYPE"] not in _FREE_FLEET:
            return int(self.fields["VEHICLES"])
        loads = sum(row[1] for row in self.sections["DEMAND"])
        needed = math.ceil(loads / float(self.fields["CAPACITY"]))
        return max(int(self.fields.get("VEHICLES", 0)), needed + max(3, needed // 10))


def read_vrplib(family: str, name: str, text: str) -> Instance:
    """Read it.

    Raises
    ------
    NotRead
        If it asks for what is not known.
    """
    file = _split(text)
    kind = file.fields.get("TYPE", "")
    unknown = set(file.sections) - _KNOWN
    if unknown or kind not in _ROUNDING:
        raise NotRead(
            f"{name} is a {kind or 'file of no type'} with {sorted(unknown) or 'no more'}"
        )
    depots = [row[0] for row in file.sections.get("DEPOT", [[1], [-1]]) if row and row[0] > 0]
    if depots != list(range(1, len(depots) + 1)):
        raise NotRead(f"{name} has depots that do not come first")
    points = [(row[1], row[2]) for row in file.sections.get("NODE_COORD", ())]
    return Instance(
        family,
        name,
        _nodes(file, len(depots)),
        points,
        _roads(file, points, _ROUNDING[kind]),
        _trucks(file),
        depots=len(depots),
        fleet_binds=kind not in _FREE_FLEET,
        unit=_UNITS.get(kind, 1),
    )


def _split(text: str) -> _File:
    file = _File({}, {})
    rows: list[list[float]] = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] == "EOF":
            continue
        if words[0].endswith("_SECTION"):
            rows = file.sections.setdefault(words[0].removesuffix("_SECTION"), [])
        elif ":" in line and not words[0][0].isdigit():
            key, _, value = line.partition(":")
            file.fields[key.strip()] = value.strip()
        else:
            rows.append([float(word) for word in words])
    return file


def _nodes(file: _File, depots: int) -> tuple[Node, ...]:
    windows = file.sections.get("TIME_WINDOW") or [[0, 0, NEVER]] * file.size
    columns = zip(
        file.column("DEMAND", 0),
        windows,
        file.column("SERVICE_TIME", 0),
        file.column("RELEASE_TIME", 0),
        file.column("PRIZE", math.nan),
        strict=True,
    )
    return tuple(
        Node(
            load,
            opens,
            closes,
            0 if index < depots else service,
            release,
            None if math.isnan(prize) or index < depots else prize,
        )
        for index, (load, (_, opens, closes), service, release, prize) in enumerate(columns)
    )


def _trucks(file: _File) -> tuple[Truck, ...]:
    columns = zip(
        file.column("CAPACITY", math.inf),
        file.column("VEHICLES_DEPOT", 1),
        file.column("VEHICLES_FIXED_COST", 0),
        file.column("VEHICLES_UNIT_DISTANCE_COST", 1),
        file.column("VEHICLES_MAX_DURATION", math.inf),
        file.column("VEHICLES_RELOAD_DEPOT", 0),
        _allowed(file),
        strict=True,
    )
    return tuple(
        Truck(
            capacity,
            int(depot) - 1,
            fixed,
            per_leg,
            None if math.isinf(most) else most,
            reload > 0,
            serves,
        )
        for capacity, depot, fixed, per_leg, most, reload, serves in columns
    )


def _allowed(file: _File) -> Sequence[frozenset[int] | None]:
    rows = file.sections.get("VEHICLES_ALLOWED_CLIENTS")
    if rows is None:
        return [None] * file.vehicles
    return [frozenset(int(client) - 1 for client in row[1:]) for row in rows]


def _roads(file: _File, points: Sequence[tuple[float, float]], rounding: Rounding) -> Roads:
    if "EDGE_WEIGHT" not in file.sections:
        return StraightLines(points, rounding)
    cells = array("i", (int(cell) for row in file.sections["EDGE_WEIGHT"] for cell in row))
    for index in range(file.size):
        cells[index * file.size + index] = 0
    return Table(file.size, cells)
