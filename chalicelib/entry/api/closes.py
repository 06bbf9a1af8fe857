"""The close of a period, on request; whether it is done; and whether the books hold together."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field

from chalicelib.domain.billing import checking, closing, periods
from chalicelib.domain.billing.closing import Standing
from chalicelib.entry import rest, work
from chalicelib.entry.auth import MANAGER, OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import read_instant, write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Money")

_UNTIL = "2026-12-01T00:00:00Z"


class CloseForm(rest.Body):
    """Up to when; the end of the last month when left out."""

    until: rest.Instant | None = None

    model_config = rest.example(until=_UNTIL)


class UntilQuery(rest.Body):
    until: rest.Instant | None = None


class CloseAnswer(rest.Answer):
    """How many of the accounts that there were are closed up to an instant."""

    until: AwareDatetime
    accounts: int
    closed: int
    is_closed: bool

    model_config = rest.example(until=_UNTIL, accounts=31, closed=31, is_closed=True)


class Balance(rest.Answer):
    account: str
    currency: str
    amount_minor: int


class BookFault(rest.Answer):
    """Something that should not be: where, and what."""

    account: str
    what: str


class CheckAnswer(rest.Answer):
    """What a page of the check looked at and found. ``sums``: by currency, nothing on each page;
    the balances of all pages sum to the books. ``faults`` is empty."""

    accounts: int
    lines: int
    entries: int
    closings: int
    invoices: int
    payouts: int
    balances: list[Balance]
    sums: dict[str, int]
    faults: list[BookFault]
    next_cursor: str | None

    model_config = rest.example(
        accounts=2,
        lines=2,
        entries=1,
        closings=1,
        invoices=1,
        payouts=0,
        balances=[
            {"account": "receivable", "currency": "EUR", "amount_minor": 583},
            {"account": "revenue", "currency": "EUR", "amount_minor": -490},
            {"account": "tax", "currency": "EUR", "amount_minor": -93},
        ],
        sums={"EUR": 0},
        faults=[],
        next_cursor=None,
    )


class CheckQuery(rest.Body):
    cursor: Annotated[str, Field(max_length=200)] | None = None


@doors.route(
    "POST",
    "/v1/books/closes",
    who=(MANAGER,),
    answers={202: CloseAnswer},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def close_period(body: CloseForm, caller: Caller) -> Mapping[str, Any]:
    """Close the books up to an instant: invoices, credit notes, payouts, balances.

    Months are closed every night without being asked; this is for a week, for a merchant who
    leaves, or for a month that should not wait. The instant is two hours ago at least. An account
    that is closed up to then, or further, stays as it is: asking again tells the same.
    """
    by = desk_user(caller)
    uow = work.begin()
    until_at = _until(body, uow.now)
    work.run(lambda uow: closing.ask(uow, until_at, by))
    return _write(work.read(lambda uow: closing.standing(uow, until_at)))


@doors.route("GET", "/v1/books/closes", who=(OPERATOR,), answers={200: CloseAnswer})
def show_close(query: UntilQuery) -> Mapping[str, Any]:
    """Show how far a close has come: `until` as it was asked for, or the end of the last month."""
    uow = work.begin()
    until_at = _until(query, uow.now)
    return _write(closing.standing(uow, until_at))


@doors.route("GET", "/v1/books/check", who=(OPERATOR,), answers={200: CheckAnswer})
def check_books(query: CheckQuery) -> Mapping[str, Any]:
    """Check that the books hold together: read everything again, and work it out anew.

    Each line against the journal, each closing against its lines, each invoice and payout against
    what was posted, and the numbers of invoices for gaps. Nothing is written.
    """
    found = work.read(lambda uow: checking.check(uow, query.cursor or ""))
    return {
        "accounts": found.accounts,
        "lines": found.lines,
        "entries": found.entries,
        "closings": found.closings,
        "invoices": found.papers,
        "payouts": found.payouts,
        "balances": [
            {"account": kind, "currency": currency, "amount_minor": amount}
            for (kind, currency), amount in sorted(found.balances.items())
        ],
        "sums": found.sums(),
        "faults": [{"account": one.account, "what": one.what} for one in found.faults],
        "next_cursor": found.next_after or None,
    }


def _until(asked: CloseForm | UntilQuery, now: datetime) -> datetime:
    """What was asked for in whole milliseconds, as it is kept: or it would never be reached."""
    until_at = asked.until or periods.month_end(now)
    return read_instant(write_instant(until_at))


def _write(one: Standing) -> Mapping[str, Any]:
    return {
        "until": write_instant(one.until_at),
        "accounts": one.accounts,
        "closed": one.closed,
        "is_closed": one.is_closed,
    }
