"""Who wants no texts? Our own list, by a keyed hash of the number, so that it outlives the person.

A reply of STOP, and the carrier's own list, count for the whole installation: the carrier takes
nothing more from us for that number. The button on the page counts for one merchant. What is
undone is kept as such, so that every change is one version and one piece of news.
"""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.messaging import texted
from chalicelib.kit import tokens
from chalicelib.kit.events import Event
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.keys import Key, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

#: Who said so: the button on the page, a reply, the carrier's list, the desk.
PAGE, REPLY, CARRIER, DESK = "page", "reply", "carrier", "desk"
OPTED_OUT, OPTED_IN = "notification.opted_out", "notification.opted_in"
#: More merchants than anybody's parcels come from in a fortnight: a bound on one commit.
_MOST_TOLD = 20


@dataclass(frozen=True, slots=True)
class Suppression:
    """No texts, since when and by whom; ``everywhere``: whoever the parcel is from."""

    at: datetime
    by: str
    everywhere: bool


def opt_out(
    uow: UnitOfWork,
    phone: Phone,
    server_key: bytes,
    merchant_id: str | None,
    by: str,
    *,
    delivery_id: str | None = None,
) -> bool:
    """Send no more texts to a number: of one merchant's, or of anybody's (None).

    Every merchant that it concerns hears ``notification.opted_out``, naming the delivery in
    question, never the number.

    Returns
    -------
    Whether that is new.
    """
    hashed = tokens.phone_hash(server_key, phone.e164)
    if merchant_id is not None:
        return _set(uow, hashed, merchant_id, delivery_id, is_out=True, by=by)
    is_new = _set_everywhere(uow, hashed, is_out=True, by=by)
    for about in texted.lately(uow, hashed, of_merchants=_MOST_TOLD):
        is_new |= _set(uow, hashed, about.merchant_id, about.delivery_id, is_out=True, by=by)
    return is_new


def opt_in(
    uow: UnitOfWork,
    phone: Phone,
    server_key: bytes,
    merchant_id: str | None,
    by: str,
    *,
    delivery_id: str | None = None,
) -> bool:
    """Send texts again; a reply of START (None) takes everything back.

    Returns
    -------
    Whether texts reach the number now: not while a STOP counts that only START takes back.
    """
    hashed = tokens.phone_hash(server_key, phone.e164)
    if merchant_id is not None:
        if uow.get(keys.suppressed_for(hashed, merchant_id)) is not None:
            _set(uow, hashed, merchant_id, delivery_id, is_out=False, by=by)
        return find(uow, hashed, merchant_id) is None
    if uow.get(keys.suppressed(hashed)) is not None:
        _set_everywhere(uow, hashed, is_out=False, by=by)
    pk, prefix = keys.suppressions(hashed)
    for item in uow.query(TableName.CORE, pk, prefix, limit=2 * _MOST_TOLD).items:
        about = item["merchant_id"], item["delivery_id"]
        _set(uow, hashed, *about, is_out=False, by=by)
    return True


def find(uow: UnitOfWork, phone_hash: str, merchant_id: str | None) -> Suppression | None:
    """Whether a number wants no texts: at all, or of this merchant."""
    places = [keys.suppressed(phone_hash)]
    places += [] if merchant_id is None else [keys.suppressed_for(phone_hash, merchant_id)]
    found = uow.get_many(places)
    for place in places:
        item = found.get(place)
        if item is not None and item["is_out"]:
            return Suppression(read_instant(item["at"]), item["by"], everywhere=place == places[0])
    return None


def _set_everywhere(uow: UnitOfWork, hashed: str, *, is_out: bool, by: str) -> bool:
    key = keys.suppressed(hashed)
    item = uow.get(key)
    if item is not None and item["is_out"] is is_out:
        return False
    _put(uow, key, item, {"is_out": is_out, "by": by})
    return True


def _set(
    uow: UnitOfWork,
    hashed: str,
    merchant_id: str,
    delivery_id: str | None,
    *,
    is_out: bool,
    by: str,
) -> bool:
    key = keys.suppressed_for(hashed, merchant_id)
    item = uow.get(key)
    if item is not None and item["is_out"] is is_out:
        return False
    # The hash stands in no event: whoever hears of two would know that they are one person.
    id_ = uow.new_id("opt") if item is None else item["id"]
    told = {"merchant_id": merchant_id, "delivery_id": delivery_id, "by": by}
    version = _put(uow, key, item, {"id": id_, "is_out": is_out, **told}, subject=id_)
    uow.emit(Event(OPTED_OUT if is_out else OPTED_IN, id_, version, uow.now, told))
    return True


def _put(
    uow: UnitOfWork, key: Key, before: Item | None, body: Item, *, subject: str | None = None
) -> int:
    expect = 0 if before is None else before["version"]
    item = {**body, "at": write_instant(uow.now), "version": expect + 1}
    uow.put(key, item, expect=expect, subject=subject)
    return int(expect) + 1
