"""How does an event become a call, and who is called next?

:func:`record` writes one message per endpoint that wants the event. :func:`drain` sends what is due
to one endpoint. One worker at a time talks to an endpoint: whoever finds it busy knocks and goes,
and the worker looks again before it leaves. So an endpoint occupies one worker at most, gets its
messages in order while all goes well, and no endpoint waits for another. A failure ends the
worker's turn; what was due behind it goes to the end of the queue.

Each step is a unit of work of its own, and the call lies between two of them. A worker that dies
after the call leaves the message due: it is sent again, under the same id.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Protocol

from chalicelib.domain.callbacks import breaker, catalogue, endpoints, payload, schedule, store
from chalicelib.domain.callbacks.model import (
    MOST_TRIES_KEPT,
    DisabledReason,
    Endpoint,
    EndpointRef,
    Line,
    Message,
    MessageState,
    Reply,
    Try,
)
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

#: Longer than a worker can live: only a dead one is still said to be busy then.
BUSY = timedelta(seconds=120)
#: How long into a worker's turn calls are begun.
TURN = timedelta(seconds=25)
#: What is due again this soon is not left to the sweep, which comes every minute.
SOON = timedelta(seconds=60)


class Post(Protocol):
    """The gateway: one call, never an exception."""

    def __call__(self, url: str, headers: Mapping[str, str], body: bytes, /) -> Reply: ...


class Run(Protocol):
    """Run a use case in a unit of work of its own and commit it."""

    def __call__[T](self, use_case: Callable[[UnitOfWork], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Call:
    """What is to be sent now."""

    message: Message
    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Means:
    """What a turn needs beside the tables."""

    post: Post
    server_key: bytes
    link: payload.Link


@dataclass(frozen=True, slots=True)
class Turn:
    """A worker's right to an endpoint: told apart from others by ``busy_until``."""

    ref: EndpointRef
    busy_until: datetime

    @property
    def ends_at(self) -> datetime:
        """No call is begun later than this."""
        return self.busy_until - BUSY + TURN


@dataclass(frozen=True, slots=True)
class Drained:
    """How a turn went.

    ``again``: more may be due already. ``soon``: something is due again after so long.
    """

    sent: int = 0
    failed: int = 0
    again: bool = False
    soon: timedelta | None = None


def is_wanted(uow: UnitOfWork, event: Event) -> bool:
    """Whether anybody may want an event: asked by the relay for everything that happens."""
    if event.type not in catalogue.EVENTS:
        return False
    merchant_id = event.data.get("merchant_id")
    # A route is of many merchants; there are few of these events, and who they are is asked later.
    if merchant_id is None:
        return True
    book = store.load_book(uow, merchant_id)
    return any(catalogue.wants(one.events, event.type) for one in book.endpoints)


def record(run: Run, event: Event) -> list[EndpointRef]:
    """Write a message for every endpoint that wants an event; the endpoints that have one due.

    Recording an event again changes nothing.
    """
    told = run(lambda uow: _audience(uow, event))
    return [
        ref
        for merchant_id, data in told
        for ref in run(partial(_record_for, event=event, merchant_id=merchant_id, data=data))
    ]


#: What is told of one merchant's things; routes carry parcels of several.
_WRITERS: Mapping[str, Callable[[Event], dict[str, Any]]] = {
    catalogue.ENDPOINT_DISABLED: payload.disabled_data,
    **dict.fromkeys(catalogue.NOTIFICATION_EVENTS, payload.notification_data),
    **dict.fromkeys(catalogue.PROOF_EVENTS, payload.proof_data),
    **dict.fromkeys(catalogue.CASE_EVENTS, payload.case_data),
    **dict.fromkeys(catalogue.DISPUTE_EVENTS, payload.dispute_data),
    **dict.fromkeys(catalogue.DELIVERY_EVENTS, payload.delivery_data),
    **dict.fromkeys(catalogue.RECOVERY_EVENTS, payload.recovery_data),
}


