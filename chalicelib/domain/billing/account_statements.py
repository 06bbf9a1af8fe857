"""What does an account's statement say? What it held, what happened, what it holds. Read only.

The balance is told as the account has it: a merchant's above zero is owed to us, a driver's
earnings below zero are owed by us (``model``).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.billing import periods, store
from chalicelib.domain.billing.model import Account, Entry
from chalicelib.kit.errors import Invalid
from chalicelib.storage.unit_of_work import UnitOfWork

#: A quarter and a bit: longer spans are read in parts.
MOST_DAYS = 100


@dataclass(frozen=True, slots=True)
class StatementLine:
    """What one entry did, and what the account held after it."""

    entry: Entry
    amount_minor: int
    balance_minor: int

    @property
    def delivery_id(self) -> str:
        """Of what is about a delivery; else nothing."""
        named = self.entry.book.subject.split("/")[1:2]
        return named[0] if named and named[0].startswith("del_") else ""


@dataclass(frozen=True, slots=True)
class AccountStatement:
    account: Account
    from_at: datetime
    until_at: datetime
    opening_minor: int
    lines: tuple[StatementLine, ...]

    @property
    def closing_minor(self) -> int:
        return self.lines[-1].balance_minor if self.lines else self.opening_minor


def read(
    uow: UnitOfWork, account: Account, from_at: datetime, until_at: datetime
) -> AccountStatement:
    """The statement of a span; raise Invalid for one that ends before it starts, or is too long."""
    if not timedelta() < until_at - from_at <= timedelta(days=MOST_DAYS):
        error = f"from the first day to the last, {MOST_DAYS} at most"
        raise Invalid(error, fields=[{"field": "from", "error": error}])
    balance = opening = periods.held(uow, account, from_at)
    lines = []
    for line in store.lines_between(uow, account, from_at, until_at):
        balance += line.amount_minor
        lines.append(StatementLine(line.entry, line.amount_minor, balance))
    return AccountStatement(account, from_at, until_at, opening, tuple(lines))
