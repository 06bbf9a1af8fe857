"""The journal: sums to nothing, replays to nothing, and says what happened."""

import os
import random
from dataclasses import replace

import pytest

from chalicelib.domain.billing import journal, store, targets
from chalicelib.domain.billing.model import (
    Account,
    AccountKind,
    Book,
    Entry,
    Leg,
    balances,
    sums,
)
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import prices
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.drivers.pay import LineKind, Pay, PayLine, Unit
from chalicelib.domain.drivers.statements import Statement
from chalicelib.domain.pricing.charges import before_late_refund
from chalicelib.storage.table import Refused
from tests.builders import NOON
from tests.domain.billing.histories import (
    a_delivered_one,
    a_town,
    book,
    carry_out,
    entries_of,
    given_back,
    live_and_book,
)

LIVES = int(os.environ.get("LIVES", "150"))
EUR = "EUR"
OWED = Account(AccountKind.RECEIVABLE, EUR, "mer_1")
REVENUE = Account(AccountKind.REVENUE, EUR)


def test_random_lives_leave_books_that_sum_to_nothing_and_say_what_happened() -> None:
    """Whatever was tapped, failed, undone and taken back in whatever order, and whenever the books
    were looked at: they hold what the last state says, and looking again posts nothing.

    ``LIVES=10000`` plays as many as the promise in docs/money.md was tried with.
    """
    town, rng = a_town(), random.Random(20261126)
    brought = given = 0
    for _ in range(LIVES):
        town.keep({k: v for k, v in town.tables.items.items() if k.pk.startswith("NET")})
        ref = live_and_book(town, rng)
        book(town, ref)
        assert book(town, ref) is None
        posted = entries_of(town, ref)
        delivery = delivery_store.load(town.begin(), ref)
        due = prices.bill(town.begin(), delivery).charges
        plain, back = before_late_refund(due), given_back(town, ref)
        assert balances(posted) == targets.of_delivery(delivery, plain)
        late = targets.of_late_refund(delivery, plain, due, plain.total_minor)
        assert balances(back) == late
        given += -late.get(OWED, 0)
        every = [leg for entry in (*posted, *back) for leg in entry.legs]
        assert not any(sums(every).values())
        assert [entry.revision for entry in posted] == list(range(1, len(posted) + 1))
        brought += balances(posted).get(REVENUE, 0)
    assert brought < 0 < given


def test_an_undone_handover_takes_back_what_it_brought_and_keeps_both_entries() -> None:
    """Nothing is ever changed in the books: what was wrong is posted back."""
    town = a_town()
    ref = a_delivered_one(town, cash_minor=4_590)
    first = book(town, ref)
    assert first is not None
    assert first.amount_of(Account(AccountKind.CASH, EUR, "drv_1")) == 4_590
    assert first.amount_of(Account(AccountKind.COLLECTED, EUR, "mer_1")) == -4_590
    carry_out(town, ref, life.Undo(town.clock.at))
    second = book(town, ref)
    assert second is not None
    assert {leg.account: -leg.amount_minor for leg in second.legs} == {
        leg.account: leg.amount_minor for leg in first.legs
    }
    assert balances(entries_of(town, ref)) == {}


def test_what_the_merchant_owes_is_split_into_revenue_and_tax() -> None:
    town = a_town()
    ref = a_delivered_one(town)
    due = prices.bill(town.begin(), delivery_store.load(town.begin(), ref)).charges
    entry = book(town, ref)
    assert entry is not None
    assert due.tax_minor > 0
    assert {str(leg.account): leg.amount_minor for leg in entry.legs} == {
        "receivable:EUR:mer_1": due.total_minor,
        "revenue:EUR": due.tax_minor - due.total_minor,
        "tax:EUR": -due.tax_minor,
    }


def test_a_rehearsal_is_in_no_book() -> None:
    town = a_town()
    ref = a_delivered_one(town, live=False)
    assert book(town, ref) is None


