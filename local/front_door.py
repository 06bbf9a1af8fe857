"""One loopback port in front of the stack, as CloudFront joins pages and API in a real account.

Everything goes on to the stack's REST API with body bytes, method, query and headers untouched
(webhooks are signed over the raw bytes), except for two doors of its own: POST /v2/geocode, the
twin of Amazon Location's geocoder, and GET /_local/..., what a person on this machine wants to see.
Only so many requests are let through at once: the embedded cloud starts a worker process for each
concurrent call, and a burst would start dozens of them where AWS would simply scale.
"""

import gzip
import html
import http.client
import json
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from local import driver_link
from local.geocode import Gazetteer

HOST = "127.0.0.1"
# Requests inside the stack at one time: enough for real races, few enough for two cores.
AT_ONCE = max(4, min(8, 3 * (os.cpu_count() or 2)))
# API Gateway refuses larger bodies. Source: API Gateway quotas, payload size 10 MB.
MAX_BODY_BYTES = 10 * 1024 * 1024
# The embedded cloud closes idle connections after 75 s; ours are dropped well before.
IDLE_CONNECTION_S = 20
SMS_POLL_S = 0.5
# As .chalice/config.json tells API Gateway.
MINIMUM_COMPRESSION_BYTES = 1000

# They belong to one connection and are never passed on. Source: RFC 9110 section 7.6.1.
_HOP_BY_HOP = {
    "connection",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
}


