"""Has this tap counted already? A phone sends what it kept, and again when it hears nothing.

Most taps say the same when they come twice, but a tap, its undo and the next tap do not: sent
again as a whole they would be played again. So each has an id that the phone made, kept in the same
commit as what it changed.
"""

from datetime import timedelta

from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Longer than any phone is without a signal and still on its route.
KEPT = timedelta(days=7)


def has_counted(uow: UnitOfWork, driver_id: str, event_id: str) -> bool:
    return uow.get(keys.tap(driver_id, event_id)) is not None


def count(uow: UnitOfWork, driver_id: str, event_id: str) -> None:
    """Keep that it counted; of two at once one loses the race, and finds it counted."""
    uow.put(
        keys.tap(driver_id, event_id),
        {"counted_at": write_instant(uow.now)},
        expect=0,
        expires_at=uow.wall_now + KEPT,
    )
