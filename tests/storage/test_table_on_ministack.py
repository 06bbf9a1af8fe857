"""The same layer where it has to hold: many threads at once, lost replies, repeated commits."""

import http.client
import itertools
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from botocore.config import Config

from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Put, Refused, Tables
from local.cloud import EmbeddedCloud, session
from tests.storage.conftest import a_client, at_once

ROUNDS = 25
ONE = Key(TableName.CORE, "X#1")
TWO = Key(TableName.CORE, "X#2")


class _Forgetful(BaseHTTPRequestHandler):
    """Passes a request on and hangs up instead of answering, the first time that it is the one."""

    protocol_version = "HTTP/1.1"
    server: "Proxy"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        cloud = self.server.cloud
        connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=30)
        connection.request("POST", self.path, body, dict(self.headers))
        reply = connection.getresponse()
        answer = reply.read()
        connection.close()
        operation = self.headers["X-Amz-Target"].rpartition(".")[2]
        if operation == self.server.forgets and not self.server.forgotten:
            self.server.forgotten.append(reply.status)
            self.close_connection = True
            return
        self.send_response_only(reply.status)
        for name in ("Content-Type", "x-amz-crc32", "x-amzn-RequestId"):
            if reply.getheader(name):
                self.send_header(name, reply.getheader(name))
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the inherited name
        """Silence."""


class Proxy(ThreadingHTTPServer):
    """Between the SDK and the embedded cloud: the work is done, the first reply never arrives."""

    daemon_threads = True

    def __init__(self, cloud: EmbeddedCloud, forgets: str) -> None:
        super().__init__(("127.0.0.1", 0), _Forgetful)
        self.cloud = cloud
        self.forgets = forgets
        self.forgotten: list[int] = []

    def client(self) -> Any:
        config = Config(retries={"mode": "standard", "max_attempts": 3})
        url = f"http://127.0.0.1:{self.server_address[1]}"
        return session().client("dynamodb", endpoint_url=url, config=config)


@contextmanager
def losing_first_reply(cloud: EmbeddedCloud, operation: str) -> Iterator[Proxy]:
    with Proxy(cloud, operation) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()


def test_no_update_is_lost(atomic_tables: Tables) -> None:
    """Sixteen threads add one, ten times each, by load, decide, save, and again when refused."""
    atomic_tables.commit([Put(ONE, {"count": 0, "version": 1}, 0)], "start")
    tokens = itertools.count()

    def add(name: int) -> int:
        refusals = 0
        for _ in range(10):
            while True:
                item = atomic_tables.get(ONE)
                assert item is not None
                after = {"count": item["count"] + 1, "version": item["version"] + 1}
                try:
                    atomic_tables.commit(
                        [Put(ONE, after, item["version"])], f"{name}-{next(tokens)}"
                    )
                    break
                except Refused:
                    refusals += 1
        return refusals

    refusals = sum(at_once([lambda name=name: add(name) for name in range(16)]))
    found = atomic_tables.get(ONE)
    assert found is not None
    assert (found["count"], found["version"]) == (160, 161)
    assert refusals > 0, "nobody met anybody: the test proves nothing"


def test_no_update_is_lost_across_two_items(atomic_tables: Tables) -> None:
    """The same in a transaction: money moved to and fro is neither made nor lost."""
    atomic_tables.commit([Put(ONE, {"held": 100, "version": 1}, 0)], "start-1")
    atomic_tables.commit([Put(TWO, {"held": 100, "version": 1}, 0)], "start-2")
    tokens = itertools.count()

    def move(amount: int) -> None:
        for _ in range(5):
            while True:
                found = atomic_tables.get_many([ONE, TWO])
                writes = [
                    Put(
                        key,
                        {"held": found[key]["held"] + sign, "version": found[key]["version"] + 1},
                        found[key]["version"],
                    )
                    for key, sign in ((ONE, amount), (TWO, -amount))
                ]
                try:
                    atomic_tables.commit(writes, f"move-{next(tokens)}")
                    break
                except Refused:
                    continue

    at_once([lambda amount=amount: move(amount) for amount in (1, 2, 3, 4, -1, -2, -3, -4)])
    found = atomic_tables.get_many([ONE, TWO])
    assert [found[key]["held"] for key in (ONE, TWO)] == [100, 100]
    assert [found[key]["version"] for key in (ONE, TWO)] == [41, 41]


@pytest.mark.parametrize("also", [(), (TWO,)], ids=["one item", "a transaction"])
def test_of_sixteen_who_create_the_same_thing_one_wins(
    atomic_tables: Tables, also: tuple[Key, ...]
) -> None:
    for number in range(ROUNDS):
        key = Key(TableName.CORE, f"X#{number}")
        others = [Key(one.table, f"{one.pk}#{number}") for one in also]

        def create(name: int, keys: Sequence[Key] = (key, *others)) -> bool:
            try:
                atomic_tables.commit(
                    [Put(one, {"by": name}, 0) for one in keys], f"{keys[0].pk}-{name}"
                )
            except Refused:
                return False
            return True

        won = at_once([lambda name=name: create(name) for name in range(16)])
        assert Counter(won)[True] == 1
        found = atomic_tables.get_many([key, *others])
        assert {item["by"] for item in found.values()} == {won.index(True)}
        assert len(found) == 1 + len(others)


@pytest.mark.parametrize("count", [1, 3], ids=["one item", "a transaction"])
def test_a_reply_lost_on_the_wire_is_no_failure(
    cloud: EmbeddedCloud, names: dict[TableName, str], count: int
) -> None:
    """The SDK sends the same commit again by itself; the caller hears of one success."""
    keys = [Key(TableName.CORE, f"X#{number}") for number in range(count)]
    operation = "PutItem" if count == 1 else "TransactWriteItems"
    with losing_first_reply(cloud, operation) as proxy:
        Tables(proxy.client(), names).commit(
            [Put(key, {"value": 1, "version": 1}, 0) for key in keys], "writer-of-this-test"
        )
    assert proxy.forgotten == [200]
    found = Tables(a_client(cloud), names).get_many(keys)
    assert [item["version"] for item in found.values()] == [1] * count


def test_a_lost_reply_is_not_believed_when_somebody_else_was_faster(
    cloud: EmbeddedCloud, names: dict[TableName, str]
) -> None:
    """The retry is refused and the item bears another's token: that is a refusal."""
    Tables(a_client(cloud), names).commit([Put(ONE, {"by": "them"}, 0)], "them")
    with losing_first_reply(cloud, "PutItem") as proxy, pytest.raises(Refused):
        Tables(proxy.client(), names).commit([Put(ONE, {"by": "us"}, 0)], "us")
    assert proxy.forgotten == [400]


def test_a_commit_sent_twice_under_one_token_happens_once(
    cloud: EmbeddedCloud, names: dict[TableName, str]
) -> None:
    """Also where nothing else could tell: an unconditional write between the two is not undone."""
    atomic_tables = Tables(a_client(cloud), names)
    both = [Put(ONE, {"value": 1}, None), Put(TWO, {"value": 1}, None)]
    atomic_tables.commit(both, "token-of-this-test")
    atomic_tables.commit([Put(ONE, {"value": 2}, None)], "somebody-else")
    atomic_tables.commit(both, "token-of-this-test")
    found = atomic_tables.get(ONE)
    assert found is not None
    assert found["value"] == 2
