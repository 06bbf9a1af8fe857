"""How are webhook endpoints written in the merchants' API: what they send, what they read?"""

import json
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, model_validator

from chalicelib.domain.callbacks import catalogue
from chalicelib.domain.callbacks.model import (
    DisabledReason,
    Endpoint,
    EndpointStatus,
    Line,
    Message,
    MessageState,
)
from chalicelib.domain.callbacks.payload import Link, with_link
from chalicelib.entry import rest
from chalicelib.entry.api.delivery_forms import Instant
from chalicelib.kit.timewindow import write_instant
from chalicelib.kit.urls import LONGEST_URL

Url = Annotated[str, Field(min_length=1, max_length=LONGEST_URL)]
Pattern = Annotated[str, Field(max_length=64)]
Patterns = Annotated[tuple[Pattern, ...], Field(min_length=1, max_length=len(catalogue.PATTERNS))]
EventId = Annotated[str, Field(pattern=r"^evt_[0-9a-z_]{1,80}$")]

_ENDPOINT: dict[str, Any] = {
    "id": "whe_01m83qpnc10y2w525st46371np",
    "url": "https://shop.example.com/lastmile",
    "events": ["delivery.*"],
    "description": "Order status in the shop",
    "status": "enabled",
    "disabled_reason": None,
    "disabled_at": None,
    "created_at": "2026-11-23T08:17:33.057Z",
}
_HEALTH: dict[str, Any] = {"failures": 0, "failing_since": None, "paused_until": None}
_EVENT_ID = "evt_del_01m83qpnc10y2w525st46371np_000002"


class EndpointForm(rest.Body):
    url: Url
    events: Patterns = (catalogue.EVERYTHING,)
    description: rest.Text = ""

    model_config = rest.example(url="https://shop.example.com/lastmile", events=["delivery.*"])


class EndpointChanges(rest.Body):
    """What is left out stays as it is."""

    url: Url | None = None
    events: Patterns | None = None
    description: rest.Text | None = None
    status: EndpointStatus | None = None

    model_config = rest.example(events=["delivery.delivered", "delivery.attempt_failed"])


class ReplayForm(rest.Body):
    """One event, or all of a span of time: `from` is inside of it, `to` is not."""

    event_id: EventId | None = None
    start_at: Annotated[Instant | None, Field(alias="from")] = None
    end_at: Annotated[Instant | None, Field(alias="to")] = None
    only_failed: bool = False

    model_config = rest.example(
        **{"from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z", "only_failed": True}
    )

    @model_validator(mode="after")
    def _says_what(self) -> "ReplayForm":
        span = (self.start_at, self.end_at)
        if (self.event_id is None) == (span == (None, None)):
            raise ValueError("say either event_id, or from and to")
        if self.event_id is None and None in span:
            raise ValueError("a span has both from and to")
        if self.start_at is not None and self.end_at is not None and self.end_at <= self.start_at:
            raise ValueError("to must be later than from")
        return self


class LogQuery(rest.Body):
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class _Endpoint(rest.Answer):
    id: str
    url: str
    events: list[str]
    description: str
    status: EndpointStatus
    disabled_reason: DisabledReason | None
    disabled_at: AwareDatetime | None
    created_at: AwareDatetime


class OneEndpoint(_Endpoint):
    """A webhook endpoint; `disabled_reason` tells why it gets nothing any more."""

    model_config = rest.example(**_ENDPOINT)


class NewEndpointAnswer(_Endpoint):
    """A webhook endpoint with its secret, which is shown this once."""

    secret: str

    model_config = rest.example(
        **_ENDPOINT,
        secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",  # noqa: S106 - an example
    )


class EndpointHealth(rest.Answer):
    """`failures`: in a row. `paused_until`: nothing is sent before; what waits goes then."""

    failures: int
    failing_since: AwareDatetime | None
    paused_until: AwareDatetime | None

    model_config = rest.example(**_HEALTH)


class WholeEndpoint(_Endpoint):
    """A webhook endpoint, and how it has answered lately."""

    health: EndpointHealth

    model_config = rest.example(**_ENDPOINT, health=_HEALTH)


class EndpointList(rest.Answer):
    """All webhook endpoints of the merchant, oldest first; at most ten."""

    webhook_endpoints: list[OneEndpoint]

    model_config = rest.example(webhook_endpoints=[_ENDPOINT])


class NewSecret(rest.Answer):
    """The new secret, shown this once; the one before it signs as well until `old_ends_at`."""

    secret: str
    old_ends_at: AwareDatetime

    model_config = rest.example(
        secret="whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",  # noqa: S106 - an example
        old_ends_at="2026-11-24T08:17:33.057Z",
    )


class Tried(rest.Answer):
    """One try: a status, or a word for why there is none."""

    at: AwareDatetime
    status: int | None
    error: str | None
    duration_ms: int

    model_config = rest.example(
        at="2026-11-23T08:17:34.102Z", status=200, error=None, duration_ms=38
    )


class LoggedWebhook(rest.Answer):
    """A webhook with its tries; `webhook_id` is the header's."""

    webhook_id: str
    event_id: str
    type: str
    at: AwareDatetime
    state: MessageState
    next_try_at: AwareDatetime | None
    tries: list[Tried]
    payload: dict[str, Any]

    model_config = rest.example(
        webhook_id=f"{_EVENT_ID}_whe_01m83qpnc10y2w525st46371np",
        event_id=_EVENT_ID,
        type="delivery.ready",
        at="2026-11-23T08:17:33.057Z",
        state="delivered",
        next_try_at=None,
        tries=[{"at": "2026-11-23T08:17:34.102Z", "status": 200, "error": None, "duration_ms": 38}],
        payload={"type": "delivery.ready", "timestamp": "2026-11-23T08:17:33.057Z", "data": {}},
    )


class WebhookLog(rest.Answer):
    """What was sent to an endpoint in the last thirty days, newest events first."""

    deliveries: list[LoggedWebhook]
    next_cursor: str | None

    model_config = rest.example(deliveries=[], next_cursor=None)


class Ordered(rest.Answer):
    """It is on its way; how it went stands in the log."""

    event_id: str | None

    model_config = rest.example(event_id=_EVENT_ID)


def write_endpoint(endpoint: Endpoint) -> dict[str, Any]:
    reason, disabled_at = endpoint.disabled_reason, endpoint.disabled_at
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "events": list(endpoint.events),
        "description": endpoint.description,
        "status": endpoint.status.value,
        "disabled_reason": reason and reason.value,
        "disabled_at": disabled_at and write_instant(disabled_at),
        "created_at": write_instant(endpoint.created_at),
    }


def write_health(line: Line) -> dict[str, Any]:
    return {
        "failures": line.failures,
        "failing_since": line.failing_since and write_instant(line.failing_since),
        "paused_until": line.paused_until and write_instant(line.paused_until),
    }


def write_logged(message: Message, link: Link) -> dict[str, Any]:
    return {
        "webhook_id": message.id,
        "event_id": message.event_id,
        "type": message.type,
        "at": write_instant(message.at),
        "state": message.state.value,
        "next_try_at": message.due_at and write_instant(message.due_at),
        "tries": [
            {
                "at": write_instant(one.at),
                "status": one.status,
                "error": one.error,
                "duration_ms": one.duration_ms,
            }
            for one in message.tries
        ],
        "payload": json.loads(with_link(message.body, link)),
    }
