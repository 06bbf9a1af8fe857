"""Use case: close an account up to an instant, with all that follows from it, in one commit.

A merchant's account brings an invoice and perhaps a credit note, a driver's earnings what is
missing to the hourly floor, and a payout. What is closed already is left as it is, so a message
that comes twice does nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.billing import hourly_floor, invoices, payouts, periods, store
from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Accounts in one message: each is a commit of its own, together well within a worker's minute.
ACCOUNTS_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a close has come."""

    until_at: datetime
    accounts: int
    closed: int

    @property
    def is_closed(self) -> bool:
        return self.closed == self.accounts


def ask(uow: UnitOfWork, until_at: datetime, by: str) -> None:
    """Ask for a close; asking again asks again for what is not closed yet.

    Raises
    ------
    Conflict
        While the period is not over.
    """
    periods.must_be_over(until_at, uow.now)
    key = money_keys.close_order(write_instant(until_at))
    known = uow.get(key)
    version = 1 if known is None else known["version"] + 1
    item = {"by": by, "asked_at": write_instant(uow.now), "version": version}
    subject = f"books_{write_instant(until_at)}"
    uow.put(key, item, expect=version - 1, subject=subject)
    data = {"until": write_instant(until_at)}
    uow.emit(Event("books.close_asked", subject, version, uow.now, data))


def shares(uow: UnitOfWork) -> list[list[str]]:
    """Every account, in the shares that are closed by one message each."""
    names = [str(account) for account in store.list_accounts(uow)]
    return [names[at : at + ACCOUNTS_AT_ONCE] for at in range(0, len(names), ACCOUNTS_AT_ONCE)]


def close_account(uow: UnitOfWork, account: Account, until_at: datetime) -> bool:
    """Close one account; False if it was closed up to then already.

    Raises
    ------
    Conflict
        While the period is not over.
    """
    made = periods.close(uow, account, until_at)
    if made is None:
        return False
    if account.kind is AccountKind.RECEIVABLE:
        invoices.issue(uow, account.owner, account.currency, made.from_at, until_at)
    if account.kind is AccountKind.EARNINGS:
        span = (account.owner, account.currency, made.from_at, until_at)
        payouts.pay_out(uow, *span, topped_up_minor=hourly_floor.top_up(uow, *span))
    return True


def standing(uow: UnitOfWork, until_at: datetime) -> Standing:
    """How many of the accounts that there were are closed up to an instant."""
    accounts = [one for one, since in store.list_accounts(uow).items() if since < until_at]
    heads = uow.get_many(money_keys.closed_until(str(one)) for one in accounts)
    closed = sum(read_instant(head["until"]) >= until_at for head in heads.values())
    return Standing(until_at, len(accounts), closed)
