"""Which routes did a hub's waves make on a day of its own?

Lists are kept by days of Greenwich; a day on the hub's wall reaches into one or two of them.
"""

from collections.abc import Iterator
from datetime import date

from chalicelib.domain.dispatch import store
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.hours import whole_day
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.unit_of_work import UnitOfWork

_PAGE = 100


def routes_of_day(uow: UnitOfWork, hub: Hub, day: date) -> Iterator[Route]:
    """Each once, in the order in which they were planned; read page by page, from an index that may
    lag by a moment."""
    span = whole_day(day, hub.timezone)
    for when in span.utc_days():
        after: Cursor | None = None
        while True:
            page, after = store.list_hub_day(uow, hub.id, when, limit=_PAGE, after=after)
            yield from (one for one in page if span.contains(one.planned_at))
            if after is None:
                break
