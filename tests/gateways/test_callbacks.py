"""One call to a receiver: over TLS under its own name, with bounded patience and memory."""

import socket
import threading
import time
from pathlib import Path

import pytest

from chalicelib.gateways import callbacks
from chalicelib.gateways.callbacks import LARGEST_REPLY_BYTES, CallbackReply
from tests.gateways.receivers import (
    HOST,
    PUBLIC,
    Receiver,
    Script,
    certificate_for,
    receiving,
    saying,
)

URL = f"https://{HOST}/hook?shop=1"
HEADERS = {"webhook-id": "evt_1", "content-type": "application/json"}
FINE = b"HTTP/1.1 204 No Content\r\n\r\n"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_for(HOST, tmp_path_factory.mktemp("tls"))


def call(script: Script, certificate: Path, **settings: float) -> tuple[CallbackReply, Receiver]:
    with receiving(script, certificate) as receiver:
        gateway = receiver.gateway(certificate, **settings)
        return gateway.post(URL, HEADERS, b'{"type":"x"}'), receiver


def test_a_call_is_one_request_over_tls_under_the_hosts_name(certificate: Path) -> None:
    reply, receiver = call(saying(FINE), certificate)
    assert (reply.status, reply.error, reply.wished_delay_s) == (204, None, None)
    assert receiver.connections == [(PUBLIC, 443)]
    assert receiver.names == [HOST]
    assert receiver.requests == [
        b"POST /hook?shop=1 HTTP/1.1\r\nhost: shop.example.com\r\nwebhook-id: evt_1\r\n"
        b"content-type: application/json\r\ncontent-length: 12\r\naccept: */*\r\n"
        b'connection: close\r\n\r\n{"type":"x"}'
    ]


def test_a_certificate_of_another_name_is_not_believed(tmp_path: Path) -> None:
    other = certificate_for("other.example.com", tmp_path)
    reply, receiver = call(saying(FINE), other)
    assert (reply.status, reply.error) == (None, "certificate_refused")
    assert receiver.requests == []


def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    certificate: Path, tmp_path: Path
) -> None:
    with receiving(saying(FINE), certificate_for(HOST, tmp_path)) as receiver:
        reply = receiver.gateway(certificate).post(URL, HEADERS, b"{}")
    assert (reply.error, receiver.requests) == ("certificate_refused", [])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(certificate: Path, status: int) -> None:
    inside = b"HTTP/1.1 %d Moved\r\nlocation: https://169.254.169.254/\r\n\r\n" % status
    reply, receiver = call(saying(inside), certificate)
    assert reply.status == status
    assert len(receiver.connections) == 1


@pytest.mark.parametrize(
    ("status", "lines", "wish"),
    [
        (429, b"retry-after: 120", 120),
        (503, b"Retry-After:  7 ", 7),
        (429, b"retry-after: 0", 0),
        (429, b"retry-after: " + b"9" * 5000, callbacks.LONGEST_RETRY_AFTER_S),
        (429, b"retry-after: -1", None),
        (429, b"retry-after: soon", None),
        (429, b"retry-after: \xd9\xa1", None),
        (200, b"retry-after: 120", None),
        (500, b"retry-after: 120", None),
        (
            503,
            b"date: Fri, 27 Nov 2026 12:00:00 GMT\r\nretry-after: Fri, 27 Nov 2026 12:05:00 GMT",
            300,
        ),
        (
            503,
            b"date: Fri, 27 Nov 2026 12:00:00 GMT\r\nretry-after: Fri, 27 Nov 2026 11:00:00 GMT",
            0,
        ),
        (503, b"retry-after: Fri, 27 Nov 2026 12:05:00 GMT", None),
        (503, b"date: x\r\nretry-after: Fri, 99 Nov 2026 12:05:00 GMT", None),
    ],
)
def test_a_wish_to_wait_is_read_where_it_counts(
    certificate: Path, status: int, lines: bytes, wish: int | None
) -> None:
    reply, _ = call(saying(b"HTTP/1.1 %d x\r\n%s\r\n\r\n" % (status, lines)), certificate)
    assert (reply.status, reply.wished_delay_s) == (status, wish)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 99 Low\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nx: " + b"a" * 2 * LARGEST_REPLY_BYTES,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000,
        bytes(range(256)) * 8,
    ],
    ids=lambda nonsense: ascii(nonsense[:24]),
)
def test_what_is_no_reply_is_a_failure_and_no_fault_of_ours(
    certificate: Path, nonsense: bytes
) -> None:
    reply, _ = call(saying(nonsense), certificate)
    assert (reply.status, reply.error) == (None, "bad_reply")


def test_a_gigabyte_is_not_read(certificate: Path) -> None:
    """The receiver's sending breaks when we hang up; what it got rid of by then is not much."""
    sent = 0

    def pour(link: socket.socket) -> None:
        nonlocal sent
        link.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 1073741824\r\n\r\n")
        while sent < 2**30:
            sent += link.send(bytes(65536))

    reply, _ = call(pour, certificate)
    assert reply.status == 200
    assert sent < 2**26


def test_drop_by_drop_is_too_late(certificate: Path) -> None:
    """Each byte is in time; the whole is not."""

    def drip(link: socket.socket) -> None:
        for byte in b"HTTP/1.1 200 OK\r\n" * 10:
            link.sendall(bytes([byte]))
            time.sleep(0.1)

    reply, _ = call(drip, certificate, timeout_s=0.6)
    assert (reply.status, reply.error) == (None, "timeout")
    assert reply.duration_ms < 10_000, "the whole takes seventeen seconds"


def test_silence_is_too_late(certificate: Path) -> None:
    reply, _ = call(lambda link: time.sleep(1), certificate, timeout_s=0.5)
    assert reply.error == "timeout"


def test_a_resolver_that_sleeps_is_not_waited_for() -> None:
    awake = threading.Event()

    def sleep(host: str, port: int) -> list[str]:
        awake.wait(5)
        return []

    gateway = callbacks.HttpsCallbacks(resolve=sleep, resolve_timeout_s=0.2)
    assert gateway.post(URL, HEADERS, b"{}").error == "timeout"
    awake.set()


def test_a_receiver_without_tls_is_not_talked_to(certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        receiver = Receiver(plain.getsockname()[1])
        answering = threading.Thread(target=_answer_in_the_clear, args=(plain,))
        answering.start()
        reply = receiver.gateway(certificate).post(URL, HEADERS, b"{}")
        answering.join()
    assert (reply.status, reply.error) == (None, "tls_failed")


def _answer_in_the_clear(plain: socket.socket) -> None:
    link, _ = plain.accept()
    with link:
        link.recv(65536)
        link.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 20)


def test_the_environments_proxies_are_not_asked(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert call(saying(FINE), certificate)[0].status == 204


def test_loopback_in_the_clear_works_where_it_is_allowed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as plain:
        answering = threading.Thread(target=_answer_in_the_clear, args=(plain,))
        answering.start()
        gateway = callbacks.HttpsCallbacks(allow_loopback=True)
        url = f"http://localhost:{plain.getsockname()[1]}/hook"
        assert gateway.post(url, HEADERS, b"{}").status == 400
        answering.join()
