"""Every example on the API's page runs: the Python as it stands, the curl in a shell."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app import app
from chalicelib.entry import openapi, snippets
from chalicelib.entry.surface import routes_of

DOCUMENT = openapi.document(routes_of(app), "https://api.example.com")
OPERATIONS = [
    pytest.param(path, method, id=operation["operationId"])
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
CREDENTIALS = {variable: f"secret-{name}" for name, variable in snippets.VARIABLES.items()}


@dataclass
class Heard:
    """What arrived at the server last."""

    address: str = ""
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)


@pytest.fixture(scope="module")
def listener() -> Iterator[Heard]:
    """A server that answers everything with an empty object, and remembers what came."""
    heard = Heard()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard.requests.append((self.command, self.path, headers, body))
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    heard.address = f"http://127.0.0.1:{server.server_address[1]}"
    yield heard
    server.shutdown()
    server.server_close()


def as_declared(heard: Heard, path: str, method: str) -> None:
    """The request that arrived is the one that the document describes."""
    operation = DOCUMENT["paths"][path][method]
    command, asked, headers, body = heard.requests.pop()
    assert command == method.upper()
    assert asked == snippets.url(DOCUMENT, path, operation).removeprefix("https://api.example.com")
    bearers = [name for one in operation["security"] for name in one]
    if bearers:
        assert headers["authorization"] == f"Bearer secret-{bearers[0]}"
    example = snippets.example_body(DOCUMENT, operation)
    if example is not None:
        assert headers["content-type"] == "application/json"
        assert json.loads(body) == example


def run(command: list[str], place: Path) -> None:
    (place / "body").write_bytes(b"{}")
    environment = {**CREDENTIALS, "PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_python_runs(listener: Heard, tmp_path: Path, path: str, method: str) -> None:
    document = {**DOCUMENT, "servers": [{"url": listener.address}]}
    run([sys.executable, "-I", "-c", snippets.python(document, path, method)], tmp_path)
    as_declared(listener, path, method)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_curl_runs(listener: Heard, tmp_path: Path, path: str, method: str) -> None:
    document = {**DOCUMENT, "servers": [{"url": listener.address}]}
    run(["/bin/sh", "-c", snippets.curl(document, path, method)], tmp_path)
    as_declared(listener, path, method)
