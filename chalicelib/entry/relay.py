"""How does news travel? Each event to each of its subscribers, one not disturbing the other.

A subscriber that fails gets a message of its own on the ``redeliveries`` queue and is tried again
alone; the others neither wait for it nor hear the event again.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from chalicelib import wiring
from chalicelib.entry import work
from chalicelib.entry.observed import logger
from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import code_of
from chalicelib.kit.events import Event
from chalicelib.listeners import SUBSCRIBERS, Subscriber
from chalicelib.storage.table import from_wire

Subscribers = Mapping[str, tuple[Subscriber, ...]]


def events_of(images: Iterable[Mapping[str, Any] | None]) -> list[Event]:
    """The events that ride on the new images of a stream's records, in their order."""
    found: list[Event] = []
    for image in images:
        if image is not None and "events" in image:
            found.extend(Event.from_item(item) for item in from_wire(image)["events"])
    return found


def _send_alone(message: Mapping[str, Any]) -> None:
    wiring.queues().send(Queue.REDELIVERIES, message)


def relay(
    event: Event,
    subscribers: Subscribers = SUBSCRIBERS,
    send_alone: Callable[[Mapping[str, Any]], None] = _send_alone,
) -> None:
    """Tell every subscriber; one that fails gets a message of its own by ``send_alone``."""
    for subscriber in subscribers.get(event.type, ()):
        try:
            hand_over(subscriber, event)
        except Exception as error:
            code = code_of(error)
            logger.exception("subscriber failed", subscriber=subscriber.name, code=code)
            send_alone({"subscriber": subscriber.name, "event": event.to_item()})


def hand_over(subscriber: Subscriber, event: Event) -> None:
    work.run(lambda uow: subscriber.handle(uow, event))


def redeliver(message: Mapping[str, Any], subscribers: Subscribers = SUBSCRIBERS) -> None:
    """Tell one subscriber again; raises what it raises, so that the queue counts the tries."""
    event = Event.from_item(message["event"])
    for subscriber in subscribers.get(event.type, ()):
        if subscriber.name == message["subscriber"]:
            hand_over(subscriber, event)
