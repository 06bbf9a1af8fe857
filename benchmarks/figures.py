"""What do the figures of a day cost? Write and read units of 1,000 deliveries, by items' sizes.

``python -m benchmarks.figures --deliveries 1000 --seed 7`` plays a hub's day of 14 hours against
tables in memory that count units as DynamoDB does (a write for each kB begun, a strongly consistent
read for each 4 kB begun of an answer): each end puts its fact, each five minutes roll the day. What
a fact reads of its delivery (delivery, price, rate card, texts) is counted at its usual size.
"""

import argparse
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

from chalicelib.domain.analytics import rollups, store
from chalicelib.domain.analytics.model import CrewDay, Facts, RouteFacts, Share
from chalicelib.kit.clock import FrozenClock
from chalicelib.storage.keys import Key
from chalicelib.storage.table import Page, Put
from chalicelib.storage.unit_of_work import UnitOfWork

DAY = date(2026, 11, 27)
OPENS = datetime(2026, 11, 27, 7, 0, tzinfo=UTC)
HOURS = 14
#: Delivery, price, rate card and the query of its texts [read units]; route, statement and the
#: twelve deliveries of a route.
READS_OF_FACT, READS_OF_ROUTE = 4, 15


class Counting:
    """The tables' four methods, in memory, with the units that they would use."""

    def __init__(self) -> None:
        self.items: dict[Key, dict[str, Any]] = {}
        self.units: Counter[str] = Counter()

    def get(self, key: Key) -> dict[str, Any] | None:
        item = self.items.get(key)
        self.units["reads"] += -(-max(1, _bytes(item)) // 4096)
        return item

    def get_many(self, keys: Any) -> dict[Key, dict[str, Any]]:
        return {key: item for key in keys if (item := self.get(key)) is not None}

    def query(self, source: Any, pk: str, sk_prefix: str = "", **_: Any) -> Page:
        found = [
            item
            for key, item in sorted(self.items.items(), key=lambda one: one[0].sk)
            if key.pk == pk and key.sk.startswith(sk_prefix)
        ]
        self.units["reads"] += -(-max(1, sum(map(_bytes, found))) // 4096)
        return Page(tuple(found), None)

    def commit(self, writes: Any, writer: str) -> None:
        dearer = 2 if len(writes) > 1 else 1
        for write in writes:
            assert isinstance(write, Put)
            item = {**write.item, "pk": write.key.pk, "sk": write.key.sk, "writer": writer}
            self.items[write.key] = item
            self.units["writes"] += dearer * -(-_bytes(item) // 1024)


def _bytes(value: Any) -> int:
    """As DynamoDB counts: names and texts as they are, a number two bytes and half its digits."""
    if isinstance(value, dict):
        return 3 + sum(len(name) + 1 + _bytes(one) for name, one in value.items())
    if isinstance(value, int):
        return 2 + len(str(value)) // 2
    return len(str(value).encode()) if value is not None else 1


def a_day(deliveries: int, rng: random.Random) -> list[Facts | RouteFacts]:
    """Ends in their order: deliveries in routes of twelve, of 20 merchants, 5 zones, 30 drivers."""
    made: list[Facts | RouteFacts] = []
    for number in range(deliveries):
        at = OPENS + timedelta(hours=HOURS) * (number + 1) / (deliveries + 1)
        ids = f"{number:026d}"
        route = f"rte_{number // 12:026d}"
        took_s = int(rng.lognormvariate(8.6, 0.4))
        made.append(
            Facts(
                f"del_{ids}", f"mer_{rng.randrange(20):026d}", "hub_1",
                f"zon_{rng.randrange(5):026d}", "delivered", at - timedelta(seconds=took_s), at,
                DAY, at.hour, rng.random() < 0.96,
                took_s, 1, (), f"drv_{number // 12 % 30:026d}", route, False, 1, 3, 490, "EUR", 14,
            )
        )  # fmt: skip
        if number % 12 == 11:
            carried = [one for one in made[-12:] if isinstance(one, Facts)]
            shares = tuple(
                Share(one.delivery_id, one.merchant_id, one.zone_id, 1, True, 2100, 210, 640_000)
                for one in carried
            )
            misses = tuple((rng.randrange(7200), rng.randrange(-600, 600)) for _ in range(60))
            made.append(
                RouteFacts(
                    route, "hub_1", carried[-1].driver_id or "", "van", at, DAY, at.hour, 12, 6_000,
                    25_200, 3_000, 2_520, 0, "EUR", 7_680_000, misses, shares, 1, 30,
                )
            )  # fmt: skip
    return made


def play(deliveries: int, seed: int) -> tuple[Counter[str], int]:
    tables, clock = Counting(), FrozenClock(OPENS)
    due, rolls = OPENS, 0

    def unit() -> UnitOfWork:
        return UnitOfWork(tables, clock)  # type: ignore[arg-type]

    for one in a_day(deliveries, random.Random(seed)):
        clock.at = one.ended_at
        uow = unit()
        store.put_fact(uow, one)
        uow.commit()
        tables.units["reads"] += READS_OF_FACT if isinstance(one, Facts) else READS_OF_ROUTE
        if clock.at >= due:
            due, rolls = clock.at + timedelta(minutes=5), rolls + 1
            _roll(unit)
            # The mark that a roll is ordered: put with the fact, and taken away by the roll.
            tables.units["writes"] += 4
    return tables.units, rolls


def _roll(unit: Any) -> None:
    uow = unit()
    before = {one.scope: one for one in store.rollups_of_day(uow, "hub_1", DAY)}
    facts, routes = store.facts_of_day(uow, "hub_1", DAY)
    crew = [CrewDay(f"drv_{n:026d}", 14_400, 9_000, "EUR") for n in range(30)]
    for scope, one in rollups.rollups_of("hub_1", DAY, facts, routes, crew, uow.now).items():
        known = before.get(scope)
        if known is None or not known.says_the_same(one):
            store.save_rollup(uow, one, known)
            uow.commit()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    units, rolls = play(chosen.deliveries, chosen.seed)
    cost = units["writes"] * 0.625e-6 + units["reads"] * 0.125e-6
    print(f"{chosen.deliveries} deliveries, {rolls} rolls, seed {chosen.seed}")
    print(f"{units['writes']} write units, {units['reads']} read units: {cost:.4f} USD a day")


if __name__ == "__main__":
    main()
