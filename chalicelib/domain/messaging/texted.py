"""Which deliveries did we text a number about lately? A reply names only its number.

Kept in ``eph`` under the number's keyed hash, for a fortnight; a number's ceiling bounds the list.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

KEPT = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class About:
    merchant_id: str
    delivery_id: str
    at: datetime


def note(uow: UnitOfWork, phone_hash: str, merchant_id: str, delivery_id: str) -> None:
    uow.put(
        keys.texted_about(phone_hash, merchant_id, delivery_id),
        {
            "merchant_id": merchant_id,
            "delivery_id": delivery_id,
            "at": write_instant(uow.now),
        },
        expect=None,
        expires_at=uow.wall_now + KEPT,
    )


def lately(uow: UnitOfWork, phone_hash: str, *, of_merchants: int | None = None) -> list[About]:
    """What a number was texted about, the newest first; ``of_merchants``: the newest of so many."""
    found = [
        About(item["merchant_id"], item["delivery_id"], read_instant(item["at"]))
        for item in uow.query_all(TableName.EPH, keys.texted(phone_hash))
    ]
    found.sort(key=lambda one: (one.at, one.delivery_id), reverse=True)
    if of_merchants is None:
        return found
    newest: dict[str, About] = {}
    for one in found:
        newest.setdefault(one.merchant_id, one)
    return list(newest.values())[:of_merchants]
