"""The stage's routes as a web server on loopback, for programs that speak HTTP.

Requests are handed to the test client one at a time, as moto wants it.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from chalice.local import RouteMatcher
from chalice.test import Client, HTTPResponse

from app import app


def _handler(client: Client, before: Callable[[], None]) -> type[BaseHTTPRequestHandler]:
    one_at_a_time = threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            with one_at_a_time:
                before()
                reply = _reply(client, self.command, self.path, dict(self.headers), body)
            self.send_response(reply.status_code)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)

        def log_message(self, *_: object) -> None:
            """Say nothing: the entries log themselves."""

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any
        do_OPTIONS = do_TRACE = do_QUERY = handle_any

    return Handler


def _reply(
    client: Client, method: str, path: str, headers: dict[str, str], body: bytes
) -> HTTPResponse:
    if method == "OPTIONS":
        # Chalice's local gateway breaks on it where no route allows other origins.
        route = RouteMatcher(list(app.routes)).match_route(path).route
        return HTTPResponse(b"", {"Allow": ", ".join(app.routes[route])}, 405)
    return client.http.request(method=method, path=path, headers=headers, body=body)


@contextmanager
def serving(client: Client, before: Callable[[], None]) -> Iterator[str]:
    """Serve on a free port of loopback, ``before`` before each request; yields the address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(client, before))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
