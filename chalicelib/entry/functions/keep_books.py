"""The books: the one function that writes to them, one message after the other.

A message names what it is about, never an amount: what should stand there is worked out from what
happened, or read from the voucher of whoever asked for it. So a message that comes twice, late or
out of order posts what is right by then, or nothing. A close is shared out, a message for a few
accounts each, so that it takes as long with a thousand merchants as with ten.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.billing import closing, journal, papers, vouchers
from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.entry import work
from chalicelib.entry.observed import logger, per_record
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import LastmileError, Malformed
from chalicelib.kit.timewindow import read_instant, write_instant

bp = Blueprint(__name__)

_Message = Mapping[str, Any]


@bp.on_sqs_message(queue="books", batch_size=10)
@per_record
def keep_books(message: _Message) -> None:
    keep = _KEEP.get(str(message.get("book")))
    if keep is None:
        raise Malformed("there is no such book")
    keep(message)


def _delivery(message: _Message) -> None:
    ref, because = DeliveryRef.parse(str(message["delivery"])), str(message["because"])
    entry = work.run(lambda uow: journal.book_delivery(uow, ref, because))
    logger.info("booked", because=because, entry=None if entry is None else entry.id)


def _route(message: _Message) -> None:
    driver_id, route_id = str(message["driver_id"]), str(message["route_id"])
    because = str(message["because"])
    entry = work.run(lambda uow: journal.book_route(uow, driver_id, route_id, because))
    logger.info("booked", because=because, entry=None if entry is None else entry.id)


def _voucher(message: _Message) -> None:
    owner, name = str(message["owner"]), str(message["name"])
    made = work.run(lambda uow: vouchers.post(uow, owner, name))
    logger.info("voucher", voucher_id=made.id, state=made.state.value, entry=made.entry_id)


def _close(message: _Message) -> None:
    until = str(message["until"])
    shares = work.read(closing.shares)
    for accounts in shares:
        order = {"book": "accounts", "until": until, "accounts": accounts}
        wiring.queues().send(Queue.BOOKS, order)
    logger.info("close shared out", until=until, messages=len(shares))


def _accounts(message: _Message) -> None:
    """Each account in a commit of its own; one that fails keeps no other from being closed."""
    until_at = read_instant(str(message["until"]))
    failed: list[LastmileError] = []
    done = 0
    for name in message["accounts"]:
        close = partial(closing.close_account, account=Account.parse(str(name)), until_at=until_at)
        try:
            done += work.run(close)
            _order_papers(Account.parse(str(name)), str(message["until"]))
        except LastmileError as error:
            logger.warning("an account was not closed", account=name, code=error.code)
            failed.append(error)
    logger.info("accounts closed", until=message["until"], closed=done, failed=len(failed))
    if failed:
        raise failed[0]


def _order_papers(account: Account, until: str) -> None:
    """Also after a close that was done before: the order may have been lost then."""
    if account.kind is AccountKind.RECEIVABLE:
        until = write_instant(read_instant(until))
        for order in work.read(lambda uow: papers.orders_of_close(uow, account, until)):
            wiring.queues().send(Queue.PAPERS, order)


_KEEP: Mapping[str, Callable[[_Message], None]] = {
    "delivery": _delivery,
    "route": _route,
    "voucher": _voucher,
    "close": _close,
    "accounts": _accounts,
}
