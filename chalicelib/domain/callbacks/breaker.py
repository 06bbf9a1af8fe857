"""Is it worth calling? What an endpoint's answers say about its health.

After five failures in a row an endpoint is left alone for a minute, then two, four and so on up to
a quarter of an hour; each time one message probes it, and a success opens the line for all that
wait. Who fails for five days without one success is disabled. A dead endpoint therefore costs one
worker a try's time now and then, however many messages wait for it.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.callbacks.model import Line, Reply

FAILURES_TO_PAUSE = 5
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(minutes=15)
#: The longest silence that an endpoint may ask for, for everything that waits for it.
LONGEST_WISHED_PAUSE = timedelta(hours=1)

DISABLE_AFTER = timedelta(days=5)
#: Failures further apart than the schedule's longest gap with its jitter are two stories: an
#: endpoint that nobody called in between has not failed all the time.
SAME_STORY = timedelta(hours=30)


def may_call(line: Line, now: datetime) -> bool:
    return line.paused_until is None or line.paused_until <= now


def after(line: Line, reply: Reply, now: datetime) -> Line:
    """What is known once an answer, or none, has come."""
    if reply.is_success:
        if line.failures == 0 and line.failing_since is None:
            return line
        return replace(
            line, failures=0, paused_until=None, failing_since=None, last_failure_at=None
        )
    goes_on = line.last_failure_at is not None and now - line.last_failure_at <= SAME_STORY
    failures = line.failures + 1
    pause = _pause(failures)
    if reply.wished_delay_s is not None:
        wished = min(timedelta(seconds=reply.wished_delay_s), LONGEST_WISHED_PAUSE)
        pause = max(pause, wished)
    return replace(
        line,
        failures=failures,
        paused_until=now + pause if pause else None,
        failing_since=line.failing_since if goes_on else now,
        last_failure_at=now,
    )


def is_hopeless(line: Line) -> bool:
    """Whether it has only failed for so long that it is to be disabled."""
    if line.failing_since is None or line.last_failure_at is None:
        return False
    return line.last_failure_at - line.failing_since >= DISABLE_AFTER


def _pause(failures: int) -> timedelta:
    if failures < FAILURES_TO_PAUSE:
        return timedelta()
    # The exponent is bounded because a number of failures is not.
    doubled = FIRST_PAUSE * (1 << min(failures - FAILURES_TO_PAUSE, 10))
    return min(doubled, LONGEST_PAUSE)
