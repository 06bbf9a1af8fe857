"""A locker operator on loopback: the other side of docs/lockers.md, for tests and the demo.

It keeps its own count of compartments, believes nobody without the right signature, and can be told
to misbehave: to lose its answers, or to be full whatever anybody else counts.
"""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote


@dataclass
class LoopbackLockers:
    """``compartments`` by the point's name and class; ``reserved`` by the reservation's name."""

    compartments: dict[tuple[str, str], int]
    secret: str = ""
    reserved: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, str]] = field(default_factory=list)
    loses_answers: int = 0

    def put(self, name: str, wanted: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        """Reserve; the same name again is the same reservation."""
        if name in self.reserved:
            return 200, {"open_code": self.reserved[name]["open_code"]}
        place = (wanted["point"], wanted["size"])
        taken = [(one["point"], one["size"]) for one in self.reserved.values()].count(place)
        if taken >= self.compartments.get(place, 0):
            return 409, {"code": "full"}
        self.reserved[name] = {**wanted, "open_code": f"{len(self.calls):06d}"}
        return 201, {"open_code": self.reserved[name]["open_code"]}

    def answer(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, Any]] | None:
        """What is answered; None where the connection ends without a word."""
        if not self._is_ours(headers, body):
            return 401, {"code": "bad_signature"}
        name = unquote(path.rsplit("/", 1)[-1])
        self.calls.append((method, name))
        if method == "PUT":
            made = self.put(name, json.loads(body))
        else:
            made = (204 if self.reserved.pop(name, None) else 404), {}
        if self.loses_answers:
            self.loses_answers -= 1
            return None
        return made

    def told(
        self, word: str, reservation: str, at: datetime, wall: datetime | None = None
    ) -> tuple[dict[str, str], bytes]:
        """A signed event, as it is posted to ``/lockers/{operator_id}/events``."""
        data = {"reservation": reservation}
        raw = json.dumps({"type": word, "timestamp": at.isoformat(), "data": data}).encode()
        signed_at = wall or datetime.now(UTC)
        message_id, timestamp = f"{word}.{reservation}", str(int(signed_at.timestamp()))
        return {
            "content-type": "application/json",
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": self._signature(message_id, timestamp, raw),
        }, raw

    def _is_ours(self, headers: Mapping[str, str], body: bytes) -> bool:
        # How old it is does not matter here: the caller's clock may be a virtual one.
        name, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        right = self._signature(name, timestamp, body)
        return any(
            hmac.compare_digest(one, right)
            for one in headers.get("webhook-signature", "").split(" ")
        )

    def _signature(self, message_id: str, timestamp: str, body: bytes) -> str:
        """As Standard Webhooks 1.0.0 has it."""
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        signed = f"{message_id}.{timestamp}.".encode() + body
        return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


@contextmanager
def serving(lockers: LoopbackLockers) -> Iterator[str]:
    """Serve on a free port of loopback; yields the base address."""
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            with one_at_a_time:
                answer = lockers.answer(self.command, self.path, headers, body)
            if answer is None:
                self.close_connection = True
                return
            raw = json.dumps(answer[1]).encode() if answer[1] else b""
            self.send_response(answer[0])
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        do_PUT = do_DELETE = handle_any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
