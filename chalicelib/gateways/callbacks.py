"""A merchant's endpoint, called once: to a public address by HTTPS, or not at all.

The URL is a stranger's, so nothing about it is believed. Its name is resolved once; every address
must be public; the connection goes to one of the addresses that were checked (what the name says a
moment later does not matter), and the certificate must be the name's. No redirect is followed, no
proxy asked, no environment read. All of it, from the resolver to the last byte, has 15 seconds.
Nothing of the reply is used but the status and Retry-After; at most 64 kB of it are read.
``http.client`` is used rather than urllib3, which would connect by itself.
Source: Standard Webhooks 1.0.0, "Server-Side Request Forgery", "Timeouts"; RFC 9110 (Retry-After).
"""

import http.client
import io
import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any

from chalicelib.kit.urls import CallableUrl, is_public_address, read_callable_url

TIMEOUT_S = 15
#: Within the timeout: a resolver's own patience is longer than ours.
RESOLVE_TIMEOUT_S = 5
LARGEST_REPLY_BYTES = 64 * 1024
MOST_ADDRESSES_TRIED = 3
LONGEST_RETRY_AFTER_S = 7 * 86_400
_MAY_WISH = (429, 503)

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]


@dataclass(frozen=True, slots=True)
class CallbackReply:
    """A status, or a word for why there is none (all of them stand in docs/webhooks.md)."""

    status: int | None
    error: str | None = None
    wished_delay_s: int | None = None
    duration_ms: int = 0


class _Failed(Exception):
    """There is no reply; the word says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the resolver's order."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def connect(address: tuple[str, int], timeout_s: float) -> socket.socket:
    return socket.create_connection(address, timeout=timeout_s)


class HttpsCallbacks:
    """Posts to strangers.

    Parameters
    ----------
    allow_loopback
        Takes ``http://localhost:<port>`` as well: for a stage on a developer's machine only.
    resolve, connect
        The network, for tests.
    trust
        Whose certificates are believed; the system's if left out.
    timeout_s, resolve_timeout_s
        For the whole call; for the name alone.
    """

    def __init__(
        self,
        *,
        allow_loopback: bool = False,
        resolve: Resolve = resolve,
        connect: Connect = connect,
        trust: ssl.SSLContext | None = None,
        timeout_s: float = TIMEOUT_S,
        resolve_timeout_s: float = RESOLVE_TIMEOUT_S,
    ) -> None:
        self._allow_loopback = allow_loopback
        self._resolve = resolve
        self._connect = connect
        self._trust = trust
        self._timeout_s = timeout_s
        self._resolve_timeout_s = resolve_timeout_s

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> CallbackReply:
        """Send one request; never raises for what a stranger's server, or its name, does."""
        started = time.perf_counter()
        ends_at = started + self._timeout_s
        try:
            target = read_callable_url(url, allow_loopback=self._allow_loopback)
        except ValueError:
            return self._ended(started, error="url_refused")
        try:
            status, wish = self._exchange(target, headers, body, ends_at)
        except _Failed as failed:
            return self._ended(started, error=failed.word)
        except ssl.SSLCertVerificationError:
            return self._ended(started, error="certificate_refused")
        except TimeoutError:
            return self._ended(started, error="timeout")
        except ssl.SSLError:
            return self._ended(started, error="tls_failed")
        except (OSError, http.client.HTTPException):
            return self._ended(started, error="bad_reply")
        return self._ended(started, status=status, wish=wish)

    @staticmethod
    def _ended(
        started: float,
        *,
        status: int | None = None,
        error: str | None = None,
        wish: int | None = None,
    ) -> CallbackReply:
        return CallbackReply(status, error, wish, round((time.perf_counter() - started) * 1000))

    def _exchange(
        self, target: CallableUrl, headers: Mapping[str, str], body: bytes, ends_at: float
    ) -> tuple[int, int | None]:
        with self._open(target, ends_at) as link:
            link.settimeout(_left(ends_at))
            # One call has one timeout for all of its bytes.
            link.sendall(_request(target, headers, body))
            # It asks of a socket only to be read like a file.
            bounded: Any = _BoundedReply(link, ends_at)
            reply = http.client.HTTPResponse(bounded, method="POST")
            reply.begin()
            wish = _retry_after_s(reply.getheader("retry-after"), reply.getheader("date"))
            return reply.status, wish if reply.status in _MAY_WISH else None

    def _open(self, target: CallableUrl, ends_at: float) -> socket.socket:
        addresses = self._addresses(target)
        for number, address in enumerate(addresses, start=1):
            try:
                link = self._connect((address, target.port), _left(ends_at))
            except OSError as error:
                if number == len(addresses):
                    late = isinstance(error, TimeoutError)
                    raise _Failed("timeout" if late else "connection_refused") from error
                continue
            if not target.is_secure:
                return link
            try:
                link.settimeout(_left(ends_at))
                return self._tls.wrap_socket(link, server_hostname=target.host)
            except BaseException:
                link.close()
                raise
        raise _Failed("connection_refused")

    def _addresses(self, target: CallableUrl) -> list[str]:
        """The addresses that may be connected to: resolved once, and all of them public."""
        if target.address is not None:
            return [target.address]
        addresses = list(
            _within(self._resolve_timeout_s, lambda: self._resolve(target.host, target.port))
        )
        if not addresses:
            raise _Failed("name_not_found")
        if not all(is_public_address(address) for address in addresses):
            raise _Failed("address_refused")
        return addresses[:MOST_ADDRESSES_TRIED]

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        # Reading the system's certificates costs 20 ms, so it is done once.
        return self._trust or ssl.create_default_context()