class Upstream:
    """The embedded cloud's port, with a few connections kept open."""

    def __init__(self, endpoint_url: str, at_once: int = AT_ONCE) -> None:
        parts = urlsplit(endpoint_url)
        self._address = (parts.hostname or HOST, parts.port or 80)
        self._idle: queue.LifoQueue[tuple[float, http.client.HTTPConnection]] = queue.LifoQueue()
        self._slots = threading.BoundedSemaphore(at_once)

    def request(
        self, method: str, path: str, body: bytes = b"", headers: Iterable[tuple[str, str]] = ()
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Send once, never again: a repeated POST could do something twice."""
        with self._slots:
            connection = self._connection()
            try:
                connection.putrequest(method, path, skip_accept_encoding=True)
                for name, value in headers:
                    connection.putheader(name, value)
                if body or method in {"POST", "PUT", "PATCH"}:
                    connection.putheader("Content-Length", str(len(body)))
                connection.endheaders(body or None)
                response = connection.getresponse()
                answer = response.read()
            except BaseException:
                connection.close()
                raise
            if not response.will_close:
                self._idle.put((time.monotonic(), connection))
            return response.status, response.getheaders(), answer

    def _connection(self) -> http.client.HTTPConnection:
        while True:
            try:
                used_at, connection = self._idle.get_nowait()
            except queue.Empty:
                return http.client.HTTPConnection(*self._address, timeout=180)
            if time.monotonic() - used_at < IDLE_CONNECTION_S:
                return connection
            connection.close()

    def sent_texts(self) -> dict[str, list[dict[str, Any]]]:
        """What the embedded cloud has kept of the texts published so far, by phone."""
        status, _, answer = self.request("GET", "/_ministack/sns/sms-messages")
        if status != HTTPStatus.OK:
            raise ValueError(f"the list of texts answered {status}")
        messages: dict[str, list[dict[str, Any]]] = json.loads(answer)["sms_messages"]
        return messages

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get_nowait()[1].close()


class SentTexts:
    """The texts sent so far, oldest first.

    The embedded cloud keeps them per phone and without a time, so they get the moment they were
    first seen; a thread looks twice a second.
    """

    def __init__(self, fetch: Callable[[], Mapping[str, list[Mapping[str, Any]]]]) -> None:
        self._fetch = fetch
        self._seen: dict[str, dict[str, str]] = {}
        self._lock = threading.Lock()

    def look(self) -> list[dict[str, str]]:
        with self._lock:
            at = datetime.now(UTC).isoformat(timespec="milliseconds")
            for phone, messages in self._fetch().items():
                for message in messages:
                    text = {"to": phone, "body": str(message["Message"]), "at": at}
                    self._seen.setdefault(str(message["MessageId"]), text)
            return list(self._seen.values())


class FrontDoor:
    """Takes its port when made, so that others can be told its address; answers from serve() on."""

    def __init__(self, gazetteer: Gazetteer | None = None, port: int = 0) -> None:
        self.gazetteer = gazetteer or Gazetteer([])
        self._server = _Server((HOST, port), _Handler)
        self._server.door = self
        self.upstream: Upstream | None = None
        # Listing texts must not wait behind requests to the stack.
        self._texts_upstream: Upstream | None = None
        self.api_path = ""
        self.texts: SentTexts | None = None
        self.links: dict[str, str] = {}
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def base_url(self) -> str:
        return f"http://{HOST}:{self._server.server_address[1]}"

    @property
    def sms_url(self) -> str:
        return f"{self.base_url}/_local/sms"

    def start(self) -> None:
        self._spawn(self._server.serve_forever)

    def connect(self, endpoint_url: str, rest_api_id: str, stage_name: str) -> None:
        """From now on pass requests on to this REST API."""
        self.upstream = Upstream(endpoint_url)
        self._texts_upstream = Upstream(endpoint_url, at_once=1)
        self.texts = SentTexts(self._texts_upstream.sent_texts)
        self.api_path = f"/_aws/execute-api/{rest_api_id}/{stage_name}"
        self._spawn(self._watch_texts)

    def stop(self) -> None:
        self._ended.set()
        if self._threads:
            self._server.shutdown()
        self._server.server_close()
        for thread in self._threads:
            thread.join(5)
        self._threads.clear()
        for upstream in (self.upstream, self._texts_upstream):
            if upstream:
                upstream.close()

    def _spawn(self, run: Callable[[], None]) -> None:
        thread = threading.Thread(target=run, daemon=True, name=f"front-door-{run.__name__}")
        thread.start()
        self._threads.append(thread)

    def _watch_texts(self) -> None:
        while not self._ended.wait(SMS_POLL_S):
            try:
                assert self.texts is not None
                self.texts.look()
            except (OSError, ValueError, http.client.HTTPException):
                continue  # busy or gone; the next look counts


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256
    door: FrontDoor

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Header and body leave in one piece: no waiting for an acknowledgement in between.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 75
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the inherited name
        """Silence: the functions log every request themselves."""

    def _handle(self) -> None:
        body = self._body()
        if body is None:
            return
        path = urlsplit(self.path).path
        if path == "/v2/geocode" and self.command == "POST":
            self._geocode(body)
        elif path == "/_local" or path.startswith("/_local/"):
            self._local(path)
        else:
            self._pass_on(body)

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _handle

    def _body(self) -> bytes | None:
        if self.headers.get("Transfer-Encoding"):
            self._problem(HTTPStatus.LENGTH_REQUIRED, "send the body with a Content-Length")
            return None
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self._problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "at most 10 MB")
            return None
        return self.rfile.read(length)

    def _pass_on(self, body: bytes) -> None:
        door = self.server.door
        if door.upstream is None:
            self._problem(HTTPStatus.SERVICE_UNAVAILABLE, "the stack is not deployed yet")
            return
        headers = [(n, v) for n, v in self.headers.items() if n.lower() not in _NOT_PASSED]
        headers += [
            ("X-Forwarded-For", self.client_address[0]),
            ("X-Forwarded-Host", self.headers.get("Host", "")),
            ("X-Forwarded-Proto", "http"),
        ]
        try:
            status, answered, answer = door.upstream.request(
                self.command, door.api_path + self.path, body, headers
            )
        except (OSError, http.client.HTTPException) as error:
            self._problem(HTTPStatus.BAD_GATEWAY, f"the stack did not answer: {error!r}")
            return
        kept = [(n, v) for n, v in answered if n.lower() not in _NOT_PASSED]
        if _is_packed(self.headers.get("Accept-Encoding", ""), dict(kept), answer):
            kept, answer = [*kept, ("Content-Encoding", "gzip")], gzip.compress(answer, 6)
        self._answer(status, kept, answer)

    def _geocode(self, body: bytes) -> None:
        try:
            request = json.loads(body)
        except ValueError:
            self._problem(HTTPStatus.BAD_REQUEST, "not JSON")
            return
        self._json(self.server.door.gazetteer.geocode(request))

    def _local(self, path: str) -> None:
        door = self.server.door
        if path == "/_local/sms":
            self._json(door.texts.look() if door.texts else [])
        elif path in {"/_local", "/_local/"}:
            page = _index(door.links | {"Texts sent so far": door.sms_url})
            self._answer(200, [("Content-Type", "text/html; charset=utf-8")], page.encode())
        elif path.startswith(driver_link.PATH) and door.texts:
            self._follow(path, door.texts)
        else:
            self._problem(HTTPStatus.NOT_FOUND, "nothing here")

    def _follow(self, path: str, texts: SentTexts) -> None:
        door = self.server.door

        def post(to: str, body: bytes) -> None:
            assert door.upstream is not None
            kind = [("Content-Type", "application/json")]
            door.upstream.request("POST", door.api_path + to, body, kind)

        goal = driver_link.follow(path, texts.look, post)
        if goal is None:
            self._problem(HTTPStatus.SERVICE_UNAVAILABLE, "no code came; try again in 20 seconds")
        else:
            self._answer(HTTPStatus.FOUND, [("Location", goal)], b"")

    def _json(self, value: Any, status: int = 200, kind: str = "application/json") -> None:
        body = json.dumps(value, ensure_ascii=False).encode()
        self._answer(status, [("Content-Type", kind)], body)

    def _problem(self, status: HTTPStatus, detail: str) -> None:
        self.close_connection = True
        problem = {"type": "about:blank", "title": status.phrase, "status": status.value}
        self._json(problem | {"detail": detail}, status.value, "application/problem+json")

    def _answer(self, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if status >= 200 and status not in {204, 304}:
            self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


# Lengths are counted anew on each side.
_NOT_PASSED = _HOP_BY_HOP | {"content-length"}


def _is_packed(accepted: str, headers: Mapping[str, str], answer: bytes) -> bool:
    """Whether API Gateway would pack an answer: it is large enough, text, and not packed yet."""
    told = {name.lower(): value for name, value in headers.items()}
    is_text = told.get("content-type", "").startswith(("text/", "application/json", "image/svg"))
    is_large = len(answer) >= MINIMUM_COMPRESSION_BYTES
    return "gzip" in accepted and is_text and is_large and "content-encoding" not in told


def _index(links: Mapping[str, str]) -> str:
    rows = "".join(
        f'<li><a href="{html.escape(url)}">{html.escape(title)}</a></li>'
        for title, url in links.items()
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Lastmile, here</title>'
        f"<h1>Lastmile on this machine</h1><ul>{rows}</ul></html>"
    )
