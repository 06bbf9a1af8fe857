"""How do we connect to a host that a stranger named, and to nothing that it means a moment later?

The name is resolved once, within a time of its own; every address must be public; the connection
goes to one of the very addresses that were checked, and TLS asks for the name. Loopback, which only
a local stage's URLs can name, is connected to without asking a resolver.
Source: Standard Webhooks 1.0.0, "Server-Side Request Forgery".
"""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from functools import cache

from chalicelib.kit.urls import CallableUrl, is_public_address

MOST_ADDRESSES_TRIED = 3

Resolve = Callable[[str, int], Sequence[str]]
Connect = Callable[[tuple[str, int], float], socket.socket]


class Unreachable(Exception):
    """There is no connection; the word says why."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, in the resolver's order."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(answer[4][0]) for answer in answers))


def connect(address: tuple[str, int], timeout_s: float) -> socket.socket:
    return socket.create_connection(address, timeout=timeout_s)


@cache
def trusting_the_system() -> ssl.SSLContext:
    """The system's certificates; reading them costs 20 ms, so it is done once."""
    return ssl.create_default_context()


def left_s(ends_at: float) -> float:
    """Seconds until an instant of ``time.perf_counter``; raise TimeoutError when it is over."""
    left = ends_at - time.perf_counter()
    if left <= 0:
        raise TimeoutError
    return left


def public_addresses(target: CallableUrl, ask: Resolve, within_s: float) -> list[str]:
    """The addresses that may be connected to: resolved once, and all of them public.

    Raises
    ------
    Unreachable
        ``timeout``, ``name_not_found`` or ``address_refused``.
    """
    if target.address is not None:
        return [target.address]
    addresses = list(_within(within_s, lambda: ask(target.host, target.port)))
    if not addresses:
        raise Unreachable("name_not_found")
    if not all(is_public_address(address) for address in addresses):
        raise Unreachable("address_refused")
    return addresses[:MOST_ADDRESSES_TRIED]


def open_link(
    target: CallableUrl,
    addresses: Sequence[str],
    ends_at: float,
    trust: ssl.SSLContext,
    connect: Connect = connect,
) -> socket.socket:
    """A connection to the first of the addresses that takes one, verified by its name.

    Raises
    ------
    Unreachable
        ``timeout`` or ``connection_refused``.
    ssl.SSLError, OSError
        If TLS cannot be agreed on.
    """
    for number, address in enumerate(addresses, start=1):
        try:
            link = connect((address, target.port), left_s(ends_at))
        except OSError as error:
            if number == len(addresses):
                late = isinstance(error, TimeoutError)
                raise Unreachable("timeout" if late else "connection_refused") from error
            continue
        if not target.is_secure:
            return link
        try:
            link.settimeout(left_s(ends_at))
            return trust.wrap_socket(link, server_hostname=target.host)
        except BaseException:
            link.close()
            raise
    raise Unreachable("connection_refused")


def _within(seconds: float, ask: Callable[[], Sequence[str]]) -> Sequence[str]:
    """Ask the resolver, which cannot be told to hurry."""
    answers: queue.Queue[Sequence[str]] = queue.Queue()

    def run() -> None:
        try:
            answers.put(ask())
        # A name that no resolver can encode is a UnicodeError.
        except (OSError, UnicodeError):
            answers.put([])

    threading.Thread(target=run, daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except queue.Empty:
        raise Unreachable("timeout") from None
