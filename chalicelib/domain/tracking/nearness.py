"""How near is it, why has that changed, and when is it worth to look again?

Minutes are said of the last hour only, on marks of five beyond ten; doors are other people's, so
they are counted and never named.
"""

from datetime import timedelta

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.tracking.headlines import Known
from chalicelib.domain.tracking.shifted import Why
from chalicelib.domain.tracking.timeline import ON_THE_WAY
from chalicelib.kit.languages import Translator

#: The last hour, and the last ten minutes of it [min].
_SAID_MIN, _EXACT_MIN = 60, 10
#: Seconds between two looks: near, and otherwise.
NEAR_S, FAR_S = 10, 60
_NEAR_DOORS, _NEAR = 3, timedelta(minutes=20)


def near(known: Known, stops_before: int | None) -> tuple[str, ...]:
    """``about 12 minutes``, ``3 stops away``."""
    progress, t = known.progress, known.t
    if progress is None or stops_before is None:
        return ()
    if known.delivery.status is Status.ARRIVED_AT_DROPOFF:
        return ()
    said = []
    left_min = round((progress.expected_at - known.now).total_seconds() / 60)
    if left_min <= 1:
        said.append(t.say("any minute now"))
    elif left_min <= _SAID_MIN:
        shown = left_min if left_min <= _EXACT_MIN else 5 * round(left_min / 5)
        said.append(t.count("about {n} minute", "about {n} minutes", shown))
    if stops_before == 0:
        said.append(t.say("you’re next"))
    else:
        said.append(t.count("{n} stop away", "{n} stops away", stops_before))
    return tuple(said)


def shift(known: Known) -> str:
    """Why the window is not the one that was shown before; empty when it is, or that is old."""
    progress = known.progress
    if progress is None or progress.shift is None or known.delivery.status not in ON_THE_WAY:
        return ""
    before = progress.shift
    hours = known.reading.span(before.start_at, before.end_at)
    is_same = (before.start_at, before.end_at) == (progress.earliest_at, progress.latest_at)
    if is_same or not before.is_news(known.now):
        return ""
    return _because(before.why, hours, known.t)


def _because(why: Why, hours: str, t: Translator) -> str:
    match why:
        case Why.TRAFFIC:
            return t.say("Before, it was {hours}: the roads are slower than usual.", hours=hours)
        case Why.STOP_TOOK_LONGER:
            return t.say("Before, it was {hours}: an earlier stop is taking longer.", hours=hours)
        case Why.STOP_ADDED:
            return t.say("Before, it was {hours}: another stop came in between.", hours=hours)
        case Why.STOP_FELL_AWAY:
            return t.say("Before, it was {hours}: a stop before yours fell away.", hours=hours)
        case Why.AHEAD:
            return t.say("Before, it was {hours}: the driver is ahead of time.", hours=hours)


def poll_s(known: Known) -> int | None:
    """How long to wait before looking again; None when it is over."""
    status, progress = known.delivery.status, known.progress
    if status.is_final:
        return None
    if status is Status.ARRIVED_AT_DROPOFF:
        return NEAR_S
    if status not in ON_THE_WAY or progress is None:
        return FAR_S
    is_soon = progress.expected_at - known.now <= _NEAR
    return NEAR_S if is_soon or progress.stops_before <= _NEAR_DOORS else FAR_S