def _request(target: CallableUrl, headers: Mapping[str, str], body: bytes) -> bytes:
    host = target.host if target.is_secure else f"{target.host}:{target.port}"
    lines = [f"POST {target.target} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "accept: */*", "connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii") + body


def _left(ends_at: float) -> float:
    left = ends_at - time.perf_counter()
    if left <= 0:
        raise TimeoutError
    return left


def _within(seconds: float, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Ask the resolver, which cannot be told to hurry."""
    answers: queue.Queue[Sequence[str] | OSError] = queue.Queue()

    def run() -> None:
        try:
            answers.put(ask())
        # A name that no resolver can encode is a UnicodeError.
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=run, daemon=True).start()
    try:
        answer = answers.get(timeout=seconds)
    except queue.Empty:
        raise _Failed("timeout") from None
    return [] if isinstance(answer, OSError) else answer


class _BoundedReply(io.RawIOBase):
    """A socket as HTTPResponse wants it, that ends after so many bytes and at an instant."""

    def __init__(self, link: socket.socket, ends_at: float) -> None:
        self._link = link
        self._ends_at = ends_at
        self._bytes_left = LARGEST_REPLY_BYTES

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self, 4096)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        view = memoryview(buffer)[: self._bytes_left]
        if not len(view):
            raise http.client.HTTPException("the reply's head is too long")
        self._link.settimeout(_left(self._ends_at))
        count = self._link.recv_into(view)
        self._bytes_left -= count
        return count


def _retry_after_s(wish: str | None, replied_at: str | None) -> int | None:
    """Seconds; of a date, the seconds from the reply's own Date. None if it cannot be read."""
    if wish is None:
        return None
    wish = wish.strip()
    if wish.isascii() and wish.isdecimal():
        # A number of five thousand digits is no number to int().
        return LONGEST_RETRY_AFTER_S if len(wish) > 6 else int(wish)
    try:
        until = parsedate_to_datetime(wish) - parsedate_to_datetime(replied_at or "")
    except (TypeError, ValueError):
        return None
    return min(max(0, int(until.total_seconds())), LONGEST_RETRY_AFTER_S)
