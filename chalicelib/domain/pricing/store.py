"""How are rate cards kept? Every version for ever, and beside them the one that counts now.

Two items are written when a card is saved: its version, which nobody writes again, and the current
card, which carries the version as its guard. A merchant without a card of its own pays by the
network's, and a network without one by the card that is built in.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from chalicelib.domain.pricing.model import (
    Band,
    DistanceBand,
    LateRefund,
    RateCard,
    Share,
    Tax,
    Waiting,
)
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.cursors import Cursor
from chalicelib.storage.keys import NETWORK, TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

BUILT_IN = "built_in"

#: The versions of the card that is built in, the last one counts. Prices were agreed by them: never
#: change one, add the next. Amounts are our choice; the return leg at 60 % of the fee is DoorDash
#: Drive's, the eight minutes at the door are Uber Direct's. No tax: its rate is the operator's.
BUILT_IN_CARDS: tuple[RateCard, ...] = (
    RateCard(
        currency="EUR",
        base_minor=490,
        distance=(DistanceBand(2_000, 0, 60), DistanceBand(8_000, 0, 80)),
        weight=(Band(5_000, 0), Band(15_000, 150), Band(30_000, 350), Band(None, 700)),
        window=(Band(3_600, 300), Band(10_800, 100), Band(None, 0)),
        most_surge_permille=1500,
        pickup_point_discount=Share(permille=200),
        cash_on_delivery=Share(150, 10),
        redelivery=Share(permille=500),
        return_leg=Share(permille=600),
        cancellation=Share(250),
        waiting_at_door=Waiting(free_s=480, per_minute_minor=35, most_minutes=20),
        name="Built in",
        owner=BUILT_IN,
        version=1,
        valid_from=datetime(2026, 11, 1, tzinfo=UTC),
    ),
)


def load_card(uow: UnitOfWork, merchant_id: str) -> RateCard:
    """The card that a merchant pays by now: its own, else the network's, else the built-in one."""
    wanted = [keys.current_rate_card(merchant_id), keys.current_rate_card(NETWORK)]
    found = uow.get_many(wanted)
    item = found.get(wanted[0]) or found.get(wanted[1])
    return BUILT_IN_CARDS[-1] if item is None else from_item(item)


def load_version(uow: UnitOfWork, owner: str, version: int) -> RateCard:
    """A version as it was saved; raise NotFound when this owner never had it."""
    if owner == BUILT_IN:
        if 1 <= version <= len(BUILT_IN_CARDS):
            return BUILT_IN_CARDS[version - 1]
        raise NotFound("there is no such rate card")
    item = uow.get(keys.rate_card(owner, version))
    if item is None:
        raise NotFound("there is no such rate card")
    return from_item(item)


def list_versions(
    uow: UnitOfWork, owner: str, *, limit: int, after: Cursor | None
) -> tuple[list[RateCard], Cursor | None]:
    """The versions that an owner saved, newest first."""
    pk, prefix = keys.rate_cards(owner)
    page = uow.query(TableName.CORE, pk, prefix, limit=limit, after=after, newest_first=True)
    return [from_item(item) for item in page.items], page.cursor


def save_card(uow: UnitOfWork, owner: str, card: RateCard) -> RateCard:
    """Save the owner's next version; it counts from now on."""
    current = uow.get(keys.current_rate_card(owner))
    before = 0 if current is None else int(current["version"])
    saved = replace(card, owner=owner, version=before + 1, valid_from=uow.now)
    item = to_item(saved)
    uow.put(keys.rate_card(owner, saved.version), item, expect=0)
    uow.put(keys.current_rate_card(owner), item, expect=before)
    return saved


def lend_card(uow: UnitOfWork, owner: str, borrower: str) -> None:
    """Let a merchant's double, which has no card yet, pay by the merchant's."""
    current = uow.get(keys.current_rate_card(owner))
    if current is not None and uow.get(keys.current_rate_card(borrower)) is None:
        save_card(uow, borrower, from_item(current))


