"""How much work was given up, by queue? Counted seldom: every look at the desk's list asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib import wiring
from chalicelib.domain.attention.gathering import DeadLetters
from chalicelib.entry.observed import unless_it_fails
from chalicelib.gateways.dead_letters import SOURCES, DeadQueue

#: SQS's own counts lag by as much.
COUNTED_EVERY = timedelta(seconds=30)


@dataclass(slots=True)
class _Known:
    at: datetime | None = None
    found: tuple[DeadLetters, ...] = ()


_known = _Known()


def given_up(wall_now: datetime) -> tuple[DeadLetters, ...]:
    """Depths of the dead-letter queues, half a minute old at most; none where SQS is silent."""
    if _known.at is None or wall_now - _known.at >= COUNTED_EVERY:
        _known.found = unless_it_fails(_count, (), what="counting dead letters")
        _known.at = wall_now
    return _known.found


def _count() -> tuple[DeadLetters, ...]:
    gate = wiring.dead_letters()
    return tuple(
        DeadLetters(one.value, gate.depth(one), redrivable=bool(SOURCES[one])) for one in DeadQueue
    )
