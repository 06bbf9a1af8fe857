"""Use cases of merchants: set up a hub, set up a merchant, its secrets."""

from dataclasses import dataclass, replace

from chalicelib.domain.merchants import api_keys, store
from chalicelib.domain.merchants.model import Hub, Merchant, Platform, Store
from chalicelib.domain.merchants.wave_rules import USUAL, WaveRules
from chalicelib.kit import tokens
from chalicelib.kit.errors import Invalid
from chalicelib.kit.geo import LatLng
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewStore:
    external_id: str
    name: str
    address: str
    position: LatLng


@dataclass(frozen=True, slots=True)
class NewHub:
    name: str
    address: str
    position: LatLng
    radius_m: int
    timezone: str
    country: str
    offer_ttl_s: int
    wave_horizon_s: int
    waves: WaveRules = USUAL


@dataclass(frozen=True, slots=True)
class NewMerchant:
    name: str
    hub_id: str
    platforms: tuple[Platform, ...]
    stores: tuple[NewStore, ...]
    default_weight_g: int
    promise_s: int


@dataclass(frozen=True, slots=True)
class Opened:
    """A merchant with the secrets that are shown this once."""

    merchant: Merchant
    api_key: str
    webhook_secrets: dict[str, str]


def open_hub(uow: UnitOfWork, new: NewHub) -> Hub:
    hub = Hub(
        id=uow.new_id("hub"),
        name=new.name,
        address=new.address,
        position=new.position,
        radius_m=new.radius_m,
        timezone=new.timezone,
        country=new.country,
        offer_ttl_s=new.offer_ttl_s,
        wave_horizon_s=new.wave_horizon_s,
        waves=new.waves,
    )
    store.save_hub(uow, hub)
    return hub


def open_merchant(uow: UnitOfWork, new: NewMerchant, server_key: bytes) -> Opened:
    """Set up a merchant; its API key and webhook secrets are returned once and kept hashed or
    sealed.

    Raises
    ------
    NotFound
        If there is no such hub.
    Invalid
        If a store lies outside of the hub's radius.
    """
    hub = store.load_hub(uow, new.hub_id)
    for number, candidate in enumerate(new.stores):
        if hub.position.distance_m(candidate.position) > hub.radius_m:
            raise Invalid(
                "a store lies outside of the hub's radius",
                fields=[{"field": f"stores.{number}", "error": "outside of the hub's radius"}],
            )
    merchant_id = uow.new_id("mer")
    webhook_secrets = {platform.value: tokens.new_webhook_secret() for platform in new.platforms}
    merchant = Merchant(
        id=merchant_id,
        name=new.name,
        hub_id=new.hub_id,
        stores=tuple(
            Store(uow.new_id("str"), one.external_id, one.name, one.address, one.position)
            for one in new.stores
        ),
        sealed_secrets={
            platform: (tokens.seal(server_key, secret, merchant_id),)
            for platform, secret in webhook_secrets.items()
        },
        default_weight_g=new.default_weight_g,
        promise_s=new.promise_s,
    )
    store.save_merchant(uow, merchant)
    issued = api_keys.issue(uow, merchant_id, "first key")
    return Opened(merchant, issued.text, webhook_secrets)


def webhook_secrets(merchant: Merchant, platform: Platform, server_key: bytes) -> tuple[str, ...]:
    """The live secrets of a platform in the clear, newest first; none if it is not connected, or
    if all were sealed by an earlier server key."""
    sealed = merchant.sealed_secrets.get(platform.value, ())
    return tuple(tokens.unseal_all(server_key, sealed, merchant.id))


def rotate_webhook_secret(
    uow: UnitOfWork, merchant_id: str, platform: Platform, server_key: bytes
) -> str:
    """Make a new secret; the one before it stays live beside it, older ones end."""
    merchant = store.load_merchant(uow, merchant_id)
    secret = tokens.new_webhook_secret()
    previous = merchant.sealed_secrets.get(platform.value, ())[:1]
    sealed = (tokens.seal(server_key, secret, merchant_id), *previous)
    secrets = {**merchant.sealed_secrets, platform.value: sealed}
    store.save_merchant(
        uow, replace(merchant, sealed_secrets=secrets, version=merchant.version + 1)
    )
    return secret


def take_webhook_secret(
    uow: UnitOfWork, merchant_id: str, platform: Platform, secret: str, server_key: bytes
) -> None:
    """Take a secret that the platform made; the one before it stays live beside it."""
    merchant = store.load_merchant(uow, merchant_id)
    known = webhook_secrets(merchant, platform, server_key)
    if known[:1] == (secret,):
        return
    previous = merchant.sealed_secrets.get(platform.value, ())[:1]
    sealed = (tokens.seal(server_key, secret, merchant_id), *previous)
    secrets = {**merchant.sealed_secrets, platform.value: sealed}
    store.save_merchant(
        uow, replace(merchant, sealed_secrets=secrets, version=merchant.version + 1)
    )
