"""What a merchant sees and sets of itself: its defaults and its stores."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from chalice.app import Blueprint, Response
from pydantic import Field

from chalicelib.domain.merchants import changes
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Merchant, Platform, Scope, Store
from chalicelib.domain.merchants.recipient_actions import ALWAYS, RecipientAction
from chalicelib.domain.merchants.service import NewStore
from chalicelib.domain.merchants.texting import MOST, ORDINARY, TextChoice, Tone
from chalicelib.entry import rest, work
from chalicelib.entry.api.door_forms import DoorPolicyForm, UsualDoor, write_policy
from chalicelib.entry.api.recovery_forms import (
    RecoveryRulesForm,
    UsualRecovery,
    write_rules,
)
from chalicelib.entry.api.spoken import SpokenLanguage
from chalicelib.entry.auth import MANAGER, OPERATOR, merchant
from chalicelib.entry.path_parts import IdOf, MerchantId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict
from chalicelib.kit.languages import Language

bp = Blueprint(__name__)
doors = Doors(bp, tag="Merchants")

READ = (OPERATOR, merchant(Scope.SETTINGS_READ))
WRITE = (MANAGER, merchant(Scope.SETTINGS_WRITE))
StoreId = Annotated[str, IdOf("str", "store")]

_STORE: dict[str, Any] = {
    "id": "str_01m83qpn9g3kyfap0qjtyjyzv2",
    "external_id": "1",
    "name": "Buchladen",
    "address": "Torstraße 12, 10119 Berlin",
    "latitude": 52.5286,
    "longitude": 13.4102,
}
_MERCHANT: dict[str, Any] = {
    "id": "mer_01m83qpn9gec8xh7wbacsaen6x",
    "name": "Buchladen",
    "hub_id": "hub_01m83qpn8tsfztk8g4j2we32hb",
    "platforms": ["shopify", "generic"],
    "default_weight_g": 500,
    "promise_s": 10800,
    "language": "de",
    "recipient_actions": ["note", "safe_place", "texts"],
    "door": {
        "action": "meet_at_door",
        "pin": False,
        "signature": False,
        "photo": True,
        "id_min_age": None,
    },
    "recovery": {
        "allows": ["point_on_tour", "another_day", "pickup_point", "return"],
        "most_attempts": 2,
        "wish_within_s": 14400,
        "always_returns": False,
        "goods_minor": 4000,
        "dispose_below_minor": 0,
        "lost_sale_minor": 800,
        "most_walk_m": 1500,
        "trouble_percent": 100,
    },
    "texts": {"ordinary": ["out_for_delivery", "near", "delivered"], "most": 2, "tone": "kind"},
    "widget_origins": ["https://buchladen.example"],
    "stores": [_STORE],
}
#: It ends up in a header: scheme and host, with a star for all of its subdomains.
Origin = Annotated[
    str,
    Field(
        max_length=200,
        pattern=r"^(https://(\*\.)?([a-z0-9-]+\.)+[a-z0-9-]+|http://localhost)(:[0-9]{1,5})?$",
    ),
]


class StoreForm(rest.Positioned):
    external_id: rest.Name
    name: rest.Name
    address: rest.Text

    model_config = rest.example(**{name: _STORE[name] for name in _STORE if name != "id"})

    def new_store(self) -> NewStore:
        return NewStore(self.external_id, self.name, self.address, self.position)


class TextChoiceForm(rest.Body):
    """Which of the ordinary texts recipients get: what happens first, until there are `most`; and
    whether they are greeted by name (`kind`)."""

    ordinary: list[Literal[ORDINARY]]  # type: ignore[valid-type]
    most: Annotated[int, Field(ge=0, le=MOST)] = 2
    tone: Tone = Tone.KIND

    @property
    def choice(self) -> TextChoice:
        return TextChoice(tuple(dict.fromkeys(self.ordinary)), self.most, self.tone)


class SettingsForm(rest.Body):
    """What is left out stays as it is."""

    name: rest.Name | None = None
    default_weight_g: Annotated[int, Field(gt=0, le=1_000_000)] | None = None
    promise_s: Annotated[int, Field(ge=1800, le=14 * 86_400)] | None = None
    door: DoorPolicyForm | None = None
    recovery: RecoveryRulesForm | None = None
    texts: TextChoiceForm | None = None
    widget_origins: Annotated[list[Origin], Field(max_length=10)] | None = None
    language: SpokenLanguage | None = None
    recipient_actions: frozenset[RecipientAction] | None = None

    model_config = rest.example(promise_s=7200, widget_origins=["https://buchladen.example"])


class OneStore(rest.Answer):
    """A place that parcels are picked up at."""

    id: str
    external_id: str
    name: str
    address: str
    latitude: float
    longitude: float

    model_config = rest.example(**_STORE)


class ChosenTexts(rest.Answer):
    ordinary: list[str]
    most: int
    tone: Tone


class OneMerchant(rest.Answer):
    """A merchant as it is set up; the first store is the one of orders that name none."""

    id: str
    name: str
    hub_id: str
    platforms: list[Platform]
    default_weight_g: int
    promise_s: int
    language: SpokenLanguage
    recipient_actions: list[RecipientAction]
    door: UsualDoor
    recovery: UsualRecovery
    texts: ChosenTexts
    widget_origins: list[str]
    stores: list[OneStore]

    model_config = rest.example(**_MERCHANT)


@doors.route("GET", "/v1/merchants/{merchant_id}", who=READ, answers={200: OneMerchant})
def show_merchant(merchant_id: MerchantId) -> Mapping[str, Any]:
    """Show how a merchant is set up, without its secrets."""
    return _write(work.read(lambda uow: merchant_store.load_merchant(uow, merchant_id)))


@doors.route("PATCH", "/v1/merchants/{merchant_id}", who=WRITE, answers={200: OneMerchant})
def change_merchant(merchant_id: MerchantId, body: SettingsForm) -> Mapping[str, Any]:
    """Change a merchant's settings, for orders to come.

    `recipient_actions` counts at once: what its recipients may ask for by their link; everything
    unless it says less, and `texts` always.

    `widget_origins`: whose pages may show the look-up of its orders in a frame (`/widget.js`).
    """
    wanted = changes.Settings(
        name=body.name,
        default_weight_g=body.default_weight_g,
        promise_s=body.promise_s,
        door=None if body.door is None else body.door.policy,
        recovery=None if body.recovery is None else body.recovery.rules,
        texts=None if body.texts is None else body.texts.choice,
        widget_origins=None if body.widget_origins is None else tuple(body.widget_origins),
        language=None if body.language is None else Language(body.language),
        actions=body.recipient_actions,
    )
    return _write(work.run(lambda uow: changes.change_settings(uow, merchant_id, wanted)))


@doors.route(
    "POST",
    "/v1/merchants/{merchant_id}/stores",
    who=WRITE,
    answers={201: OneStore},
    errors=(Conflict,),
)
def open_store(merchant_id: MerchantId, body: StoreForm) -> Mapping[str, Any]:
    """Add a store: inside the hub's radius, under an `external_id` of its own."""
    new = body.new_store()
    return _write_store(work.run(lambda uow: changes.open_store(uow, merchant_id, new)))


