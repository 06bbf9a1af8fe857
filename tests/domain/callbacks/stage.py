"""A merchant with endpoints, receivers that can fail, and time that moves when told.

The queue and the sweep are played as the functions play them, so that a test can live through days.
"""

import heapq
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from chalicelib.domain.callbacks import endpoints, sending, store
from chalicelib.domain.callbacks.endpoints import NewEndpoint, Rules
from chalicelib.domain.callbacks.model import Endpoint, EndpointRef, Message, Reply
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import StaleVersion
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import read_instant
from chalicelib.storage import keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import SERVER_KEY

MERCHANT = "mer_1"
RULES = Rules(SERVER_KEY)
OK = Reply(200, duration_ms=40)
BROKEN = Reply(500, duration_ms=40)


def an_event(number: int, at: datetime, what: str = "ready", merchant: str = MERCHANT) -> Event:
    data = {
        "merchant_id": merchant,
        "hub_id": "hub_1",
        "external_id": f"order {number}",
        "status": what,
        "route_id": None,
        "driver_id": "drv_secret",
        "attempts": 0,
    }
    return Event(f"delivery.{what}", f"del_{number:026d}", 2, at, data)


@dataclass(frozen=True)
class Sent:
    at: datetime
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event_id(self) -> str:
        return self.headers["webhook-id"].partition("_whe_")[0]


@dataclass
class Internet:
    """Receivers by URL; ``answer`` says how each one replies, with the time as it is."""

    clock: FrozenClock
    answer: Callable[[str], Reply] = lambda _: OK
    sent: list[Sent] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.sent.append(Sent(self.clock.at, url, dict(headers), body))
        return self.answer(url)

    def to(self, url: str) -> list[Sent]:
        return [one for one in self.sent if one.url == url]


@dataclass
class Office:
    """The functions and what lies between them, on one frozen clock."""

    begin: Callable[[], UnitOfWork]
    clock: FrozenClock
    internet: Internet
    queue: list[tuple[datetime, int, EndpointRef]] = field(default_factory=list)
    _numbers: itertools.count = field(default_factory=itertools.count)

    def run(self, use_case):
        for _ in range(4):
            uow = self.begin()
            try:
                result = use_case(uow)
                uow.commit()
            except StaleVersion:
                continue
            return result
        raise AssertionError("kept losing")

    def open(self, url: str = "https://shop.example.com/hook", **more: object) -> Endpoint:
        new = NewEndpoint(url, **more)
        return self.run(lambda uow: endpoints.create(uow, MERCHANT, new, RULES))[0]

    def order(self, ref: EndpointRef, delay: timedelta = timedelta()) -> None:
        heapq.heappush(self.queue, (self.clock.at + delay, next(self._numbers), ref))

    def hear(self, event: Event) -> None:
        """What the relay and ``post_webhooks`` do with an event."""
        if not sending.is_wanted(self.begin(), event):
            return
        for ref in sending.record(self.run, event, lambda one: f"https://t.example/t/{one}"):
            self.order(ref)

    def work(self) -> None:
        """Everything that is on the queue by now."""
        while self.queue and self.queue[0][0] <= self.clock.at:
            _, _, ref = heapq.heappop(self.queue)
            done = sending.drain(self.run, self.internet.post, SERVER_KEY, ref)
            if done.again:
                self.order(ref)
            if done.soon is not None:
                self.order(ref, done.soon + timedelta(seconds=1))

    def tick(self) -> None:
        """The sweep of a minute."""
        self.run(lambda uow: sending.wake(uow, self.order))

    def live(self, until: datetime) -> None:
        """Let time pass: what is delayed when it is due, a sweep at every minute that finds any."""
        self.work()
        while self.clock.at < until:
            self.clock.at = min(until, max(self.clock.at + timedelta(seconds=1), self._next()))
            self.tick()
            self.work()

    def _next(self) -> datetime:
        """When something is to happen: a delayed message, or a sweep with something to wake."""
        wakes = self.begin().query(TableName.EPH, keys.WEBHOOK_WAKES, limit=1).items
        times = [one[0] for one in self.queue[:1]]
        times += [read_instant(one["minute"]) for one in wakes]
        return min(times, default=self.clock.at + timedelta(days=1))

    def log(self, endpoint: Endpoint) -> list[Message]:
        ref = EndpointRef(endpoint.merchant_id, endpoint.id)
        return store.list_messages(self.begin(), ref, limit=100)[0]

    def now(self, endpoint: Endpoint) -> Endpoint:
        ref = EndpointRef(endpoint.merchant_id, endpoint.id)
        return store.load_endpoint(self.begin(), ref)[1]


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


START = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
