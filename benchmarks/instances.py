"""How are public routing instances read? One neutral ``Instance``, known by the file's content.

Read so far: Solomon and Gehring-Homberger (VRPTW), Li-Lim (PDPTW), and VRPLIB files with one kind
of vehicle at one depot: X and XXL (CVRP) and ORTEC (explicit durations). Everything else is refused
by name. Numbers are whole: distances are scaled as the family's reference solutions are.

Conventions: X and XXL round to the nearest integer; Gehring-Homberger and Solomon are cut to one
decimal as in the DIMACS challenge of 2022, times 10; Li-Lim in thousandths; ORTEC as given.
"""

import gzip
import json
import math
import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.domain.routing.fleet import Vehicle, Window
from chalicelib.domain.routing.matrix import CELL, Matrix, Travel
from chalicelib.domain.routing.problem import Job, Place, Problem
from chalicelib.kit.geo import LatLng

#: Without time windows: later than any route.
OPEN_END = 1 << 28


class NotRead(Exception):
    """A file that is no instance, or of a family that is not read yet."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A customer: what it takes from the vehicle's load (negative: brings), and its window."""

    load: int
    opens: int
    closes: int
    service: int
    #: Of a pickup: where its parcel goes (index); None for a plain customer and for a dropoff.
    delivers_to: int | None = None
    is_dropoff: bool = False


@dataclass(frozen=True, slots=True)
class Instance:
    """Stop 0 is the depot, whose window is the working day.

    ``unit`` is what one of the file's own units of distance counts here; ``matrix`` (n * n) serves
    as distance and duration.
    """

    family: str
    name: str
    unit: int
    stops: tuple[Stop, ...]
    matrix: "array[int]"
    capacity: int
    vehicles: int

    @property
    def customers(self) -> int:
        return len(self.stops) - 1

    def leg(self, a: int, b: int) -> int:
        return self.matrix[a * len(self.stops) + b]

    def problem(self) -> Problem:
        """As our engines see it: metres and seconds are both the matrix."""
        size = len(self.stops)
        legs = Matrix(size, self.matrix)
        depot = self.stops[0]
        shift = Window(depot.opens, depot.closes)
        return Problem(
            datetime(2026, 1, 1, tzinfo=UTC),
            (Place(LatLng(0, 0)),) * size,
            tuple(
                Vehicle(str(v), "van", 0, 0, self.capacity, 0, shift, cost_per_m=1)
                for v in range(self.vehicles)
            ),
            tuple(
                self._job(index)
                for index, stop in enumerate(self.stops)
                if index and not stop.is_dropoff
            ),
            {"van": Travel(legs, legs)},
        )

    def _job(self, index: int) -> Job:
        stop = self.stops[index]
        window = Window(stop.opens, stop.closes)
        if stop.delivers_to is None:
            day = Window(0, OPEN_END)
            return Job(
                str(index), None, index, day, (window,), 0, stop.service, stop.load, parcels=0
            )
        drop = self.stops[stop.delivers_to]
        return Job(
            str(index),
            index,
            stop.delivers_to,
            window,
            (Window(drop.opens, drop.closes),),
            stop.service,
            drop.service,
            stop.load,
            parcels=0,
        )

    def cost(self, routes: Sequence[Sequence[int]]) -> int | None:
        """What routes cost (lists of stops, without the depot); None if they break a rule.

        Shares nothing with any engine.
        """
        visited = sorted(stop for route in routes for stop in route)
        if visited != list(range(1, len(self.stops))) or len(routes) > self.vehicles:
            return None
        costs = [self._route_cost(route) for route in routes]
        return None if None in costs else sum(cost for cost in costs if cost is not None)

    def _route_cost(self, route: Sequence[int]) -> int | None:
        depot = self.stops[0]
        held = sum(
            s.load for i in route if not (s := self.stops[i]).is_dropoff and s.delivers_to is None
        )
        now, here, total, aboard = depot.opens, 0, 0, set[int]()
        for index in route:
            stop = self.stops[index]
            total += self.leg(here, index)
            now = max(now + self.leg(here, index), stop.opens)
            if held > self.capacity or now > stop.closes:
                return None
            if stop.delivers_to is not None:
                aboard.add(stop.delivers_to)
            elif stop.is_dropoff and index not in aboard:
                return None
            held += stop.load if stop.delivers_to is not None else -abs(stop.load)
            now += stop.service
            here = index
        if held > self.capacity or held < 0:
            return None
        return total + self.leg(here, 0) if now + self.leg(here, 0) <= depot.closes else None


def read(path: Path) -> Instance:
    """Read a file, also a gzipped one.

    Raises
    ------
    NotRead
        If it is no instance of a family that is known.
    """
    text = _text(path)
    name = path.name.removesuffix(".gz").rsplit(".", 1)[0]
    family = path.parent.name
    if "NODE_COORD_SECTION" in text or "EDGE_WEIGHT_SECTION" in text:
        return _vrplib(family, name, text)
    if "CUSTOMER" in text and "VEHICLE" in text:
        return _solomon(family, name, text)
    first = text.split("\n", 1)[0].split()
    if len(first) == 3 and all(re.fullmatch(r"\d+", word) for word in first):
        return _lilim(family, name, text)
    raise NotRead(f"{path.name} is of no family that is known")


