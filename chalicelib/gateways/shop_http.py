"""How is a merchant's shop called, when the merchant says where it is?

Shopify's shops live under one domain, which is all that is called for them. Nothing follows a
redirect, replies are capped, and every call ends in time. One setting lets tests and the embedded
cloud call a loopback server; a deployed stack never has it.
"""

import http.client
import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from urllib.parse import urlsplit

from chalicelib.kit.shop_errors import (
    ShopAddressRefused,
    ShopUnavailable,
)

CONNECT_AND_READ_S = 10
LARGEST_REPLY_BYTES = 2 * 1024 * 1024

_SHOPIFY = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\.myshopify\.com", re.ASCII)
_LOOPBACK = re.compile(r"http://127\.0\.0\.1:[0-9]{2,5}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    headers: Mapping[str, str]
    body: bytes


def shopify_address(shop: str, *, may_be_loopback: bool) -> str:
    """``https://<name>.myshopify.com``, however it was written; raise ShopAddressRefused."""
    text = shop.strip().lower().rstrip("/")
    if may_be_loopback and _LOOPBACK.fullmatch(text):
        return text
    host = text.removeprefix("https://")
    if not _SHOPIFY.fullmatch(host):
        raise ShopAddressRefused("a Shopify shop is called <name>.myshopify.com")
    return f"https://{host}"


def post(base_url: str, path: str, body: bytes, headers: Mapping[str, str]) -> Reply:
    """Send one request to an address that was checked before; raise ShopUnavailable."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(host, timeout=CONNECT_AND_READ_S, context=_tls())
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=CONNECT_AND_READ_S)
    )
    return exchange(connection, "POST", path, body, headers)


def exchange(
    connection: http.client.HTTPConnection,
    method: str,
    target: str,
    body: bytes | None,
    headers: Mapping[str, str],
) -> Reply:
    """One request and its whole answer, after which the connection is closed; raise
    ShopUnavailable."""
    try:
        connection.request(method, target, body, dict(headers))
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


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
