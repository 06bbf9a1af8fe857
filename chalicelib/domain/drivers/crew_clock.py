"""What does the clock tell drivers? Shifts that are near or were missed, papers that end, duty that
nobody ended.

One list holds all that is due, by when (``crew_keys.CLOCK``); what is found there is read again
from its item, because the list may lag. A tick that comes late tells late, once, and one that comes
twice finds nothing left to tell.
"""

from collections.abc import Iterator
from dataclasses import replace

from chalicelib.domain.drivers import documents, rota, store
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit.errors import NotFound
from chalicelib.kit.events import Event
from chalicelib.kit.hours import local_day
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage import crew_keys
from chalicelib.storage.keys import Index, Key, TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: Of one tick; what is left over waits for the next.
MOST_DUE = 500


def due(uow: UnitOfWork) -> Iterator[Key]:
    """Shifts and drivers that the clock has to look at now."""
    page = uow.query(Index.ATTENTION, crew_keys.CLOCK, limit=MOST_DUE)
    now = write_instant(uow.now)
    for row in page.items:
        if row["g3sk"].partition("#")[0] <= now:
            yield Key(TableName.CORE, row["pk"], row["sk"])


def look_at(uow: UnitOfWork, key: Key) -> str | None:
    """Do what is due about one of them; returns what was told."""
    if key.pk.startswith("V#"):
        return _look_at_papers(uow, key.pk.removeprefix("V#"))
    return rota.look_at(uow, key)


def _look_at_papers(uow: UnitOfWork, driver_id: str) -> str | None:
    try:
        driver = store.load(uow, driver_id)
    except NotFound:
        return None
    zone = merchants.load_hub(uow, driver.hub_id).timezone
    today = local_day(uow.now, zone)
    # A text has room for one; the next tick tells of the next.
    found = list(documents.due_reminders(driver.documents, zone, uow.now))[:1]
    if not found:
        coming = documents.next_reminder_on(driver.documents, today)
        if coming is None or coming > today:
            # It stands in the list for what is past: written again, it moves to its next day.
            store.save(uow, replace(driver, version=driver.version + 1), today)
        return None
    told = {id(one): days for one, days in found}
    papers = tuple(
        replace(one, reminded_days=(*one.reminded_days, told[id(one)])) if id(one) in told else one
        for one in driver.documents
    )
    store.save(uow, replace(driver, documents=papers, version=driver.version + 1), today)
    work = store.load_work(uow, driver_id)
    after = replace(work, version=work.version + 1)
    store.save_work(uow, after)
    data = {
        "hub_id": driver.hub_id,
        "driver_id": driver_id,
        "documents": [
            {"document": one.kind.value, "expires_on": one.expires_on.isoformat()}
            for one, _ in found
        ],
    }
    uow.emit(Event("driver.document_expiring", driver_id, after.version, uow.now, data))
    return "document_expiring"
