"""How is work for ``post_webhooks`` ordered? The messages of the ``callbacks`` queue."""

from chalicelib import wiring
from chalicelib.domain.callbacks.model import EndpointRef
from chalicelib.domain.callbacks.replays import Replay
from chalicelib.gateways.queues import Queue


def drain(ref: EndpointRef, *, delay_s: float = 0) -> None:
    """Have what is due sent to an endpoint; once too often is harmless."""
    message = {"step": "drain", "merchant_id": ref.merchant_id, "endpoint_id": ref.endpoint_id}
    wiring.queues().send(Queue.CALLBACKS, message, delay_s=delay_s)


def replay(replay: Replay) -> None:
    wiring.queues().send(Queue.CALLBACKS, {"step": "replay", **replay.to_message()})
