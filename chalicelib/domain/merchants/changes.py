"""What may change after the set-up? A merchant's settings and stores, a hub's rules.

A delivery keeps the place that it was promised from: what changes here is for orders to come.
"""

from dataclasses import dataclass, replace
from typing import Any

from chalicelib.domain.merchants import doubles, store
from chalicelib.domain.merchants.model import DoorPolicy, Hub, Merchant, Store
from chalicelib.domain.merchants.recipient_actions import RecipientAction
from chalicelib.domain.merchants.recovery_rules import RecoveryRules
from chalicelib.domain.merchants.service import NewStore
from chalicelib.domain.merchants.texting import TextChoice
from chalicelib.kit.errors import Conflict, Invalid, NotFound
from chalicelib.kit.languages import Language
from chalicelib.storage.unit_of_work import UnitOfWork

MOST_STORES = 100


@dataclass(frozen=True, slots=True)
class Settings:
    """What a merchant may set; None leaves it as it is."""

    name: str | None = None
    default_weight_g: int | None = None
    promise_s: int | None = None
    door: DoorPolicy | None = None
    recovery: RecoveryRules | None = None
    texts: TextChoice | None = None
    widget_origins: tuple[str, ...] | None = None
    language: Language | None = None
    actions: frozenset[RecipientAction] | None = None


def change_settings(uow: UnitOfWork, merchant_id: str, wanted: Settings) -> Merchant:
    """Raise NotFound unless there is such a merchant."""
    merchant = store.load_merchant(uow, merchant_id)
    values = {
        "name": wanted.name,
        "default_weight_g": wanted.default_weight_g,
        "promise_s": wanted.promise_s,
        "door": wanted.door,
        "recovery": wanted.recovery,
        "texts": wanted.texts,
        "widget_origins": wanted.widget_origins,
        "language": wanted.language,
        "actions": wanted.actions,
    }
    return _save(uow, merchant, **{name: one for name, one in values.items() if one is not None})


def open_store(uow: UnitOfWork, merchant_id: str, new: NewStore) -> Store:
    """Add a place to pick up from.

    Raises
    ------
    NotFound
    Conflict
        If its external id is taken, or there are a hundred stores.
    Invalid
        If it lies outside of the hub's radius.
    """
    merchant = store.load_merchant(uow, merchant_id)
    if len(merchant.stores) >= MOST_STORES:
        raise Conflict(f"a merchant has at most {MOST_STORES} stores")
    opened = Store(uow.new_id("str"), new.external_id, new.name, new.address, new.position)
    _check(uow, merchant, opened)
    _save(uow, merchant, stores=(*merchant.stores, opened))
    return opened


def change_store(uow: UnitOfWork, merchant_id: str, store_id: str, new: NewStore) -> Store:
    """Describe a store anew; its id stays. Raises as :func:`open_store`."""
    merchant = store.load_merchant(uow, merchant_id)
    before = _store(merchant, store_id)
    after = Store(before.id, new.external_id, new.name, new.address, new.position)
    _check(uow, merchant, after)
    _save(uow, merchant, stores=tuple(after if one is before else one for one in merchant.stores))
    return after


def close_store(uow: UnitOfWork, merchant_id: str, store_id: str) -> None:
    """Take a store away; raise Conflict for the last one, without which no order has a start."""
    merchant = store.load_merchant(uow, merchant_id)
    closed = _store(merchant, store_id)
    if len(merchant.stores) == 1:
        raise Conflict("a merchant has at least one store")
    _save(uow, merchant, stores=tuple(one for one in merchant.stores if one is not closed))


def change_hub(uow: UnitOfWork, hub_id: str, wanted: dict[str, Any], waves: dict[str, Any]) -> Hub:
    """Change some of a hub's fields and wave rules; raise NotFound unless there is such a hub."""
    before = store.load_hub(uow, hub_id)
    after = replace(before, **wanted, waves=replace(before.waves, **waves))
    if after == before:
        return before
    after = replace(after, version=before.version + 1)
    store.save_hub(uow, after)
    return after


def _store(merchant: Merchant, store_id: str) -> Store:
    found = next((one for one in merchant.stores if one.id == store_id), None)
    if found is None:
        raise NotFound("there is no such store")
    return found


def _check(uow: UnitOfWork, merchant: Merchant, wanted: Store) -> None:
    others = (one for one in merchant.stores if one.id != wanted.id)
    if wanted.external_id in {one.external_id for one in others}:
        raise Conflict("another store has this external_id")
    hub = store.load_hub(uow, merchant.hub_id)
    if hub.position.distance_m(wanted.position) > hub.radius_m:
        fields = [{"field": "latitude", "error": "outside of the hub's radius"}]
        raise Invalid("the store lies outside of the hub's radius", fields=fields)


def _save(uow: UnitOfWork, merchant: Merchant, **changes: Any) -> Merchant:
    """Save, unless nothing changed: a repeat is no new version."""
    after = replace(merchant, **changes)
    if after == merchant:
        return merchant
    after = replace(after, version=merchant.version + 1)
    store.save_merchant(uow, after)
    doubles.follow(uow, after)
    return after
