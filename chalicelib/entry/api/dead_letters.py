"""Work that was given up: which, since when, done again, or thrown away with a reason.

On a deployed stack these paths lead to a function of their own (``tend_dead_letters``): whoever may
put messages into every queue should not also answer strangers.
"""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib import wiring
from chalicelib.domain.attention import letters
from chalicelib.domain.attention.letters import Deed, Done
from chalicelib.entry import rest, work
from chalicelib.entry.auth import MANAGER, OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.observed import logger
from chalicelib.entry.path_parts import OneOf
from chalicelib.entry.surface import Doors
from chalicelib.gateways.dead_letters import SOURCES, DeadQueue, Letter
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Attention")

QueueName = Annotated[DeadQueue, OneOf(tuple(DeadQueue), "queue")]
LetterId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{1,100}$")]
_ID = "5d8c0f63-1a53-4c3a-9a4e-2f7f0b7d7c11"
_MOST_SHOWN, _SAMPLED, _DEEDS = 50, 10, 20
_AT = "2026-11-23T10:27:41.067Z"
_LETTER: dict[str, Any] = {
    "id": _ID,
    "sent_at": _AT,
    "source": "messages",
    "body": {"delivery_id": "del_01m83qpnc10y2w525st46371np", "template": "out_for_delivery"},
}
_DEED: dict[str, Any] = {
    "queue": "waves",
    "what": "discarded",
    "by": "marta",
    "reason": "the next wave has planned it",
    "at": _AT,
    "count": 1,
    "letters": {_ID: {"hub_id": "hub_01m83qpn8tsfztk8g4j2we32hb"}},
}


class LettersQuery(rest.Body):
    limit: Annotated[int, Field(ge=1, le=_MOST_SHOWN)] = 20


class RedriveForm(rest.Body):
    """``id``: that one alone; without it all, up to 200 a call."""

    id: LetterId | None = None

    model_config = rest.example(id=_ID)


class DiscardForm(rest.Body):
    ids: Annotated[list[LetterId], Field(min_length=1, max_length=_MOST_SHOWN)]
    reason: rest.Name

    model_config = rest.example(ids=[_ID], reason="the next wave has planned it")


class OneQueue(rest.Answer):
    """``depth`` is about right. ``oldest_at``: of ten of them, when it was first put in a queue.

    ``redrivable``: they came out of ``sources``, and can go back.
    """

    queue: DeadQueue
    depth: int
    oldest_at: AwareDatetime | None
    redrivable: bool
    sources: list[str]


class OneDeed(rest.Answer):
    """What somebody did with messages, and what was known of up to fifty of them."""

    queue: str
    what: Deed
    by: str
    reason: str
    at: AwareDatetime
    count: int
    letters: dict[str, Any]


class DeadLetterQueues(rest.Answer):
    """Every queue of what was given up, and the last twenty deeds, newest first."""

    queues: list[OneQueue]
    deeds: list[OneDeed]

    model_config = rest.example(
        queues=[
            {
                "queue": "messages",
                "depth": 3,
                "oldest_at": _AT,
                "redrivable": True,
                "sources": ["messages"],
            }
        ],
        deeds=[_DEED],
    )


class OneLetter(rest.Answer):
    """``body`` as far as it names things; ``source`` null: it cannot be told where it was for."""

    id: str
    sent_at: AwareDatetime
    source: str | None
    body: Any


class LetterPage(rest.Answer):
    """Some of the messages, oldest first."""

    queue: DeadQueue
    depth: int
    letters: list[OneLetter]

    model_config = rest.example(queue="messages", depth=3, letters=[_LETTER])


class Emptied(rest.Answer):
    """How many were dealt with, and about how many are left."""

    queue: DeadQueue
    what: Deed
    count: int
    left: int

    model_config = rest.example(queue="messages", what="redriven", count=3, left=0)


@doors.route("GET", "/v1/dead-letters", who=(OPERATOR,), answers={200: DeadLetterQueues})
def list_dead_letter_queues() -> Mapping[str, Any]:
    """List the queues of what was given up, with how many messages wait there and since when.

    After five tries a message moves there and stays for fourteen days. What was redriven or thrown
    away lately, by whom and why, stands in `deeds`.
    """
    done = work.read(lambda uow: letters.latest(uow, _DEEDS))
    return {
        "queues": [_queue(one) for one in DeadQueue],
        "deeds": [_deed(one) for one in done],
    }


