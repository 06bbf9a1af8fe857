"""Dead letters in our SQS queues: how many, which, back to where they came from, or away.

SQS can move them itself (StartMessageMoveTask), but not on the embedded cloud, and there would be
two ways. So: receive, send to the source, delete. Whoever dies in between leaves a message in both
places, and every consumer may hear a message twice. What is only looked at is hidden for a moment
and shown again; if that fails, it shows itself.
Source: SQS API reference, ReceiveMessage (`DeadLetterQueueSourceArn`: the queue it died in).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.gateways.queues import Queue
from chalicelib.kit.errors import NotFound

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

#: A call may look through so many messages: some seconds, which a person waits for.
MOST_A_CALL = 200
_BATCH = 10
#: Longer than a call may last.
_HIDDEN_S = 40


class DeadQueue(StrEnum):
    """Where work goes that could not be done."""

    WAVES = "waves"
    REMATCH = "rematch"
    REDELIVERIES = "redeliveries"
    MESSAGES = "messages"
    RELAY = "relay"
    PROOFS = "proofs"


#: Whose messages die there; none of it: events that no queue of ours brought, nothing to redrive.
SOURCES: Mapping[DeadQueue, tuple[Queue, ...]] = {
    DeadQueue.WAVES: (Queue.WAVES, Queue.MERGES),
    DeadQueue.REMATCH: (Queue.REMATCH, Queue.SHEETS),
    DeadQueue.REDELIVERIES: (
        Queue.SIMULATIONS,
        Queue.REDELIVERIES,
        Queue.SHOPS,
        Queue.BOOKS,
        Queue.PAPERS,
        Queue.FIGURES,
        Queue.CALLBACKS,
    ),
    DeadQueue.MESSAGES: (Queue.MESSAGES,),
    DeadQueue.RELAY: (),
    DeadQueue.PROOFS: (),
}


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that was given up; ``source`` None: we cannot tell which queue it was for."""

    id: str
    body: str
    sent_at: datetime
    source: Queue | None
    receipt: str


class SqsDeadLetters:
    """Looks into dead-letter queues and empties them; ``sources`` are the urls of the others."""

    def __init__(
        self,
        client: "SQSClient",
        urls: Mapping[DeadQueue, str],
        sources: Mapping[Queue, str],
    ) -> None:
        self._client = client
        self._urls = dict(urls)
        self._sources = dict(sources)

    def depth(self, queue: DeadQueue) -> int:
        """How many there are, about: SQS counts across its servers."""
        reply = self._client.get_queue_attributes(
            QueueUrl=self._urls[queue],
            AttributeNames=[
                "ApproximateNumberOfMessages",
                "ApproximateNumberOfMessagesNotVisible",
            ],
        )
        return sum(map(int, reply["Attributes"].values()))

    def look(self, queue: DeadQueue, most: int) -> list[Letter]:
        """Some of them, oldest first; they stay."""
        found = [letter for batch in self._receive(queue, most) for letter in batch]
        self._show_again(queue, found)
        return sorted(found, key=lambda one: (one.sent_at, one.id))

    def redrive(self, queue: DeadQueue, letter_id: str | None = None) -> list[Letter]:
        """Send them, or one, back to be done again; those of which we know where from.

        Raises
        ------
        NotFound
            If the one is not there (any more).
        """

        def send(letter: Letter) -> bool:
            if letter.source is None:
                return False
            self._client.send_message(
                QueueUrl=self._sources[letter.source], MessageBody=letter.body
            )
            return True

        return self._take_out(queue, None if letter_id is None else {letter_id}, send)

    def discard(
        self, queue: DeadQueue, letter_ids: Sequence[str], note: Callable[[Letter], None]
    ) -> list[Letter]:
        """Throw away those named, each after ``note`` has written it down.

        Raises
        ------
        NotFound
            If none of them is there (any more).
        """

        def write(letter: Letter) -> bool:
            note(letter)
            return True

        return self._take_out(queue, set(letter_ids), write)

    def _take_out(
        self, queue: DeadQueue, wanted: set[str] | None, deal: Callable[[Letter], bool]
    ) -> list[Letter]:
        """Deal with each that is wanted, then delete it; the others are shown again."""
        taken: list[Letter] = []
        left: list[Letter] = []
        try:
            for batch in self._receive(queue, MOST_A_CALL):
                left += batch
                for letter in batch:
                    is_wanted = wanted is None or letter.id in wanted
                    if is_wanted and deal(letter):
                        self._delete(queue, letter)
                        left.remove(letter)
                        taken.append(letter)
                if wanted is not None and len(taken) == len(wanted):
                    break
        finally:
            self._show_again(queue, left)
        if wanted is not None and not taken:
            raise NotFound("there is no such message in this queue")
        return taken

    def _delete(self, queue: DeadQueue, letter: Letter) -> None:
        self._client.delete_message(QueueUrl=self._urls[queue], ReceiptHandle=letter.receipt)

    def _receive(self, queue: DeadQueue, most: int) -> Iterator[list[Letter]]:
        """Each message once, in batches, hidden from others for a while."""
        seen: set[str] = set()
        most = min(most, self.depth(queue))
        while len(seen) < most:
            reply = self._client.receive_message(
                QueueUrl=self._urls[queue],
                MaxNumberOfMessages=min(_BATCH, most - len(seen)),
                VisibilityTimeout=_HIDDEN_S,
                # Without waiting only some of SQS's servers are asked.
                WaitTimeSeconds=1,
                MessageSystemAttributeNames=["SentTimestamp", "DeadLetterQueueSourceArn"],
            )
            batch = reply.get("Messages", [])
            if not batch:
                return
            new = [self._letter(queue, one) for one in batch if one["MessageId"] not in seen]
            seen |= {one.id for one in new}
            yield new

    def _letter(self, queue: DeadQueue, message: Mapping[str, object]) -> Letter:
        attributes = message.get("Attributes", {})
        assert isinstance(attributes, dict)  # of strings, by SQS's own word
        sent_ms = int(attributes.get("SentTimestamp", 0))
        return Letter(
            id=str(message["MessageId"]),
            body=str(message["Body"]),
            sent_at=datetime.fromtimestamp(sent_ms / 1000, UTC),
            source=self._source(queue, str(attributes.get("DeadLetterQueueSourceArn", ""))),
            receipt=str(message["ReceiptHandle"]),
        )

    def _source(self, queue: DeadQueue, arn: str) -> Queue | None:
        """The queue that it died in; where only one's messages die, that one."""
        possible = SOURCES[queue]
        name = arn.rpartition(":")[2]
        named = [one for one in possible if self._sources[one].rpartition("/")[2] == name]
        if named:
            return named[0]
        return possible[0] if len(possible) == 1 else None

    def _show_again(self, queue: DeadQueue, letters: Sequence[Letter]) -> None:
        for one in letters:
            self._client.change_message_visibility(
                QueueUrl=self._urls[queue], ReceiptHandle=one.receipt, VisibilityTimeout=0
            )
