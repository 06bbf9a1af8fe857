"""What is a driver paid for a period? What was earned, less the cash that is still in the pocket.

Cash on delivery belongs to the merchant; a driver who still has it keeps it as a part of the pay,
and we owe it to the merchant from our bank. Who has more cash than pay is paid nothing and carries
the rest on; who handed over more than there was gets it back. Earlier payouts are counted whenever
they were posted, so two closes soon after each other never pay the same work twice.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.billing import hourly_floor, journal, periods, store
from chalicelib.domain.billing.model import Account, AccountKind, Book
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

PAYOUT = "payout"
#: The books of what is posted when a period is closed, for what was earned in it.
_AT_CLOSE = frozenset({PAYOUT, hourly_floor.FLOOR})


@dataclass(frozen=True, slots=True)
class Payout:
    """``kept_minor`` of cash stays with the driver, ``paid_minor`` goes from the bank;
    ``topped_up_minor``: what was added for the period to reach the hourly floor."""

    id: str
    driver_id: str
    currency: str
    from_at: datetime
    until_at: datetime
    at: datetime
    kept_minor: int
    paid_minor: int
    topped_up_minor: int = 0

    @property
    def settled_minor(self) -> int:
        return self.kept_minor + self.paid_minor


def pay_out(
    uow: UnitOfWork,
    driver_id: str,
    currency: str,
    from_at: datetime,
    until_at: datetime,
    *,
    topped_up_minor: int = 0,
) -> Payout | None:
    """Settle what a driver earned before an instant, with what the same commit adds to it for the
    hourly floor; None when there is nothing to settle.

    Belongs into the commit that closes the driver's account: that is its guard.
    """
    earnings = Account(AccountKind.EARNINGS, currency, driver_id)
    cash = Account(AccountKind.CASH, currency, driver_id)
    earned_minor = topped_up_minor - periods.held(uow, earnings, until_at)
    owed_minor = max(0, earned_minor - _paid_since(uow, earnings, until_at))
    kept_minor = min(owed_minor, _pocket(uow, cash, until_at))
    if not owed_minor and not kept_minor:
        return None
    made = Payout(
        id=uow.new_id("pay"),
        driver_id=driver_id,
        currency=currency,
        from_at=from_at,
        until_at=until_at,
        at=uow.now,
        kept_minor=kept_minor,
        paid_minor=owed_minor - kept_minor,
        topped_up_minor=topped_up_minor,
    )
    amounts = {
        earnings: owed_minor,
        cash: -kept_minor,
        Account(AccountKind.BANK, currency): -made.paid_minor,
    }
    moved = {account: amount for account, amount in amounts.items() if amount}
    name = f"{write_instant(until_at)}#{currency}"
    journal.settle(uow, Book(PAYOUT, f"{driver_id}/{name}"), moved, made.id, note=made.id)
    uow.put(money_keys.payout(driver_id, name), _to_item(made), expect=0)
    return made


def list_payouts(uow: UnitOfWork, driver_id: str) -> list[Payout]:
    """Every payout of a driver, the first one first."""
    pk = money_keys.payouts(driver_id)
    return [_from_item(item) for item in uow.query_all(TableName.MONEY, pk)]


def _pocket(uow: UnitOfWork, cash: Account, until_at: datetime) -> int:
    """What of a period's cash is in the pocket still; below zero: what was handed over too much,
    and no payout gave back yet."""
    then_minor = periods.held(uow, cash, until_at)
    now_minor = periods.held(uow, cash, periods.behind_all(uow.now))
    if then_minor < 0:
        return max(then_minor, min(0, now_minor))
    # What was handed over meanwhile is in no pocket any more.
    return min(then_minor, now_minor)


def _paid_since(uow: UnitOfWork, earnings: Account, until_at: datetime) -> int:
    """Payouts that were posted after an instant are for what was earned before it, and for what was
    added to it then."""
    lines = store.lines_between(uow, earnings, until_at, periods.behind_all(uow.now))
    return sum(line.amount_minor for line in lines if line.entry.book.kind in _AT_CLOSE)


def _to_item(made: Payout) -> dict[str, Any]:
    return {
        "id": made.id,
        "driver_id": made.driver_id,
        "currency": made.currency,
        "from": write_instant(made.from_at),
        "until": write_instant(made.until_at),
        "at": write_instant(made.at),
        "kept_minor": made.kept_minor,
        "paid_minor": made.paid_minor,
        "topped_up_minor": made.topped_up_minor,
    }


def _from_item(item: dict[str, Any]) -> Payout:
    return Payout(
        id=item["id"],
        driver_id=item["driver_id"],
        currency=item["currency"],
        from_at=read_instant(item["from"]),
        until_at=read_instant(item["until"]),
        at=read_instant(item["at"]),
        kept_minor=item["kept_minor"],
        paid_minor=item["paid_minor"],
        topped_up_minor=item.get("topped_up_minor", 0),
    )