def _text(path: Path) -> str:
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


def _euclid(points: Sequence[tuple[float, float]], whole: Callable[[float], int]) -> "array[int]":
    return array(CELL, (whole(math.dist(a, b)) for a in points for b in points))


def _solomon(family: str, name: str, text: str) -> Instance:
    words = text.split()
    at = words.index("CAPACITY")
    vehicles, capacity = int(words[at + 1]), int(words[at + 2])
    numbers = [int(word) for word in words[at + 3 :] if re.fullmatch(r"-?\d+", word)]
    rows = [numbers[i : i + 7] for i in range(0, len(numbers) - 6, 7)]
    stops = tuple(Stop(q, 10 * a, 10 * b, 10 * s) for _, _, _, q, a, b, s in rows)
    matrix = _euclid([(row[1], row[2]) for row in rows], lambda d: int(10 * d))
    return Instance(family, name, 10, stops, matrix, capacity, vehicles)


def _lilim(family: str, name: str, text: str) -> Instance:
    lines = [line.split() for line in text.splitlines() if line.strip()]
    vehicles, capacity = int(lines[0][0]), int(lines[0][1])
    rows = [list(map(int, line)) for line in lines[1:]]
    stops = tuple(
        Stop(q, 1000 * a, 1000 * b, 1000 * s, to or None if q > 0 else None, q < 0)
        for _, _, _, q, a, b, s, _, to in rows
    )
    matrix = _euclid([(row[1], row[2]) for row in rows], lambda d: math.floor(1000 * d + 0.5))
    return Instance(family, name, 1000, stops, matrix, capacity, vehicles)


def _vrplib(family: str, name: str, text: str) -> Instance:
    sections, fields = _sections(text)
    known = {"EDGE_WEIGHT", "NODE_COORD", "DEMAND", "DEPOT", "TIME_WINDOW", "SERVICE_TIME"}
    if not set(sections) <= known or "SERVICE_TIME" in fields or "CAPACITY" not in fields:
        raise NotRead(f"{name} has rules that are not read: {sorted(set(sections) - known)}")
    size, capacity = int(fields["DIMENSION"]), int(fields["CAPACITY"])
    loads = _column(sections["DEMAND"])
    windows = [row[1:3] for row in sections.get("TIME_WINDOW", ())] or [[0, OPEN_END]] * size
    services = _column(sections.get("SERVICE_TIME", ())) or [0] * size
    if "EDGE_WEIGHT" in sections:
        cells = [int(cell) for row in sections["EDGE_WEIGHT"] for cell in row]
        matrix = array(CELL, cells)
        for i in range(size):
            matrix[i * size + i] = 0
    else:
        points = [(x, y) for _, x, y in sections["NODE_COORD"]]
        matrix = _euclid(points, lambda d: math.floor(d + 0.5))
    stops = tuple(
        Stop(int(q), int(a), int(b), int(s))
        for q, (a, b), s in zip(loads, windows, services, strict=True)
    )
    return Instance(family, name, 1, stops, matrix, capacity, _fleet_limit(fields, stops, capacity))


def _fleet_limit(fields: dict[str, str], stops: Sequence[Stop], capacity: int) -> int:
    """The file's limit does not bind in these families: what the loads need, and a quarter more."""
    needed = math.ceil(sum(stop.load for stop in stops) / capacity)
    given = int(fields.get("VEHICLES", 0))
    return max(given, needed + max(3, needed // 4))


def _sections(text: str) -> tuple[dict[str, list[list[float]]], dict[str, str]]:
    sections: dict[str, list[list[float]]] = {}
    fields: dict[str, str] = {}
    current: list[list[float]] | None = None
    for line in text.splitlines():
        words = line.split()
        if line.strip().endswith("_SECTION"):
            current = sections.setdefault(line.strip().removesuffix("_SECTION"), [])
        elif ":" in line:
            key, _, value = line.partition(":")
            fields[key.strip()] = value.strip()
        elif current is not None and words and words[0] != "EOF":
            current.append([float(word) for word in words])
    return sections, fields


def _column(rows: Sequence[Sequence[float]]) -> list[float]:
    return [row[1] for row in rows]


def reference(path: Path, instance: Instance) -> float | None:
    """The least total distance (or duration) in ``bks.json``; hierarchical ones do not count.

    In the instance's units; None where there is none.
    """
    listed = path.parent / "bks.json"
    known: dict[str, Any] = json.loads(listed.read_text()) if listed.exists() else {}
    entry = known.get(instance.name, {})
    for key in ("value", "distance_dimacs", "distance_only"):
        found = entry.get(key)
        value = found.get("value") if isinstance(found, dict) else found
        # Solomon's distances are doubles there and cut to a decimal here: not comparable.
        if value is not None and not (key == "distance_only" and instance.unit == 10):
            return float(value) * (instance.unit if key != "value" else 1)
    return None
