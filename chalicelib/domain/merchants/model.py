"""What is a merchant, a store, a hub?

A merchant sends orders through one or more platforms, each with up to two live webhook secrets (so
that one can be rotated without losing an order). Stores are where its parcels are picked up. A hub
is where routes are planned: its area, its time zone, its waves, its patience with drivers.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from chalicelib.domain.merchants import recovery_rules
from chalicelib.domain.merchants.asking import Asking
from chalicelib.domain.merchants.recipient_actions import ALL_ACTIONS, RecipientAction
from chalicelib.domain.merchants.recovery_rules import RecoveryRules
from chalicelib.domain.merchants.texting import USUAL_TEXTS, TextChoice
from chalicelib.domain.merchants.wave_rules import USUAL, WaveRules
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import Language


class Platform(StrEnum):
    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    BIGCOMMERCE = "bigcommerce"
    GENERIC = "generic"
    API = "api"


class Scope(StrEnum):
    """What an API key may do; a key without a list of scopes may do everything."""

    DELIVERIES_READ = "deliveries:read"
    DELIVERIES_WRITE = "deliveries:write"
    QUOTES = "quotes"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    WEBHOOKS = "webhooks"


@dataclass(frozen=True, slots=True)
class Store:
    id: str
    external_id: str
    name: str
    address: str
    position: LatLng


@dataclass(frozen=True, slots=True)
class DoorPolicy:
    """What a merchant usually wants at the door, where an order says nothing of it."""

    leaves_at_door: bool = False
    pin: bool = False
    signature: bool = False
    photo: bool = False
    id_min_age: int | None = None
    barcode: bool = False
    geofence_m: int | None = None


@dataclass(frozen=True, slots=True)
class Merchant:
    """``sealed_secrets``: platform to its live secrets, newest first, sealed for this merchant.

    ``actions``: what its recipients may ask for by their link.
    ``language``: what its recipients are spoken to in unless they wish otherwise.
    ``widget_origins``: whose pages may show the look-up of its orders in a frame.
    ``test_id`` is its double for trying things out: a merchant of its own that is not ``live``.
    """

    id: str
    name: str
    hub_id: str
    stores: tuple[Store, ...]
    sealed_secrets: dict[str, tuple[str, ...]]
    default_weight_g: int
    promise_s: int
    test_id: str | None = None
    live: bool = True
    version: int = 1
    door: DoorPolicy = DoorPolicy()
    recovery: RecoveryRules = recovery_rules.USUAL
    texts: TextChoice = USUAL_TEXTS
    language: Language = Language.EN
    widget_origins: tuple[str, ...] = ()
    actions: frozenset[RecipientAction] = ALL_ACTIONS

    def store_by_external_id(self, external_id: str | None) -> Store | None:
        """The named store; the first one when none is named, None when the name is unknown."""
        if external_id is None:
            return self.stores[0]
        return next((store for store in self.stores if store.external_id == external_id), None)


@dataclass(frozen=True, slots=True)
class Hub:
    """A place that routes start from, and the rules of its waves.

    ``radius_m``: how far from the hub it delivers, as the crow flies. ``wave_horizon_s``: a wave
    plans what is due within that time. ``offer_ttl_s``: how long a driver may think about an offer.
    ``waves``: when its waves send.
    """

    id: str
    name: str
    address: str
    position: LatLng
    radius_m: int
    timezone: str
    country: str
    offer_ttl_s: int
    wave_horizon_s: int
    version: int = 1
    waves: WaveRules = USUAL
    asking: Asking = field(default_factory=Asking)
