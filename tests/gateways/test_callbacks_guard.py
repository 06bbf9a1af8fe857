"""No URL and no name makes us connect to anything but a public address by HTTPS."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from chalicelib.gateways.callbacks import HttpsCallbacks
from chalicelib.kit.urls import is_public_address, read_callable_url
from tests.gateways.hostile_urls import LEAD_INSIDE, URLS

HOOK = "https://shop.example.com/hook"
PUBLIC = "93.184.216.34"


@dataclass
class SpiedNetwork:
    """Names that lead where they are told, and a note of every connection that is asked for."""

    answers: list[Sequence[str]] = field(default_factory=lambda: [[PUBLIC]])
    resolved: list[str] = field(default_factory=list)
    connected: list[tuple[str, int]] = field(default_factory=list)

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.resolved.append(host)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def connect(self, address: tuple[str, int], timeout_s: float) -> socket.socket:
        self.connected.append(address)
        raise ConnectionRefusedError

    def gateway(self, **settings: bool) -> HttpsCallbacks:
        return HttpsCallbacks(resolve=self.resolve, connect=self.connect, **settings)


def test_there_are_enough_of_them() -> None:
    assert len(set(URLS)) == len(URLS)
    assert len(URLS) + len(LEAD_INSIDE) >= 60


@pytest.mark.usefixtures("socket_disabled")
@pytest.mark.parametrize("url", URLS, ids=ascii)
def test_a_hostile_url_is_neither_resolved_nor_called(url: str) -> None:
    network = SpiedNetwork()
    assert network.gateway().post(url, {}, b"{}").error == "url_refused"
    assert (network.resolved, network.connected) == ([], [])
    # And with the real network, which this test has taken away.
    assert HttpsCallbacks().post(url, {}, b"{}").error == "url_refused"


@pytest.mark.usefixtures("socket_disabled")
@pytest.mark.parametrize("addresses", LEAD_INSIDE.values(), ids=LEAD_INSIDE.keys())
def test_a_name_that_leads_inside_is_not_called(addresses: list[str]) -> None:
    network = SpiedNetwork([addresses])
    error = network.gateway().post(HOOK, {}, b"{}").error
    assert error == ("address_refused" if addresses else "name_not_found")
    assert network.connected == []


def test_a_name_that_answers_otherwise_the_second_time_is_asked_once() -> None:
    """DNS rebinding: what was checked is what is connected to."""
    network = SpiedNetwork([[PUBLIC], ["169.254.169.254"]])
    assert network.gateway().post(HOOK, {}, b"{}").error == "connection_refused"
    assert network.resolved == ["shop.example.com"]
    assert network.connected == [(PUBLIC, 443)]
    assert network.gateway().post(HOOK, {}, b"{}").error == "address_refused"
    assert network.connected == [(PUBLIC, 443)]


def test_a_resolver_that_cannot_answer_is_no_fault_of_ours() -> None:
    def lost(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror(-2, "Name or service not known")

    gateway = HttpsCallbacks(resolve=lost, connect=SpiedNetwork().connect)
    assert gateway.post(HOOK, {}, b"{}").error == "name_not_found"


def test_every_address_is_tried_in_turn_up_to_three() -> None:
    addresses = [PUBLIC, "2606:2800:220:1::1", "8.8.8.8", "1.1.1.1"]
    network = SpiedNetwork([addresses])
    network.gateway().post(HOOK, {}, b"{}")
    assert [address for address, _ in network.connected] == addresses[:3]


def test_loopback_is_called_only_where_it_is_allowed_and_without_asking_a_resolver() -> None:
    network = SpiedNetwork([["93.184.216.34"]])
    assert network.gateway().post("http://localhost:9000/x", {}, b"").error == "url_refused"
    network.gateway(allow_loopback=True).post("http://localhost:9000/x", {}, b"")
    assert (network.resolved, network.connected) == ([], [("127.0.0.1", 9000)])


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254:80/",
        "http://10.0.0.1:9000/",
        "http://localhost.example.com:9000/",
        "http://127.0.0.2:9000/",
        "http://localhost/",
        "http://localhost:0/",
        "http://localhost:99999/",
        "http://user@localhost:9000/",
        "https://localhost/",
    ],
)
def test_where_loopback_is_allowed_nothing_else_is(url: str) -> None:
    network = SpiedNetwork()
    assert network.gateway(allow_loopback=True).post(url, {}, b"").error == "url_refused"
    assert (network.resolved, network.connected) == ([], [])


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://shop.example.com", "shop.example.com", "/"),
        ("https://shop.example.com:443/hook", "shop.example.com", "/hook"),
        ("HTTPS://Shop.Example.COM/Hook?a=%20b&c", "shop.example.com", "/Hook?a=%20b&c"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", "/"),
        ("https://a_b.example.co.uk?x=1", "a_b.example.co.uk", "/?x=1"),
    ],
)
def test_an_honest_url_is_taken_apart(url: str, host: str, target: str) -> None:
    read = read_callable_url(url)
    assert (read.host, read.port, read.target, read.address) == (host, 443, target, None)


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.216.34", "2606:2800:220:1::1", "64:ff9b::808:808"]
)
def test_public_addresses_are_public(address: str) -> None:
    assert is_public_address(address)
