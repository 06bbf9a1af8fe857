"""Webhooks to merchants: write down who is to hear of an event, call one endpoint, replay a span.

Messages come one by one (``batch_size=1``): in a batch, the second would wait for the first one's
dead endpoint.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.callbacks import replays, sending
from chalicelib.domain.callbacks.model import EndpointRef, Reply
from chalicelib.domain.callbacks.replays import Replay
from chalicelib.domain.messaging.facts import Links
from chalicelib.entry import webhook_orders, work
from chalicelib.entry.observed import logger, per_record
from chalicelib.kit.errors import Malformed
from chalicelib.kit.events import Event

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="callbacks", batch_size=1)
@per_record
def post_webhooks(message: Mapping[str, Any]) -> None:
    match message.get("step"):
        case "record":
            _record(Event.from_item(message["event"]))
        case "drain":
            _drain(EndpointRef(message["merchant_id"], message["endpoint_id"]))
        case "replay":
            _replay(Replay.from_message(message))
        case _:
            raise Malformed("this is no order of webhooks")


def _record(event: Event) -> None:
    for ref in sending.record(work.run, event):
        webhook_orders.drain(ref)


def _drain(ref: EndpointRef) -> None:
    server_key = wiring.vault().server_key()
    link = Links(wiring.settings().public_base_url, server_key).to
    done = sending.drain(work.run, sending.Means(_post, server_key, link), ref)
    if done.again:
        webhook_orders.drain(ref)
    if done.soon is not None:
        # A second later than it is due, so that the message does not come too early.
        webhook_orders.drain(ref, delay_s=done.soon.total_seconds() + wiring.clock().rate)
    logger.info("webhooks", endpoint_id=ref.endpoint_id, sent=done.sent, failed=done.failed)


def _post(url: str, headers: Mapping[str, str], body: bytes) -> Reply:
    reply = wiring.callbacks().post(url, headers, body)
    return Reply(reply.status, reply.error, reply.wished_delay_s, reply.duration_ms)


def _replay(replay: Replay) -> None:
    count, rest = work.run(lambda uow: replays.replay_page(uow, replay))
    if count:
        webhook_orders.drain(replay.ref)
    if rest is not None:
        webhook_orders.replay(rest)
