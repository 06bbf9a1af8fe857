"""One event to many subscribers: a failing one neither blocks nor repeats the others."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from boto3.dynamodb.types import TypeSerializer

from chalicelib.entry import relay
from chalicelib.kit.errors import Conflict
from chalicelib.kit.events import Event
from chalicelib.listeners import SUBSCRIBERS, Subscriber
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import NOON
from tests.entry.conftest import Doors

NEWS = Event("thing.happened", "del_1", 3, NOON, {"hub_id": "hub_1"})


class Ledger:
    """Counts what each subscriber heard."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.alone: list[dict[str, Any]] = []

    def subscriber(self, name: str, error: Exception | None = None) -> Subscriber:
        def handle(uow: UnitOfWork, event: Event) -> None:
            self.heard.append(name)
            if error is not None:
                raise error

        return Subscriber(name, handle)

    def relay(self, *subscribers: Subscriber) -> None:
        by_type = {NEWS.type: subscribers}
        relay.relay(NEWS, by_type, lambda message: self.alone.append(dict(message)))


@pytest.fixture
def ledger(doors: Doors) -> Ledger:
    return Ledger()


@pytest.mark.parametrize("error", [RuntimeError("a bug"), Conflict("lost a race"), KeyError("x")])
def test_a_failing_subscriber_neither_blocks_nor_repeats_the_others(
    ledger: Ledger, error: Exception
) -> None:
    failing = ledger.subscriber("failing", error)
    ledger.relay(ledger.subscriber("first"), failing, ledger.subscriber("last"))
    assert ledger.heard == ["first", "failing", "last"]
    assert ledger.alone == [{"subscriber": "failing", "event": NEWS.to_item()}]

    healed = ledger.subscriber("failing")
    everybody = (ledger.subscriber("first"), healed, ledger.subscriber("last"))
    relay.redeliver(ledger.alone[0], {NEWS.type: everybody})
    assert ledger.heard == ["first", "failing", "last", "failing"]


def test_a_subscriber_that_fails_again_raises_so_that_its_queue_counts(ledger: Ledger) -> None:
    failing = ledger.subscriber("failing", RuntimeError("still a bug"))
    ledger.relay(failing)
    with pytest.raises(RuntimeError):
        relay.redeliver(ledger.alone[0], {NEWS.type: (failing,)})


def test_each_subscriber_commits_its_own_work(ledger: Ledger, doors: Doors) -> None:
    """What one wrote stands, although the other fell over after writing."""

    def writer(name: str, error: Exception | None) -> Callable[[UnitOfWork, Event], None]:
        def handle(uow: UnitOfWork, event: Event) -> None:
            uow.put(Key(TableName.CORE, f"X#{name}"), {"heard": event.id}, expect=0)
            if error is not None:
                raise error

        return handle

    ledger.relay(
        Subscriber("good", writer("good", None)),
        Subscriber("bad", writer("bad", RuntimeError("after writing"))),
    )
    uow = relay.work.begin()
    good = uow.get(Key(TableName.CORE, "X#good"))
    assert good is not None
    assert good["heard"] == NEWS.id
    assert uow.get(Key(TableName.CORE, "X#bad")) is None


def test_a_subscriber_that_has_left_is_not_missed(ledger: Ledger) -> None:
    relay.redeliver({"subscriber": "gone", "event": NEWS.to_item()}, {})
    assert ledger.heard == []


def test_news_that_nobody_listens_to_is_no_fault(ledger: Ledger) -> None:
    ledger.relay()
    assert ledger.alone == []


def test_events_are_read_off_the_images_in_their_order() -> None:
    second = Event("thing.ended", "del_1", 4, NOON + timedelta(seconds=1), {})
    image = {"events": {"L": [_wire(NEWS.to_item()), _wire(second.to_item())]}}
    assert relay.events_of([None, {"pk": {"S": "x"}}, image]) == [NEWS, second]


def _wire(item: Any) -> Any:
    return TypeSerializer().serialize(item)


def test_no_two_subscribers_of_an_event_share_a_name() -> None:
    """A name is the address of a redelivery."""
    for subscribers in SUBSCRIBERS.values():
        assert len({one.name for one in subscribers}) == len(subscribers)
