"""May we call there? Which URLs and which addresses a stranger may send us to.

A merchant names a URL and we connect to it from inside an AWS account: without a guard it could
make us talk to the metadata service, to a database, to ourselves. So a URL is https on port 443 at
a host with a name, and every address behind that name must be public. Whoever connects resolves
once, checks all answers, and connects to the very address that was checked.
Sources: RFC 3986 (URLs); IANA special-purpose address registries (RFC 6890, in ``ipaddress``);
RFC 6052 (NAT64), RFC 3056 (6to4), RFC 4380 (Teredo); WHATWG URL, "ends in a number".
"""

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_URL = 2048
#: What a developer may name on a stage that allows it; never resolved.
LOOPBACK_HOSTS = {"localhost": "127.0.0.1", "127.0.0.1": "127.0.0.1"}

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?")
#: The last label of a public name has letters; of ``0x7f.1`` or ``2130706433`` it is a number.
_TOP_LABEL = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")
#: Printable ASCII without what parsers disagree about.
_PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~]+")
#: Names that never lead out. Source: RFC 6761, RFC 6762, RFC 8375, ICANN's .internal.
_INWARD = ("localhost", "local", "internal", "home.arpa", "localdomain", "onion", "invalid")

_REFUSED_NETS = tuple(
    ipaddress.ip_network(net)
    for net in (
        "192.88.99.0/24",  # anycast of 6to4 relays
        "2001::/23",  # Teredo and other protocol assignments
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "64:ff9b:1::/48",  # NAT64 of a local network
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class CallableUrl:
    """A URL that may be called, taken apart.

    ``address`` is set where nothing must be resolved: on loopback, which only a local stage allows.
    """

    host: str
    port: int
    target: str
    address: str | None = None

    @property
    def is_secure(self) -> bool:
        return self.address is None


def read_callable_url(text: str, *, allow_loopback: bool = False) -> CallableUrl:
    """Take a URL apart; raise ValueError, with a reason fit to be shown, if it may not be called.

    Parameters
    ----------
    allow_loopback
        Takes ``http://localhost:<port>`` and ``http://127.0.0.1:<port>`` as well.
    """
    if len(text) > LONGEST_URL:
        raise ValueError(f"it may have {LONGEST_URL} characters")
    if not _PLAIN.fullmatch(text.lower()):
        raise ValueError("it has characters that do not belong into a URL")
    parts = urlsplit(text)
    if "#" in text:
        raise ValueError("it must have no fragment")
    if "@" in parts.netloc:
        raise ValueError("it must carry no user or password")
    host, colon, port = parts.netloc.lower().partition(":")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if allow_loopback and parts.scheme == "http" and host in LOOPBACK_HOSTS:
        if not (port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536):
            raise ValueError("it needs a port")
        return CallableUrl(host, int(port), target, LOOPBACK_HOSTS[host])
    if parts.scheme != "https":
        raise ValueError("it must begin with https://")
    if colon and port != "443":
        raise ValueError("only port 443 is called")
    _check_host(host)
    return CallableUrl(host, 443, target)


def _check_host(host: str) -> None:
    labels = host.split(".")
    if len(host) > 253 or len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels):
        raise ValueError("it needs a full host name")
    if not _TOP_LABEL.fullmatch(labels[-1]):
        raise ValueError("it needs a host name, not an address")
    if host.endswith(tuple(f".{name}" for name in _INWARD)):
        raise ValueError("its host name leads nowhere in public")


def is_public_address(text: str) -> bool:
    """Whether an IP address, as a resolver writes it, is one of the public internet."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address in _NAT64:
            # What an IPv6-only network calls the public IPv4 internet by.
            return is_public_address(str(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)))
        if address not in _GLOBAL_UNICAST or address.scope_id is not None:
            return False
    if any(address in net for net in _REFUSED_NETS if net.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
