"""Does somebody know the code? Compared in constant time, and only so often in an hour.

A PIN has four digits and a collection code six: who may try without end knows both within an hour.
Each look counts at once, whatever becomes of the request, and a right code counts as a try.
"""

from datetime import timedelta

from chalicelib.kit.signing import same
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

MOST_TRIES = 5
_COUNT_FOR = timedelta(hours=1)


def fits(uow: UnitOfWork, what: str, delivery_id: str, shown: str, code: str) -> bool:
    """Whether a code was shown; after five looks at one delivery in a clock hour, nothing fits."""
    hour = write_instant(uow.wall_now)[:13]
    tries = uow.count(keys.calls(f"{what}_{delivery_id}", hour), uow.wall_now + _COUNT_FOR)
    # Compared whatever the count is: the time it takes tells nothing.
    return same(shown, code) and tries <= MOST_TRIES
