"""Up to when is an account closed, and what did it hold then?

Accounts are closed up to an instant: the end of a month every night, or whenever the desk asks.
That may be done two hours after the instant: an entry is dated by the start of the work that posts
it, and no work lives that long, so nothing can follow into a closed period. Each account has one
chain of periods without gaps and without overlaps, kept by its ``head``: what was closed stays
closed, an earlier instant than the head closes nothing, the same one tells the same.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from chalicelib.domain.billing import store
from chalicelib.domain.billing.model import Account
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: Longer than any message lives in a worker; the queue's own tries begin anew with a new time.
SETTLED_AFTER = timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Closing:
    """What one account held at an instant, and what moved since the one before."""

    account: Account
    from_at: datetime
    until_at: datetime
    opening_minor: int
    moved_minor: int

    @property
    def balance_minor(self) -> int:
        return self.opening_minor + self.moved_minor


def month_end(now: datetime) -> datetime:
    """The end of the last month that is over, in UTC, so that it is the same for everybody."""
    return now.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def behind_all(now: datetime) -> datetime:
    """An instant after everything that is posted by now, also by whoever's clock is ahead."""
    return now + SETTLED_AFTER


def must_be_over(until_at: datetime, now: datetime) -> None:
    """Raise Conflict while something may still be posted before an instant."""
    # This way round: there is no time behind the last one that can be written.
    if now - SETTLED_AFTER < until_at:
        raise Conflict("the books can be closed two hours after the period's end")


def close(uow: UnitOfWork, account: Account, until_at: datetime) -> Closing | None:
    """Write what an account held at an instant; None if it is closed up to then already.

    Raises
    ------
    Conflict
        While the period is not over.
    """
    must_be_over(until_at, uow.now)
    key = money_keys.closed_until(str(account))
    head = uow.get(key)
    if head is not None and read_instant(head["until"]) >= until_at:
        return None
    last = last_closing(uow, account, until_at)
    from_at = _start_of(uow, account, last, until_at)
    opening_minor = last.balance_minor if last else 0
    moved_minor = sum(
        line.amount_minor for line in store.lines_between(uow, account, from_at, until_at)
    )
    made = Closing(account, from_at, until_at, opening_minor, moved_minor)
    item = {
        "from": write_instant(from_at),
        "opening_minor": opening_minor,
        "moved_minor": moved_minor,
    }
    uow.put(money_keys.closing(str(account), write_instant(until_at)), item, expect=0)
    # The guard against two closes of one account at once, whatever instants they are up to.
    uow.put(key, {"until": write_instant(until_at)}, expect=head["version"] if head else 0)
    return made


def held(uow: UnitOfWork, account: Account, until_at: datetime) -> int:
    """What an account held by everything that was posted before an instant."""
    last = last_closing(uow, account, until_at)
    from_at = _start_of(uow, account, last, until_at)
    moved = (line.amount_minor for line in store.lines_between(uow, account, from_at, until_at))
    return (last.balance_minor if last else 0) + sum(moved)


def last_closing(uow: UnitOfWork, account: Account, until_at: datetime) -> Closing | None:
    """The last one up to an instant: a dozen a year, fifty where somebody closes every week."""
    found = list_closings(uow, account)
    return next((one for one in reversed(found) if one.until_at <= until_at), None)


def list_closings(uow: UnitOfWork, account: Account) -> list[Closing]:
    """Every closing of an account, the first one first."""
    items = uow.query_all(TableName.MONEY, money_keys.closings(str(account)))
    return [
        Closing(
            account,
            read_instant(item["from"]),
            read_instant(item["sk"]),
            item["opening_minor"],
            item["moved_minor"],
        )
        for item in items
    ]


def _start_of(
    uow: UnitOfWork, account: Account, last: Closing | None, until_at: datetime
) -> datetime:
    if last is not None:
        return last.until_at
    since = store.since_of(uow, account)
    return until_at if since is None else min(since, until_at)
