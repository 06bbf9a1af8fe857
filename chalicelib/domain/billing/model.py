"""What are books made of? Accounts, legs, entries.

Double entry: every entry moves money between accounts and sums to nothing in each currency, so
money is neither made nor lost in here. A debit is above zero (what we have, what we are owed, what
we spent), a credit below (what we owe, what we earned). Amounts are integers of the currency's
minor unit. Nothing is ever changed: what was wrong is posted back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.kit.money import Money


class AccountKind(StrEnum):
    """The chart of accounts; the owner is a merchant or a driver where one is named."""

    RECEIVABLE = "receivable"  # what a merchant owes us
    COLLECTED = "collected"  # cash on delivery that we owe a merchant
    CASH = "cash"  # the same cash, in a driver's pocket
    EARNINGS = "earnings"  # what we owe a driver
    TIPS = "tips"  # on their way from merchants to drivers
    BANK = "bank"
    REVENUE = "revenue"
    TAX = "tax"
    WAGES = "wages"
    #: A memorandum, and its other side: what a driver's time is worth by the hourly floor.
    ENGAGED = "engaged"
    FLOOR = "floor"
    LOSSES = "losses"  # what we paid for goods that were lost or broke in our hands

    @property
    def has_owner(self) -> bool:
        return self in _OWNED


_OWNED = frozenset(
    {
        AccountKind.RECEIVABLE,
        AccountKind.COLLECTED,
        AccountKind.CASH,
        AccountKind.EARNINGS,
        AccountKind.ENGAGED,
    }
)


@dataclass(frozen=True, slots=True)
class Account:
    """One account holds one currency: ``receivable:EUR:mer_1``, ``revenue:EUR``."""

    kind: AccountKind
    currency: str
    owner: str = ""

    def __post_init__(self) -> None:
        Money(0, self.currency)
        if bool(self.owner) is not self.kind.has_owner:
            raise ValueError(
                f"an account of {self.kind} has {'an' if not self.owner else 'no'} owner"
            )

    def __str__(self) -> str:
        return ":".join((self.kind, self.currency, *([self.owner] if self.owner else [])))

    @classmethod
    def parse(cls, text: str) -> "Account":
        kind, currency, *owner = text.split(":")
        return cls(AccountKind(kind), currency, *owner)


#: The kind of the books of what is given back for late deliveries.
LATE_REFUND = "late_refund"

#: What an account holds; nothing is left out.
Amounts = Mapping[Account, int]


@dataclass(frozen=True, slots=True)
class Leg:
    account: Account
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Book:
    """The entries about one thing, in their order; ``kind`` says what it is: a delivery, a route's
    pay, a payment."""

    kind: str
    subject: str

    def __str__(self) -> str:
        return f"{self.kind}#{self.subject}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One posting. ``revision`` counts the entries of its book from 1; ``because`` is the event or
    the deed that it follows from, ``tax_permille`` the rate of the tax in it, and ``note`` what a
    person knows its subject by: an order's name, a bank's reference.

    Raises
    ------
    ValueError
        If it does not sum to nothing in each currency, moves nothing, or names an account twice.
    """

    book: Book
    revision: int
    at: datetime
    because: str
    legs: tuple[Leg, ...]
    tax_permille: int = 0
    note: str = ""

    def __post_init__(self) -> None:
        accounts = [leg.account for leg in self.legs]
        if not accounts or len(set(accounts)) != len(accounts):
            raise ValueError("an entry has legs, and no account twice")
        if any(leg.amount_minor == 0 for leg in self.legs):
            raise ValueError("a leg moves something")
        if any(sums(self.legs).values()):
            raise ValueError(f"an entry sums to nothing, not to {sums(self.legs)}")

    @property
    def id(self) -> str:
        return f"{self.book}#{self.revision:04d}"

    def amount_of(self, account: Account) -> int:
        return sum(leg.amount_minor for leg in self.legs if leg.account == account)


def sums(legs: Iterable[Leg]) -> dict[str, int]:
    """What the legs come to, by currency."""
    found: dict[str, int] = {}
    for leg in legs:
        found[leg.account.currency] = found.get(leg.account.currency, 0) + leg.amount_minor
    return found


def balances(entries: Iterable[Entry]) -> dict[Account, int]:
    """What the entries have brought each account; accounts at nothing are left out."""
    found: dict[Account, int] = {}
    for entry in entries:
        for leg in entry.legs:
            found[leg.account] = found.get(leg.account, 0) + leg.amount_minor
    return {account: amount for account, amount in found.items() if amount}


def difference(wanted: Amounts, posted: Amounts) -> tuple[Leg, ...]:
    """The legs that make what is posted what is wanted, by account."""
    accounts = sorted({*wanted, *posted}, key=str)
    moved = ((one, wanted.get(one, 0) - posted.get(one, 0)) for one in accounts)
    return tuple(Leg(account, amount) for account, amount in moved if amount)
