"""What is a public instance? One neutral, immutable ``Instance`` for every family.

Loads, times and prices are the file's own numbers; ``Roads`` says how lines are rounded and by how
much everything else is scaled to fit. Nothing here knows an engine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.instances.roads import Roads

#: The end of a day that the file does not limit, in the file's units.
NEVER = 1 << 26


class NotRead(Exception):
    """A file that is no instance, or of a family that is not known."""


class NotStated(Exception):
    """A family that an engine has no words for."""


@dataclass(frozen=True, slots=True)
class Node:
    """A depot, or somewhere to stop.

    Parameters
    ----------
    load
        What is handed over here from the depot's load, or picked up, or (negative) handed over
        from a pickup, in the file's unit of capacity.
    opens, closes, service
        When handling may begin, and how long it takes [file's time].
    release
        The trip that brings it leaves the depot no earlier [file's time].
    prize
        What leaving it out costs [file's price]; None where it must be served.
    delivers_to
        Of a pickup: the node where its load goes.
    picked_up_at
        Of such a node: where it comes from.
    """

    load: float = 0
    opens: float = 0
    closes: float = NEVER
    service: float = 0
    release: float = 0
    prize: float | None = None
    delivers_to: int | None = None
    picked_up_at: int | None = None


@dataclass(frozen=True, slots=True)
class Truck:
    """A vehicle that drives one route, from its depot and back.

    Parameters
    ----------
    depot
        Node where it begins and ends.
    fixed, per_leg
        Price of using it, and of one unit of distance.
    longest
        The most from leaving the depot to being back [file's time]; None without a limit.
    reloads
        True if it may come back for more, as often as it likes.
    serves
        Nodes it may visit; None for all of them.
    """

    capacity: float
    depot: int = 0
    fixed: float = 0
    per_leg: float = 1
    longest: float | None = None
    reloads: bool = False
    serves: frozenset[int] | None = None


@dataclass(frozen=True, slots=True)
class Instance:
    """One problem of a family.

    Parameters
    ----------
    points
        Of the nodes, for pictures: (x, y).
    depots
        Nodes 0 to ``depots - 1`` are depots, the others customers.
    trucks
        The fleet, one by one.
    fleet_binds
        False where the family counts no vehicles: ``trucks`` is then a generous guess.
    unit
        What one unit of ``bks.json`` counts in judged units.
    """

    family: str
    name: str
    nodes: tuple[Node, ...]
    points: Sequence[tuple[float, float]]
    roads: Roads
    trucks: tuple[Truck, ...]
    depots: int = 1
    fleet_binds: bool = True
    unit: int = 1

    @property
    def customers(self) -> range:
        """The nodes that are no depots."""
        return range(self.depots, len(self.nodes))

    @property
    def has_pairs(self) -> bool:
        """True if loads are picked up on the way."""
        return any(node.delivers_to is not None for node in self.nodes)


@dataclass(frozen=True, slots=True)
class Route:
    """One truck's nodes in order, without the depot at both ends; a depot inside is a reload.

    ``truck`` is an index into ``Instance.trucks``.
    """

    truck: int
    stops: tuple[int, ...]
