"""Our own SQS queues: work for another function, now or a little later."""

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from chalicelib.kit.clock import Clock

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: Source: SQS quota on DelaySeconds. What lies further away is left to the schedules' sweep.
LONGEST_DELAY_S = 900


class Queue(StrEnum):
    WAVES = "waves"
    MERGES = "merges"
    REMATCH = "rematch"
    REDELIVERIES = "redeliveries"
    MESSAGES = "messages"
    SHOPS = "shops"
    CALLBACKS = "callbacks"
    SHEETS = "sheets"
    BOOKS = "books"
    PAPERS = "papers"
    SIMULATIONS = "simulations"
    FIGURES = "figures"


class SqsQueues:
    """Sends JSON messages to the queues by their names."""

    def __init__(self, client: "SQSClient", urls: Mapping[Queue, str], clock: Clock) -> None:
        self._client = client
        self._urls = dict(urls)
        self._clock = clock

    def send(self, queue: Queue, message: Mapping[str, Any], *, delay_s: float = 0) -> None:
        """Send one message, to be seen after ``delay_s`` of business time (at most 15 minutes)."""
        delay = min(LONGEST_DELAY_S, max(0, round(self._clock.real_seconds(delay_s))))
        self._client.send_message(
            QueueUrl=self._urls[queue],
            MessageBody=json.dumps(message, separators=(",", ":")),
            DelaySeconds=delay,
        )
