"""The stream of ``core``: events to their subscribers."""

from typing import Any

from chalice.app import Blueprint

from chalicelib.entry import relay
from chalicelib.entry.observed import observed

bp = Blueprint(__name__)


@bp.on_dynamodb_record(stream_arn="core", batch_size=100, starting_position="TRIM_HORIZON")
@observed
def relay_events(event: Any) -> dict[str, int]:
    events = relay.events_of(record.new_image for record in event)
    for one in events:
        relay.relay(one)
    return {"events": len(events)}
