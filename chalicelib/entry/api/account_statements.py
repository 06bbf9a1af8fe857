"""Statements of account: opening balance, lines, closing balance; a merchant's and a driver's."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib.domain.billing import account_statements
from chalicelib.domain.billing.account_statements import AccountStatement, StatementLine
from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import rest, work
from chalicelib.entry.api.whose import READ
from chalicelib.entry.auth import DRIVER, OPERATOR
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Money")
mine = Doors(bp, tag="Driver")

MerchantId = Annotated[str, IdOf("mer", "merchant")]
DriverId = Annotated[str, IdOf("drv", "driver")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class MerchantAccount(StrEnum):
    """What a merchant owes us, or the cash from doors that we owe it."""

    RECEIVABLE = "receivable"
    COLLECTED = "collected"


class DriverAccount(StrEnum):
    """What a driver is owed, or the cash that he or she has."""

    EARNINGS = "earnings"
    CASH = "cash"


class SpanQuery(rest.Body):
    """Days in UTC, both included; this month when left out."""

    currency: Currency
    from_: rest.Day | None = Field(default=None, alias="from")
    to: rest.Day | None = None

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        last = self.to or now.astimezone(UTC).date()
        first = self.from_ or last.replace(day=1)
        start = datetime.combine(first, time(), UTC)
        return start, datetime.combine(last, time(), UTC) + timedelta(days=1)


class MerchantSpan(SpanQuery):
    account: MerchantAccount = MerchantAccount.RECEIVABLE


class DriverSpan(SpanQuery):
    account: DriverAccount = DriverAccount.EARNINGS


class StatementLineAnswer(rest.Answer):
    """What one entry did to the account. ``kind``: of its book, e.g. ``delivery``, ``payment``."""

    entry_id: str
    at: AwareDatetime
    kind: str
    delivery_id: str | None
    note: str
    amount_minor: int
    balance_minor: int


class AccountStatementAnswer(rest.Answer):
    """Opening balance, lines, closing balance. Above zero: owed to the network (or cash that a
    driver has); below: owed by it."""

    account: str
    currency: Currency
    from_: AwareDatetime = Field(alias="from")
    until: AwareDatetime
    opening_minor: int
    closing_minor: int
    lines: list[StatementLineAnswer]

    model_config = rest.example(
        **{
            "account": "receivable",
            "currency": "EUR",
            "from": "2026-11-01T00:00:00Z",
            "until": "2026-12-01T00:00:00Z",
            "opening_minor": 0,
            "closing_minor": 583,
            "lines": [
                {
                    "entry_id": "delivery#mer_1/del_01m83qpnc10y2w525st46371np#0001",
                    "at": "2026-11-26T14:55:02.118Z",
                    "kind": "delivery",
                    "delivery_id": "del_01m83qpnc10y2w525st46371np",
                    "note": "#1042",
                    "amount_minor": 583,
                    "balance_minor": 583,
                }
            ],
        }
    )


@doors.route(
    "GET", "/v1/merchants/{merchant_id}/account", who=READ, answers={200: AccountStatementAnswer}
)
def show_merchant_account(merchant_id: MerchantId, query: MerchantSpan) -> Mapping[str, Any]:
    """Show a merchant's statement of account: charges, credits and payments, or collected cash."""
    uow = work.begin()
    merchants.load_merchant(uow, merchant_id)
    return _statement(uow, AccountKind(query.account), merchant_id, query)


@doors.route(
    "GET",
    "/v1/drivers/{driver_id}/account",
    who=(OPERATOR,),
    answers={200: AccountStatementAnswer},
)
def show_driver_account(driver_id: DriverId, query: DriverSpan) -> Mapping[str, Any]:
    """Show a driver's statement of account: pay and payouts, or the cash from doors."""
    uow = work.begin()
    drivers.load(uow, driver_id)
    return _statement(uow, AccountKind(query.account), driver_id, query)


@mine.route("GET", "/v1/driver/account", who=(DRIVER,), answers={200: AccountStatementAnswer})
def show_my_account(driver_id: str, query: DriverSpan) -> Mapping[str, Any]:
    """Show your statement of account: pay and payouts, or the cash that you have."""
    return _statement(work.begin(), AccountKind(query.account), driver_id, query)


def _statement(
    uow: UnitOfWork, kind: AccountKind, owner: str, query: SpanQuery
) -> Mapping[str, Any]:
    from_at, until_at = query.span(uow.now)
    return write_statement(
        account_statements.read(uow, Account(kind, query.currency, owner), from_at, until_at)
    )


def write_statement(one: AccountStatement) -> dict[str, Any]:
    return {
        "account": one.account.kind.value,
        "currency": one.account.currency,
        "from": write_instant(one.from_at),
        "until": write_instant(one.until_at),
        "opening_minor": one.opening_minor,
        "closing_minor": one.closing_minor,
        "lines": [_line(line) for line in one.lines],
    }


def _line(line: StatementLine) -> dict[str, Any]:
    return {
        "entry_id": line.entry.id,
        "at": write_instant(line.entry.at),
        "kind": line.entry.book.kind,
        "delivery_id": line.delivery_id or None,
        "note": line.entry.note,
        "amount_minor": line.amount_minor,
        "balance_minor": line.balance_minor,
    }
