"""What a late delivery gets back, in the books: by itself, once, as a line of its own."""

from datetime import timedelta

import pytest

from chalicelib.domain.billing import invoices, payments, ubl, vouchers
from chalicelib.domain.billing.invoices import Invoice, PaperKind
from chalicelib.domain.billing.model import LATE_REFUND, Account, AccountKind, balances
from chalicelib.domain.billing.ubl import Parties
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import prices
from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.pricing import store as cards
from chalicelib.domain.pricing.charges import before_late_refund
from chalicelib.domain.pricing.model import LateRefund, Share
from chalicelib.kit.errors import Conflict
from chalicelib.kit.money import Money
from chalicelib.storage.keys import NETWORK
from tests.domain.billing.histories import (
    Town,
    a_delivered_one,
    a_town,
    book,
    carry_out,
    entries_of,
    given_back,
)
from tests.domain.billing.test_closing import (
    DECEMBER,
    JANUARY,
    OWED,
    SETTLED,
    close,
    faults,
    papers,
)
from tests.domain.billing.test_ubl import BUYER, SELLER
from tests.domain.pricing.cards import a_card

EUR = "EUR"
TAX = Account(AccountKind.TAX, EUR)


@pytest.fixture
def town() -> Town:
    return a_town()


def a_late_one(town: Town) -> DeliveryRef:
    return a_delivered_one(town, left_min=-60)


def lines(town: Town, made: Invoice) -> list[tuple[str, int]]:
    found = invoices.lines_of(town.begin(), made)
    return [(line.book.kind, line.total_minor) for line in found]


def test_it_is_posted_with_the_charge_and_never_again(town: Town) -> None:
    ref = a_late_one(town)
    book(town, ref)
    assert book(town, ref) is None
    (charged,), (back,) = entries_of(town, ref), given_back(town, ref)
    due = prices.bill(town.begin(), delivery_store.load(town.begin(), ref)).charges
    assert charged.amount_of(OWED) + back.amount_of(OWED) == due.total_minor
    assert charged.amount_of(TAX) + back.amount_of(TAX) == -due.tax_minor
    assert back.amount_of(OWED) < 0 < back.amount_of(TAX)
    assert (back.at, back.because, back.note) == (charged.at, charged.because, charged.note)


def test_what_was_in_time_has_no_such_book(town: Town) -> None:
    ref = a_delivered_one(town)
    book(town, ref)
    assert given_back(town, ref) == []


def test_a_handover_that_is_undone_takes_it_back(town: Town) -> None:
    ref = a_late_one(town)
    book(town, ref)
    carry_out(town, ref, life.Undo(town.clock.at))
    book(town, ref)
    assert balances(given_back(town, ref)) == {}
    assert balances(entries_of(town, ref)) == {}


def test_it_stands_on_the_invoice_below_the_charge(town: Town) -> None:
    ref = a_late_one(town)
    book(town, ref)
    (charged,), (back,) = entries_of(town, ref), given_back(town, ref)
    town.clock.at = DECEMBER + SETTLED
    assert close(town, OWED, DECEMBER)
    (made,) = papers(town)
    shown = [("delivery", charged.amount_of(OWED)), (LATE_REFUND, back.amount_of(OWED))]
    assert (made.kind, lines(town, made)) == (PaperKind.INVOICE, shown)
    assert made.total_minor == sum(amount for _, amount in shown)
    assert faults(town) == []
    written = ubl.write(made, invoices.lines_of(town.begin(), made), Parties(SELLER, BUYER))
    assert b"Back for lateness of delivery" in written
    assert b'unitCode="C62">-1<' in written


def test_what_was_invoiced_before_gets_it_back_on_a_credit_note(town: Town) -> None:
    """In time in the last minute of a month, taken back and brought again in the next, late: that
    month has only the waiting at the door to set it against."""
    town.clock.at = DECEMBER - timedelta(minutes=2)
    ref = a_delivered_one(town, left_min=1)
    book(town, ref)
    town.clock.advance(minutes=4)
    carry_out(town, ref, life.Undo(town.clock.at))
    town.clock.advance(minutes=9)
    carry_out(town, ref, life.Deliver(town.clock.at))
    book(town, ref)
    for end in (DECEMBER, JANUARY):
        town.clock.at = end + SETTLED
        close(town, OWED, end)
    charged, waited, note = papers(town)
    kinds = [one.kind for one in (charged, waited, note)]
    assert kinds == [PaperKind.INVOICE, PaperKind.INVOICE, PaperKind.CREDIT_NOTE]
    back = sum(entry.amount_of(OWED) for entry in given_back(town, ref))
    assert 0 < waited.total_minor < -back
    assert lines(town, note) == [(LATE_REFUND, -back)]
    assert faults(town) == []


def test_a_credit_gives_back_no_more_than_what_is_left_and_with_it_all_of_the_tax(
    town: Town,
) -> None:
    ref = a_late_one(town)
    book(town, ref)
    uow = town.begin()
    left = vouchers.creditable_minor(uow, ref, EUR)
    charged = balances(entries_of(town, ref))
    back = balances(given_back(town, ref))
    assert left == charged[OWED] + back[OWED]
    with pytest.raises(Conflict):
        payments.credit(uow, ref, Money(left + 1, EUR), "case-1")
    entry = payments.credit(uow, ref, Money(left, EUR), "case-2")
    assert entry is not None
    assert entry.amount_of(TAX) + back[TAX] + charged[TAX] == 0
    uow.commit()
    town.clock.advance(minutes=1)
    assert book(town, ref) is None


def test_where_all_was_credited_before_nothing_more_is_given_back(town: Town) -> None:
    """Brought in time, credited by the desk, taken back and brought again, late."""
    uow = town.begin()
    cards.save_card(
        uow, NETWORK, a_card(late_refund=LateRefund(0, Share(20)), waiting_at_door=None)
    )
    uow.commit()
    ref = a_delivered_one(town, left_min=1)
    book(town, ref)
    uow = town.begin()
    payments.credit(uow, ref, Money(vouchers.creditable_minor(uow, ref, EUR), EUR), "case-1")
    uow.commit()
    carry_out(town, ref, life.Undo(town.clock.at))
    town.clock.advance(minutes=4)
    carry_out(town, ref, life.Deliver(town.clock.at))
    book(town, ref)
    due = prices.bill(town.begin(), delivery_store.load(town.begin(), ref)).charges
    assert before_late_refund(due).total_minor > due.total_minor
    assert given_back(town, ref) == []
    assert vouchers.creditable_minor(town.begin(), ref, EUR) == 0
