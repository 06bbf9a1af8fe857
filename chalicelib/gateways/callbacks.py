"""A merchant's endpoint, called once: to a public address by HTTPS, or not at all.

The URL is a stranger's, so nothing about it is believed, and connections go where ``pinned``
allows. No redirect is followed, no proxy asked, no environment read. All of it, from the resolver
to the last byte, has 15 seconds.
Nothing of the reply is used but the status and Retry-After; at most 64 kB of it are read.
``http.client`` is used rather than urllib3, which would connect by itself.
Source: Standard Webhooks 1.0.0, "Timeouts"; RFC 9110 (Retry-After).
"""

import http.client
import io
import socket
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from chalicelib.gateways import pinned
from chalicelib.kit.urls import CallableUrl, read_callable_url

TIMEOUT_S = 15
#: Within the timeout: a resolver's own patience is longer than ours.
RESOLVE_TIMEOUT_S = 5
LARGEST_REPLY_BYTES = 64 * 1024
LONGEST_RETRY_AFTER_S = 7 * 86_400
_MAY_WISH = (429, 503)


@dataclass(frozen=True, slots=True)
class CallbackReply:
    """A status, or a word for why there is none (all of them stand in docs/webhooks.md)."""

    status: int | None
    error: str | None = None
    wished_delay_s: int | None = None
    duration_ms: int = 0


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
        resolve: pinned.Resolve = pinned.resolve,
        connect: pinned.Connect = pinned.connect,
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
        except pinned.Unreachable as failed:
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
        addresses = pinned.public_addresses(target, self._resolve, self._resolve_timeout_s)
        trust = self._trust or pinned.trusting_the_system()
        with pinned.open_link(target, addresses, ends_at, trust, self._connect) as link:
            link.settimeout(pinned.left_s(ends_at))
            # One call has one timeout for all of its bytes.
            link.sendall(_request(target, headers, body))
            # It asks of a socket only to be read like a file.
            bounded: Any = _BoundedReply(link, ends_at)
            reply = http.client.HTTPResponse(bounded, method="POST")
            reply.begin()
            wish = _retry_after_s(reply.getheader("retry-after"), reply.getheader("date"))
            return reply.status, wish if reply.status in _MAY_WISH else None


def _request(target: CallableUrl, headers: Mapping[str, str], body: bytes) -> bytes:
    host = target.host if target.is_secure else f"{target.host}:{target.port}"
    lines = [f"POST {target.target} HTTP/1.1", f"host: {host}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    lines += [f"content-length: {len(body)}", "accept: */*", "connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii") + body


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
        self._link.settimeout(pinned.left_s(self._ends_at))
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
