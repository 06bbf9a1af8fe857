"""What is a hub's surge now? One step at most every five minutes, whoever asks how often.

The surge of the last round is kept with its inputs. Who asks within five minutes of it gets it as
it is; who asks later makes the next one from the stops and the capacity that they counted, and one
more for every round that nobody asked in, so that a quiet hour brings the price down.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.pricing.surge import Surge, surge
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

ROUND = timedelta(minutes=5)
#: Ten steps lead from the most to the least; the pressure needs a few rounds more to fall.
MOST_ROUNDS = 30


@dataclass(frozen=True, slots=True)
class _Kept:
    surge: Surge
    at: datetime
    version: int


def current_surge(uow: UnitOfWork, hub_id: str, open_stops: int, free_capacity: int) -> Surge:
    """The surge that counts; a new round is saved with the unit of work, if that is committed."""
    kept = _load(uow, hub_id)
    if kept is None:
        made = surge(open_stops, free_capacity)
        _save(uow, hub_id, _Kept(made, uow.now, 0))
        return made
    made = kept.surge
    rounds = min((uow.now - kept.at) // ROUND, MOST_ROUNDS)
    for _ in range(rounds):
        made = surge(open_stops, free_capacity, made)
    if rounds > 0:
        _save(uow, hub_id, _Kept(made, uow.now, kept.version))
    return made


def _load(uow: UnitOfWork, hub_id: str) -> _Kept | None:
    item: Item | None = uow.get(keys.surge(hub_id))
    if item is None:
        return None
    kept = Surge(
        permille=item["permille"],
        pressure_permille=item["pressure_permille"],
        open_stops=item["open_stops"],
        free_capacity=item["free_capacity"],
        before_permille=item["before_permille"],
    )
    return _Kept(kept, read_instant(item["at"]), item["version"])


def _save(uow: UnitOfWork, hub_id: str, kept: _Kept) -> None:
    made = kept.surge
    item = {
        "permille": made.permille,
        "pressure_permille": made.pressure_permille,
        "open_stops": made.open_stops,
        "free_capacity": made.free_capacity,
        "before_permille": made.before_permille,
        "at": write_instant(kept.at),
        "version": kept.version + 1,
    }
    uow.put(keys.surge(hub_id), item, expect=kept.version)
