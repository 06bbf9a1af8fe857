"""When is a month closed, and what did each account hold at its end?

A month may be closed two hours after its end, in UTC: an entry is dated by the start of the work
that posts it, and no work lives that long, so nothing can follow into a closed month. What every
account with an owner held is written once, month after month; closing again writes nothing and
tells the same.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.billing import store
from chalicelib.domain.billing.model import Account
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import read_instant
from chalicelib.storage import money_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: Longer than any message lives in a worker; the queue's own tries begin anew with a new time.
SETTLED_AFTER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Closing:
    """What one account held at the end of a month, and what moved in it."""

    account: Account
    month: str
    opening_minor: int
    moved_minor: int

    @property
    def balance_minor(self) -> int:
        return self.opening_minor + self.moved_minor


def must_be_over(month: str, now: datetime) -> None:
    """Raise Conflict while something may still be posted into a month."""
    if now < _start_of(_after(month)) + SETTLED_AFTER:
        raise Conflict(f"{month} is not over yet")


def close(uow: UnitOfWork, account: Account, month: str) -> Closing:
    """Write what an account held at the end of a month, and of every month before it that nobody
    closed.

    Raises
    ------
    Conflict
        While the month is not over.
    """
    must_be_over(month, uow.now)
    known = uow.get(money_keys.closing(str(account), month))
    if known is not None:
        return _from_item(account, month, known)
    last = _last_before(uow, account, month)
    for one in _months_between(uow, account, last, month):
        opening = last.balance_minor if last else 0
        moved = sum(line.amount_minor for line in store.every_line(uow, account, one))
        last = Closing(account, one, opening, moved)
        item = {"opening_minor": opening, "moved_minor": moved}
        uow.put(money_keys.closing(str(account), one), item, expect=0)
    assert last is not None
    return last


def held(uow: UnitOfWork, account: Account, month: str) -> int:
    """What an account holds by everything that was posted up to the end of a month."""
    last = _last_before(uow, account, month)
    months = _months_between(uow, account, last, month)
    moved = (line.amount_minor for one in months for line in store.every_line(uow, account, one))
    return (last.balance_minor if last else 0) + sum(moved)


def _months_between(
    uow: UnitOfWork, account: Account, last: Closing | None, month: str
) -> list[str]:
    """The months to be closed, the earliest first."""
    if last is not None:
        found = [_after(last.month)]
    else:
        first = store.first_month_of(uow, account)
        found = [min(first, month) if first else month]
    while found[-1] < month:
        found.append(_after(found[-1]))
    return found


def _last_before(uow: UnitOfWork, account: Account, month: str) -> Closing | None:
    """The newest closing before a month. A year of them is one page of small items."""
    items = uow.query_all(TableName.MONEY, money_keys.closings(str(account)))
    earlier = [item for item in items if item["sk"] < month]
    return _from_item(account, earlier[-1]["sk"], earlier[-1]) if earlier else None


def _from_item(account: Account, month: str, item: dict[str, object]) -> Closing:
    return Closing(account, month, int(str(item["opening_minor"])), int(str(item["moved_minor"])))


def _start_of(month: str) -> datetime:
    return read_instant(f"{month}-01T00:00:00Z")


def _after(month: str) -> str:
    return store.month_of(_start_of(month) + timedelta(days=31))
