"""What follows from a shop's notice? What is quick is done at once, the rest waits in a queue.

Shopify hangs up after five seconds, so nothing here calls a platform. A notice that comes twice is
written down once and queued twice, which the queue's worker does not mind.
"""

from collections.abc import Mapping
from typing import Any

from chalicelib import wiring
from chalicelib.domain.intake.payload import Headers
from chalicelib.domain.intake.store import Outcome, Result
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.shops import connecting, notices, privacy
from chalicelib.domain.shops.model import Connection
from chalicelib.domain.shops.notices import Kind, Notice
from chalicelib.entry import work
from chalicelib.gateways.queues import Queue

_IGNORED = Outcome(Result.IGNORED, code="not_connected", detail="The shop is not connected.")
_ACCEPTED = Outcome(Result.ACCEPTED)


def take_notice(
    merchant_id: str, connection: Connection | None, headers: Headers, raw_body: bytes
) -> Outcome | None:
    """Act on one verified notice of Shopify's; None when it is an order's.

    Raises
    ------
    Malformed, Invalid
    """
    notice = notices.read_notice(headers, raw_body)
    if notice is None:
        return None
    if notice.kind.is_privacy:
        return _take_privacy(merchant_id, notice)
    if notice.kind is Kind.EDITED:
        if connection is None or not connection.is_usable:
            # orders/updated follows an edit with the whole order.
            return Outcome(Result.IGNORED, code="order_edit")
        fetch(merchant_id, notice.order_ids[0])
        return _ACCEPTED
    was_open = work.run(
        lambda uow: connecting.close(uow, merchant_id, Platform.SHOPIFY.value, notice.triggered_at)
    )
    return _ACCEPTED if was_open else _IGNORED


def take_request(merchant_id: str, connection: Connection | None, raw_body: bytes) -> Outcome:
    """A fulfilment service is asked something: look up what, soon."""
    if notices.read_request(raw_body) is None:
        return Outcome(Result.IGNORED, code="kind")
    if connection is None or not connection.is_usable:
        return _IGNORED
    _queue(merchant_id, {"task": "requests"})
    return _ACCEPTED


def fetch(merchant_id: str, order_id: str) -> None:
    """Have one order fetched whole: its webhook did not tell all."""
    _queue(merchant_id, {"task": "fetch", "order_id": order_id})


def _take_privacy(merchant_id: str, notice: Notice) -> Outcome:
    platform = Platform.SHOPIFY.value
    request = work.run(lambda uow: privacy.receive(uow, merchant_id, platform, notice))
    if request.progress is not privacy.Progress.DONE:
        _queue(merchant_id, {"task": "privacy", "source_id": request.source_id})
    return _ACCEPTED


def _queue(merchant_id: str, message: Mapping[str, Any]) -> None:
    told = {"merchant_id": merchant_id, "platform": Platform.SHOPIFY.value, **message}
    wiring.queues().send(Queue.SHOPS, told)
