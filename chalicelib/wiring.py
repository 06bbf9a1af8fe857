"""What is real? The composition root: settings to clients, tables and gateways; who hears what.

Everything is built when first used and kept for the life of the worker, so a function pays only for
what it touches. ``os.environ`` is read here and nowhere else.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Literal

import boto3
from botocore.config import Config
from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.callbacks import catalogue
from chalicelib.domain.callbacks import sending as callbacks_sending
from chalicelib.domain.deliveries import proof_checks, redaction
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import following, joining, rerouting, sheet_store, town_pace, wages
from chalicelib.domain.intake import drop_points
from chalicelib.domain.lockers import elsewhere, settling
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.messaging import crew_texts
from chalicelib.domain.messaging import service as messaging
from chalicelib.domain.recovery import service as recovery
from chalicelib.domain.shops import news as shop_news
from chalicelib.domain.shops.platforms import Gateways
from chalicelib.domain.tracking import outlooks, whereabouts
from chalicelib.gateways.bigcommerce import BigCommerceShops
from chalicelib.gateways.callbacks import HttpsCallbacks
from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.gateways.lockers import HttpLockers
from chalicelib.gateways.payloads import S3Payloads
from chalicelib.gateways.photos import S3Photos
from chalicelib.gateways.places import AmazonPlaces
from chalicelib.gateways.queues import Queue, SqsQueues
from chalicelib.gateways.roads import AmazonMatrix, StreetFiles
from chalicelib.gateways.shopify import ShopifyShops
from chalicelib.gateways.sms import SnsTexts
from chalicelib.gateways.vault import SsmVault
from chalicelib.gateways.woocommerce import WooCommerceShops
from chalicelib.kit.clock import Clock
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import read_instant
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Tables
from chalicelib.storage.unit_of_work import UnitOfWork

#: Interactive calls must fail while somebody still waits; the SDK's defaults wait for a minute.
_QUICK = Config(connect_timeout=2, read_timeout=8, retries={"mode": "standard", "max_attempts": 3})


class Settings(BaseModel):
    """What the template tells every function, by environment variable of the same name."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    stage: str = Field(alias="STAGE")
    table_core: str = Field(alias="TABLE_CORE")
    table_pii: str = Field(alias="TABLE_PII")
    table_money: str = Field(alias="TABLE_MONEY")
    table_live: str = Field(alias="TABLE_LIVE")
    table_eph: str = Field(alias="TABLE_EPH")
    bucket_proofs: str = Field(alias="BUCKET_PROOFS")
    bucket_payloads: str = Field(alias="BUCKET_PAYLOADS")
    queue_waves: str = Field(alias="QUEUE_WAVES")
    queue_merges: str = Field(alias="QUEUE_MERGES")
    queue_rematch: str = Field(alias="QUEUE_REMATCH")
    queue_redeliveries: str = Field(alias="QUEUE_REDELIVERIES")
    queue_messages: str = Field(alias="QUEUE_MESSAGES")
    queue_shops: str = Field(alias="QUEUE_SHOPS")
    queue_callbacks: str = Field(alias="QUEUE_CALLBACKS")
    queue_sheets: str = Field(alias="QUEUE_SHEETS")
    server_key_parameter: str = Field(alias="SERVER_KEY_PARAMETER")
    operator_key_parameter: str = Field(alias="OPERATOR_KEY_PARAMETER")
    public_base_url: str = Field(alias="PUBLIC_BASE_URL")
    shops_allow_loopback: bool = Field(default=False, alias="SHOPS_ALLOW_LOOPBACK")
    sms_sender_id: str = Field(default="", alias="SMS_SENDER_ID")
    callbacks_allow_loopback: bool = Field(default=False, alias="CALLBACKS_ALLOW_LOOPBACK")
    roads: Literal["detours", "streets", "amazon"] = Field(default="detours", alias="ROADS")
    roads_pairs_per_day: int = Field(default=20_000, ge=0, alias="ROADS_PAIRS_PER_DAY")
    fan_out_above: int = Field(default=1500, gt=0, alias="FAN_OUT_ABOVE")
    calls_per_minute: int = Field(default=600, gt=0, alias="CALLS_PER_MINUTE")
    clock_rate: float = Field(default=1.0, gt=0, alias="CLOCK_RATE")
    clock_anchor: str = Field(default="", alias="CLOCK_ANCHOR")
    clock_start: str = Field(default="", alias="CLOCK_START")


