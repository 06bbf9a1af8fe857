"""How does the portal say it? Times on the hub's clock, money, and words for statuses and events.

English only in this version; the words are the documents' own (docs/glossary.md). What has no word
of its own is shown as its code without the underscores, so a new status never breaks a page.
"""

from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.kit.hours import zone
from chalicelib.kit.money import Money
from chalicelib.kit.timewindow import TimeWindow, write_instant

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
_STATUSES = {
    "created": "New",
    "address_review": "Address unclear",
    "ready": "Waiting for a route",
    "planned": "Planned",
    "assigned": "Driver found",
    "en_route_to_pickup": "Driver on the way to you",
    "arrived_at_pickup": "Driver at your store",
    "picked_up": "Picked up",
    "en_route_to_dropoff": "Out for delivery",
    "arrived_at_dropoff": "At the door",
    "delivered": "Delivered",
    "attempt_failed": "Attempt failed",
    "at_pickup_point": "At a pickup point",
    "collected": "Collected",
    "returning": "Coming back",
    "returned": "Returned",
    "cancelled": "Cancelled",
    "disposed": "Disposed of",
    "lost": "Lost",
    "damaged": "Damaged",
}
#: The ring around a status: what went well, what needs somebody.
_TONES = {
    **dict.fromkeys(("delivered", "collected"), "good"),
    **dict.fromkeys(
        ("address_review", "attempt_failed", "returning", "returned", "lost", "damaged"), "bad"
    ),
}
_EVENTS = {
    "created": "Order taken",
    "ready": "Ready for planning",
    "address_review": "The address is unclear: the recipient is asked",
    "address_referred": "The recipient asked for a person to look at the address",
    "unplanned": "Taken off its route",
    "unassigned": "Taken off its driver",
    "moved": "Moved to another route",
    "handed_over": "Handed over to another driver",
    "updated": "Changed by the shop",
    "announced": "Recipient told that it is near",
    "delayed": "Recipient told that it will be late",
    "rescheduled": "Moved to another time",
    "resumed": "Tried again on the same tour",
    "redirected": "Goes somewhere else",
    "instructions_changed": "Recipient left a word for the driver",
    "collection_due": "Recipient reminded to collect it",
    "collection_extended": "Kept longer at the pickup point",
    "undone": "Taken back by the driver",
}


#: How the words of a form's check begin, and what a person reads instead.
_FAULTS = {
    "Field required": "is missing",
    "Extra inputs": "is not known here",
    "Input should be a valid integer": "should be a whole number",
    "Input should be a valid number": "should be a number",
    "Input should be a finite number": "should be a number",
    "Input should be a valid date": "should be a day",
    "Input should be a valid string": "should be a text",
}


@dataclass(frozen=True, slots=True)
class Local:
    """Says times as the clock of a place shows them."""

    timezone: str

    def day(self, at: datetime | date) -> str:
        """``Fri 27 Nov``."""
        there = at.astimezone(zone(self.timezone)).date() if isinstance(at, datetime) else at
        return f"{_DAYS[there.weekday()]} {there.day} {_MONTHS[there.month - 1]}"

    def time(self, at: datetime) -> str:
        """``14:20``."""
        return f"{at.astimezone(zone(self.timezone)):%H:%M}"

    def when(self, at: datetime) -> str:
        """``Fri 27 Nov, 14:20``."""
        return f"{self.day(at)}, {self.time(at)}"

    def window(self, window: TimeWindow) -> str:
        """``Fri 27 Nov, 14:00–16:00``; with both days where there are two."""
        first, last = self.day(window.start_at), self.day(window.end_at)
        end = self.time(window.end_at) if first == last else self.when(window.end_at)
        return f"{self.when(window.start_at)}–{end}"


def money(amount_minor: int, currency: str) -> str:
    """``EUR 5.90``."""
    return str(Money(amount_minor, currency))


def spoken(code: str) -> str:
    """A code as words: ``customer_unavailable`` is ``Customer unavailable``."""
    return code.replace("_", " ").capitalize()


def status(code: str) -> str:
    return _STATUSES.get(code, spoken(code))


def tone(code: str) -> str:
    return _TONES.get(code, "")


def event(code: str) -> str:
    """What happened; most of it is what the delivery became."""
    return _EVENTS.get(code) or status(code)


def weight(weight_g: int) -> str:
    """``800 g``, ``1.2 kg``."""
    return f"{weight_g} g" if weight_g < 1000 else f"{weight_g / 1000:.1f} kg"


def duration(duration_s: int) -> str:
    """``45 min``, ``2 h 5 min``."""
    minutes = round(duration_s / 60)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"


def iso(at: datetime) -> str:
    """For ``<time datetime>``."""
    return write_instant(at)


def fault(error: str) -> str:
    """What is wrong with a field, for people: a form's own words say it for programs."""
    for begin, words in _FAULTS.items():
        if error.startswith(begin):
            return words
    return error.removeprefix("Value error, ")


def field(name: str) -> str:
    """The last part of a field's name, as words: ``dropoff.address.line1`` is ``Line1``."""
    return spoken(name.rpartition(".")[2])
