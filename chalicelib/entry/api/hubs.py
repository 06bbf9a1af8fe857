"""The network's hubs: see them, change one."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.domain.merchants import changes
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.asking import Asking
from chalicelib.domain.merchants.model import Hub
from chalicelib.entry import rest, work
from chalicelib.entry.api import operator_answers as answers
from chalicelib.entry.api.wave_forms import WaveSettings, write_settings
from chalicelib.entry.auth import MANAGER, OPERATOR
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")

HubId = Annotated[str, IdOf("hub", "hub")]


class AskingForm(rest.Body):
    """How patiently drivers are sought; what is left out has its default."""

    ask_ahead_s: Annotated[int, Field(ge=0, le=14_400)] = 900
    pair_after_s: Annotated[int, Field(ge=0, le=14_400)] = 180
    pair_before_s: Annotated[int, Field(ge=0, le=14_400)] = 900
    broadcast_before_s: Annotated[int, Field(ge=0, le=14_400)] = 300
    broadcast_to: Annotated[int, Field(ge=2, le=20)] = 5
    bonus_minor: Annotated[int, Field(ge=0, le=100_000)] = 200
    no_show_after_s: Annotated[int, Field(ge=60, le=14_400)] = 600


class HubChanges(rest.Body):
    """What is left out stays as it is. Place, zone and country never change: open another hub."""

    name: rest.Name | None = None
    address: rest.Text | None = None
    radius_m: Annotated[int, Field(gt=0, le=200_000)] | None = None
    offer_ttl_s: Annotated[int, Field(ge=15, le=7200)] | None = None
    wave_horizon_s: Annotated[int, Field(ge=600, le=86_400)] | None = None
    waves: WaveSettings = WaveSettings()
    asking: AskingForm | None = None

    model_config = rest.example(radius_m=9000)


class HubList(rest.Answer):
    """The hubs of the network."""

    hubs: list[answers.OpenedHub]

    model_config = rest.example(hubs=[])


@doors.route("GET", "/v1/hubs", who=(OPERATOR,), answers={200: HubList})
def list_hubs() -> Mapping[str, Any]:
    """List the hubs of the network."""
    return {"hubs": [_write(hub) for hub in work.read(merchant_store.list_hubs)]}


@doors.route("GET", "/v1/hubs/{hub_id}", who=(OPERATOR,), answers={200: answers.OpenedHub})
def show_hub(hub_id: HubId) -> Mapping[str, Any]:
    """Show a hub and its rules."""
    return _write(work.read(lambda uow: merchant_store.load_hub(uow, hub_id)))


@doors.route("PATCH", "/v1/hubs/{hub_id}", who=(MANAGER,), answers={200: answers.OpenedHub})
def change_hub(hub_id: HubId, body: HubChanges) -> Mapping[str, Any]:
    """Change a hub's rules; the next wave goes by them."""
    wanted = body.model_dump(exclude_none=True, exclude={"waves"})
    if body.asking is not None:
        wanted["asking"] = Asking(**body.asking.model_dump())
    waves = body.waves.changes()
    return _write(work.run(lambda uow: changes.change_hub(uow, hub_id, wanted, waves)))


def _write(hub: Hub) -> dict[str, Any]:
    return {
        "id": hub.id,
        "name": hub.name,
        "address": hub.address,
        "latitude": hub.position.latitude,
        "longitude": hub.position.longitude,
        "radius_m": hub.radius_m,
        "timezone": hub.timezone,
        "country": hub.country,
        "offer_ttl_s": hub.offer_ttl_s,
        "wave_horizon_s": hub.wave_horizon_s,
        "waves": write_settings(hub.waves),
        "asking": asdict(hub.asking),
    }