@cache
def settings() -> Settings:
    return Settings.model_validate(dict(os.environ))


def _instant(text: str) -> datetime | None:
    return read_instant(text) if text else None


@cache
def clock() -> Clock:
    chosen = settings()
    return Clock(chosen.clock_rate, _instant(chosen.clock_anchor), _instant(chosen.clock_start))


@cache
def tables() -> Tables:
    chosen = settings()
    names = {
        TableName.CORE: chosen.table_core,
        TableName.PII: chosen.table_pii,
        TableName.MONEY: chosen.table_money,
        TableName.LIVE: chosen.table_live,
        TableName.EPH: chosen.table_eph,
    }
    return Tables(boto3.client("dynamodb", config=_QUICK), names)


@cache
def queues() -> SqsQueues:
    chosen = settings()
    urls: Mapping[Queue, str] = {
        Queue.WAVES: chosen.queue_waves,
        Queue.MERGES: chosen.queue_merges,
        Queue.REMATCH: chosen.queue_rematch,
        Queue.REDELIVERIES: chosen.queue_redeliveries,
        Queue.MESSAGES: chosen.queue_messages,
        Queue.SHOPS: chosen.queue_shops,
        Queue.CALLBACKS: chosen.queue_callbacks,
        Queue.SHEETS: chosen.queue_sheets,
    }
    return SqsQueues(boto3.client("sqs", config=_QUICK), urls, clock())


@cache
def vault() -> SsmVault:
    chosen = settings()
    return SsmVault(
        boto3.client("ssm", config=_QUICK),
        chosen.server_key_parameter,
        chosen.operator_key_parameter,
    )


@cache
def sms() -> SnsTexts:
    # No SDK retry: a lost reply must not become a second text.
    once = Config(connect_timeout=2, read_timeout=8, retries={"max_attempts": 0})
    return SnsTexts(boto3.client("sns", config=once), settings().sms_sender_id)


@cache
def photos() -> S3Photos:
    signed = _QUICK.merge(Config(signature_version="s3v4"))
    return S3Photos(boto3.client("s3", config=signed), settings().bucket_proofs)


@cache
def payloads() -> S3Payloads:
    # A snapshot of 20,000 deliveries is a megabyte.
    patient = Config(
        connect_timeout=2, read_timeout=30, retries={"mode": "standard", "max_attempts": 4}
    )
    return S3Payloads(boto3.client("s3", config=patient), settings().bucket_payloads)


@cache
def street_files() -> StreetFiles:
    patient = _QUICK.merge(Config(read_timeout=30))
    return StreetFiles(boto3.client("s3", config=patient), settings().bucket_payloads)


@cache
def route_matrix() -> AmazonMatrix:
    # Five questions a second are the service's usual rate: adaptive retries keep to it.
    patient = Config(
        connect_timeout=2, read_timeout=20, retries={"mode": "adaptive", "max_attempts": 5}
    )
    return AmazonMatrix(boto3.client("geo-routes", config=patient))


@cache
def callbacks() -> HttpsCallbacks:
    return HttpsCallbacks(allow_loopback=settings().callbacks_allow_loopback)


@cache
def places() -> AmazonPlaces:
    # Shopify hangs up after five seconds, a doubtful address takes two questions, and whoever gets
    # no answer sends the order again: so one try each.
    brief = Config(
        connect_timeout=1, read_timeout=1.2, retries={"mode": "standard", "total_max_attempts": 1}
    )
    return AmazonPlaces(boto3.client("geo-places", config=brief))


@cache
def hasty_places() -> AmazonPlaces:
    """The geocoder for somebody who waits at a checkout: one try, and a second at most."""
    hasty = Config(connect_timeout=0.3, read_timeout=0.7, retries={"max_attempts": 0})
    return AmazonPlaces(boto3.client("geo-places", config=hasty))


