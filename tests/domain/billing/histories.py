"""Random lives of deliveries, and their books looked at now and then: seeded, in memory."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from chalicelib.domain.billing import journal, store
from chalicelib.domain.billing.model import LATE_REFUND, Book, Entry
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import CancelReason, Delivery, FailureReason, Place
from chalicelib.domain.deliveries.requirements import NOTHING, Proof, ProofKind, Requirements
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pricing import agreed as agreements
from chalicelib.domain.pricing import store as cards
from chalicelib.domain.pricing.model import LateRefund, Share
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import LastmileError
from chalicelib.kit.money import Money
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage.keys import NETWORK, Key
from chalicelib.storage.notebook import Notebook
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import HUB_AT, NOON, a_request
from tests.domain.pricing.cards import a_card, a_job

HUB = Place("hub_1", "Hub North", HUB_AT)
CASH_MINOR = 4_590


@dataclass
class Town:
    """Tables, and a clock that a history moves on."""

    tables: Notebook
    clock: FrozenClock

    def begin(self) -> UnitOfWork:
        return UnitOfWork(self.tables, self.clock)

    def keep(self, items: Mapping[Key, Item]) -> None:
        """Stand on these items from now on, and on no others."""
        self.tables = Notebook()
        for key, item in items.items():
            self.tables.seed(key, item)


def a_town() -> Town:
    town = Town(Notebook(), FrozenClock(NOON))
    uow = town.begin()
    cards.save_card(uow, NETWORK, a_card(late_refund=LateRefund(600, Share(20, 300))))
    uow.commit()
    return town


def live_and_book(town: Town, rng: random.Random) -> DeliveryRef:
    """One life of up to 40 deeds; its books are looked at now and then, sometimes twice at once."""
    uow = town.begin()
    cash = rng.random() < 0.3
    needs = Requirements(cash_minor=CASH_MINOR, currency="EUR") if cash else NOTHING
    job = replace(a_job(), cash_on_delivery_minor=needs.cash_minor)
    agreed = agreements.agree(uow, "mer_1", job)
    tip = Money(rng.randrange(1, 900), "EUR") if rng.random() < 0.2 else None
    # Some are late whatever happens, some never.
    window = TimeWindow(uow.now, uow.now + timedelta(minutes=rng.choice((10, 40, 600))))
    asked = a_request(requirements=needs, agreed=agreed, tip=tip, window=window)
    made = deliveries.create(uow, asked)
    uow.commit()
    ref = deliveries.ref_of(made)
    for _ in range(rng.randrange(5, 40)):
        town.clock.advance(minutes=rng.randrange(0, 9))
        uow = town.begin()
        before = delivery_store.load(uow, ref)
        try:
            deliveries.advance(uow, before, _deed(rng, uow, before))
        except LastmileError:
            continue
        uow.commit()
        for _ in range(rng.choice((0, 0, 1, 2))):
            book(town, ref)
    return ref


def a_delivered_one(
    town: Town, *, cash_minor: int = 0, live: bool = True, left_min: int = 60
) -> DeliveryRef:
    """Created, driven and handed over so long before its window ends, nothing in the books yet."""
    uow = town.begin()
    agreed = agreements.agree(uow, "mer_1", replace(a_job(), cash_on_delivery_minor=cash_minor))
    needs = Requirements(cash_minor=cash_minor, currency="EUR") if cash_minor else NOTHING
    end_at = uow.now + timedelta(minutes=left_min)
    window = TimeWindow(end_at - timedelta(hours=8), end_at)
    asked = a_request(requirements=needs, agreed=agreed, live=live, window=window)
    made = deliveries.create(uow, asked)
    uow.commit()
    ref, at = deliveries.ref_of(made), town.clock.at
    proofs = (Proof(ProofKind.CASH, cash_minor=cash_minor),) if cash_minor else ()
    carry_out(town, ref, life.Plan(at, "rte_1"), life.Assign(at, "drv_1"), life.PickUp(at))
    carry_out(town, ref, life.ArriveAtDropoff(at), life.Deliver(at, proofs))
    return ref


def carry_out(town: Town, ref: DeliveryRef, *deeds: life.Command) -> None:
    uow = town.begin()
    deliveries.carry_out(uow, ref, *deeds)
    uow.commit()


def book(town: Town, ref: DeliveryRef) -> Entry | None:
    uow = town.begin()
    entry = journal.book_delivery(uow, ref, "evt_1")
    uow.commit()
    return entry


def entries_of(town: Town, ref: DeliveryRef) -> list[Entry]:
    return store.list_entries(town.begin(), Book("delivery", str(ref)))


def given_back(town: Town, ref: DeliveryRef) -> list[Entry]:
    """What it got back for being late."""
    return store.list_entries(town.begin(), Book(LATE_REFUND, str(ref)))


def _deed(rng: random.Random, uow: UnitOfWork, before: Delivery) -> life.Command:
    at = uow.now
    proofs = (Proof(ProofKind.CASH, cash_minor=CASH_MINOR),)
    forward: Iterator[life.Command] = iter(
        (
            life.Plan(at, "rte_1"),
            life.Assign(at, rng.choice(("drv_1", "drv_2"))),
            life.ArriveAtPickup(at),
            life.PickUp(at),
            life.ArriveAtDropoff(at),
            life.Deliver(at, proofs),
        )
    )
    if rng.random() < 0.7:
        return _next(before, list(forward))
    return rng.choice(
        (
            life.FailAttempt(at, rng.choice(list(FailureReason))),
            life.Retry(at, HUB),
            life.Undo(at),
            life.Cancel(at, rng.choice(list(CancelReason))),
            life.Return(at, rng.choice(list(FailureReason)).value),
            life.ReceiveReturn(at),
            life.LeaveAtPickupPoint(at),
            life.Collect(at),
            life.Dispose(at),
            life.Lose(at),
            life.Damage(at),
            life.Unassign(at, "driver_cancelled"),
        )
    )


def _next(before: Delivery, forward: list[life.Command]) -> life.Command:
    order = ("ready", "planned", "assigned", "arrived_at_pickup", "picked_up", "arrived_at_dropoff")
    return forward[order.index(before.status) if before.status in order else -1]
