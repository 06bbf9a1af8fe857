"""The operations desk's routes: set up hubs, merchants and drivers; see routes and waves."""

from datetime import date
from typing import Annotated, Any
from zoneinfo import available_timezones

from chalice.app import Blueprint, Request, Response
from pydantic import AfterValidator, Field, StringConstraints

from chalicelib import wiring
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import Route, Wave
from chalicelib.domain.drivers import service as drivers
from chalicelib.domain.drivers.model import Vehicle, VehicleKind
from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.domain.merchants.model import Platform
from chalicelib.entry import auth, rest, work
from chalicelib.entry.observed import answered
from chalicelib.kit.errors import Invalid
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)


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


class NewVehicle(rest.Body):
    kind: VehicleKind
    max_weight_g: Annotated[int, Field(gt=0, le=10_000_000)]
    max_volume_ml: Annotated[int, Field(gt=0, le=50_000_000)]


class NewDriver(rest.Body):
    name: rest.Name
    phone_number: Annotated[str, Field(max_length=40)]
    hub_id: rest.Name
    vehicle: NewVehicle


class HubList(rest.Body):
    """The query of a hub's list; ``day`` is in UTC."""

    hub_id: rest.Name
    day: date | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


@bp.route("/v1/hubs", methods=["POST"])
@answered(bp)
def open_hub(request: Request) -> Response:
    auth.operator(request)
    new = rest.parse(NewHub, request)
    wanted = new.model_dump(exclude={"latitude", "longitude"})
    hub = work.run(
        lambda uow: merchants.open_hub(uow, merchants.NewHub(position=new.position, **wanted))
    )
    return rest.answer({"id": hub.id, **new.model_dump(mode="json")}, 201)


@bp.route("/v1/merchants", methods=["POST"])
@answered(bp)
def open_merchant(request: Request) -> Response:
    auth.operator(request)
    new = rest.parse(NewMerchant, request)
    server_key = wiring.vault().server_key()
    wanted = merchants.NewMerchant(
        name=new.name,
        hub_id=new.hub_id,
        platforms=tuple(new.platforms),
        stores=tuple(
            merchants.NewStore(one.external_id, one.name, one.address, one.position)
            for one in new.stores
        ),
        default_weight_g=new.default_weight_g,
        promise_s=new.promise_s,
    )
    opened = work.run(lambda uow: merchants.open_merchant(uow, wanted, server_key))
    stores = [{"id": one.id, "external_id": one.external_id} for one in opened.merchant.stores]
    return rest.answer(
        {
            "id": opened.merchant.id,
            "api_key": opened.api_key,
            "webhook_secrets": opened.webhook_secrets,
            "stores": stores,
        },
        201,
    )


@bp.route("/v1/merchants/{merchant_id}/webhook-secrets/{platform}", methods=["POST"])
@answered(bp)
def rotate_webhook_secret(request: Request, merchant_id: str, platform: str) -> Response:
    auth.operator(request)
    if platform not in set(Platform):
        raise Invalid("no such platform")
    server_key = wiring.vault().server_key()
    secret = work.run(
        lambda uow: merchants.rotate_webhook_secret(
            uow, merchant_id, Platform(platform), server_key
        )
    )
    return rest.answer({"platform": platform, "secret": secret}, 201)


@bp.route("/v1/drivers", methods=["POST"])
@answered(bp)
def enrol_driver(request: Request) -> Response:
    auth.operator(request)
    new = rest.parse(NewDriver, request)
    hub = work.read(lambda uow: merchant_store.load_hub(uow, new.hub_id))
    try:
        phone = Phone.parse(new.phone_number, hub.country)
    except ValueError as error:
        field = {"field": "phone_number", "error": str(error)}
        raise Invalid("the phone number is wrong", fields=[field]) from error
    wanted = drivers.NewDriver(new.name, phone, hub.id, Vehicle(**new.vehicle.model_dump()))
    server_key = wiring.vault().server_key()
    driver = work.run(lambda uow: drivers.enrol(uow, wanted, server_key))
    return rest.answer({"id": driver.id, "hub_id": driver.hub_id}, 201)


@bp.route("/v1/routes", methods=["GET"])
@answered(bp)
def list_routes(request: Request) -> Response:
    auth.operator(request)
    asked = rest.query(HubList, request)
    uow = work.begin()
    routes, cursor = dispatch.list_hub_day(
        uow, asked.hub_id, asked.day or uow.now.date(), limit=asked.limit, after=asked.cursor
    )
    return rest.answer({"routes": [_route(route) for route in routes], "next_cursor": cursor})


@bp.route("/v1/waves", methods=["GET"])
@answered(bp)
def list_waves(request: Request) -> Response:
    auth.operator(request)
    asked = rest.query(HubList, request)
    waves, cursor = dispatch.list_waves(
        work.begin(), asked.hub_id, limit=asked.limit, after=asked.cursor
    )
    return rest.answer({"waves": [_wave(wave) for wave in waves], "next_cursor": cursor})


def _route(route: Route) -> dict[str, Any]:
    return {
        "id": route.id,
        "status": route.status,
        "wave_id": route.wave_id,
        "driver_id": route.driver_id,
        "vehicle_kind": route.vehicle_kind,
        "starts_at": write_instant(route.starts_at),
        "ends_at": write_instant(route.ends_at),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
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
                "planned_arrival_at": write_instant(stop.planned_arrival_at),
            }
            for stop in route.stops
        ],
    }


def _wave(wave: Wave) -> dict[str, Any]:
    return {
        "id": wave.id,
        "slot": wave.slot,
        "planned_at": write_instant(wave.planned_at),
        "engine": wave.engine,
        "routes": list(wave.route_ids),
        "served": wave.served,
        "left_out": wave.left_out,
        "dropped": wave.dropped,
        "unserved": [
            {"delivery_id": one.delivery.delivery_id, "reason": one.reason} for one in wave.unserved
        ],
    }
