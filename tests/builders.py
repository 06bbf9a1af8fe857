"""Builders with defaults: ``a_delivery(status=...)`` says only what a test is about."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import lifecycle
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.model import (
    Address,
    Delivery,
    HistoryEntry,
    Place,
    Recipient,
    Status,
)
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.merchants.model import Hub, Merchant, Store
from chalicelib.domain.merchants.wave_rules import WaveRules
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.pricing.model import Job
from chalicelib.domain.pricing.rules import price
from chalicelib.domain.pricing.store import BUILT_IN_CARDS
from chalicelib.kit.geo import LatLng
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import TimeWindow

NOON = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)
HUB_AT = LatLng(51.2, 9.4)
STORE_AT = LatLng(51.21, 9.41)
DOOR_AT = LatLng(51.22, 9.42)
SERVER_KEY = bytes(range(32))


def a_hub(**changes: Any) -> Hub:
    hub = Hub(
        id="hub_1",
        name="Hub North",
        address="Dock Street 1",
        position=HUB_AT,
        radius_m=15_000,
        timezone="Europe/Berlin",
        country="DE",
        offer_ttl_s=45,
        wave_horizon_s=4 * 3600,
        # What is about holding back says so.
        waves=WaveRules(holds_back=False),
    )
    return replace(hub, **changes)


def a_merchant(**changes: Any) -> Merchant:
    merchant = Merchant(
        id="mer_1",
        name="Blumen Roth",
        hub_id="hub_1",
        stores=(Store("str_1", "main", "Blumen Roth, Markt", "Markt 1", STORE_AT),),
        sealed_secrets={},
        default_weight_g=1000,
        promise_s=8 * 3600,
    )
    return replace(merchant, **changes)


def a_recipient(**changes: Any) -> Recipient:
    recipient = Recipient(
        name="Ada Sommer",
        phone=Phone("+4915112345678"),
        address=Address("Lindenweg 7", "", "Neustadt", "34117", "DE"),
        notes="second floor",
    )
    return replace(recipient, **changes)


def an_agreed_price(**changes: Any) -> Agreed:
    """What the built-in card asks for a small parcel close by."""
    card = BUILT_IN_CARDS[-1]
    made = price(card, Job(1_500, 1_200, 4_000, None, 8 * 3600))
    return replace(Agreed(made, card.owner, card.version, NOON), **changes)


def a_request(**changes: Any) -> deliveries.Request:
    request = deliveries.Request(
        merchant_id="mer_1",
        hub_id="hub_1",
        platform="shopify",
        external_id="1001",
        order_name="#1001",
        pickup=Place("str_1", "Blumen Roth, Markt", STORE_AT),
        dropoff=DOOR_AT,
        window=TimeWindow(NOON, NOON + timedelta(hours=8)),
        parcel=Parcel(1200, 4000),
        service_s=180,
        source_updated_at=NOON,
        recipient=a_recipient(),
        agreed=an_agreed_price(),
    )
    return replace(request, **changes)


def a_delivery(**changes: Any) -> Delivery:
    """A delivery that was created and is ready."""
    request = a_request()
    created = Delivery(
        id="del_1",
        merchant_id=request.merchant_id,
        hub_id=request.hub_id,
        platform=request.platform,
        external_id=request.external_id,
        order_name=request.order_name,
        status=Status.CREATED,
        version=1,
        created_at=NOON,
        pickup=request.pickup,
        dropoff=request.dropoff,
        window=request.window,
        parcel=request.parcel,
        service_s=request.service_s,
        source_updated_at=NOON,
        history=(HistoryEntry(1, "created", Status.CREATED, NOON),),
    )
    ready, _ = lifecycle.apply(created, life.MakeReady(NOON))
    return replace(ready, **changes)


def a_vehicle(**changes: Any) -> Vehicle:
    return replace(Vehicle(VehicleKind.VAN, 500_000, 3_000_000), **changes)


def a_driver_at_work(driver_id: str = "drv_1", **changes: Any) -> Work:
    work = Work(
        driver_id=driver_id,
        hub_id="hub_1",
        vehicle=a_vehicle(),
        version=1,
        on_duty=True,
        shift_ends_at=NOON + timedelta(hours=8),
        position=HUB_AT,
    )
    return replace(work, **changes)
