"""What do we tell? The body of a message: ``{type, timestamp, data}``, and its signed headers.

``data`` holds ids, statuses, times, the merchant's own ``external_id`` and the tracking link: no
name, phone, address or note of a recipient, no driver, and nothing of another merchant's. Whoever
wants more asks the API, with a credential. It is made from the event alone, so a replay a month
later tells what happened then.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from chalicelib.domain.callbacks.model import Message
from chalicelib.kit.events import Event
from chalicelib.kit.signing import sign_standard_webhook
from chalicelib.kit.timewindow import write_instant

#: Source: Standard Webhooks, "Payload size".
LARGEST_BODY_BYTES = 20_000
#: Events are named after what happened, statuses after what is.
_ROUTE_STATUS = {"started": "under_way"}
_LINK = "tracking_url"

#: Makes the tracking link of a delivery.
Link = Callable[[str], str]


def write(event: Event, data: Mapping[str, Any]) -> str:
    """The body as it is kept: what is sent, but for the tracking link."""
    return _dump({"type": event.type, "timestamp": write_instant(event.at), "data": dict(data)})


def with_link(body: str, link: Link) -> str:
    """The body as it is sent: with the tracking link, which is kept nowhere in the clear.

    It follows from the server's key and the delivery, so it is the same at every try.
    """
    told = json.loads(body)
    if _LINK in told["data"]:
        told["data"][_LINK] = link(told["data"]["delivery_id"])
    return _dump(told)


def delivery_data(event: Event) -> dict[str, Any]:
    told = event.data
    return {
        "event_id": event.id,
        # A rating is a thing of its own, and says whose it is.
        "delivery_id": told.get("delivery_id", event.subject),
        "external_id": told["external_id"],
        "status": told["status"],
        "reason": told.get("reason"),
        "version": event.version,
        "attempts": told["attempts"],
        "route_id": told["route_id"],
        **({"stars": told["stars"]} if "stars" in told else {}),
        _LINK: None,
    }


def recovery_data(event: Event) -> dict[str, Any]:
    """What was decided about a delivery; the costs are the courier's own and are asked for."""
    told = event.data
    return {
        "event_id": event.id,
        "recovery_id": event.subject,
        "delivery_id": told["delivery_id"],
        "external_id": told["external_id"],
        "version": event.version,
        "attempt": told["attempt"],
        "reason": told["reason"],
        "remedy": told["remedy"],
        "by": told["by"],
        "state": told["state"],
        "until": told["until"],
        "pickup_point_id": told["point_id"],
        "outcome": told["outcome"],
        _LINK: None,
    }


def route_data(event: Event, delivery_ids: Iterable[str]) -> dict[str, Any]:
    """A route as one merchant may know it: with its own deliveries, at most 97."""
    what = event.type.partition(".")[2]
    return {
        "event_id": event.id,
        "route_id": event.subject,
        "status": _ROUTE_STATUS.get(what, what),
        "version": event.version,
        "delivery_ids": list(delivery_ids),
    }


def notification_data(event: Event) -> dict[str, Any]:
    """Who wants texts or not, told by the delivery that it was about: never by the number."""
    return {
        "event_id": event.id,
        "delivery_id": event.data["delivery_id"],
        "by": event.data["by"],
    }


def proof_data(event: Event) -> dict[str, Any]:
    """Whether the proof of a handover holds; ``head`` seals the history (docs/at-the-door.md)."""
    return {
        "event_id": event.id,
        "proof_id": event.subject,
        "delivery_id": event.data["delivery_id"],
        "status": event.type.partition(".")[2].replace("created", "passed"),
        "reasons": event.data["reasons"],
        "head": event.data["head"],
        "head_version": event.data["head_version"],
    }


def case_data(event: Event) -> dict[str, Any]:
    """How a support case stands; what was written is asked for with a credential."""
    return {
        "event_id": event.id,
        "case_id": event.subject,
        "delivery_id": event.data["delivery_id"],
        "status": event.data["status"],
        "kinds": event.data["kinds"],
        "opened_by": event.data["opened_by"],
        "due_at": event.data["due_at"],
    }


def dispute_data(event: Event) -> dict[str, Any]:
    """How a dispute stands; what is given back is posted a moment after it was accepted."""
    told = event.data
    return {
        "event_id": event.id,
        "dispute_id": event.subject,
        "delivery_id": told["delivery_id"],
        "status": told["status"],
        "reason": told["reason"],
        "currency": told["currency"],
        "charged_minor": told["charged_minor"],
        "credited_minor": told["credited_minor"],
        "refusal": told["refusal"],
        "due_at": told["due_at"],
    }


def disabled_data(event: Event) -> dict[str, Any]:
    return {
        "event_id": event.id,
        "endpoint_id": event.subject,
        "url": event.data["url"],
        "reason": event.data["reason"],
    }


def test_data(event: Event) -> dict[str, Any]:
    return {"event_id": event.id, "endpoint_id": event.data["endpoint_id"]}


def headers(
    message: Message, body: bytes, secrets: Iterable[str], wall_now: datetime
) -> dict[str, str]:
    """The headers of one try: every live secret signs, so that a receiver may have either."""
    signatures = [sign_standard_webhook(one, message.id, wall_now, body) for one in secrets]
    return {
        "content-type": "application/json",
        "user-agent": "Lastmile-Webhooks/1",
        "webhook-id": message.id,
        "webhook-timestamp": str(int(wall_now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _dump(told: Mapping[str, Any]) -> str:
    return json.dumps(told, separators=(",", ":"), ensure_ascii=False)
