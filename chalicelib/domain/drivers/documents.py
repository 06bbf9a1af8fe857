"""May this driver drive this vehicle today? Papers, and until when they are good.

A document counts from when the desk has verified it, to the end of the day on which it expires, by
the clock of the driver's hub. Insurance and registration may belong to one vehicle; without one
they count for all of the driver's. Which papers a kind of vehicle needs is the hub's rule
(``crew_rules``).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.kit.crew_errors import DocumentExpired, DocumentMissing
from chalicelib.kit.hours import instant, local_day

#: Days before the end on which a driver is reminded, the earliest first.
REMIND_DAYS = (30, 7)
MOST_DOCUMENTS = 40


class DocumentKind(StrEnum):
    DRIVING_LICENCE = "driving_licence"
    INSURANCE = "insurance"
    VEHICLE_REGISTRATION = "vehicle_registration"
    BACKGROUND_CHECK = "background_check"


@dataclass(frozen=True, slots=True)
class Document:
    """``reminded_days``: for which of :data:`REMIND_DAYS` the driver has been reminded."""

    kind: DocumentKind
    expires_on: date
    verified: bool = False
    vehicle_id: str | None = None
    reminded_days: tuple[int, ...] = ()

    def ends_at(self, timezone: str) -> datetime:
        """The first instant at which it is no good."""
        return instant(self.expires_on + timedelta(days=1), 0, timezone)

    def is_for(self, vehicle_id: str) -> bool:
        return self.vehicle_id is None or self.vehicle_id == vehicle_id


def good_until(
    documents: Iterable[Document],
    required: Collection[DocumentKind],
    vehicle_id: str,
    timezone: str,
) -> datetime | None:
    """When the first required paper ends; None when nothing is required.

    Raises
    ------
    DocumentMissing
        If a required one is not there, or was not verified yet.
    """
    held = [one for one in documents if one.is_for(vehicle_id)]
    ends = []
    for kind in sorted(required):
        of_kind = [one for one in held if one.kind is kind]
        verified = [one.ends_at(timezone) for one in of_kind if one.verified]
        if not verified:
            reason = "not_verified" if of_kind else "missing"
            raise DocumentMissing(extra={"document": kind.value, "reason": reason})
        ends.append(max(verified))
    return min(ends, default=None)


def require_good(
    documents: Collection[Document],
    required: Collection[DocumentKind],
    vehicle_id: str,
    timezone: str,
    now: datetime,
) -> datetime | None:
    """As :func:`good_until`, for somebody who wants to drive now.

    Raises
    ------
    DocumentMissing
    DocumentExpired
    """
    for kind in sorted(required):
        until = good_until(documents, [kind], vehicle_id, timezone)
        if until is not None and until <= now:
            raise DocumentExpired(extra={"document": kind.value})
    return good_until(documents, required, vehicle_id, timezone)


def due_reminders(
    documents: Iterable[Document], timezone: str, now: datetime
) -> Iterator[tuple[Document, int]]:
    """Whose end is near enough to remind of it, and the days that the reminder stands for.

    Of reminders that were missed only the last is given: nobody needs two of them in one hour.
    """
    today = local_day(now, timezone)
    for one in documents:
        left = (one.expires_on - today).days
        reached = [days for days in REMIND_DAYS if left <= days]
        if left >= 0 and reached and reached[-1] not in one.reminded_days:
            yield one, reached[-1]


def next_reminder_on(documents: Iterable[Document], today: date) -> date | None:
    """The first day on which somebody has to be reminded of something; None when of nothing."""
    days = [
        one.expires_on - timedelta(days=ahead)
        for one in documents
        for ahead in REMIND_DAYS
        if one.expires_on >= today and not any(done <= ahead for done in one.reminded_days)
    ]
    return min(days, default=None)