def _audience(uow: UnitOfWork, event: Event) -> list[tuple[str, dict[str, Any]]]:
    """Which merchants an event is for, and what each of them is told."""
    write = _WRITERS.get(event.type)
    if write is not None:
        return [(event.data["merchant_id"], write(event))]
    if event.type not in catalogue.ROUTE_EVENTS:
        return []
    try:
        route = dispatch.load_route(uow, event.subject)
    except NotFound:
        return []
    own: dict[str, list[str]] = {}
    for ref in route.deliveries():
        own.setdefault(ref.merchant_id, []).append(ref.delivery_id)
    return [(merchant_id, payload.route_data(event, ids)) for merchant_id, ids in own.items()]


def _record_for(
    uow: UnitOfWork, *, event: Event, merchant_id: str, data: Mapping[str, Any]
) -> list[EndpointRef]:
    due: list[EndpointRef] = []
    for endpoint in store.load_book(uow, merchant_id).endpoints:
        if not catalogue.wants(endpoint.events, event.type) or endpoint.id == event.subject:
            continue
        ref = EndpointRef(merchant_id, endpoint.id)
        if endpoint.is_enabled:
            due.append(ref)
        if store.find_message(uow, ref, event.id) is None:
            add(uow, endpoint, event, data)
    return due


def add(uow: UnitOfWork, endpoint: Endpoint, event: Event, data: Mapping[str, Any]) -> Message:
    """Save a message about an event, due at once unless its endpoint is disabled."""
    message = Message(
        ref=EndpointRef(endpoint.merchant_id, endpoint.id),
        event_id=event.id,
        type=event.type,
        at=event.at,
        body=payload.write(event, data),
        state=MessageState.PENDING if endpoint.is_enabled else MessageState.SKIPPED,
        due_at=min(event.at, uow.now) if endpoint.is_enabled else None,
    )
    store.add_message(uow, message)
    return message


def drain(run: Run, means: Means, ref: EndpointRef) -> Drained:
    """Send what is due to one endpoint, until nothing is, a call fails, or the turn is over."""
    turn = run(lambda uow: _begin_turn(uow, ref))
    if turn is None:
        return Drained()
    try:
        return _send_due(run, means, turn)
    finally:
        # Whatever broke here must not make the endpoint wait for as long as for the dead.
        run(lambda uow: _end_turn(uow, turn))


def _send_due(run: Run, means: Means, turn: Turn) -> Drained:
    sent = 0
    while True:
        call = run(lambda uow: next_call(uow, turn, means))
        if call is None:
            if run(lambda uow: _leave_unless_knocked(uow, turn)):
                return Drained(sent)
            continue
        if not isinstance(call, Call):
            return Drained(sent, again=True)
        reply = means.post(call.url, call.headers, call.body)
        soon = run(partial(note, call=call, reply=reply))
        if not reply.is_success:
            return Drained(sent, failed=1, again=True, soon=soon)
        sent += 1


def _begin_turn(uow: UnitOfWork, ref: EndpointRef) -> Turn | None:
    """Take the line; None if it is paused, or somebody has it, who then hears that news has come.

    Workers live in wall time, whatever business time does.
    """
    line = store.load_line(uow, ref)
    if not breaker.may_call(line, uow.now):
        return None
    if line.busy_until is not None and line.busy_until > uow.wall_now:
        if not line.knocked:
            store.save_line(uow, replace(line, knocked=True))
        return None
    turn = Turn(ref, uow.wall_now + BUSY)
    store.save_line(uow, replace(line, busy_until=turn.busy_until, knocked=False))
    return turn


def _leave_unless_knocked(uow: UnitOfWork, turn: Turn) -> bool:
    """Give the line back if nobody has knocked; whether it was given back, or lost."""
    line = store.load_line(uow, turn.ref)
    if line.busy_until != turn.busy_until:
        return True
    busy_until = turn.busy_until if line.knocked else None
    store.save_line(uow, replace(line, busy_until=busy_until, knocked=False))
    return not line.knocked


