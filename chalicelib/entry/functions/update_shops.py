"""What shops' platforms and lockers' operators are told, asked and owed: a message is a task.

``tell`` news of a delivery, ``fetch`` one order, answer ``requests`` of a fulfilment service, do
the next part of a ``privacy`` request, ``redact`` a delivery that has ended, ``catch_up`` after a
shop was connected again, bring a ``locker``'s operator in line with a delivery. Every task may come
twice.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.deliveries import redaction
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.lockers import settling
from chalicelib.domain.shops import fetching, privacy, requests, telling
from chalicelib.domain.shops.fetching import Fetch
from chalicelib.domain.shops.news import News
from chalicelib.domain.shops.telling import Fate, Office
from chalicelib.entry import shop_orders, work
from chalicelib.entry.observed import logger, per_record
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import (
    Malformed,
)
from chalicelib.kit.shop_errors import (
    ShopError,
)

bp = Blueprint(__name__)

#: Until somebody who is telling an older version of the same delivery has surely ended.
_BUSY_S = 30
#: What waited for a connection, so many at a time.
_CATCH_UP = 50


@bp.on_sqs_message(queue="shops", batch_size=5)
@per_record
def update_shops(message: Mapping[str, Any]) -> None:
    """Carry out one task; what the platform does not answer comes back to the queue."""
    task = _TASKS.get(str(message.get("task")))
    if task is None:
        raise Malformed("there is no such task")
    task(message)


def _tell(message: Mapping[str, Any]) -> None:
    news = News.from_message(message)
    office = Office(
        work.run,
        wiring.shop_gateways(),
        wiring.vault().server_key(),
        wiring.settings().public_base_url,
    )
    fate = telling.tell(office, news)
    if fate is Fate.BUSY:
        _again(message, after_s=_BUSY_S)
    logger.info("shop told", delivery_id=news.delivery_id, word=news.word, fate=fate.value)


def _fetch(message: Mapping[str, Any]) -> None:
    wanted = Fetch.from_message(message)
    became = shop_orders.fetch(wanted)
    result = became.value if isinstance(became, fetching.Fate) else became.result.value
    logger.info("order fetched", merchant_id=wanted.merchant_id, result=result)


def _answer_requests(message: Mapping[str, Any]) -> None:
    merchant_id, platform = str(message["merchant_id"]), str(message["platform"])
    clerk = requests.Clerk(
        work.run,
        wiring.shop_gateways(),
        wiring.vault().server_key(),
        shop_orders.take_in_found,
    )
    try:
        counts = requests.answer_requests(clerk, merchant_id, platform)
    except ShopError as error:
        shop_orders.note(merchant_id, platform, error)
        counts = {"failed": 1}
    logger.info("requests answered", merchant_id=merchant_id, counts=counts)


def _advance_privacy(message: Mapping[str, Any]) -> None:
    merchant_id, source_id = str(message["merchant_id"]), str(message["source_id"])
    step = work.run(lambda uow: privacy.advance(uow, merchant_id, source_id, erase))
    request = step.request
    if request.progress is not privacy.Progress.DONE:
        _again(message)
    logger.info("privacy", request_id=request.id, redacted=request.redacted, kind=request.kind)


def _redact(message: Mapping[str, Any]) -> None:
    ref = DeliveryRef.parse(str(message["delivery"]))
    work.run(lambda uow: privacy.finish(uow, ref, erase))


def _catch_up(message: Mapping[str, Any]) -> None:
    merchant_id, platform = str(message["merchant_id"]), str(message["platform"])
    waiting = work.read(
        lambda uow: telling.waiting_news(uow, merchant_id, platform, limit=_CATCH_UP)
    )
    for news in waiting:
        if news.word is not None:
            _again(news.to_message())
        # Only now: a message that is sent twice does no harm, one that is lost would.
        work.run(partial(telling.forget_waiting, news=news))
    if len(waiting) == _CATCH_UP:
        _again(message)


def _settle_locker(message: Mapping[str, Any]) -> None:
    ref = DeliveryRef.parse(str(message["delivery"]))
    server_key = wiring.vault().server_key()
    settling.settle(settling.Office(work.run, wiring.lockers(), server_key), ref)


def erase(ref: DeliveryRef) -> None:
    """Delete a delivery's pictures, papers and texts; nothing of them is left when it is done."""
    wiring.photos().remove_all(ref.merchant_id, ref.delivery_id)
    while work.run(partial(redaction.forget_texts, ref=ref)):
        pass


def _again(message: Mapping[str, Any], *, after_s: int = 0) -> None:
    wiring.queues().send(Queue.SHOPS, dict(message), delay_s=after_s * wiring.clock().rate)


_TASKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "tell": _tell,
    "fetch": _fetch,
    "requests": _answer_requests,
    "privacy": _advance_privacy,
    "redact": _redact,
    "catch_up": _catch_up,
    "locker": _settle_locker,
}