@doors.route("GET", "/v1/dead-letters/{queue}", who=(OPERATOR,), answers={200: LetterPage})
def list_dead_letters(queue: QueueName, query: LettersQuery) -> Mapping[str, Any]:
    """Look at some of the messages of a queue; they stay where they are.

    What a message names is shown, ids and codes; everything else is `(not shown)`, for what a
    platform sent may be somebody's data.
    """
    gate = wiring.dead_letters()
    found = gate.look(queue, query.limit)
    return {
        "queue": queue.value,
        "depth": gate.depth(queue),
        "letters": [_letter(one) for one in found],
    }


@doors.route(
    "POST",
    "/v1/dead-letters/{queue}/redrive",
    who=(OPERATOR,),
    answers={200: Emptied},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def redrive_dead_letters(caller: Caller, queue: QueueName, body: RedriveForm) -> Mapping[str, Any]:
    """Send messages back to the queue that they came from, to be done again.

    Mend the cause first: what fails again comes back here. Every consumer may hear a message twice.
    Messages of `relay` and `proofs` came from no queue: 409.
    """
    if not SOURCES[queue]:
        raise Conflict("these came from no queue: see docs/operations.md")
    gate = wiring.dead_letters()
    moved = gate.redrive(queue, body.id)
    by = desk_user(caller)
    if moved:
        shown = {one.id: letters.shown(one.body) for one in moved}
        work.run(lambda uow: _record(uow, queue, Deed.REDRIVEN, by, "", shown))
    logger.info("dead letters redriven", queue=queue.value, count=len(moved))
    return _emptied(queue, Deed.REDRIVEN, len(moved))


@doors.route(
    "POST",
    "/v1/dead-letters/{queue}/discard",
    who=(MANAGER,),
    answers={200: Emptied},
    headers=(DESK_USER,),
)
def discard_dead_letters(caller: Caller, queue: QueueName, body: DiscardForm) -> Mapping[str, Any]:
    """Throw messages away, and say why: what is known of each is written down before it goes."""
    by = desk_user(caller)

    def note(letter: Letter) -> None:
        shown = {letter.id: letters.shown(letter.body)}
        work.run(lambda uow: _record(uow, queue, Deed.DISCARDED, by, body.reason, shown))

    gone = wiring.dead_letters().discard(queue, body.ids, note)
    logger.info("dead letters discarded", queue=queue.value, count=len(gone))
    return _emptied(queue, Deed.DISCARDED, len(gone))


def _record(
    uow: UnitOfWork, queue: DeadQueue, deed: Deed, by: str, why: str, shown: Mapping[str, Any]
) -> None:
    letters.record(uow, Done(queue.value, deed, by, why, uow.now, len(shown), shown))


def _queue(queue: DeadQueue) -> dict[str, Any]:
    gate = wiring.dead_letters()
    depth = gate.depth(queue)
    some = gate.look(queue, _SAMPLED) if depth else []
    return {
        "queue": queue.value,
        "depth": depth,
        "oldest_at": write_instant(some[0].sent_at) if some else None,
        "redrivable": bool(SOURCES[queue]),
        "sources": [one.value for one in SOURCES[queue]],
    }


def _letter(one: Letter) -> dict[str, Any]:
    return {
        "id": one.id,
        "sent_at": write_instant(one.sent_at),
        "source": one.source and one.source.value,
        "body": letters.shown(one.body),
    }


def _emptied(queue: DeadQueue, deed: Deed, count: int) -> dict[str, Any]:
    left = wiring.dead_letters().depth(queue)
    return {"queue": queue.value, "what": deed.value, "count": count, "left": left}


def _deed(one: Done) -> dict[str, Any]:
    return {
        "queue": one.queue,
        "what": one.deed.value,
        "by": one.by,
        "reason": one.why,
        "at": write_instant(one.at),
        "count": one.count,
        "letters": dict(one.letters),
    }
