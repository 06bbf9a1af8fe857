"""How does a delivery get into a calendar? As one event, which a later file moves.

Calendars are shared and synchronised, so the event names the shop and the time and nothing else: no
street, no link, no code. Source: RFC 5545 (lines end in CRLF and are folded at 75 octets).
"""

import hashlib
from datetime import UTC, datetime

from chalicelib.domain.tracking.headlines import Known

_LONGEST = 75


def write(known: Known) -> str:
    """A calendar of the one event."""
    delivery, t = known.delivery, known.t
    window = delivery.window
    start_at, end_at = window.start_at, window.end_at
    if known.progress is not None:
        start_at, end_at = known.progress.earliest_at, known.progress.latest_at
    # A calendar goes to places where our ids have no business.
    uid = hashlib.sha256(delivery.id.encode()).hexdigest()[:32]
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Lastmile//Delivery//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{uid}@lastmile",
        f"SEQUENCE:{delivery.version}",
        f"DTSTAMP:{_utc(known.now)}",
        f"DTSTART:{_utc(start_at)}",
        f"DTEND:{_utc(end_at)}",
        f"SUMMARY:{_text(t.say('Parcel from {shop}', shop=known.brand))}",
        f"DESCRIPTION:{_text(t.say('The link in our text message tells more precisely when.'))}",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded}\r\n" for line in lines for folded in _fold(line))


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _text(text: str) -> str:
    for letter, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        text = text.replace(letter, written)
    return "".join(letter for letter in text if letter.isprintable())


def _fold(line: str) -> list[str]:
    """At 75 octets, never inside of a letter; what goes on begins with a space."""
    folded, piece = [], ""
    for letter in line:
        if len((piece + letter).encode()) > _LONGEST:
            folded.append(piece)
            piece = " "
        piece += letter
    return [*folded, piece]
