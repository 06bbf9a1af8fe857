"""Public routing instances: read, judged, and stated as problems of ours.

``read`` gives an immutable ``Instance`` in the family's own numbers; ``problem_of`` states it for
our engines; ``judge`` prices and checks routes without any of them; ``reference`` knows the best
known value. Instances are never part of this repository.
"""

from benchmarks.instances.judge import Verdict, judge
from benchmarks.instances.model import Instance, Node, NotRead, NotStated, Route, Truck
from benchmarks.instances.reading import find, read
from benchmarks.instances.references import OBJECTIVES, Reference, reference
from benchmarks.instances.stating import problem_of, routes_of, routes_of_plan

__all__ = [
    "OBJECTIVES",
    "Instance",
    "Node",
    "NotRead",
    "NotStated",
    "Reference",
    "Route",
    "Truck",
    "Verdict",
    "find",
    "judge",
    "problem_of",
    "read",
    "reference",
    "routes_of",
    "routes_of_plan",
]
