"""Is the history still the one that it was? Each entry sealed together with all before it.

The hash of an entry is taken over the hash before it and the entry itself, so whoever changes,
drops or inserts one changes every hash that follows, and the head is not the one that was written
down when the parcel was handed over and told to the merchant with ``proof.created``. It shows that
something was changed, not by whom; it is no signature.

The recipe, for anybody with a shell: SHA-256 in hexadecimal of the canonical JSON (keys sorted, no
spaces, UTF-8) of ``{"at", "delivery", "previous", "reason", "status", "undoes", "version",
"what"}``;
``previous`` of the first is 64 zeros. ``local.verify_proof`` does it for a package.
Source: RFC 8785 in spirit (canonical JSON); linked timestamping of Haber and Stornetta (1991).
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.deliveries.model import HistoryEntry
from chalicelib.kit.timewindow import write_instant

START = "0" * 64


@dataclass(frozen=True, slots=True)
class Link:
    """An entry with the hash over it and everything before it."""

    entry: HistoryEntry
    hash: str


def links(delivery_id: str, history: Sequence[HistoryEntry]) -> tuple[Link, ...]:
    """The history with its hashes, oldest first."""
    previous, found = START, []
    for entry in history:
        previous = _hash(delivery_id, entry, previous)
        found.append(Link(entry, previous))
    return tuple(found)


def head(delivery_id: str, history: Sequence[HistoryEntry]) -> str:
    """The hash of the latest entry: it stands for all of them."""
    return links(delivery_id, history)[-1].hash


def still_holds(
    delivery_id: str, history: Sequence[HistoryEntry], version: int, sealed: str
) -> bool:
    """Whether the history up to a version is what it was when its head was written down."""
    then = [entry for entry in history if entry.version <= version]
    return bool(then) and head(delivery_id, then) == sealed


def _hash(delivery_id: str, entry: HistoryEntry, previous: str) -> str:
    told = {
        "delivery": delivery_id,
        "previous": previous,
        "version": entry.version,
        "what": entry.what,
        "status": entry.status.value,
        "at": write_instant(entry.at),
        "reason": entry.reason,
        "undoes": entry.undoes,
    }
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
