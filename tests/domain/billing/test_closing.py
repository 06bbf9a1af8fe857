"""Closing: invoices, credit notes, payouts and balances, told the same however often one asks."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.billing import (
    account_statements,
    checking,
    closing,
    invoices,
    journal,
    payments,
    payouts,
    periods,
    store,
    targets,
)
from chalicelib.domain.billing.invoices import Invoice, PaperKind
from chalicelib.domain.billing.model import Account, AccountKind, Book
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.drivers.pay import LineKind, Pay, PayLine, Unit
from chalicelib.kit.errors import Conflict, Invalid
from chalicelib.kit.money import Money
from tests.domain.billing.histories import (
    Town,
    a_delivered_one,
    a_town,
    book,
    carry_out,
    live_and_book,
)
from tests.domain.billing.test_journal import a_statement

EUR = "EUR"
OWED = Account(AccountKind.RECEIVABLE, EUR, "mer_1")
EARNED = Account(AccountKind.EARNINGS, EUR, "drv_1")
DECEMBER, JANUARY = datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
SETTLED = timedelta(hours=2)


def earn(
    town: Town, route_id: str, minor: int, driver_id: str = "drv_1", *, floor_minor: int = 0
) -> None:
    uow = town.begin()
    pay = Pay(EUR, (PayLine(LineKind.STOPS, 1, Unit.STOP, None, minor),))
    statement = replace(a_statement(pay), driver_id=driver_id, floor_minor=floor_minor)
    wanted = targets.of_route(statement)
    journal.settle(uow, Book("route", f"{driver_id}/{route_id}"), wanted, "evt_1")
    uow.commit()


def close(town: Town, account: Account, until_at: datetime) -> bool:
    uow = town.begin()
    made = closing.close_account(uow, account, until_at)
    uow.commit()
    return made


def close_all(town: Town, until_at: datetime) -> int:
    """As the messages do it: each account in a commit of its own."""
    return sum(close(town, one, until_at) for one in store.list_accounts(town.begin()))


def papers(town: Town) -> list[Invoice]:
    return invoices.list_invoices(town.begin(), "mer_1")


def held(town: Town, account: Account) -> int:
    return periods.held(town.begin(), account, town.clock.at + timedelta(seconds=1))


def faults(town: Town) -> list[checking.Fault]:
    found = checking.check(town.begin())
    assert not any(found.sums().values())
    assert not found.next_after
    return found.faults


def test_two_months_of_random_lives_close_to_the_cent() -> None:
    """An invoice is the sum of its lines, which are what the account moved; payouts settle all
    that was earned; nothing of it is different when it is done again."""
    town, rng = a_town(), random.Random(7)
    for end, lives in ((DECEMBER, 60), (JANUARY, 40)):
        for number in range(lives):
            book(town, live_and_book(town, rng))
            earn(town, f"rte_{end:%m}_{number}", rng.randrange(500, 4_000))
        town.clock.at = end + SETTLED
        assert close_all(town, end) > 0
        assert close_all(town, end) == 0
    first, second = papers(town)
    assert [first.number, second.number] == ["2026-000001", "2027-000001"]
    assert (first.until_at, second.from_at, second.until_at) == (DECEMBER, DECEMBER, JANUARY)
    for one in (first, second):
        lines = invoices.lines_of(town.begin(), one)
        assert one.total_minor == sum(line.total_minor for line in lines)
        assert sum(group.tax_minor for group in invoices.tax_groups(lines)) == one.tax_minor
    assert held(town, OWED) == first.total_minor + second.total_minor
    assert held(town, EARNED) == 0
    assert faults(town) == []


def test_a_period_is_not_closed_before_it_is_over() -> None:
    """Two hours after its end nothing can follow into it any more."""
    town = a_town()
    book(town, a_delivered_one(town))
    town.clock.at = DECEMBER + SETTLED - timedelta(minutes=1)
    with pytest.raises(Conflict):
        close(town, OWED, DECEMBER)
    with pytest.raises(Conflict):
        closing.ask(town.begin(), DECEMBER, "desk")


def test_a_week_that_was_closed_is_on_no_invoice_of_the_month() -> None:
    """Whatever instants are asked for in whatever order, no line is charged twice."""
    town = a_town()
    book(town, a_delivered_one(town))
    weekend = town.clock.at + timedelta(hours=1)
    town.clock.advance(days=1)
    assert close(town, OWED, weekend)
    assert not close(town, OWED, weekend - timedelta(minutes=30))
    book(town, a_delivered_one(town))
    town.clock.at = DECEMBER + SETTLED
    assert close(town, OWED, DECEMBER)
    assert [one.lines for one in papers(town)] == [1, 1]
    assert held(town, OWED) == sum(one.total_minor for one in papers(town))
    assert faults(town) == []


def test_two_closes_of_one_account_at_once_cannot_both_be_made() -> None:
    town = a_town()
    book(town, a_delivered_one(town))
    town.clock.advance(days=1)
    one, other = town.begin(), town.begin()
    closing.close_account(one, OWED, town.clock.at - timedelta(hours=5))
    closing.close_account(other, OWED, town.clock.at - timedelta(hours=4))
    one.commit()
    with pytest.raises(Conflict):
        other.commit()


def test_closes_soon_after_each_other_pay_no_work_twice() -> None:
    """A payout is posted after the period that it is for; the next close counts it all the same."""
    town = a_town()
    earn(town, "rte_1", 3_000)
    first_end = town.clock.at + timedelta(hours=1)
    town.clock.advance(hours=2)
    earn(town, "rte_2", 1_000)
    second_end = town.clock.at + timedelta(hours=1)
    town.clock.advance(days=2)
    close(town, EARNED, first_end)
    close(town, EARNED, second_end)
    made = payouts.list_payouts(town.begin(), "drv_1")
    assert [one.paid_minor for one in made] == [3_000, 1_000]
    assert held(town, EARNED) == 0
    assert faults(town) == []


def test_a_period_without_charges_has_no_invoice_and_takes_no_number() -> None:
    town = a_town()
    book(town, a_delivered_one(town))
    for end in (DECEMBER, JANUARY):
        town.clock.at = end + SETTLED
        close(town, OWED, end)
    town.clock.advance(days=2)
    book(town, a_delivered_one(town))
    town.clock.advance(days=2)
    close(town, OWED, town.clock.at - timedelta(days=1))
    assert [one.number for one in papers(town)] == ["2026-000001", "2027-000001"]


def test_what_is_taken_back_in_a_later_period_stands_in_a_numbered_credit_note() -> None:
    town = a_town()
    ref = a_delivered_one(town)
    book(town, ref)
    end = town.clock.at + timedelta(seconds=1)
    carry_out(town, ref, life.Undo(town.clock.at))
    town.clock.advance(hours=3)
    close(town, OWED, end)
    book(town, ref)
    end = town.clock.at + timedelta(seconds=1)
    town.clock.advance(hours=3)
    close(town, OWED, end)
    invoice, note = papers(town)
    assert (note.number, note.kind) == ("CN2026-000001", PaperKind.CREDIT_NOTE)
    assert (note.net_minor, note.tax_minor) == (invoice.net_minor, invoice.tax_minor)
    (line,) = invoices.lines_of(town.begin(), note)
    assert line.tax_permille == 190
    assert line.note
    assert held(town, OWED) == 0
    assert faults(town) == []


def test_cash_in_the_pocket_is_kept_as_pay_and_the_rest_is_carried_on() -> None:
    town = a_town()
    book(town, a_delivered_one(town, cash_minor=5_000))
    earn(town, "rte_1", 3_000)
    town.clock.at = DECEMBER + SETTLED
    close_all(town, DECEMBER)
    earn(town, "rte_2", 2_500)
    town.clock.at = JANUARY + SETTLED
    close_all(town, JANUARY)
    made = payouts.list_payouts(town.begin(), "drv_1")
    assert [(one.kept_minor, one.paid_minor) for one in made] == [(3_000, 0), (2_000, 500)]


def test_who_handed_over_more_cash_than_there_was_gets_it_back() -> None:
    town = a_town()
    book(town, a_delivered_one(town, cash_minor=5_000))
    earn(town, "rte_1", 1_000)
    uow = town.begin()
    payments.take_in_cash(uow, "drv_1", Money(5_200, EUR), "slip-1")
    uow.commit()
    town.clock.at = DECEMBER + SETTLED
    close(town, EARNED, DECEMBER)
    (made,) = payouts.list_payouts(town.begin(), "drv_1")
    assert (made.kept_minor, made.paid_minor) == (-200, 1_200)
    assert held(town, Account(AccountKind.CASH, EUR, "drv_1")) == 0


def test_cash_that_was_handed_over_too_much_is_given_back_once() -> None:
    """By closes soon after each other: what the first payout gave back is in neither period."""
    town = a_town()
    book(town, a_delivered_one(town, cash_minor=5_000))
    earn(town, "rte_1", 1_000)
    uow = town.begin()
    payments.take_in_cash(uow, "drv_1", Money(5_200, EUR), "slip-1")
    uow.commit()
    first_end, second_end = (town.clock.at + timedelta(hours=one) for one in (1, 2))
    town.clock.advance(days=2)
    close(town, EARNED, first_end)
    close(town, EARNED, second_end)
    (made,) = payouts.list_payouts(town.begin(), "drv_1")
    assert (made.kept_minor, made.paid_minor) == (-200, 1_200)
    assert held(town, Account(AccountKind.CASH, EUR, "drv_1")) == 0


def test_a_payout_of_a_worker_whose_clock_is_ahead_is_not_paid_again() -> None:
    town = a_town()
    earn(town, "rte_1", 3_000)
    first_end, second_end = (town.clock.at + timedelta(hours=one) for one in (1, 2))
    town.clock.advance(days=2)
    town.clock.advance(seconds=2)
    close(town, EARNED, first_end)
    town.clock.advance(seconds=-2)
    close(town, EARNED, second_end)
    (made,) = payouts.list_payouts(town.begin(), "drv_1")
    assert made.paid_minor == 3_000


def test_cash_that_was_handed_over_after_the_period_is_not_kept_from_the_pay() -> None:
    town = a_town()
    book(town, a_delivered_one(town, cash_minor=5_000))
    earn(town, "rte_1", 6_000)
    town.clock.at = DECEMBER + SETTLED
    uow = town.begin()
    payments.take_in_cash(uow, "drv_1", Money(5_000, EUR), "slip-1")
    uow.commit()
    close(town, EARNED, DECEMBER)
    (made,) = payouts.list_payouts(town.begin(), "drv_1")
    assert (made.kept_minor, made.paid_minor) == (0, 6_000)


def test_a_payment_is_noted_once_and_another_amount_under_its_reference_is_refused() -> None:
    town = a_town()
    for wanted in (True, False):
        uow = town.begin()
        entry = payments.receive_payment(uow, "mer_1", Money(4_000, EUR), "bank-17")
        uow.commit()
        assert (entry is not None) is wanted
    with pytest.raises(Conflict):
        payments.receive_payment(town.begin(), "mer_1", Money(4_001, EUR), "bank-17")
    assert held(town, OWED) == -4_000


@pytest.mark.parametrize("minor", [0, -5])
def test_nothing_and_less_than_nothing_cannot_be_paid(minor: int) -> None:
    with pytest.raises(Invalid):
        payments.receive_payment(a_town().begin(), "mer_1", Money(minor, EUR), "bank-17")


def give_back(town: Town, ref: DeliveryRef, minor: int, reference: str) -> bool:
    uow = town.begin()
    entry = payments.credit(uow, ref, Money(minor, EUR), reference)
    uow.commit()
    return entry is not None


def test_credits_in_parts_give_back_all_of_the_tax_and_never_more_than_was_charged() -> None:
    town = a_town()
    ref = a_delivered_one(town)
    charged = book(town, ref)
    assert charged is not None
    total = charged.amount_of(OWED)
    assert give_back(town, ref, total // 3, "sup_1")
    assert not give_back(town, ref, total // 3, "sup_1")
    with pytest.raises(Conflict):
        give_back(town, ref, total // 3 + 1, "sup_1")
    with pytest.raises(Conflict):
        give_back(town, ref, total - total // 3 + 1, "sup_2")
    assert give_back(town, ref, total - total // 3, "sup_2")
    entries = store.list_entries(town.begin(), Book("credit", str(ref)))
    tax = Account(AccountKind.TAX, EUR)
    assert sum(one.amount_of(tax) for one in entries) == -charged.amount_of(tax)
    assert held(town, OWED) == 0


def test_goods_that_broke_are_paid_for_without_tax_and_on_a_credit_note() -> None:
    town = a_town()
    ref = a_delivered_one(town)
    book(town, ref)
    for _ in range(2):
        uow = town.begin()
        payments.compensate(uow, ref, Money(7_500, EUR), "sup_1")
        uow.commit()
    town.clock.at = DECEMBER + SETTLED
    close(town, OWED, DECEMBER)
    invoice, note = papers(town)
    assert (note.net_minor, note.tax_minor) == (7_500, 0)
    assert held(town, OWED) == invoice.total_minor - 7_500
    assert faults(town) == []


def test_cash_goes_from_the_pocket_to_the_bank_to_the_merchant() -> None:
    town = a_town()
    ref: DeliveryRef = a_delivered_one(town, cash_minor=5_000)
    book(town, ref)
    uow = town.begin()
    payments.take_in_cash(uow, "drv_1", Money(5_000, EUR), "slip-1")
    payments.hand_on_cash(uow, "mer_1", Money(5_000, EUR), "bank-2")
    uow.commit()
    for kind, owner in ((AccountKind.CASH, "drv_1"), (AccountKind.COLLECTED, "mer_1")):
        assert held(town, Account(kind, EUR, owner)) == 0
    assert {one.kind for one in store.list_accounts(town.begin())} == {
        AccountKind.RECEIVABLE,
        AccountKind.CASH,
        AccountKind.COLLECTED,
    }


def test_a_statement_opens_with_what_the_one_before_closed_with() -> None:
    town, rng = a_town(), random.Random(11)
    for _ in range(12):
        book(town, live_and_book(town, rng))
    middle, end = town.clock.at, town.clock.at + timedelta(days=1)
    for number in range(4):
        town.clock.advance(minutes=5)
        book(town, live_and_book(town, rng))
        give = payments.receive_payment(uow := town.begin(), "mer_1", Money(900, EUR), f"b{number}")
        assert give is not None
        uow.commit()
    start = datetime(2026, 11, 1, tzinfo=UTC)
    first = account_statements.read(town.begin(), OWED, start, middle)
    second = account_statements.read(town.begin(), OWED, middle, end)
    assert first.opening_minor == 0
    assert first.closing_minor == second.opening_minor
    assert second.closing_minor == held(town, OWED)
    moved = sum(line.amount_minor for line in second.lines)
    assert second.closing_minor - second.opening_minor == moved
    with pytest.raises(Invalid):
        account_statements.read(town.begin(), OWED, end, start)


def test_the_check_finds_a_line_that_somebody_changed_and_a_number_that_is_missing() -> None:
    """Nobody has the grant to do it: but a check that cannot fail would say nothing."""
    town = a_town()
    book(town, a_delivered_one(town))
    town.clock.at = DECEMBER + SETTLED
    close(town, OWED, DECEMBER)
    assert faults(town) == []
    whole = dict(town.tables.items)
    line = next(key for key in whole if key.pk.startswith("AC#receivable"))
    town.keep({**whole, line: {**whole[line], "amount_minor": 1}})
    assert any("journal" in one.what for one in checking.check(town.begin()).faults)
    paper = next(key for key in whole if key.pk.startswith("IV#"))
    town.keep({key: item for key, item in whole.items() if key != paper})
    found = {one.what for one in checking.check(town.begin()).faults}
    assert found == {
        "the numbers of invoices have a gap",
        "invoices and credit notes are not what was charged",
    }
    town.keep({key: item for key, item in whole.items() if not key.pk.startswith("AC#r")})
    assert checking.check(town.begin()).faults
