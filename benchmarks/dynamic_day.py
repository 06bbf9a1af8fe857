"""A day on which orders keep coming: the dynamic variant of the ORTEC instances, and its referee.

The published rules of the EURO-NeurIPS 2022 competition, written anew: an epoch an hour, vehicles
leave an hour after its beginning; each epoch draws a hundred customers, windows, loads and service
times, each for itself, from the static instance, and forgets requests that could not be served any
more. A request must go when the next epoch would be too late for it. What is sent is driven; the
day's cost is all driving. With the competition's seeds the requests are the competition's own.

Source: ortec/euro-neurips-vrp-2022-quickstart, environment.py (rules only).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from benchmarks.instances import Instance

EPOCH_S = 3600
#: From an epoch's beginning until its vehicles leave [s].
MARGIN_S = 3600
DRAWS = 100


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody's parcel: known from its epoch on; times are seconds of the day."""

    id: int
    epoch: int
    customer: int
    opens_s: int
    closes_s: int
    service_s: int
    load: int


@dataclass(frozen=True, slots=True)
class DynamicDay:
    """All requests of a day; a policy sees those of its epoch and before."""

    legs: Sequence[Sequence[int]]
    capacity: int
    closes_s: int
    epochs: range
    requests: tuple[Request, ...]

    @classmethod
    def draw(cls, instance: Instance, seed: int) -> "DynamicDay":
        size = len(instance.nodes)
        cells = instance.roads.matrix()
        legs = [list(cells[i * size : (i + 1) * size]) for i in range(size)]
        nodes, depot = instance.nodes, instance.nodes[0]
        opens = [int(node.opens) for node in nodes[1:]]
        epochs = range(_epoch(min(opens)), _epoch(max(opens)) + 1)
        rng = np.random.default_rng(seed)
        found: list[Request] = []
        for epoch in epochs:
            draws = [rng.integers(size - 1, size=DRAWS) + 1 for _ in range(4)]
            for customer, window, load, service in zip(*(d.tolist() for d in draws), strict=True):
                request = Request(
                    len(found),
                    epoch,
                    customer,
                    int(nodes[window].opens),
                    int(nodes[window].closes),
                    int(nodes[service].service),
                    int(nodes[load].load),
                )
                if _in_time(legs, request, leaves_s(epoch), int(depot.closes)):
                    found.append(request)
        capacity = int(instance.trucks[0].capacity)
        return cls(legs, capacity, int(depot.closes), epochs, tuple(found))

    def must_go(self, request: Request, epoch: int) -> bool:
        """The published rule: a later epoch would be too late, or there is none."""
        later = leaves_s(epoch) + EPOCH_S
        return epoch == self.epochs[-1] or not _in_time(self.legs, request, later, self.closes_s)

    def faults(self, sent: Sequence[tuple[int, Sequence[int]]]) -> Iterator[str]:
        """The referee: every broken rule of a whole day's routes (epoch, ids of requests)."""
        ids = [one for _, route in sent for one in route]
        if sorted(ids) != list(range(len(self.requests))):
            yield "not everybody is served exactly once"
        for epoch, route in sent:
            at_s, here = leaves_s(epoch), 0
            for request in (self.requests[one] for one in route):
                at_s = max(at_s + self.legs[here][request.customer], request.opens_s)
                here = request.customer
                if request.epoch > epoch:
                    yield f"{request.id} is not known yet"
                if at_s > request.closes_s:
                    yield f"{request.id} is late"
                at_s += request.service_s
            if at_s + self.legs[here][0] > self.closes_s:
                yield f"a route of epoch {epoch} is back too late"
            if sum(self.requests[one].load for one in route) > self.capacity:
                yield f"a route of epoch {epoch} is too heavy"

    def driving_s(self, route: Sequence[int]) -> int:
        stops = [0, *(self.requests[one].customer for one in route), 0]
        return sum(self.legs[a][b] for a, b in pairwise(stops))


def leaves_s(epoch: int) -> int:
    """When vehicles of an epoch leave [s of the day]."""
    return epoch * EPOCH_S + MARGIN_S


def _epoch(opens_s: int) -> int:
    return max(0, (opens_s - MARGIN_S) // EPOCH_S)


def _in_time(legs: Sequence[Sequence[int]], one: Request, leaves: int, closes_s: int) -> bool:
    """Whether somebody who leaves then for it alone is there in time, and back."""
    arrival_s = max(leaves + legs[0][one.customer], one.opens_s)
    back_s = arrival_s + one.service_s + legs[one.customer][0]
    return arrival_s <= one.closes_s and back_s <= closes_s
