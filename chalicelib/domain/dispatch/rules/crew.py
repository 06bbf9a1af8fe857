"""What does planning owe to people? Their breaks, whom they do not drive for, and fair shares."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from chalicelib.domain.drivers.model import Work
from chalicelib.domain.routing.fleet import Break, Window
from chalicelib.domain.routing.problem import Fairness

#: What getting to a door takes beside the handling there [s]: with it a usual delivery takes ten
#: minutes, as the day sheets count.
USUAL_WAY_S = 420
#: What a second of driving costs [points], see ``planning.COSTS``.
SECOND_COST = 500


class Available(Protocol):
    @property
    def work(self) -> Work: ...


def breaks_from(work: Work, at: datetime) -> tuple[Break, ...]:
    """The breaks of a shift that may still begin, in seconds from an instant.

    One whose window is over was taken, or missed; one whose window is open may begin at once.
    """
    found = []
    for one in work.breaks:
        earliest_s = round((one.earliest_at - at).total_seconds())
        latest_s = round((one.latest_at - at).total_seconds())
        if latest_s >= 0:
            found.append(Break(Window(max(0, earliest_s), latest_s), one.duration_s))
    return tuple(found)


def who_does_not_drive_for(available: Iterable[Available], merchant_id: str) -> frozenset[str]:
    """Drivers who are blocked for a merchant."""
    return frozenset(one.work.driver_id for one in available if merchant_id in one.work.blocks)


def fairness(permille: int, services_s: Sequence[int], drivers: int) -> Fairness | None:
    """Seconds of a route past the mean of what there is to do cost a little extra.

    Parameters
    ----------
    services_s
        Handling at each door that waits.

    Returns
    -------
    None where there is nobody to share with, or no wish to.
    """
    if permille == 0 or drivers < 2 or not services_s:
        return None
    whole_s = sum(services_s) + USUAL_WAY_S * len(services_s)
    return Fairness(whole_s // drivers, SECOND_COST * permille // 1000)
