"""Webhooks to merchants on the deployed stack: the relay, the queue, the sweep, real sockets."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks import Webhook

from tests.stack.town import Place, Town, wait_until

ALL = "/v1/webhook-endpoints"


@dataclass
class Receiver:
    """A shop's door: answers with these statuses in turn, the last one for ever."""

    port: int
    statuses: list[int]
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}/hook"

    def told(self, kind: str) -> list[dict[str, Any]]:
        bodies = [json.loads(body) for _, body in self.got]
        return [body["data"] for body in bodies if body["type"] == kind]


@contextmanager
def a_receiver(*statuses: int) -> Iterator[Receiver]:
    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append((dict(self.headers), body))
            left = receiver.statuses
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    receiver = Receiver(server.server_port, list(statuses))
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def opened(town: Town, place: Place, url: str, *events: str) -> dict[str, Any]:
    made = town.call("POST", ALL, {"url": url, "events": list(events)}, place.api_key)
    assert made.status == 201, made.raw
    return dict(made.body)


def log(town: Town, place: Place, endpoint: dict[str, Any]) -> list[dict[str, Any]]:
    answer = town.call("GET", f"{ALL}/{endpoint['id']}/deliveries", None, place.api_key)
    return list(answer.body["deliveries"])


def swept(town: Town, ask: Callable[[], Any]) -> Callable[[], Any]:
    """The sweep at once, not by its minute."""

    def sweep_and_ask() -> Any:
        town.invoke("wake_callbacks")
        return ask()

    return sweep_and_ask


def test_a_shop_that_stumbles_gets_its_event_at_the_third_try(town: Town) -> None:
    """The second try comes with a delayed message, the third, five minutes on, with the sweep."""
    place = town.open_place("Stumbling")
    with a_receiver(500, 503, 204) as receiver:
        endpoint = opened(town, place, receiver.url, "delivery.ready")
        (ref,) = town.order_many(place, 1)

        # Written down after the answer, which is after the shop has got it.
        def states() -> list[str]:
            return [one["state"] for one in log(town, place, endpoint)]

        assert wait_until(swept(town, lambda: states() == ["delivered"]), pause_s=1)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    for headers, body in receiver.got:
        told = Webhook(endpoint["secret"]).verify(body, headers)
        assert told["data"]["delivery_id"] == ref.delivery_id
    (logged,) = log(town, place, endpoint)
    assert [one["status"] for one in logged["tries"]] == [500, 503, 204]
    assert logged["state"] == "delivered"


def test_a_merchant_hears_of_a_route_with_its_own_deliveries_only(town: Town) -> None:
    place, other = town.open_place("Hearing"), town.open_place("Sharing")
    other.hub_id = place.hub_id
    with a_receiver(204) as receiver:
        opened(town, place, receiver.url, "route.*")
        own = town.order_many(place, 2)
        town.order_many(other, 2)
        town.on_duty(place, 1)
        town.ask_for_wave(place, "wav_webhooks_1")

        def heard() -> set[str]:
            told = receiver.told("route.planned")
            return {delivery_id for one in told for delivery_id in one["delivery_ids"]}

        wait_until(lambda: len(heard()) >= len(own))
    assert heard() == {ref.delivery_id for ref in own}


class DeadEnd:
    """Takes calls and never answers; knows by how many it was ever called at one time."""

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self._server.settimeout(0.1)
        self._over = threading.Event()
        self.port: int = self._server.getsockname()[1]
        self.most_at_once = 0

    def take(self) -> None:
        with ExitStack() as calls:
            held: list[socket.socket] = []
            while not self._over.is_set():
                with suppress(TimeoutError):
                    call, _ = self._server.accept()
                    call.setblocking(False)
                    calls.callback(call.close)
                    # Whoever gave up has hung up before the same caller comes again.
                    held = [*filter(_is_held, held), call]
                    self.most_at_once = max(self.most_at_once, len(held))

    def __enter__(self) -> "DeadEnd":
        self._taking = threading.Thread(target=self.take)
        self._taking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._taking.join()
        self._server.close()


def _is_held(call: socket.socket) -> bool:
    try:
        while call.recv(65536):
            pass
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def test_a_shop_is_not_held_up_by_another_ones_dead_endpoint(town: Town) -> None:
    """This queue has two workers: of five events for the dead one, one holds one of them at most,
    and the other has time for everybody else."""
    dead_place, place = town.open_place("Dead"), town.open_place("Alive")
    with DeadEnd() as dead, a_receiver(204) as receiver:
        opened(town, dead_place, f"http://localhost:{dead.port}/", "*")
        opened(town, place, receiver.url, "delivery.ready")
        town.order_many(dead_place, 5)
        assert wait_until(lambda: dead.most_at_once)
        refs = town.order_many(place, 10)

        def heard() -> set[str]:
            return {one["delivery_id"] for one in receiver.told("delivery.ready")}

        assert wait_until(lambda: heard() == {ref.delivery_id for ref in refs})
        assert dead.most_at_once == 1
