"""What is a driver paid for a month? What was earned, less the cash that is still in the pocket.

Cash on delivery belongs to the merchant; a driver who still has it keeps it as a part of the pay,
and we owe it to the merchant from our bank. Who has more cash than pay is paid nothing and carries
the rest on. One payout for each month and currency; paying again tells the same.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.billing import journal, months
from chalicelib.domain.billing.model import Account, AccountKind, Book
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Payout:
    """``kept_minor`` of cash stays with the driver, ``paid_minor`` goes from the bank."""

    id: str
    driver_id: str
    currency: str
    month: str
    at: datetime
    kept_minor: int
    paid_minor: int

    @property
    def settled_minor(self) -> int:
        return self.kept_minor + self.paid_minor


def pay_out(uow: UnitOfWork, driver_id: str, currency: str, month: str) -> Payout | None:
    """Settle what a driver is owed by the end of a month; None when there is nothing to settle.

    Raises
    ------
    Conflict
        While the month is not over.
    """
    months.must_be_over(month, uow.now)
    key = money_keys.payout(driver_id, f"{month}#{currency}")
    known = uow.get(key)
    if known is not None:
        return _from_item(known)
    earnings = Account(AccountKind.EARNINGS, currency, driver_id)
    cash = Account(AccountKind.CASH, currency, driver_id)
    owed_minor = max(0, -months.held(uow, earnings, month))
    kept_minor = min(owed_minor, max(0, months.held(uow, cash, month)))
    if not owed_minor:
        return None
    made = Payout(
        id=uow.new_id("pay"),
        driver_id=driver_id,
        currency=currency,
        month=month,
        at=uow.now,
        kept_minor=kept_minor,
        paid_minor=owed_minor - kept_minor,
    )
    amounts = {
        earnings: owed_minor,
        cash: -kept_minor,
        Account(AccountKind.BANK, currency): -made.paid_minor,
    }
    moved = {account: amount for account, amount in amounts.items() if amount}
    journal.settle(uow, Book("payout", f"{driver_id}/{month}/{currency}"), moved, made.id)
    uow.put(key, _to_item(made), expect=0)
    return made


def list_payouts(uow: UnitOfWork, driver_id: str) -> list[Payout]:
    """Every payout of a driver, by month."""
    pk = money_keys.payouts(driver_id)
    return [_from_item(item) for item in uow.query_all(TableName.MONEY, pk)]


def _to_item(made: Payout) -> dict[str, Any]:
    return {
        "id": made.id,
        "driver_id": made.driver_id,
        "currency": made.currency,
        "month": made.month,
        "at": write_instant(made.at),
        "kept_minor": made.kept_minor,
        "paid_minor": made.paid_minor,
    }


def _from_item(item: dict[str, Any]) -> Payout:
    return Payout(
        id=item["id"],
        driver_id=item["driver_id"],
        currency=item["currency"],
        month=item["month"],
        at=read_instant(item["at"]),
        kept_minor=item["kept_minor"],
        paid_minor=item["paid_minor"],
    )
