"""Solomon and Gehring-Homberger (VRPTW): one depot, one kind of truck, windows.

The columns of a customer: number, x, y, demand, ready time, due date, service time.
"""

import re

from benchmarks.instances.model import Instance, Node, Truck
from benchmarks.instances.roads import EXACT, TENTHS, StraightLines

_COLUMNS = 7


def read_solomon(family: str, name: str, text: str, dimacs: bool) -> Instance:
    """``dimacs``: distances are cut to one decimal; otherwise they are doubles."""
    words = text.split()
    at = words.index("CAPACITY")
    vehicles, capacity = int(words[at + 1]), int(words[at + 2])
    numbers = [int(word) for word in words[at + 3 :] if re.fullmatch(r"-?\d+", word)]
    rows = [numbers[i : i + _COLUMNS] for i in range(0, len(numbers) - _COLUMNS + 1, _COLUMNS)]
    points = [(float(row[1]), float(row[2])) for row in rows]
    return Instance(
        family,
        name,
        tuple(Node(*row[3:]) for row in rows),
        points,
        StraightLines(points, TENTHS if dimacs else EXACT),
        (Truck(capacity),) * vehicles,
        unit=10 if dimacs else 1,
    )
