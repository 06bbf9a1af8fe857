"""The ``redeliveries`` queue: one event to the one subscriber that failed, up to five times."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.entry import relay
from chalicelib.entry.observed import per_record

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="redeliveries", batch_size=10)
@per_record
def redeliver_events(message: Mapping[str, Any]) -> None:
    relay.redeliver(message)
