"""What is a case? Who opened it, what it is about, who wrote when, and by when it is due."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.support import clock
from chalicelib.kit.hours import WeekHours

MOST_LETTERS = 1_000
MOST_PICTURES = 3
#: Of one case: a conversation that is longer than this belongs on the phone.
MOST_MESSAGES = 40
#: Of these its recipient, whose link knows no password.
MOST_OF_RECIPIENT = 15


class CaseKind(StrEnum):
    NOT_RECEIVED = "not_received"
    DAMAGED = "damaged"
    WRONG_ITEM = "wrong_item"
    MISSING_ITEM = "missing_item"
    DRIVER_BEHAVIOUR = "driver_behaviour"
    OTHER = "other"


class Party(StrEnum):
    RECIPIENT = "recipient"
    MERCHANT = "merchant"
    DESK = "desk"


class CaseStatus(StrEnum):
    """Whose turn it is."""

    OPEN = "open"
    WAITING_RECIPIENT = "waiting_recipient"
    WAITING_MERCHANT = "waiting_merchant"
    RESOLVED = "resolved"

    @property
    def is_the_desks(self) -> bool:
        return self is CaseStatus.OPEN


class Late(StrEnum):
    FIRST_ANSWER = "first_answer"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a hub promises: minutes of its hours of support, and how a person is reached."""

    first_answer_min: int = 240
    resolution_min: int = 1_080
    hours: WeekHours = clock.USUAL_HOURS
    phone: str = ""
    email: str = ""
    version: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """That somebody wrote; the text stands elsewhere, under the same number.

    ``to``: whom the desk wrote to; what others write is the desk's to read.
    """

    number: int
    by: Party
    at: datetime
    to: Party = Party.DESK
    #: What the desk calls itself; for the desk's eyes only.
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the check of the handover said when the case was opened."""

    status: str
    reasons: tuple[str, ...]
    away_m: int | None


@dataclass(frozen=True, slots=True)
class Case:
    """The aggregate. ``seen_version``: the delivery's when it was opened. ``paused_at``: since when
    somebody else has the word. ``late``: what was promised and missed."""

    id: str
    merchant_id: str
    delivery_id: str
    hub_id: str
    opened_by: Party
    kinds: tuple[CaseKind, ...]
    status: CaseStatus
    opened_at: datetime
    seen_version: int
    first_due_at: datetime
    resolve_due_at: datetime
    entries: tuple[Entry, ...]
    version: int
    answered_at: datetime | None = None
    resolved_at: datetime | None = None
    paused_at: datetime | None = None
    escalated_at: datetime | None = None
    late: tuple[Late, ...] = ()
    evidence: Evidence | None = None
    pictures: tuple[str, ...] = ()

    @property
    def due_at(self) -> datetime | None:
        """By when the desk has to do something; None while it is not the desk's turn."""
        if not self.status.is_the_desks:
            return None
        due = self.resolve_due_at if self.answered_at is not None else self.first_due_at
        # Whoever asked for a person goes first.
        return due if self.escalated_at is None else min(due, self.escalated_at)

    @property
    def shown_to_recipient(self) -> tuple[Entry, ...]:
        """The recipient's own words and the answers to them."""
        ours = Party.RECIPIENT
        return tuple(entry for entry in self.entries if ours in (entry.by, entry.to))

    @property
    def without_notes(self) -> "Case":
        """As its merchant reads it: without what the desk noted for itself."""
        notes = (Party.DESK, Party.DESK)
        read = tuple(entry for entry in self.entries if (entry.by, entry.to) != notes)
        return replace(self, entries=read)

    def of(self, party: Party) -> int:
        return sum(entry.by is party for entry in self.entries)


def with_entry(
    case: Case, by: Party, at: datetime, to: Party = Party.DESK, name: str | None = None
) -> Case:
    """Somebody wrote."""
    entry = Entry(len(case.entries) + 1, by, at, to, name)
    return replace(case, entries=(*case.entries, entry))


def to_the_desk(case: Case, at: datetime, terms: Terms, timezone: str) -> Case:
    """It is the desk's turn (again): the clock goes on with what was left of it."""
    if case.status.is_the_desks:
        return case
    resolve_due_at = case.resolve_due_at
    if case.paused_at is not None:
        left = clock.minutes_between(case.paused_at, resolve_due_at, terms.hours, timezone)
        resolve_due_at = clock.due(at, left, terms.hours, timezone)
    return replace(
        case,
        status=CaseStatus.OPEN,
        paused_at=None,
        resolved_at=None,
        resolve_due_at=resolve_due_at,
    )


def answered(case: Case, at: datetime, status: CaseStatus) -> Case:
    """The desk wrote: whoever it wrote to has the word, and the clock stands still, since it first
    did."""
    return replace(
        case,
        answered_at=case.answered_at or at,
        status=status,
        resolved_at=None,
        paused_at=case.paused_at or at,
        escalated_at=None,
    )


def resolved(case: Case, at: datetime) -> Case:
    return replace(
        case,
        status=CaseStatus.RESOLVED,
        resolved_at=at,
        answered_at=case.answered_at or at,
        paused_at=case.paused_at or at,
        escalated_at=None,
    )


def newly_late(case: Case, now: datetime) -> Late | None:
    """What has become late and was not told yet."""
    if not case.status.is_the_desks:
        return None
    if case.answered_at is None and case.first_due_at <= now and Late.FIRST_ANSWER not in case.late:
        return Late.FIRST_ANSWER
    if case.resolve_due_at <= now and Late.RESOLUTION not in case.late:
        return Late.RESOLUTION
    return None