def _end_turn(uow: UnitOfWork, turn: Turn) -> None:
    """Give the line back, unless that was done, or it is somebody else's by now."""
    line = store.load_line(uow, turn.ref)
    if line.busy_until == turn.busy_until:
        store.save_line(uow, replace(line, busy_until=None, knocked=False))


class TurnOver:
    """More is due, but this worker's time is up."""


def next_call(uow: UnitOfWork, turn: Turn, means: Means) -> Call | TurnOver | None:
    """What to send now, signed; None if nothing is due or may be sent."""
    ref = turn.ref
    endpoint = store.load_book(uow, ref.merchant_id).find(ref.endpoint_id)
    if endpoint is None or not endpoint.is_enabled:
        return None
    if not breaker.may_call(store.load_line(uow, ref), uow.now):
        return None
    waiting = store.first_waiting(uow, ref)
    if waiting is None or waiting.due_at > uow.now:
        return None
    if uow.wall_now >= turn.ends_at:
        return TurnOver()
    message = store.load_message(uow, ref, waiting.at, waiting.event_id)
    if message is None or message.due_at != waiting.due_at:
        store.forget_waiting(uow, ref, waiting)
        return TurnOver()
    body = payload.with_link(message.body, means.link).encode()
    secrets = endpoints.live_secrets(endpoint, means.server_key, uow.wall_now)
    headers = payload.headers(message, body, secrets, uow.wall_now)
    return Call(message, endpoint.url, headers, body)


def note(uow: UnitOfWork, *, call: Call, reply: Reply) -> timedelta | None:
    """Write down how a call went, and what follows; after how long it is due again, if soon."""
    ref = call.message.ref
    before = store.load_message(uow, ref, call.message.at, call.message.event_id)
    if before is None:
        return None
    tried = after_try(before, reply, uow.now)
    store.move_message(uow, before, tried)
    if tried.due_at is not None:
        store.wake_at(uow, ref, tried.due_at)
    line = store.load_line(uow, ref)
    known = breaker.after(line, reply, uow.now)
    if known != line:
        store.save_line(uow, known)
        if known.paused_until is not None:
            store.wake_at(uow, ref, known.paused_until)
    _give_up_if_hopeless(uow, ref, known, reply)
    wait = None if tried.due_at is None else tried.due_at - uow.now
    return wait if wait is not None and wait <= SOON else None


def after_try(message: Message, reply: Reply, now: datetime) -> Message:
    """A message after one more try."""
    tries = message.tries_in_round + 1
    due_at = None
    if not reply.is_success and not reply.is_gone:
        due_at = schedule.next_try_at(message.id, tries, now, reply.wished_delay_s)
    state = MessageState.DELIVERED if reply.is_success else MessageState.FAILED
    this = Try(now, reply.status, reply.error, reply.duration_ms)
    return replace(
        message,
        state=state if due_at is None else MessageState.PENDING,
        due_at=due_at,
        tries=(*message.tries, this)[-MOST_TRIES_KEPT:],
        tries_in_round=tries,
        version=message.version + 1,
    )


def _give_up_if_hopeless(uow: UnitOfWork, ref: EndpointRef, line: Line, reply: Reply) -> None:
    hopeless = not reply.is_success and breaker.is_hopeless(line)
    if not (hopeless or reply.is_gone):
        return
    reason = DisabledReason.GONE if reply.is_gone else DisabledReason.ONLY_FAILURES
    endpoints.disable(uow, ref, reason)


def wake(uow: UnitOfWork, tell: Callable[[EndpointRef], None], *, limit: int = 90) -> int:
    """Tell of every endpoint that has something due by now; how many there were."""
    wakes: Sequence[store.Wake] = store.due_wakes(uow, limit=limit)
    for ref in dict.fromkeys(wake.ref for wake in wakes):
        tell(ref)
    store.forget_wakes(uow, wakes)
    return len(wakes)
