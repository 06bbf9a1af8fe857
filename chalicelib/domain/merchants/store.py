"""How merchants and hubs are kept: codec and queries."""

from dataclasses import asdict
from datetime import time
from typing import Any

from chalicelib.domain.merchants import asking, recovery_rules
from chalicelib.domain.merchants.model import DoorPolicy, Hub, Merchant, Store
from chalicelib.domain.merchants.recipient_actions import ALL_ACTIONS, RecipientAction
from chalicelib.domain.merchants.texting import USUAL_TEXTS, TextChoice, Tone
from chalicelib.domain.merchants.wave_rules import USUAL, WaveRules
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Language
from chalicelib.storage import keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def load_merchant(uow: UnitOfWork, merchant_id: str) -> Merchant:
    item = uow.get(keys.merchant(merchant_id))
    if item is None:
        raise NotFound("there is no such merchant")
    return _merchant_from_item(item)


def names_of(uow: UnitOfWork, merchant_ids: list[str]) -> dict[str, str]:
    """The names of several merchants, by id."""
    wanted = {keys.merchant(merchant_id): merchant_id for merchant_id in merchant_ids}
    return {wanted[key]: item["name"] for key, item in uow.get_many(wanted).items()}


def save_merchant(uow: UnitOfWork, merchant: Merchant) -> None:
    uow.put(keys.merchant(merchant.id), merchant_to_item(merchant), expect=merchant.version - 1)


def load_hub(uow: UnitOfWork, hub_id: str) -> Hub:
    item = uow.get(keys.hub(hub_id))
    if item is None:
        raise NotFound("there is no such hub")
    return hub_from_item(item)


def list_hubs(uow: UnitOfWork) -> list[Hub]:
    return [hub_from_item(item) for item in uow.query_all(TableName.CORE, *keys.HUBS)]


def save_hub(uow: UnitOfWork, hub: Hub) -> None:
    uow.put(keys.hub(hub.id), hub_to_item(hub), expect=hub.version - 1)


def merchant_to_item(merchant: Merchant) -> Item:
    return {
        "id": merchant.id,
        "name": merchant.name,
        "hub_id": merchant.hub_id,
        "stores": [
            {
                "id": store.id,
                "external_id": store.external_id,
                "name": store.name,
                "address": store.address,
                "position": str(store.position),
            }
            for store in merchant.stores
        ],
        "sealed_secrets": {
            platform: list(sealed) for platform, sealed in merchant.sealed_secrets.items()
        },
        "default_weight_g": merchant.default_weight_g,
        "promise_s": merchant.promise_s,
        "test_id": merchant.test_id,
        "live": merchant.live,
        "door": asdict(merchant.door),
        "recovery": recovery_rules.to_item(merchant.recovery),
        "texts": {
            "ordinary": list(merchant.texts.ordinary),
            "most": merchant.texts.most,
            "tone": merchant.texts.tone.value,
        },
        "language": merchant.language.value,
        "widget_origins": list(merchant.widget_origins),
        "actions": sorted(merchant.actions),
        "version": merchant.version,
    }


def _merchant_from_item(item: Item) -> Merchant:
    return Merchant(
        id=item["id"],
        name=item["name"],
        hub_id=item["hub_id"],
        stores=tuple(_store_from_item(store) for store in item["stores"]),
        sealed_secrets={
            platform: tuple(sealed) for platform, sealed in item["sealed_secrets"].items()
        },
        default_weight_g=item["default_weight_g"],
        promise_s=item["promise_s"],
        test_id=item["test_id"],
        live=item["live"],
        version=item["version"],
        # Merchants of before there were policies have none.
        door=DoorPolicy(**item.get("door", {})),
        recovery=recovery_rules.from_item(item.get("recovery")),
        texts=_texts_from_item(item.get("texts")),
        language=Language(item.get("language", Language.EN)),
        widget_origins=tuple(item.get("widget_origins", ())),
        # Merchants of before there was a choice offer everything.
        actions=frozenset(RecipientAction(one) for one in item.get("actions", ALL_ACTIONS)),
    )


def _texts_from_item(item: dict[str, Any] | None) -> TextChoice:
    if item is None:
        return USUAL_TEXTS
    tone = Tone(item.get("tone", Tone.KIND))
    return TextChoice(tuple(item["ordinary"]), int(item["most"]), tone)


def _store_from_item(item: dict[str, Any]) -> Store:
    return Store(
        id=item["id"],
        external_id=item["external_id"],
        name=item["name"],
        address=item["address"],
        position=LatLng.parse(item["position"]),
    )


def hub_to_item(hub: Hub) -> Item:
    return {
        "id": hub.id,
        "name": hub.name,
        "address": hub.address,
        "position": str(hub.position),
        "radius_m": hub.radius_m,
        "timezone": hub.timezone,
        "country": hub.country,
        "offer_ttl_s": hub.offer_ttl_s,
        "wave_horizon_s": hub.wave_horizon_s,
        "version": hub.version,
        "waves": _rules_to_item(hub.waves),
        "asking": asking.to_item(hub.asking),
    }


def hub_from_item(item: Item) -> Hub:
    return Hub(
        id=item["id"],
        name=item["name"],
        address=item["address"],
        position=LatLng.parse(item["position"]),
        radius_m=item["radius_m"],
        timezone=item["timezone"],
        country=item["country"],
        offer_ttl_s=item["offer_ttl_s"],
        wave_horizon_s=item["wave_horizon_s"],
        version=item["version"],
        # A hub from before they were settings goes by the defaults.
        waves=_rules_from_item(item["waves"]) if "waves" in item else USUAL,
        asking=asking.from_item(item.get("asking")),
    )


def _rules_to_item(rules: WaveRules) -> Item:
    return {**asdict(rules), "cut_offs": [f"{one:%H:%M}" for one in rules.cut_offs]}


def _rules_from_item(item: Item) -> WaveRules:
    cut_offs = tuple(time.fromisoformat(one) for one in item["cut_offs"])
    return WaveRules(**{**item, "cut_offs": cut_offs})
