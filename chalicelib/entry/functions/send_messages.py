"""Send texts: one message of the queue is one text for one recipient or driver, at most once."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.messaging import crew_texts
from chalicelib.domain.messaging import service as messaging
from chalicelib.domain.messaging.facts import Links
from chalicelib.domain.messaging.store import Fate
from chalicelib.entry import work
from chalicelib.entry.observed import logger, per_record

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="messages", batch_size=10)
@per_record
def send_messages(message: Mapping[str, Any]) -> None:
    """Claim, publish, mark; only a text that surely was not sent comes back to the queue."""
    if "driver_text" in message:
        server_key = wiring.vault().server_key()
        told = crew_texts.send_text(work.run, wiring.sms(), server_key, message)
        logger.info("driver's text", template=message["driver_text"], fate=_name(told))
        return
    order = messaging.read_order(message)
    chosen = wiring.settings()
    server_key = wiring.vault().server_key()
    links = Links(chosen.public_base_url, server_key, chosen.short_base_url)
    fate = messaging.send_text(work.run, wiring.sms(), links, order)
    logger.info(
        "text",
        delivery_id=order.delivery_id,
        template=order.template.value,
        fate=_name(fate),
    )


def _name(fate: Fate | None) -> str:
    return "claimed_before" if fate is None else fate.value