def to_item(card: RateCard) -> Item:
    return {
        "owner": card.owner,
        "version": card.version,
        "valid_from": None if card.valid_from is None else write_instant(card.valid_from),
        "name": card.name,
        "currency": card.currency,
        "base_minor": card.base_minor,
        "distance": [
            {"from_m": one.from_m, "amount": one.amount_minor, "per_km": one.per_km_minor}
            for one in card.distance
        ],
        "weight": _bands_to_item(card.weight),
        "size": _bands_to_item(card.size),
        "window": _bands_to_item(card.window),
        "zones": dict(card.zones),
        "volumetric_ml_per_kg": card.volumetric_ml_per_kg,
        "most_surge_permille": card.most_surge_permille,
        "pickup_point_discount": _share_to_item(card.pickup_point_discount),
        "cash_on_delivery": _share_to_item(card.cash_on_delivery),
        "redelivery": _share_to_item(card.redelivery),
        "return_leg": _share_to_item(card.return_leg),
        "cancellation": _share_to_item(card.cancellation),
        "waiting_at_pickup": _waiting_to_item(card.waiting_at_pickup),
        "waiting_at_door": _waiting_to_item(card.waiting_at_door),
        "late_refund": _late_to_item(card.late_refund),
        "tax": {"permille": card.tax.permille, "is_included": card.tax.is_included},
    }


def from_item(item: Item) -> RateCard:
    valid_from = item["valid_from"]
    return RateCard(
        owner=item["owner"],
        version=item["version"],
        valid_from=None if valid_from is None else read_instant(valid_from),
        name=item["name"],
        currency=item["currency"],
        base_minor=item["base_minor"],
        distance=tuple(
            DistanceBand(one["from_m"], one["amount"], one["per_km"]) for one in item["distance"]
        ),
        weight=_bands_from_item(item["weight"]),
        size=_bands_from_item(item["size"]),
        window=_bands_from_item(item["window"]),
        zones=dict(item["zones"]),
        volumetric_ml_per_kg=item["volumetric_ml_per_kg"],
        most_surge_permille=item["most_surge_permille"],
        pickup_point_discount=_share_from_item(item["pickup_point_discount"]),
        cash_on_delivery=_share_from_item(item["cash_on_delivery"]),
        redelivery=_share_from_item(item["redelivery"]),
        return_leg=_share_from_item(item["return_leg"]),
        cancellation=_share_from_item(item["cancellation"]),
        waiting_at_pickup=_waiting_from_item(item["waiting_at_pickup"]),
        waiting_at_door=_waiting_from_item(item["waiting_at_door"]),
        late_refund=_late_from_item(item.get("late_refund")),
        tax=Tax(item["tax"]["permille"], item["tax"]["is_included"]),
    )


def _bands_to_item(bands: tuple[Band, ...]) -> list[dict[str, int | None]]:
    return [{"up_to": band.up_to, "amount": band.amount_minor} for band in bands]


def _bands_from_item(items: list[dict[str, Any]]) -> tuple[Band, ...]:
    return tuple(Band(item["up_to"], item["amount"]) for item in items)


def _share_to_item(share: Share) -> dict[str, int]:
    return {"flat": share.flat_minor, "permille": share.permille}


def _share_from_item(item: Mapping[str, int]) -> Share:
    return Share(item["flat"], item["permille"])


def _waiting_to_item(waiting: Waiting | None) -> dict[str, int] | None:
    if waiting is None:
        return None
    return {
        "free_s": waiting.free_s,
        "per_minute": waiting.per_minute_minor,
        "most_minutes": waiting.most_minutes,
    }


def _waiting_from_item(item: Mapping[str, int] | None) -> Waiting | None:
    if item is None:
        return None
    return Waiting(item["free_s"], item["per_minute"], item["most_minutes"])


def _late_to_item(late: LateRefund | None) -> dict[str, int] | None:
    return None if late is None else {"after_s": late.after_s, **_share_to_item(late.share)}


def _late_from_item(item: Mapping[str, int] | None) -> LateRefund | None:
    return None if item is None else LateRefund(item["after_s"], _share_from_item(item))
