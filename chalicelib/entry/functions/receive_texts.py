"""Receive texts: what recipients answer, as AWS End User Messaging publishes it to our topic.

Only that service may publish there. What cannot be read is said in the log, without a word of it,
and not asked for again; a message that comes twice counts once.
"""

from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.messaging import inbound
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.kit.errors import LastmileError, Malformed

bp = Blueprint(__name__)


@bp.on_sns_message(topic="inbound-texts")
@observed
def receive_texts(event: Any) -> dict[str, int]:
    server_key = wiring.vault().server_key()
    taken = 0
    for record in event.to_dict()["Records"]:
        try:
            reply = inbound.read(record["Sns"]["Message"])
        except Malformed as error:
            logger.warning("a text that came in cannot be read", code=error.code)
            continue
        try:
            meant = work.run(partial(inbound.receive, server_key=server_key, reply=reply))
        except LastmileError as error:
            if error.retry:
                raise
            logger.warning("a text that came in was not taken", code=error.code)
            continue
        logger.info("text came in", meant=meant.value)
        taken += 1
    return {"texts": taken}
