"""Li-Lim and Sartori-Buriol (PDPTW): what is picked up here goes there, on the same truck.

Columns of a node. Li-Lim: number, x, y, demand, earliest, latest, service, pickup, delivery.
Sartori-Buriol: the same with latitude and longitude, and a matrix of travel times in minutes.
Source: cssartori/pdptw-instances (format of the second).
"""

from array import array
from collections.abc import Sequence

from benchmarks.instances.model import Instance, Node, Truck
from benchmarks.instances.roads import EXACT, THOUSANDTHS, StraightLines, Table


def read_lilim(family: str, name: str, text: str, exact: bool) -> Instance:
    """``exact``: distances are doubles; otherwise to the nearest thousandth."""
    first, *rows = [line.split() for line in text.splitlines() if line.strip()]
    vehicles, capacity = int(first[0]), int(first[1])
    points = [(float(row[1]), float(row[2])) for row in rows]
    return Instance(
        family,
        name,
        tuple(_node(row) for row in rows),
        points,
        StraightLines(points, EXACT if exact else THOUSANDTHS),
        (Truck(capacity),) * vehicles,
        unit=1 if exact else THOUSANDTHS.scale,
    )


def read_sartori(family: str, name: str, text: str) -> Instance:
    """As many trucks as pairs: the file has no limit."""
    head, _, rest = text.partition("NODES")
    body, _, edges = rest.partition("EDGES")
    capacity = int(head.partition("CAPACITY:")[2].split()[0])
    rows = [line.split() for line in body.splitlines() if line.strip()]
    cells = array("i", map(int, edges.partition("EOF")[0].split()))
    return Instance(
        family,
        name,
        tuple(_node(row) for row in rows),
        [(float(row[2]), float(row[1])) for row in rows],
        Table(len(rows), cells),
        (Truck(capacity),) * (len(rows) // 2),
        fleet_binds=False,
    )


def _node(row: Sequence[str]) -> Node:
    load, opens, closes, service, pickup, delivery = map(int, row[3:9])
    return Node(
        load,
        opens,
        closes,
        service,
        delivers_to=delivery or None,
        picked_up_at=pickup or None,
    )
