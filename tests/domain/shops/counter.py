"""A platform at the other side of the counter: remembers what it was told, refuses on demand."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.domain.shops import store
from chalicelib.domain.shops.model import Connection
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import LastmileError, StaleVersion
from chalicelib.kit.shop_calls import (
    Access,
    Changed,
    ChangedOrders,
    FoundOrder,
    Requested,
    Telling,
    Wish,
)
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON, SERVER_KEY


@dataclass
class FakeShops:
    """A gateway that keeps what it is told; ``errors`` are raised one after the other."""

    told: list[Telling] = field(default_factory=list)
    errors: list[LastmileError] = field(default_factory=list)
    while_telling: Callable[[], None] | None = None
    found: dict[str, FoundOrder] = field(default_factory=dict)
    asked_since: list[datetime] = field(default_factory=list)
    wishes: list[Requested] = field(default_factory=list)
    answers: list[tuple[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def address(self, shop: str) -> str:
        return shop

    def check(self, access: Access) -> None:
        self._fail()

    def tell(self, access: Access, news: Telling) -> str:
        if self.while_telling is not None:
            interrupt, self.while_telling = self.while_telling, None
            interrupt()
        self._fail()
        self.told.append(news)
        return "shipment-1"

    def changed_orders(
        self, access: Access, since: datetime, *, limit: int, cursor: str | None = None
    ) -> ChangedOrders:
        self._fail()
        self.asked_since.append(since)
        changed = sorted(
            (one for one in self.found.values() if one.updated_at >= since),
            key=lambda one: one.updated_at,
        )
        start = int(cursor or 0)
        page = changed[start : start + limit]
        more = start + limit < len(changed)
        return ChangedOrders(
            tuple(Changed(one.order_id, one.updated_at) for one in page),
            str(start + limit) if more else None,
        )

    def order(self, access: Access, order_id: str) -> FoundOrder | None:
        self._fail()
        self.fetched.append(order_id)
        return self.found.get(order_id)

    def requests(self, access: Access, wish: Wish) -> tuple[Requested, ...]:
        self._fail()
        return tuple(one for one in self.wishes if one.wish is wish)

    def accept(self, access: Access, request: Requested) -> None:
        self.answers.append((request.id, "accepted"))

    def reject(self, access: Access, request: Requested, detail: str) -> None:
        self.answers.append((request.id, detail))

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)


@dataclass
class Counter:
    """Tables, a clock and one connected shop."""

    tables: Notebook = field(default_factory=Notebook)
    clock: FrozenClock = field(default_factory=lambda: FrozenClock(NOON))
    shops: FakeShops = field(default_factory=FakeShops)

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, self.clock)

    def commit(self, use_case: Callable[[UnitOfWork], Any]) -> Any:
        """As entry.work.run does it."""
        for _ in range(4):
            uow = self.begin()
            try:
                result = use_case(uow)
                uow.commit()
            except StaleVersion:
                continue
            return result
        raise StaleVersion

    def connect(self, **settings: str) -> Connection:
        """Connect the shop, or connect it again."""
        known = store.load_connection(self.begin(), "mer_1", "shopify")
        sealed = store.seal_credentials(SERVER_KEY, "mer_1", "shopify", {"access_token": "t"})
        connection = Connection(
            merchant_id="mer_1",
            platform="shopify",
            shop="https://vases.myshopify.com",
            sealed_credentials=sealed,
            settings=settings,
            version=known.version if known else 0,
            connected_at=NOON,
        )
        return self.commit(lambda uow: store.save_connection(uow, connection))

    def connection(self) -> Connection:
        found = store.load_connection(self.begin(), "mer_1", "shopify")
        assert found is not None
        return found
