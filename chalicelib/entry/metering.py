"""When does a worker write down what it has used? After a call, every five minutes.

A write a worker and five minutes costs less than a cent a day; what came after the last one is lost
when the worker ends, which docs/figures.md says.
"""

from dataclasses import dataclass
from datetime import date

from chalicelib import wiring
from chalicelib.domain.analytics import cloud

#: Business time between two writes, and wall time at least [s].
EVERY_S, LEAST_S = 300, 20


@dataclass(slots=True)
class _Last:
    """When this worker last wrote (wall time, epoch), and the day that its counts belong to."""

    at: float = 0.0
    day: date | None = None


_last = _Last()


def note_call(duration_s: float, gateway_calls: int = 0) -> None:
    """Count a call of this worker's function; outside of Lambda nothing is counted."""
    worker = wiring.worker()
    if worker is None:
        return
    meter, clock = wiring.meter(), wiring.clock()
    now, today = clock.wall_now().timestamp(), clock.now().date()
    if _last.day is None:
        _last.at, _last.day = now, today
    if _last.day != today:
        meter.counts.clear()
        _last.day = today
    meter.ran(duration_s, wiring.memory_mb())
    meter.add("gateway_calls", gateway_calls)
    if now - _last.at >= max(LEAST_S, clock.real_seconds(EVERY_S)):
        _last.at = now
        uow = wiring.unit_of_work()
        cloud.note(uow, worker, meter.counts)
        uow.commit()
