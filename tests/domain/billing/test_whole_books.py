"""Whole books over random histories: lives, pay, cash, credits, disputes, closes, in any order.

``LIVES=10000 .venv/bin/python -m pytest tests/domain/billing/test_whole_books.py`` plays as many as
docs/money.md tells of; the suite plays 150.
"""

import os
import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from chalicelib.domain.billing import (
    checking,
    closing,
    disputes,
    disputing,
    hourly_floor,
    invoices,
    payouts,
    periods,
    store,
    vouchers,
)
from chalicelib.domain.billing.disputes import RefusalReason
from chalicelib.domain.billing.findings import DisputeReason
from chalicelib.domain.billing.invoices import PaperKind
from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.domain.billing.vouchers import VoucherKind, Wanted
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pricing.faults import RefundReason
from chalicelib.kit.errors import LastmileError
from chalicelib.kit.money import Money
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.domain.billing.histories import Town, a_town, book, live_and_book
from tests.domain.billing.test_closing import EUR, SETTLED, close_all, earn, held

LIVES = int(os.environ.get("LIVES", "150"))
LIVES_IN_A_BOOK = 25
COLLECTED = Account(AccountKind.COLLECTED, EUR, "mer_1")


class Chance:
    """Somebody who does what people do to books, at random and often twice."""

    def __init__(self, town: Town, rng: random.Random) -> None:
        self.town, self.rng = town, rng
        self.refs: list[DeliveryRef] = []
        self.number = 0
        self.routes: dict[tuple[str, str], tuple[int, int]] = {}
        #: When, whose, by how much wages and the worth of the time were moved.
        self.moves: list[tuple[datetime, str, int, int]] = []

    def reference(self) -> str:
        """A new one, or one that was used before."""
        self.number += self.rng.random() < 0.8
        return f"ref-{self.number}"

    def do(self, deed: Callable[[UnitOfWork], object]) -> None:
        uow = self.town.begin()
        try:
            deed(uow)
        except LastmileError:
            return
        uow.commit()

    def ask(self, kind: VoucherKind, owner: str, minor: int, delivery_id: str = "") -> None:
        reason = RefundReason.LATE if delivery_id else None
        wanted = Wanted(kind, owner, Money(minor, EUR), self.reference(), delivery_id, reason)
        self.do(lambda uow: vouchers.ask(uow, wanted, "desk"))

    def live(self) -> None:
        self.refs.append(live_and_book(self.town, self.rng))
        book(self.town, self.refs[-1])
        driver_id = self.rng.choice(("drv_1", "drv_2"))
        self.drive(f"rte_{len(self.refs)}", driver_id)
        if self.routes and self.rng.random() < 0.3:
            # An end that was taken back and driven again, perhaps after a close.
            self.drive(*self.rng.choice(list(self.routes)))

    def drive(self, route_id: str, driver_id: str) -> None:
        """A route's pay, and what its time is worth by the floor: what it moves is kept."""
        minor = self.rng.choice((0, self.rng.randrange(200, 3_000)))
        worth = self.rng.choice((0, 0, self.rng.randrange(100, 4_000)))
        before = self.routes.get((route_id, driver_id), (0, 0))
        self.routes[route_id, driver_id] = (minor, worth)
        earn(self.town, route_id, minor, driver_id, floor_minor=worth)
        moved = (minor - before[0], worth - before[1])
        self.moves.append((self.town.clock.at, driver_id, *moved))

    def note(self) -> None:
        """A voucher of some kind, for some amount, about somebody."""
        minor, ref = self.rng.randrange(1, 900), self.rng.choice(self.refs)
        match self.rng.choice(list(VoucherKind)):
            case VoucherKind.HANDOVER as kind:
                self.ask(kind, self.rng.choice(("drv_1", "drv_2")), minor)
            case VoucherKind.CREDIT | VoucherKind.COMPENSATION as kind:
                self.ask(kind, "mer_1", minor, ref.delivery_id)
            case kind:
                self.ask(kind, "mer_1", minor)

    def dispute(self) -> None:
        ref = self.rng.choice(self.refs)
        reason = self.rng.choice(list(DisputeReason))
        self.do(lambda uow: disputing.open_one(uow, ref, reason, "It is wrong."))
        known = disputes.of_delivery(self.town.begin(), ref)
        if known is None:
            return
        minor = self.rng.choice((None, self.rng.randrange(1, 600)))
        decide = self.rng.choice(
            (
                lambda uow, one: disputing.accept(uow, one, minor, "desk"),
                lambda uow, one: disputing.refuse(uow, one, RefusalReason.ON_TIME, "desk"),
                lambda uow, one: disputing.withdraw(uow, one),
            )
        )
        for _ in range(self.rng.choice((1, 2))):
            self.do(lambda uow: decide(uow, disputes.load(uow, "mer_1", known.id)))

    def post(self) -> None:
        """The queue brings every voucher, again and again."""
        for owner in ("mer_1", "drv_1", "drv_2"):
            for one in vouchers.list_of(self.town.begin(), owner):
                wanted = one.wanted
                parts = (wanted.kind.value, wanted.delivery_id, wanted.reference)
                name = "#".join(part for part in parts if part)
                self.do(lambda uow, owner=owner, name=name: vouchers.post(uow, owner, name))

    def close(self) -> None:
        back = SETTLED + timedelta(minutes=self.rng.randrange(0, 600))
        self.town.clock.advance(hours=self.rng.randrange(0, 30))
        close_all(self.town, self.town.clock.at - back)


