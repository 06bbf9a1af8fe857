"""Closing a month: invoices, payouts and balances, told the same however often one asks."""

import random
from datetime import UTC, datetime

import pytest

from chalicelib.domain.billing import invoices, journal, months, payments, payouts, store, targets
from chalicelib.domain.billing.model import Account, AccountKind, Book
from chalicelib.domain.billing.payouts import Payout
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.drivers.pay import LineKind, Pay, PayLine, Unit
from chalicelib.kit.errors import Conflict, Invalid
from chalicelib.kit.money import Money
from tests.domain.billing.histories import (
    Town,
    a_delivered_one,
    a_town,
    book,
    live_and_book,
)
from tests.domain.billing.test_journal import a_statement

EUR, NOVEMBER, DECEMBER = "EUR", "2026-11", "2026-12"
OWED = Account(AccountKind.RECEIVABLE, EUR, "mer_1")
IN_DECEMBER = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
IN_JANUARY = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)


def a_month_of(town: Town, rng: random.Random, lives: int) -> None:
    for number in range(lives):
        book(town, live_and_book(town, rng))
        earn(town, f"rte_{town.clock.at:%m}_{number}", rng.randrange(500, 4_000))


def earn(town: Town, route_id: str, minor: int, driver_id: str = "drv_1") -> None:
    uow = town.begin()
    pay = Pay(EUR, (PayLine(LineKind.STOPS, 1, Unit.STOP, None, minor),))
    wanted = targets.of_route(a_statement(pay))
    journal.settle(uow, Book("route", f"{driver_id}/{route_id}"), wanted, "evt_1")
    uow.commit()


def issue(town: Town, month: str) -> invoices.Invoice | None:
    uow = town.begin()
    made = invoices.issue(uow, "mer_1", EUR, month)
    uow.commit()
    return made


def pay_out(town: Town, month: str) -> Payout | None:
    uow = town.begin()
    made = payouts.pay_out(uow, "drv_1", EUR, month)
    uow.commit()
    return made


def close(town: Town, account: Account, month: str) -> months.Closing:
    uow = town.begin()
    made = months.close(uow, account, month)
    uow.commit()
    return made


def everything(town: Town) -> int:
    """What all entries come to, read off the table itself."""
    rows = [item for key, item in town.tables.items.items() if key.pk.startswith("J#")]
    return sum(amount for item in rows for amount in item["legs"].values())


def test_two_months_of_random_lives_close_to_the_cent() -> None:
    """An invoice is the sum of its lines, which are what the account moved; payouts settle all
    that was earned; nothing of it is different when it is done again."""
    town, rng = a_town(), random.Random(7)
    a_month_of(town, rng, 60)
    town.clock.at = IN_DECEMBER
    first, paid = issue(town, NOVEMBER), pay_out(town, NOVEMBER)
    assert first is not None
    assert paid is not None
    lines = list(invoices.lines_of(town.begin(), "mer_1", EUR, NOVEMBER))
    assert first.total_minor == sum(line.total_minor for line in lines)
    assert first.total_minor == close(town, OWED, NOVEMBER).balance_minor
    a_month_of(town, rng, 40)
    town.clock.at = IN_JANUARY
    second = issue(town, DECEMBER)
    assert second is not None
    assert (issue(town, NOVEMBER), pay_out(town, NOVEMBER)) == (first, paid)
    assert close(town, OWED, DECEMBER).balance_minor == first.total_minor + second.total_minor
    assert pay_out(town, DECEMBER) is not None
    earnings = Account(AccountKind.EARNINGS, EUR, "drv_1")
    assert months.held(town.begin(), earnings, "2027-01") == 0
    assert [first.number, second.number] == ["2026-000001", "2027-000001"]
    assert everything(town) == 0


def test_a_month_is_not_closed_before_it_is_over() -> None:
    """Two hours after its end nothing can follow into it any more."""
    town = a_town()
    book(town, a_delivered_one(town))
    town.clock.at = datetime(2026, 12, 1, 1, 59, tzinfo=UTC)
    for attempt in (
        lambda: issue(town, NOVEMBER),
        lambda: pay_out(town, NOVEMBER),
        lambda: close(town, OWED, NOVEMBER),
    ):
        with pytest.raises(Conflict):
            attempt()


