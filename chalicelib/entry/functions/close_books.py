"""Every night: the month that is over is closed, if it is not yet.

Each account in commits of its own: its balance, the invoice of a merchant, the payout of a driver.
Whatever a night does not finish, the next one does; what is done already is found done.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.billing import invoices, months, payouts, store
from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.kit.errors import LastmileError
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)


@bp.schedule("cron(10 3 * * ? *)")
@observed
def close_books(event: Any) -> dict[str, int]:
    done = failed = 0
    month = work.read(_last_month)
    for account in work.read(store.list_accounts):
        for step in _steps(account, month):
            try:
                work.run(step)
                done += 1
            except LastmileError as error:
                logger.warning("an account was not closed", account=str(account), code=error.code)
                failed += 1
    logger.info("month closed", month=month, steps=done, failed=failed)
    return {"steps": done, "failed": failed}


def _last_month(uow: UnitOfWork) -> str:
    return store.month_of(uow.now.replace(day=1) - timedelta(days=1))


def _steps(account: Account, month: str) -> list[Callable[[UnitOfWork], object]]:
    owner, currency = account.owner, account.currency
    steps: list[Callable[[UnitOfWork], object]] = [
        partial(months.close, account=account, month=month)
    ]
    if account.kind is AccountKind.RECEIVABLE:
        steps.append(partial(invoices.issue, merchant_id=owner, currency=currency, month=month))
    if account.kind is AccountKind.EARNINGS:
        steps.append(partial(payouts.pay_out, driver_id=owner, currency=currency, month=month))
    return steps
