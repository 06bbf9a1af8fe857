"""How is a shop called at an address that a merchant chose, without being sent somewhere else?

Connections go where ``pinned`` allows. No redirect is followed, replies are capped, every call ends
in time. A stage for developers may call servers on loopback; nothing else ever does.
"""

import http.client
import ssl
import time
from collections.abc import Mapping

from chalicelib.gateways import pinned
from chalicelib.gateways.shop_http import CONNECT_AND_READ_S, Reply, exchange
from chalicelib.kit.shop_errors import (
    ShopAddressRefused,
    ShopUnavailable,
)
from chalicelib.kit.urls import CallableUrl, read_callable_url

RESOLVE_TIMEOUT_S = 5


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


class GuardedHttp:
    """Calls to addresses that were checked by :func:`shop_address`."""

    def __init__(
        self, *, may_be_loopback: bool = False, resolve: pinned.Resolve = pinned.resolve
    ) -> None:
        self.may_be_loopback = may_be_loopback
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
            url = read_callable_url(address, allow_loopback=self.may_be_loopback)
        except ValueError as error:
            raise ShopAddressRefused(f"we do not call that address: {error}") from error
        return exchange(self._connection(url), method, url.target, body, headers)

    def _connection(self, url: CallableUrl) -> http.client.HTTPConnection:
        """A connection that is open already, to an address that was checked."""
        ends_at = time.perf_counter() + CONNECT_AND_READ_S
        try:
            addresses = pinned.public_addresses(url, self._resolve, RESOLVE_TIMEOUT_S)
            link = pinned.open_link(url, addresses, ends_at, pinned.trusting_the_system())
        except pinned.Unreachable as failed:
            if failed.word == "address_refused":
                raise ShopAddressRefused(
                    "the shop's name does not lead to the public internet"
                ) from failed
            raise ShopUnavailable("the shop did not answer") from failed
        except (OSError, ssl.SSLError) as error:
            raise ShopUnavailable("the shop did not answer") from error
        link.settimeout(CONNECT_AND_READ_S)
        kind = http.client.HTTPSConnection if url.is_secure else http.client.HTTPConnection
        connection = kind(url.host, url.port)
        connection.sock = link
        return connection
