"""The operations desk's routes: set up hubs and merchants; see routes and waves."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Annotated, Any
from zoneinfo import available_timezones

from chalice.app import Blueprint
from pydantic import AfterValidator, Field, StringConstraints

from chalicelib import wiring
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route
from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.merchants.wave_rules import USUAL
from chalicelib.entry import rest, work
from chalicelib.entry.api import operator_answers as answers
from chalicelib.entry.api.wave_forms import WavePage, WaveSettings, write_settings, write_wave
from chalicelib.entry.auth import MANAGER, OPERATOR
from chalicelib.entry.path_parts import AnyPlatform, MerchantId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import NotFound
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("not a time zone of the IANA database")
    return name


Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Timezone = Annotated[str, Field(max_length=64), AfterValidator(_known_timezone)]


class NewHub(rest.Positioned):
    name: rest.Name
    address: rest.Text
    radius_m: Annotated[int, Field(gt=0, le=200_000)]
    timezone: Timezone
    country: Country
    offer_ttl_s: Annotated[int, Field(ge=15, le=7200)] = 45
    wave_horizon_s: Annotated[int, Field(ge=600, le=86_400)] = 14_400
    waves: WaveSettings = WaveSettings()

    model_config = rest.example(
        name="Mitte",
        address="Alexanderplatz 1, 10178 Berlin",
        latitude=52.5208,
        longitude=13.4094,
        radius_m=8000,
        timezone="Europe/Berlin",
        country="DE",
        offer_ttl_s=60,
    )


class NewStore(rest.Positioned):
    external_id: rest.Name
    name: rest.Name
    address: rest.Text


class NewMerchant(rest.Body):
    name: rest.Name
    hub_id: rest.Name
    platforms: Annotated[list[Platform], Field(min_length=1, max_length=len(Platform))]
    stores: Annotated[list[NewStore], Field(min_length=1, max_length=100)]
    default_weight_g: Annotated[int, Field(gt=0, le=1_000_000)] = 1000
    promise_s: Annotated[int, Field(ge=1800, le=14 * 86_400)] = 8 * 3600

    model_config = rest.example(
        name="Buchladen",
        hub_id="hub_01m83qpn8tsfztk8g4j2we32hb",
        platforms=["shopify", "generic"],
        stores=[
            {
                "external_id": "1",
                "name": "Buchladen",
                "address": "Torstraße 12, 10119 Berlin",
                "latitude": 52.5286,
                "longitude": 13.4102,
            }
        ],
        default_weight_g=500,
        promise_s=10800,
    )


class HubDay(rest.Body):
    """The query of a hub's list; ``day`` is in UTC."""

    hub_id: rest.Name
    day: rest.Day | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


@doors.route("POST", "/v1/hubs", who=(MANAGER,), answers={201: answers.OpenedHub})
def open_hub(body: NewHub) -> Mapping[str, Any]:
    """Open a hub: a place that routes start from, and the rules of its waves."""
    wanted = body.model_dump(exclude={"latitude", "longitude", "waves"})
    rules = replace(USUAL, **body.waves.changes())
    new = merchants.NewHub(position=body.position, waves=rules, **wanted)
    hub = work.run(lambda uow: merchants.open_hub(uow, new))
    shown = {"waves": write_settings(rules), "asking": asdict(hub.asking)}
    return {"id": hub.id, **body.model_dump(mode="json"), **shown}


@doors.route(
    "POST",
    "/v1/merchants",
    who=(MANAGER,),
    answers={201: answers.OpenedMerchant},
    errors=(NotFound,),
)
def open_merchant(body: NewMerchant) -> Mapping[str, Any]:
    """Set up a merchant with its stores.

    The API key and the webhook secrets are shown this once. The first store is the one that orders
    without a `store_external_id` are picked up at.
    """
    server_key = wiring.vault().server_key()
    wanted = merchants.NewMerchant(
        name=body.name,
        hub_id=body.hub_id,
        platforms=tuple(body.platforms),
        stores=tuple(
            merchants.NewStore(one.external_id, one.name, one.address, one.position)
            for one in body.stores
        ),
        default_weight_g=body.default_weight_g,
        promise_s=body.promise_s,
    )
    opened = work.run(lambda uow: merchants.open_merchant(uow, wanted, server_key))
    stores = [{"id": one.id, "external_id": one.external_id} for one in opened.merchant.stores]
    return {
        "id": opened.merchant.id,
        "api_key": opened.api_key,
        "webhook_secrets": opened.webhook_secrets,
        "stores": stores,
    }


@doors.route(
    "POST",
    "/v1/merchants/{merchant_id}/webhook-secrets/{platform}",
    who=(MANAGER,),
    answers={201: answers.NewSecret},
)
def rotate_webhook_secret(merchant_id: MerchantId, platform: AnyPlatform) -> Mapping[str, Any]:
    """Make a new secret for a platform's webhooks.

    The previous one stays live beside it until the next.
    """
    server_key = wiring.vault().server_key()
    secret = work.run(
        lambda uow: merchants.rotate_webhook_secret(uow, merchant_id, platform, server_key)
    )
    return {"platform": platform, "secret": secret}


@doors.route("GET", "/v1/routes", who=(OPERATOR,), answers={200: answers.RoutePage})
def list_routes(query: HubDay) -> Mapping[str, Any]:
    """List the routes of a hub's day."""
    uow = work.begin()
    routes, cursor = dispatch.list_hub_day(
        uow, query.hub_id, query.day or uow.now.date(), limit=query.limit, after=query.cursor
    )
    return {"routes": [_route(route) for route in routes], "next_cursor": cursor}


@doors.route("GET", "/v1/waves", who=(OPERATOR,), answers={200: WavePage}, errors=(NotFound,))
def list_waves(query: HubDay) -> Mapping[str, Any]:
    """List the waves of a hub, newest first: what each sent and left behind, and why."""
    uow = work.begin()
    hub = merchant_store.load_hub(uow, query.hub_id)
    waves, cursor = dispatch.list_waves(uow, query.hub_id, limit=query.limit, after=query.cursor)
    return {"waves": [write_wave(hub, wave) for wave in waves], "next_cursor": cursor}


def _route(route: Route) -> dict[str, Any]:
    return {
        "id": route.id,
        "status": route.status,
        "version": route.version,
        "wave_id": route.wave_id,
        "driver_id": route.driver_id,
        "vehicle_kind": route.vehicle_kind,
        "starts_at": write_instant(route.starts_at),
        "ends_at": write_instant(route.ends_at),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "asked": route.asked,
        "offered_to": [driver_id for _, driver_id in route.live_offers],
        "refused_by": list(route.refused_by),
        "released": route.released,
        "alerted_at": route.alerted_at and write_instant(route.alerted_at),
        "stops": [
            {
                "id": stop.id,
                "kind": stop.kind,
                "status": stop.status,
                "place_name": stop.place_name,
                "position": {
                    "latitude": stop.position.latitude,
                    "longitude": stop.position.longitude,
                },
                "deliveries": [ref.delivery_id for ref in stop.deliveries],
                "merchants": [ref.merchant_id for ref in stop.deliveries],
                "planned_arrival_at": write_instant(stop.planned_arrival_at),
            }
            for stop in route.stops
        ],
    }
