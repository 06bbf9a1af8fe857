"""How is a shop called at an address that a merchant chose, without being sent somewhere else?

The name is resolved once, every answer must be public, and the connection goes to the very address
that was checked, while TLS asks for the name. No redirect is followed, replies are capped, every
call ends in time. A stage for developers may call servers on loopback; nothing else ever does.
"""

import http.client
import json
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from chalicelib.gateways.shop_http import LARGEST_REPLY_BYTES, Reply
from chalicelib.kit.errors import ShopAddressRefused, ShopRefused, ShopRejected, ShopUnavailable
from chalicelib.kit.urls import CallableUrl, is_public_address, read_callable_url

CONNECT_AND_READ_S = 10
LONGEST_WAIT_S = 6.0
TRIES = 4

Json = Any  # what a platform sent
Resolve = Callable[[str], list[str]]
#: How long to wait before asking again; None when the answer is one.
WaitS = Callable[[Reply], float | None]


def shop_address(text: str, *, may_be_loopback: bool) -> str:
    """A shop's address as it is kept, without a slash at its end; raise ShopAddressRefused."""
    given = text.strip().rstrip("/")
    given = given if "://" in given else f"https://{given}"
    try:
        url = read_callable_url(given, allow_loopback=may_be_loopback)
    except ValueError as error:
        raise ShopAddressRefused(f"we do not call that address: {error}") from error
    if "?" in url.target:
        raise ShopAddressRefused("we do not call that address: it must have no query")
    base = f"https://{url.host}" if url.is_secure else f"http://{url.host}:{url.port}"
    return (base + url.target).rstrip("/")


def resolve(host: str) -> list[str]:
    """Every address behind a name."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, 443, type=socket.SOCK_STREAM)]


class GuardedHttp:
    """Calls to addresses that were checked by :func:`shop_address`."""

    def __init__(self, *, may_be_loopback: bool = False, resolve: Resolve = resolve) -> None:
        self._may_be_loopback = may_be_loopback
        self._resolve = resolve

    def call(
        self, method: str, address: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Reply:
        """Send one request.

        Raises
        ------
        ShopAddressRefused
            If the name no longer leads to the public internet.
        ShopUnavailable
            If no whole answer came.
        """
        try:
            url = read_callable_url(address, allow_loopback=self._may_be_loopback)
        except ValueError as error:
            raise ShopAddressRefused(f"we do not call that address: {error}") from error
        connection = self._connection(url)
        try:
            connection.request(method, url.target, body, dict(headers))
            response = connection.getresponse()
            raw = response.read(LARGEST_REPLY_BYTES + 1)
        except (OSError, http.client.HTTPException) as error:
            raise ShopUnavailable("the shop did not answer") from error
        finally:
            connection.close()
        if len(raw) > LARGEST_REPLY_BYTES:
            raise ShopUnavailable("the shop's answer is larger than we read")
        named = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, named, raw)

    def _connection(self, url: CallableUrl) -> http.client.HTTPConnection:
        if url.address is not None:
            return http.client.HTTPConnection(url.address, url.port, timeout=CONNECT_AND_READ_S)
        try:
            found = self._resolve(url.host)
        except OSError as error:
            raise ShopUnavailable("the shop's name cannot be found") from error
        if not found or not all(is_public_address(one) for one in found):
            raise ShopAddressRefused("the shop's name does not lead to the public internet")
        return _Pinned(url.host, found[0])


class _Pinned(http.client.HTTPSConnection):
    """A connection to one address that presents itself, and is verified, by its name."""

    def __init__(self, host: str, address: str) -> None:
        super().__init__(host, 443, timeout=CONNECT_AND_READ_S)
        self._address = address

    def connect(self) -> None:
        plain = socket.create_connection((self._address, 443), CONNECT_AND_READ_S)
        self.sock = _tls().wrap_socket(plain, server_hostname=self.host)


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def ask(send: Callable[[], Reply], wait_s: WaitS, pause: Callable[[float], None]) -> Reply:
    """Send until the platform no longer asks us to wait, a few times; raise ShopUnavailable."""
    for attempt in range(1, TRIES + 1):
        reply = send()
        wanted_s = wait_s(reply)
        if wanted_s is None:
            return reply
        if wanted_s > LONGEST_WAIT_S:
            break
        if attempt < TRIES:
            pause(wanted_s)
    raise ShopUnavailable("the shop asked us to slow down")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a walk through changed orders has come to: since when, and which page of that second.

    Pages are counted anew from each later second: an order that changes while we walk moves to the
    end, and by counting on we would step over another.
    """

    since: datetime
    page: int = 1

    @classmethod
    def read(cls, cursor: str | None, since: datetime) -> "Place":
        at, _, page = (cursor or "").partition("#")
        return cls(datetime.fromisoformat(at), int(page)) if cursor else cls(since)

    def after(self, last: datetime) -> str:
        """The cursor behind a page whose last order changed then."""
        is_later = last > self.since
        page = 1 if is_later else self.page + 1
        return f"{(last if is_later else self.since).isoformat()}#{page}"


def check_status(reply: Reply) -> None:
    """Raise what a platform's refusal means; 404 is left to whoever asked."""
    if reply.status in (401, 403):
        raise ShopRefused("the shop no longer takes our credentials, or they allow too little")
    if 300 <= reply.status < 400:
        raise ShopRefused("the shop sends us elsewhere; its address is another one")
    if reply.status >= 500 or reply.status == 429:
        raise ShopUnavailable(f"the shop answered with status {reply.status}")
    if reply.status >= 400 and reply.status != 404:
        raise ShopRejected(f"the shop answered with status {reply.status}")


def read_json(reply: Reply) -> Json:
    """What the body says; a page for people instead of data is a shop under maintenance."""
    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError) as error:
        raise ShopUnavailable("the shop's answer is not JSON") from error


def retry_after_s(reply: Reply) -> float:
    """What ``Retry-After`` says in seconds; a second where it says nothing of the kind."""
    given = reply.headers.get("retry-after", "")
    return float(given) if given.isascii() and given.isdecimal() and len(given) < 7 else 1.0
