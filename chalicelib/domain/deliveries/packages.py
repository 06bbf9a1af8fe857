"""What stands in a proof package? The facts of a handover, its history with its chain, its place.

Asked for by the merchant or the desk, made by ``make_papers``, kept as long as pictures are. A
package is of one version of the delivery and one of its check: when either moves on, the next
asking makes a new one. Its facts are the very ones that ``local.verify_proof`` recomputes.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from chalicelib.domain.deliveries import chain, check_items, store
from chalicelib.domain.deliveries.check_items import Check
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit.errors import Conflict
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import support_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Whoever asks again after this long orders it once more: the first order was lost.
ASKED_AGAIN_AFTER = timedelta(minutes=2)


class PackageState(StrEnum):
    ASKED = "asked"
    MADE = "made"


@dataclass(frozen=True, slots=True)
class Package:
    """Of which versions it is, and how far it is."""

    state: PackageState
    of: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Ordered:
    """A package that is there, or has been ordered; ``is_new``: somebody has to be told."""

    state: PackageState
    is_new: bool


def ask(uow: UnitOfWork, ref: DeliveryRef) -> Ordered:
    """Ask for the package of a handover; one that is up to date is not made again.

    Raises
    ------
    NotFound
    Conflict
        If nothing was handed over (yet).
    """
    delivery = store.load(uow, ref)
    check = check_items.load(uow, ref)
    if delivery.status is not Status.DELIVERED or check is None:
        raise Conflict("nothing was handed over", extra={"delivery_status": delivery.status.value})
    of = _of(delivery, check)
    known = load(uow, ref)
    if known is not None and known.of == of:
        waits = known.state is PackageState.ASKED
        if not waits or uow.now - known.at < ASKED_AGAIN_AFTER:
            return Ordered(known.state, is_new=False)
    _save(uow, ref, Package(PackageState.ASKED, of, uow.now))
    return Ordered(PackageState.ASKED, is_new=True)


def note_made(uow: UnitOfWork, ref: DeliveryRef, of: str) -> None:
    known = load(uow, ref)
    if known is not None and known.of == of:
        _save(uow, ref, Package(PackageState.MADE, of, uow.now))


def is_ready(uow: UnitOfWork, ref: DeliveryRef) -> bool:
    known = load(uow, ref)
    return known is not None and known.state is PackageState.MADE


def load(uow: UnitOfWork, ref: DeliveryRef) -> Package | None:
    item = uow.get(support_keys.proof_paper(ref.merchant_id, ref.delivery_id))
    if item is None:
        return None
    return Package(PackageState(item["status"]), item["of"], read_instant(item["at"]))


def _save(uow: UnitOfWork, ref: DeliveryRef, package: Package) -> None:
    item = {
        "status": package.state.value,
        "of": package.of,
        "at": write_instant(package.at),
    }
    uow.put(support_keys.proof_paper(ref.merchant_id, ref.delivery_id), item, expect=None)


def of_versions(delivery: Delivery, check: Check) -> str:
    return _of(delivery, check)


def _of(delivery: Delivery, check: Check) -> str:
    return f"{delivery.version}.{check.version}"


def facts(delivery: Delivery, check: Check) -> bytes:
    """What can be recomputed: the history with its hashes, the head, the pictures' hashes."""
    told: dict[str, Any] = {
        "delivery": delivery.id,
        "order": delivery.order_name,
        "status": delivery.status.value,
        "proof": check.state.value,
        "reasons": list(check.reasons),
        "away_m": check.away_m,
        "head": check.head,
        "head_version": check.head_version,
        "history": [
            {
                "version": link.entry.version,
                "what": link.entry.what,
                "status": link.entry.status.value,
                "at": write_instant(link.entry.at),
                "reason": link.entry.reason,
                "undoes": link.entry.undoes,
                "hash": link.hash,
            }
            for link in chain.links(delivery.id, delivery.history)
        ],
        "pictures": [
            {"id": shot.id, "kind": shot.kind.value, "sha256": shot.sha256}
            for shot in check.shots
            if shot.sha256
        ],
    }
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