@doors.route(
    "PUT",
    "/v1/merchants/{merchant_id}/stores/{store_id}",
    who=WRITE,
    answers={200: OneStore},
    errors=(Conflict,),
)
def change_store(merchant_id: MerchantId, store_id: StoreId, body: StoreForm) -> Mapping[str, Any]:
    """Describe a store anew. Deliveries that are promised already start where they were to."""
    new = body.new_store()
    return _write_store(work.run(lambda uow: changes.change_store(uow, merchant_id, store_id, new)))


@doors.route(
    "DELETE",
    "/v1/merchants/{merchant_id}/stores/{store_id}",
    who=WRITE,
    answers={204: None},
    errors=(Conflict,),
)
def close_store(merchant_id: MerchantId, store_id: StoreId) -> Response:
    """Take a store away; the last one stays."""
    work.run(lambda uow: changes.close_store(uow, merchant_id, store_id))
    return rest.nothing()


def _write(merchant: Merchant) -> dict[str, Any]:
    return {
        "id": merchant.id,
        "name": merchant.name,
        "hub_id": merchant.hub_id,
        "platforms": sorted(merchant.sealed_secrets),
        "default_weight_g": merchant.default_weight_g,
        "promise_s": merchant.promise_s,
        "language": merchant.language.value,
        "recipient_actions": sorted(merchant.actions | ALWAYS),
        "door": write_policy(merchant.door),
        "recovery": write_rules(merchant.recovery),
        "texts": {
            "ordinary": list(merchant.texts.ordinary),
            "most": merchant.texts.most,
            "tone": merchant.texts.tone.value,
        },
        "widget_origins": list(merchant.widget_origins),
        "stores": [_write_store(one) for one in merchant.stores],
    }


def _write_store(store: Store) -> dict[str, Any]:
    return {
        "id": store.id,
        "external_id": store.external_id,
        "name": store.name,
        "address": store.address,
        "latitude": store.position.latitude,
        "longitude": store.position.longitude,
    }
