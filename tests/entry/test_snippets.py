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


ENVIRONMENT = {**CREDENTIALS, "PATH": "/usr/bin:/bin", "NO_PROXY": "127.0.0.1"}
#: Runs one program after the other, each in a namespace of its own: starting Python for each of
#: them took most of the time.
LOOP = """
import contextlib, io, json, sys, traceback
for line in sys.stdin:
    failed = ""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            exec(compile(json.loads(line), "snippet", "exec"), {"__name__": "__main__"})
        except BaseException:
            failed = traceback.format_exc()
    print(json.dumps(failed), flush=True)
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs are run, with the file that some of them send."""
    made = tmp_path_factory.mktemp("snippets")
    (made / "body").write_bytes(b"{}")
    return made


@pytest.fixture(scope="module")
def interpreter(place: Path) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-I", "-c", LOOP],
        cwd=place,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as running:
        yield running
        assert running.stdin is not None
        running.stdin.close()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_python_runs(
    listener: Heard, interpreter: subprocess.Popen[str], path: str, method: str
) -> None:
    document = {**DOCUMENT, "servers": [{"url": listener.address}]}
    assert interpreter.stdin is not None
    assert interpreter.stdout is not None
    print(json.dumps(snippets.python(document, path, method)), file=interpreter.stdin, flush=True)
    failed = json.loads(interpreter.stdout.readline())
    assert not failed, failed
    as_declared(listener, path, method)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl on this machine")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_curl_runs(listener: Heard, place: Path, path: str, method: str) -> None:
    document = {**DOCUMENT, "servers": [{"url": listener.address}]}
    done = subprocess.run(
        ["/bin/sh", "-c", snippets.curl(document, path, method)],
        cwd=place,
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    as_declared(listener, path, method)