@cache
def shop_gateways() -> Gateways:
    """A gateway for each platform that we call."""
    may_be_loopback = settings().shops_allow_loopback
    calls = GuardedHttp(may_be_loopback=may_be_loopback)
    return {
        Platform.SHOPIFY: ShopifyShops(may_be_loopback=may_be_loopback),
        Platform.WOOCOMMERCE: WooCommerceShops(calls),
        Platform.BIGCOMMERCE: BigCommerceShops(calls),
    }


@cache
def lockers() -> HttpLockers:
    return HttpLockers(GuardedHttp(may_be_loopback=settings().shops_allow_loopback))


def unit_of_work() -> UnitOfWork:
    return UnitOfWork(tables(), clock())


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A listener: what it does with an event, under a name that messages can carry."""

    name: str
    handle: Callable[[UnitOfWork, Event], object]


def _match_again(uow: UnitOfWork, event: Event) -> None:
    queues().send(Queue.REMATCH, {"hub_id": event.data["hub_id"]})


def _watch_offer(uow: UnitOfWork, event: Event) -> None:
    message = {
        "hub_id": event.data["hub_id"],
        "route_id": event.data["route_id"],
        "offer_id": event.subject,
    }
    # A second later than the expiry itself, so that the message does not come too early.
    queues().send(Queue.REMATCH, message, delay_s=event.data["ttl_s"] + clock().rate)


def _reorder(uow: UnitOfWork, event: Event) -> None:
    """A stop of a route under way has changed: perhaps another order serves the rest better."""
    if event.data.get("driver_id") is not None:
        message = {"hub_id": event.data["hub_id"], "route_id": event.data["route_id"]}
        queues().send(Queue.WAVES, message)


def _send_text(uow: UnitOfWork, event: Event) -> None:
    if messaging.is_wanted(uow, event):
        queues().send(Queue.MESSAGES, messaging.message_for(event))


def _tell_shop(uow: UnitOfWork, event: Event) -> None:
    news = shop_news.of_event(event)
    if news is not None:
        queues().send(Queue.SHOPS, news.to_message())


def _forget_recipient(uow: UnitOfWork, event: Event) -> None:
    """Redact after the driver can no longer take the last tap back."""
    ref = DeliveryRef(event.data["merchant_id"], event.subject)
    if redaction.is_wanted(uow, ref):
        message = {"task": "redact", "delivery": str(ref)}
        queues().send(Queue.SHOPS, message, delay_s=redaction.AFTER_END_S)


def _post_webhooks(uow: UnitOfWork, event: Event) -> None:
    if callbacks_sending.is_wanted(uow, event):
        queues().send(Queue.CALLBACKS, {"step": "record", "event": event.to_item()})


def _draw_sheet(uow: UnitOfWork, event: Event) -> None:
    hub_id = event.data["hub_id"]
    if sheet_store.order(uow, hub_id):
        # The pause is one of wall time, whatever business time does.
        delay_s = sheet_store.EVERY.total_seconds() * clock().rate
        queues().send(Queue.SHEETS, {"hub_id": hub_id}, delay_s=delay_s)


def _text_driver(uow: UnitOfWork, event: Event) -> None:
    queues().send(Queue.MESSAGES, crew_texts.message_for(event))


def _check_proof(uow: UnitOfWork, event: Event) -> None:
    proof_checks.assess(uow, DeliveryRef(event.data["merchant_id"], event.subject))


def _settle_locker(uow: UnitOfWork, event: Event) -> None:
    if settling.is_concerned(uow, event):
        ref = DeliveryRef(event.data["merchant_id"], event.subject)
        queues().send(Queue.SHOPS, {"task": "locker", "delivery": str(ref)})


_SHOP = Subscriber("shops", _tell_shop)
_LOCKER = Subscriber("lockers", _settle_locker)
_ELSEWHERE = Subscriber("route_goes_elsewhere", rerouting.follow_redirect)
_LATER = Subscriber("route_lets_it_go", rerouting.follow_reschedule)
_PROOF = Subscriber("proof_check", _check_proof)
_FORGET = Subscriber("redaction", _forget_recipient)
_MATCH = Subscriber("matching", _match_again)
_TEXT = Subscriber("texts", _send_text)
_LEARN = Subscriber("drop_points", drop_points.learn)
_SHEET = Subscriber("day_sheet", _draw_sheet)
_OFFERS_END = Subscriber("offers_end", following.end_other_offers)
_ARRIVALS = Subscriber("arrivals", outlooks.follow_route)
_REORDER = Subscriber("reordering", _reorder)

_INSIDE: Mapping[str, tuple[Subscriber, ...]] = {
    "delivery.created": (_TEXT,),
    "delivery.ready": (Subscriber("joining", joining.join_if_pressing), _SHEET, _LOCKER),
    "delivery.unplanned": (_SHEET,),
    "delivery.redirected": (_ELSEWHERE, _SHEET, _LOCKER),
    "delivery.rescheduled": (_LATER, _SHEET),
    "delivery.cancelled": (
        Subscriber("route_drops_it", following.drop_cancelled),
        _SHEET,
        _TEXT,
        _SHOP,
        _FORGET,
        _LOCKER,
    ),
    "delivery.returning": (
        Subscriber("route_brings_it_back", following.bring_back),
        _TEXT,
        _LOCKER,
    ),
    "delivery.address_review": (_TEXT,),
    "delivery.updated": (Subscriber("route_moves_its_stop", following.move_stop), _REORDER),
    "delivery.announced": (_TEXT,),
    "delivery.arrived_at_dropoff": (_TEXT,),
    "delivery.delayed": (_REORDER, _TEXT),
    "delivery.picked_up": (_TEXT, _SHOP),
    "delivery.en_route_to_dropoff": (_SHOP,),
    "delivery.delivered": (_TEXT, _LEARN, _SHOP, _FORGET, _PROOF),
    "delivery.attempt_failed": (_TEXT, _SHOP),
    "delivery.at_pickup_point": (_TEXT, _SHOP),
    "delivery.collection_due": (_TEXT,),
    "delivery.collected": (_SHOP, _FORGET, _LOCKER),
    "delivery.returned": (_SHOP, _FORGET, _LOCKER),
    "delivery.disposed": (_SHOP, _FORGET, _LOCKER),
    "delivery.lost": (_SHOP, _FORGET, _LOCKER),
    "delivery.damaged": (_SHOP, _FORGET, _LOCKER),
    "delivery.undone": (_LEARN, _SHOP, _PROOF),
    "locker.refused": (Subscriber("another_point", elsewhere.move_on),),
    "driver.on_duty": (_MATCH, _SHEET),
    "driver.off_duty": (_SHEET, Subscriber("positions", whereabouts.forget)),
    "driver.document_expiring": (Subscriber("driver_texts", _text_driver),),
    "shift.reminded": (Subscriber("driver_texts", _text_driver),),
    "offer.made": (Subscriber("offer_watch", _watch_offer),),
    "offer.declined": (_MATCH,),
    "offer.expired": (_MATCH,),
    "offer.withdrawn": (_MATCH,),
    "route.planned": (_MATCH, _SHEET),
    "route.assigned": (
        Subscriber("deliveries_are_assigned", following.tell_deliveries),
        _OFFERS_END,
        _SHEET,
        _ARRIVALS,
    ),
    "route.released": (_MATCH, _SHEET),
    "route.handed_over": (
        Subscriber("deliveries_are_handed_over", following.hand_deliveries_over),
        _MATCH,
        _SHEET,
    ),
    "route.started": (_SHEET, _ARRIVALS),
    "route.updated": (_SHEET, _ARRIVALS),
    "route.changed": (_SHEET, _ARRIVALS),
    "route.extended": (_SHEET, _ARRIVALS),
    "route.reordered": (_SHEET, _ARRIVALS),
    "route.cancelled": (_OFFERS_END, _SHEET),
    "route.parcels_returned": (Subscriber("recovery", recovery.receive_parcels),),
    "route.completed": (
        Subscriber("town_pace", town_pace.learn),
        _MATCH,
        _SHEET,
        Subscriber("pay", wages.settle_ended),
        _ARRIVALS,
    ),
}

_WEBHOOK = Subscriber("webhooks", _post_webhooks)

#: Who hears what. A room may listen only to rooms below it. Merchants hear last, and of most.
SUBSCRIBERS: Mapping[str, tuple[Subscriber, ...]] = {
    name: (*_INSIDE.get(name, ()), *((_WEBHOOK,) if name in catalogue.EVENTS else ()))
    for name in dict.fromkeys((*_INSIDE, *catalogue.EVENTS))
}
