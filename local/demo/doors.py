"""The public doors: JSON over HTTP on a kept connection, and the day's clock.

The stack on this laptop may answer slowly or drop a connection; every call here is safe to repeat,
because the API promises that, and so it is repeated.
"""

import http.client
import json
import threading
import time
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

_TRIES = 4


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body) if self.body else None


class Door:
    """One host; each thread keeps a connection of its own."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._host = urllib.parse.urlsplit(base_url).netloc
        self._kept = threading.local()
        self.calls = 0

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call and return the answer, whatever its status; raise when nobody answers at all."""
        for attempt in range(_TRIES):
            connection = getattr(self._kept, "connection", None)
            if connection is None:
                connection = http.client.HTTPConnection(self._host, timeout=40)
                self._kept.connection = connection
            try:
                self.calls += 1
                connection.request(method, path, body, dict(headers or {}))
                reply = connection.getresponse()
                answer = Answer(reply.status, reply.read())
            except (OSError, http.client.HTTPException):
                connection.close()
                self._kept.connection = None
                if attempt == _TRIES - 1:
                    raise
                continue
            if answer.status < 500 or attempt == _TRIES - 1:
                return answer
            time.sleep(0.5 * 2**attempt)
        raise AssertionError("unreachable")

    def call(self, method: str, path: str, body: Any = None, token: str = "") -> Any:
        """Send JSON with a credential; return the answer's JSON or raise :class:`Refused`."""
        headers = {"Content-Type": "application/json"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        payload = None if body is None else json.dumps(body).encode()
        answer = self.send(method, path, payload, headers)
        if answer.status >= 400:
            raise Refused(method, path, answer)
        return answer.json


class Refused(RuntimeError):
    """The API said no; ``code`` is its stable word for why."""

    def __init__(self, method: str, path: str, answer: Answer) -> None:
        super().__init__(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        self.status = answer.status
        try:
            self.code = str(answer.json.get("code", ""))
        except (ValueError, AttributeError):
            self.code = ""


@dataclass(frozen=True, slots=True)
class DayClock:
    """The day's own time, as the deployment counts it: see the parameters of local.stack."""

    rate: float
    anchor_at: datetime
    start_at: datetime

    def now(self) -> datetime:
        return self.start_at + (datetime.now(UTC) - self.anchor_at) * self.rate

    def wait(self, seconds: float) -> None:
        """Let so much of the day pass."""
        time.sleep(max(0.0, seconds / self.rate))

    def wait_until(self, at: datetime) -> None:
        self.wait((at - self.now()).total_seconds())

    def minutes(self, minutes: float) -> datetime:
        return self.start_at + timedelta(minutes=minutes)