def test_of_two_that_post_at_once_one_is_refused_and_then_finds_nothing_to_do() -> None:
    town = a_town()
    ref = a_delivered_one(town)
    one, other = town.begin(), town.begin()
    assert journal.book_delivery(one, ref, "evt_1") is not None
    assert journal.book_delivery(other, ref, "evt_1") is not None
    one.commit()
    with pytest.raises(Refused):
        other.commit()
    assert book(town, ref) is None


def test_a_line_of_each_owned_account_is_written_with_the_entry() -> None:
    """A merchant's statement and the journal cannot disagree."""
    town = a_town()
    ref = a_delivered_one(town, cash_minor=100)
    entry = book(town, ref)
    lines, _ = store.list_lines(town.begin(), OWED, "2026-11", limit=500)
    assert [line.entry for line in lines] == [entry]
    assert lines[0].amount_minor == entry.amount_of(OWED)  # type: ignore[union-attr]
    assert store.list_lines(town.begin(), REVENUE, "2026-11", limit=500) == ([], None)


@pytest.mark.parametrize(
    "legs",
    [
        (),
        (Leg(OWED, 5), Leg(REVENUE, -4)),
        (Leg(OWED, 0), Leg(REVENUE, 0)),
        (Leg(OWED, 5), Leg(OWED, -5)),
        (Leg(OWED, 5), Leg(Account(AccountKind.REVENUE, "USD"), -5)),
    ],
    ids=["nothing", "unbalanced", "still", "twice", "two currencies"],
)
def test_an_entry_that_makes_or_loses_money_cannot_exist(legs: tuple[Leg, ...]) -> None:
    with pytest.raises(ValueError, match=r"entry|leg"):
        Entry(Book("delivery", "mer_1/del_1"), 1, NOON, "evt_1", legs)


@pytest.mark.parametrize("text", ["receivable:EUR:mer_1", "revenue:EUR", "earnings:JPY:drv_1"])
def test_an_account_is_read_as_it_was_written(text: str) -> None:
    assert str(Account.parse(text)) == text


@pytest.mark.parametrize("text", ["receivable:EUR", "revenue:EUR:mer_1", "revenue:eur", "x:EUR"])
def test_an_account_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"account|ISO 4217|valid"):
        Account.parse(text)


def test_a_routes_pay_is_booked_by_its_last_statement_and_tips_are_no_wage() -> None:
    first = a_statement(Pay(EUR, (_line(LineKind.STOPS, 900), _line(LineKind.TIPS, 200))))
    assert {str(k): v for k, v in targets.of_route(first).items()} == {
        "wages:EUR": 900,
        "tips:EUR": 200,
        "earnings:EUR:drv_1": -1100,
    }
    assert targets.of_route(replace(first, reopened=True)) == {}
    assert targets.of_route(None) == {}


def test_a_corrected_statement_posts_only_the_difference() -> None:
    town = a_town()
    uow = town.begin()
    book_ = Book("route", "drv_1/rte_1")
    for minor in (900, 950):
        statement = a_statement(Pay(EUR, (_line(LineKind.STOPS, minor),)))
        journal.settle(uow, book_, targets.of_route(statement), "evt_1")
        uow.commit()
        uow = town.begin()
    entries = store.list_entries(uow, book_)
    owed = Account(AccountKind.EARNINGS, EUR, "drv_1")
    assert [entry.amount_of(owed) for entry in entries] == [-900, -50]


def a_statement(pay: Pay) -> Statement:
    return Statement(
        id="pst_1",
        driver_id="drv_1",
        route_id="rte_1",
        hub_id="hub_1",
        revision=1,
        day=NOON.date(),
        ended_at=NOON,
        pay=pay,
        change_minor=pay.total_minor,
    )


def _line(kind: LineKind, amount_minor: int) -> PayLine:
    return PayLine(kind, 1, Unit.ROUTE, None, amount_minor)
