"""What is an endpoint, and what is a message to it?

An endpoint is a merchant's URL with the events it wants. A message is one event for one endpoint:
its id and body never change, however often it is tried. ``Line`` is what we know of an endpoint's
health, and who is talking to it right now.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

MOST_ENDPOINTS = 10
#: Tries that a message remembers, replays included.
MOST_TRIES_KEPT = 40


class EndpointStatus(StrEnum):
    ENABLED = "enabled"
    DISABLED = "disabled"


class DisabledReason(StrEnum):
    """Why an endpoint gets nothing any more."""

    BY_MERCHANT = "by_merchant"
    GONE = "gone"
    ONLY_FAILURES = "only_failures"


@dataclass(frozen=True, slots=True)
class Secret:
    """A signing secret, sealed for its merchant; ``ends_at`` (wall time) once it was replaced."""

    sealed: str
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Secrets: newest first; all that live sign."""

    id: str
    merchant_id: str
    url: str
    events: tuple[str, ...]
    description: str
    status: EndpointStatus
    secrets: tuple[Secret, ...]
    created_at: datetime
    version: int = 1
    disabled_reason: DisabledReason | None = None
    disabled_at: datetime | None = None

    @property
    def is_enabled(self) -> bool:
        return self.status is EndpointStatus.ENABLED

    def disable(self, reason: DisabledReason, at: datetime) -> "Endpoint":
        return replace(
            self,
            status=EndpointStatus.DISABLED,
            disabled_reason=reason,
            disabled_at=at,
            version=self.version + 1,
        )

    def enable(self) -> "Endpoint":
        return replace(
            self,
            status=EndpointStatus.ENABLED,
            disabled_reason=None,
            disabled_at=None,
            version=self.version + 1,
        )


@dataclass(frozen=True, slots=True)
class Book:
    """All endpoints of a merchant, one item: an event reads one, and ten are ten."""

    merchant_id: str
    endpoints: tuple[Endpoint, ...] = ()
    version: int = 0

    def find(self, endpoint_id: str) -> Endpoint | None:
        return next((one for one in self.endpoints if one.id == endpoint_id), None)

    def with_endpoint(self, endpoint: Endpoint) -> "Book":
        """With a new or changed endpoint."""
        others = tuple(one for one in self.endpoints if one.id != endpoint.id)
        ordered = sorted((*others, endpoint), key=lambda one: (one.created_at, one.id))
        return replace(self, endpoints=tuple(ordered), version=self.version + 1)

    def without(self, endpoint_id: str) -> "Book":
        left = tuple(one for one in self.endpoints if one.id != endpoint_id)
        return replace(self, endpoints=left, version=self.version + 1)


@dataclass(frozen=True, slots=True)
class EndpointRef:
    merchant_id: str
    endpoint_id: str


@dataclass(frozen=True, slots=True)
class Reply:
    """How a try ended: a status, or a word for why there is none.

    ``wished_delay_s`` is the Retry-After of a 429 or 503.
    """

    status: int | None
    error: str | None = None
    wished_delay_s: int | None = None
    duration_ms: int = 0

    @property
    def is_success(self) -> bool:
        """2xx and nothing else; a redirect is a failure."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        return self.status == 410


@dataclass(frozen=True, slots=True)
class Try:
    at: datetime
    status: int | None
    error: str | None
    duration_ms: int


class MessageState(StrEnum):
    """``skipped``: its endpoint was disabled; it goes only when it is asked for again."""

    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Message:
    """One event for one endpoint.

    ``at`` is the event's time. ``tries_in_round``: tries since it was recorded or last replayed; a
    replay gets the whole schedule again.
    """

    ref: EndpointRef
    event_id: str
    type: str
    at: datetime
    body: str
    state: MessageState
    due_at: datetime | None
    tries: tuple[Try, ...] = ()
    tries_in_round: int = 0
    version: int = 1

    @property
    def id(self) -> str:
        """The ``webhook-id``: the same over all tries and replays, and of this endpoint alone."""
        return f"{self.event_id}_{self.ref.endpoint_id}"


@dataclass(frozen=True, slots=True)
class Line:
    """Who talks to an endpoint now, and how it has answered lately.

    ``busy_until``: one worker at a time talks to an endpoint, until then at most. ``knocked``:
    something new came meanwhile. ``failures``: in a row. ``paused_until``: nothing is sent before.
    """

    ref: EndpointRef
    version: int = 0
    busy_until: datetime | None = None
    knocked: bool = False
    failures: int = 0
    paused_until: datetime | None = None
    failing_since: datetime | None = None
    last_failure_at: datetime | None = None
