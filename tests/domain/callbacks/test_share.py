"""A dead endpoint among a hundred: what the others lose by it, on a virtual clock.

The workers are those of the deployed queue, taken in the order in which they are free; what they do
is the real :func:`sending.drain`. An answer takes 50 ms, the dead endpoint 15 s to time out.
"""

import heapq
import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.callbacks import endpoints, sending
from chalicelib.domain.callbacks.endpoints import NewEndpoint
from chalicelib.domain.callbacks.model import EndpointRef, Reply
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.domain.callbacks.stage import RULES, START, an_event, means

SHOPS = 100
LASTS = timedelta(minutes=10)
EVERY = timedelta(seconds=10)
DEAD = "https://dead.example.com/"


@dataclass(order=True)
class Order:
    at: datetime
    number: int
    ref: EndpointRef = field(compare=False)


class City:
    """A hundred shops with an endpoint each, and so many workers."""

    def __init__(self, workers: int, dead: bool) -> None:
        self.clock = FrozenClock(START)
        self.tables = Notebook()
        self.dead = dead
        self.free_at = [START] * workers
        self.queue: list[Order] = []
        self.busy: dict[EndpointRef, datetime] = {}
        self.numbers = itertools.count()
        self.waits: dict[str, list[timedelta]] = {}
        self.shops = [self._open(number) for number in range(SHOPS)]

    def _open(self, number: int) -> EndpointRef:
        merchant = f"mer_{number}"
        url = DEAD if self.dead and number == 0 else f"https://shop{number}.example.com/"
        uow = self.begin()
        made, _ = endpoints.create(uow, merchant, NewEndpoint(url), RULES)
        uow.commit()
        return EndpointRef(merchant, made.id)

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, self.clock)

    def run(self, use_case):
        uow = self.begin()
        result = use_case(uow)
        uow.commit()
        return result

    def order(self, ref: EndpointRef, at: datetime) -> None:
        heapq.heappush(self.queue, Order(at, next(self.numbers), ref))

    def post(self, url: str, headers, body: bytes) -> Reply:
        if url == DEAD:
            self.clock.advance(seconds=15)
            return Reply(None, "timeout", duration_ms=15_000)
        self.clock.advance(milliseconds=50)
        self.waits.setdefault(url, []).append(self.clock.at)
        return Reply(200, duration_ms=50)

    def live(self) -> list[float]:
        """Events for every shop every ten seconds; how long each took to arrive, in seconds."""
        heard: dict[str, list[datetime]] = {}
        self._hear_everything(heard)
        while self.queue:
            self._next_worker()
        arrived = {url: sorted(times) for url, times in self.waits.items()}
        return [
            (got - told).total_seconds()
            for url, times in heard.items()
            if url in arrived
            for told, got in zip(times, arrived[url], strict=True)
        ]

    def _hear_everything(self, heard: dict[str, list[datetime]]) -> None:
        ticks = int(LASTS / EVERY)
        for tick in range(ticks):
            for number in range(SHOPS):
                # Shops are not in step with each other.
                at = START + tick * EVERY + number * EVERY / SHOPS
                event = an_event(tick * SHOPS + number, at, merchant=f"mer_{number}")
                self.clock.at = at
                for ref in sending.record(self.run, event):
                    self.order(ref, at)
                heard.setdefault(f"https://shop{number}.example.com/", []).append(at)

    def _next_worker(self) -> None:
        order = heapq.heappop(self.queue)
        worker = heapq.heappop(self.free_at)
        begins = max(order.at, worker)
        busy_until = self.busy.get(order.ref, START)
        if begins < busy_until:
            # It would knock and go; whoever is there looks again when done.
            self.order(order.ref, busy_until)
            heapq.heappush(self.free_at, worker)
            return
        self.clock.at = begins
        done = sending.drain(self.run, means(self.post), order.ref)
        heapq.heappush(self.free_at, self.clock.at)
        self.busy[order.ref] = self.clock.at
        if done.again:
            self.order(order.ref, self.clock.at)
        if done.soon is not None:
            self.order(order.ref, self.clock.at + done.soon)
        # The sweep of the next minute, for this endpoint.
        if done.failed and self.clock.at < START + LASTS:
            self.order(order.ref, self.clock.at + timedelta(minutes=1))


def p99(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.99)]


@pytest.mark.parametrize("workers", [2, 20])
def test_one_dead_endpoint_of_a_hundred_does_not_hold_up_the_others(workers: int) -> None:
    """Two workers are the fewest that AWS allows a queue; twenty are what the template gives it."""
    healthy = City(workers, dead=False).live()
    beside_a_dead_one = City(workers, dead=True).live()
    assert len(healthy) == SHOPS * LASTS / EVERY
    assert len(beside_a_dead_one) == (SHOPS - 1) * LASTS / EVERY
    assert p99(beside_a_dead_one) <= 1.5 * p99(healthy)
