"""What was given up can be looked at, done again and thrown away, and nothing of it gets lost."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest

from chalicelib.gateways.dead_letters import SOURCES, DeadQueue, Letter, SqsDeadLetters
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import NotFound
from infra.template.queues import QUEUES, dead_letter_queues


@dataclass
class Cloud:
    """Queues on moto, and a client that can be told to die."""

    gate: SqsDeadLetters
    urls: dict[str, str]
    client: Any
    dies_after: set[str] = field(default_factory=set)

    def die(self, queue: str, body: Any) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        self.client.send_message(QueueUrl=self.urls[f"dead-{queue}"], MessageBody=text)

    def bodies(self, name: str) -> list[str]:
        reply = self.client.receive_message(
            QueueUrl=self.urls[name], MaxNumberOfMessages=10, VisibilityTimeout=0
        )
        return sorted(one["Body"] for one in reply.get("Messages", []))


class Dying:
    """A client that dies as soon as it has done one of these."""

    def __init__(self, client: Any, after: set[str], knows: Callable[[Any], None]) -> None:
        self._client, self._after, self._knows = client, after, knows

    def __getattr__(self, name: str) -> Any:
        def call(**arguments: Any) -> Any:
            reply = getattr(self._client, name)(**arguments)
            if name == "receive_message":
                self._knows(reply)
            if name in self._after:
                raise ConnectionError(name)
            return reply

        return call


@pytest.fixture
def cloud(aws: None, request: pytest.FixtureRequest) -> Cloud:
    client = boto3.client("sqs")
    prefix = f"q{abs(hash(request.node.nodeid)) % 10**9}"
    names = [*(one.value for one in Queue), *(f"dead-{one}" for one in DeadQueue)]
    urls = {name: client.create_queue(QueueName=f"{prefix}-{name}")["QueueUrl"] for name in names}
    died_in: dict[str, str] = {}

    def knows(reply: Any) -> None:
        # Moto does not say where a letter died, as SQS does.
        for message in reply.get("Messages", []):
            origin = died_in.get(json.loads(message["Body"]).get("from", ""))
            if origin:
                message["Attributes"]["DeadLetterQueueSourceArn"] = f"arn:aws:sqs:x:1:{origin}"

    died_in |= {one.value: urls[one.value].rpartition("/")[2] for one in Queue}
    after: set[str] = set()
    gate = SqsDeadLetters(
        Dying(client, after, knows),  # type: ignore[arg-type]
        {one: urls[f"dead-{one}"] for one in DeadQueue},
        {one: urls[one.value] for one in Queue},
    )
    return Cloud(gate, urls, client, after)


def test_the_map_of_what_dies_where_is_the_templates() -> None:
    deployed = {
        DeadQueue(name.removesuffix("Dlq").lower()): {
            Queue(one.name) for one in QUEUES if one.dead_letters == name
        }
        for name in dead_letter_queues()
    }
    assert {one: set(sources) for one, sources in SOURCES.items()} == deployed


def test_who_looks_changes_nothing(cloud: Cloud) -> None:
    for number in range(12):
        cloud.die("messages", {"n": number})
    for _ in range(2):
        seen = cloud.gate.look(DeadQueue.MESSAGES, 50)
        assert len({one.id for one in seen}) == 12
    assert cloud.gate.depth(DeadQueue.MESSAGES) == 12
    assert len(cloud.gate.look(DeadQueue.MESSAGES, 5)) == 5


def test_each_goes_back_to_the_queue_it_died_in(cloud: Cloud) -> None:
    for name in ("books", "shops", "callbacks"):
        cloud.die("redeliveries", {"from": name})
    moved = cloud.gate.redrive(DeadQueue.REDELIVERIES)
    assert {one.source for one in moved} == {Queue.BOOKS, Queue.SHOPS, Queue.CALLBACKS}
    assert [cloud.bodies(name) for name in ("books", "shops")] == [
        ['{"from": "books"}'],
        ['{"from": "shops"}'],
    ]
    assert cloud.gate.depth(DeadQueue.REDELIVERIES) == 0


def test_what_cannot_be_told_apart_stays(cloud: Cloud) -> None:
    cloud.die("redeliveries", {"from": "nowhere"})
    assert cloud.gate.redrive(DeadQueue.REDELIVERIES) == []
    assert len(cloud.gate.look(DeadQueue.REDELIVERIES, 5)) == 1


def test_one_of_many_can_be_sent_back_alone(cloud: Cloud) -> None:
    for number in range(11):
        cloud.die("messages", {"n": number})
    one = cloud.gate.look(DeadQueue.MESSAGES, 50)[7]
    assert [moved.id for moved in cloud.gate.redrive(DeadQueue.MESSAGES, one.id)] == [one.id]
    assert cloud.bodies("messages") == [one.body]
    assert len(cloud.gate.look(DeadQueue.MESSAGES, 50)) == 10
    with pytest.raises(NotFound):
        cloud.gate.redrive(DeadQueue.MESSAGES, one.id)


def test_whoever_dies_between_sending_and_deleting_leaves_it_twice_and_never_not_at_all(
    cloud: Cloud,
) -> None:
    cloud.die("messages", {"n": 1})
    cloud.dies_after.add("send_message")
    with pytest.raises(ConnectionError):
        cloud.gate.redrive(DeadQueue.MESSAGES)
    assert cloud.bodies("messages") == ['{"n": 1}']
    assert cloud.gate.depth(DeadQueue.MESSAGES) == 1


def test_nothing_is_thrown_away_that_was_not_written_down(cloud: Cloud) -> None:
    for number in range(3):
        cloud.die("relay", {"n": number})
    first, second, third = cloud.gate.look(DeadQueue.RELAY, 5)
    written: list[str] = []

    def note(letter: Letter) -> None:
        if letter.id == second.id:
            raise ConnectionError("no table")
        written.append(letter.id)

    gone = cloud.gate.discard(DeadQueue.RELAY, [first.id], note)
    assert [one.id for one in gone] == written == [first.id]
    with pytest.raises(ConnectionError):
        cloud.gate.discard(DeadQueue.RELAY, [second.id], note)
    assert cloud.gate.depth(DeadQueue.RELAY) == 2
    assert {second.id, third.id} >= {one.id for one in cloud.gate.look(DeadQueue.RELAY, 5)}