def test_months_that_nobody_closed_are_closed_on_the_way() -> None:
    town = a_town()
    book(town, a_delivered_one(town))
    town.clock.at = datetime(2027, 3, 1, 5, 0, tzinfo=UTC)
    closed = close(town, OWED, "2027-02")
    assert (closed.opening_minor, closed.moved_minor) == (closed.balance_minor, 0)
    assert close(town, OWED, NOVEMBER).moved_minor == closed.balance_minor


def test_a_month_without_charges_has_no_invoice_and_takes_no_number() -> None:
    town = a_town()
    town.clock.at = IN_DECEMBER
    assert issue(town, NOVEMBER) is None
    town.clock.at = datetime(2026, 12, 3, tzinfo=UTC)
    book(town, a_delivered_one(town))
    town.clock.at = IN_JANUARY
    made = issue(town, DECEMBER)
    assert made is not None
    assert made.number == "2027-000001"


def test_cash_in_the_pocket_is_kept_as_pay_and_the_rest_is_carried_on() -> None:
    town = a_town()
    book(town, a_delivered_one(town, cash_minor=5_000))
    earn(town, "rte_1", 3_000)
    town.clock.at = IN_DECEMBER
    made = pay_out(town, NOVEMBER)
    assert made is not None
    assert (made.kept_minor, made.paid_minor) == (3_000, 0)
    earn(town, "rte_2", 2_500)
    town.clock.at = IN_JANUARY
    made = pay_out(town, DECEMBER)
    assert made is not None
    assert (made.kept_minor, made.paid_minor) == (2_000, 500)


def test_a_payment_is_noted_once_and_another_amount_under_its_reference_is_refused() -> None:
    town = a_town()
    for wanted in (True, False):
        uow = town.begin()
        entry = payments.receive_payment(uow, "mer_1", Money(4_000, EUR), "bank-17")
        uow.commit()
        assert (entry is not None) is wanted
    with pytest.raises(Conflict):
        payments.receive_payment(town.begin(), "mer_1", Money(4_001, EUR), "bank-17")
    assert months.held(town.begin(), OWED, NOVEMBER) == -4_000


@pytest.mark.parametrize("minor", [0, -5])
def test_nothing_and_less_than_nothing_cannot_be_paid(minor: int) -> None:
    with pytest.raises(Invalid):
        payments.receive_payment(a_town().begin(), "mer_1", Money(minor, EUR), "bank-17")


def test_a_credit_gives_the_tax_back_in_its_share_and_stands_on_the_invoice() -> None:
    town = a_town()
    ref = a_delivered_one(town)
    book(town, ref)
    town.clock.advance(minutes=1)
    uow = town.begin()
    given = payments.credit(uow, ref, Money(119, EUR), 190, "sup_1")
    uow.commit()
    assert given is not None
    assert given.amount_of(Account(AccountKind.TAX, EUR)) == 19
    lines = list(invoices.lines_of(town.begin(), "mer_1", EUR, NOVEMBER))
    assert (lines[-1].net_minor, lines[-1].tax_minor) == (-100, -19)


def test_cash_goes_from_the_pocket_to_the_bank_to_the_merchant() -> None:
    town = a_town()
    ref: DeliveryRef = a_delivered_one(town, cash_minor=5_000)
    book(town, ref)
    uow = town.begin()
    payments.take_in_cash(uow, "drv_1", Money(5_000, EUR), "slip-1")
    payments.hand_on_cash(uow, "mer_1", Money(5_000, EUR), "bank-2")
    uow.commit()
    for kind, owner in ((AccountKind.CASH, "drv_1"), (AccountKind.COLLECTED, "mer_1")):
        assert months.held(town.begin(), Account(kind, EUR, owner), NOVEMBER) == 0
    assert {one.kind for one in store.list_accounts(town.begin())} == {
        AccountKind.RECEIVABLE,
        AccountKind.CASH,
        AccountKind.COLLECTED,
    }
