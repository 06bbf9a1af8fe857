"""Up to where has a console heard? The cursor of its polls: nothing that could be missed.

A mark bears the time at which its writer began, and can be seen a little later: mostly some
milliseconds, at most as long as a function may run. So a poll ends two seconds ago, and the next
one reads again from well before that end. If what stands before the end is what stood there
(``digest``), only what lies behind it is news; if a late mark has come in between, all of it is
told once more.
"""

import base64
import binascii
from dataclasses import dataclass, replace

from chalicelib.domain.dispatch.today.marks import Mark, digest
from chalicelib.kit.errors import Malformed

#: A poll ends so long ago: by then almost every mark can be seen.
SETTLED_MS = 2_000
#: Longer than any function that writes marks may run, and our clocks may differ.
OVERLAP_MS = 90_000
#: Younger than the oldest mark that is sure to be there still.
OLDEST_MS = 25 * 60_000
#: Of the drivers a quarter is looked at in each poll: every position within four of them.
TURNS = 4


@dataclass(frozen=True, slots=True)
class Heard:
    """``turn``: whose positions are next; ``somebody``: whether anybody was on duty."""

    upto_ms: int
    digest: str
    turn: int = 0
    somebody: bool = True

    def is_too_old(self, now_ms: int) -> bool:
        return self.upto_ms < now_ms - OLDEST_MS

    @property
    def reads_from_ms(self) -> int:
        return self.upto_ms - OVERLAP_MS


def first(now_ms: int, marks: list[Mark]) -> Heard:
    """Where a console begins that has just read the day: a little before, since indexes lag."""
    return _ended(Heard(now_ms - 5 * SETTLED_MS, ""), marks)


def advance(heard: Heard, now_ms: int, marks: list[Mark]) -> tuple[Heard, list[Mark]]:
    """The next cursor, and the marks that are news.

    Parameters
    ----------
    marks
        All from ``heard.reads_from_ms`` on.
    """
    # Another worker's clock may be behind the one that made the cursor.
    upto_ms = max(heard.upto_ms, now_ms - SETTLED_MS)
    known = [mark for mark in marks if mark.at_ms <= heard.upto_ms]
    fresh = [mark for mark in marks if heard.upto_ms < mark.at_ms <= upto_ms]
    if digest(known) != heard.digest:
        fresh = known + fresh
    return _ended(replace(heard, upto_ms=upto_ms), marks), fresh


def _ended(heard: Heard, marks: list[Mark]) -> Heard:
    stood = [one for one in marks if heard.reads_from_ms <= one.at_ms <= heard.upto_ms]
    return replace(heard, digest=digest(stood))


def write(hub_id: str, heard: Heard) -> str:
    text = f"{heard.upto_ms}.{heard.digest}.{heard.turn}.{int(heard.somebody)}.{hub_id[-6:]}"
    return base64.urlsafe_b64encode(text.encode()).decode("ascii").rstrip("=")


def read(hub_id: str, text: str) -> Heard:
    """Raise Malformed for what is no cursor of this hub's board."""
    try:
        padded = text + "=" * (-len(text) % 4)
        told = base64.urlsafe_b64decode(padded.encode("ascii")).decode("ascii")
        upto, stood, turn, somebody, hub = told.split(".")
        heard = Heard(int(upto), stood, int(turn) % TURNS, somebody == "1")
    except (binascii.Error, ValueError) as error:
        raise Malformed("the cursor is not one of ours") from error
    if hub != hub_id[-6:]:
        raise Malformed("the cursor belongs to another hub")
    return heard