def finish(chance: Chance) -> None:
    for ref in chance.refs:
        book(chance.town, ref)
    chance.post()
    end = chance.town.clock.at + timedelta(minutes=1)
    chance.town.clock.advance(hours=3)
    close_all(chance.town, end)


@pytest.mark.parametrize("seed", range(max(1, LIVES // LIVES_IN_A_BOOK)))
def test_books_hold_together_whatever_happens_and_doing_it_again_adds_nothing(seed: int) -> None:
    """Every posting sums to nothing, what was invoiced is the sum of its lines and what was
    charged, what came into the bank and went out is what people noted, and a replay changes no
    item."""
    chance = Chance(a_town(), random.Random(seed))
    for _ in range(LIVES_IN_A_BOOK):
        chance.live()
        for deed in (chance.note, chance.dispute, chance.post, chance.close):
            if chance.rng.random() < 0.35:
                deed()
    finish(chance)
    town = chance.town
    found = checking.check(town.begin())
    assert found.faults == []
    assert found.sums() == {EUR: 0}
    assert_money_is_conserved(town, found)
    assert_every_period_reaches_the_floor(chance)
    whole = dict(town.tables.items)
    for ref in chance.refs:
        assert book(town, ref) is None
    chance.post()
    end = town.clock.at - SETTLED - timedelta(hours=1)
    assert not close_all(town, end)
    assert town.tables.items == whole


def assert_money_is_conserved(town: Town, found: checking.Findings) -> None:
    uow = town.begin()
    made = [one for owner in ("drv_1", "drv_2") for one in payouts.list_payouts(uow, owner)]
    noted = dict.fromkeys(VoucherKind, 0)
    for owner in ("mer_1", "drv_1", "drv_2"):
        for one in vouchers.list_of(uow, owner):
            posted = one.state is vouchers.VoucherState.POSTED
            noted[one.wanted.kind] += one.wanted.money.amount_minor if posted else 0
    came_in = noted[VoucherKind.PAYMENT] + noted[VoucherKind.HANDOVER]
    went_out = noted[VoucherKind.REMITTANCE] + sum(one.paid_minor for one in made)
    assert found.balances.get(("bank", EUR), 0) == came_in - went_out
    papers = invoices.list_invoices(uow, "mer_1")
    signs = {PaperKind.INVOICE: 1, PaperKind.CREDIT_NOTE: -1}
    owed = sum(signs[one.kind] * one.total_minor for one in papers) - noted[VoucherKind.PAYMENT]
    assert held(town, Account(AccountKind.RECEIVABLE, EUR, "mer_1")) == owed
    assert found.balances.get(("losses", EUR), 0) == noted[VoucherKind.COMPENSATION]
    collected = -held(town, COLLECTED) + noted[VoucherKind.REMITTANCE]
    kept = sum(one.kept_minor for one in made)
    pockets = sum(
        held(town, one) for one in store.list_accounts(uow) if one.kind is AccountKind.CASH
    )
    assert collected == pockets + kept + noted[VoucherKind.HANDOVER]
    assert all(one.total_minor >= 0 for one in papers)


def assert_every_period_reaches_the_floor(chance: Chance) -> None:
    """By what was noted when it happened, not by what the books say of it."""
    uow = chance.town.begin()
    for driver_id in ("drv_1", "drv_2"):
        account = Account(AccountKind.EARNINGS, EUR, driver_id)
        for closing_ in periods.list_closings(uow, account):
            span = (closing_.from_at, closing_.until_at)
            own = [one for one in chance.moves if one[1] == driver_id]
            within = [one for one in own if span[0] <= one[0] < span[1]]
            wages = max(0, sum(minor for _, _, minor, _ in within))
            missing = max(0, sum(worth for _, _, _, worth in within) - wages)
            book_ = hourly_floor.book_of(driver_id, EUR, closing_.until_at)
            posted = store.list_entries(uow, book_)
            assert sum(-entry.amount_of(account) for entry in posted) == missing
            assert len(posted) == (missing > 0)


def test_a_close_shares_its_accounts_out() -> None:
    town = a_town()
    for number in range(45):
        earn(town, f"rte_{number}", 100, f"drv_{number}")
    shares = closing.shares(town.begin())
    assert [len(share) for share in shares] == [20, 20, 5]
