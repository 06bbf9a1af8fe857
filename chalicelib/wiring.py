"""What is real? The composition root: settings to clients, tables and gateways.

Everything is built when first used and kept for the life of the worker, so a function pays only for
what it touches. ``os.environ`` is read here and nowhere else.
"""

import os
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal

import boto3
from botocore.config import Config
from pydantic import BaseModel, ConfigDict, Field

from chalicelib.domain.accounts.model import Audience
from chalicelib.domain.merchants.model import Platform
from chalicelib.domain.shops.platforms import Gateways
from chalicelib.gateways.bigcommerce import BigCommerceShops
from chalicelib.gateways.callbacks import HttpsCallbacks
from chalicelib.gateways.dead_letters import DeadQueue, SqsDeadLetters
from chalicelib.gateways.email import SesEmails
from chalicelib.gateways.guarded_http import GuardedHttp
from chalicelib.gateways.identity import CognitoDirectory, Pool
from chalicelib.gateways.lockers import HttpLockers
from chalicelib.gateways.meter import Meter
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
from chalicelib.kit.identity import Directory
from chalicelib.kit.timewindow import read_instant
from chalicelib.storage.keys import TableName
from chalicelib.storage.read_once import ReadOnce
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
    queue_books: str = Field(alias="QUEUE_BOOKS")
    queue_papers: str = Field(alias="QUEUE_PAPERS")
    queue_simulations: str = Field(alias="QUEUE_SIMULATIONS")
    queue_figures: str = Field(alias="QUEUE_FIGURES")
    dead_waves: str = Field(default="", alias="DEAD_WAVES")
    dead_rematch: str = Field(default="", alias="DEAD_REMATCH")
    dead_redeliveries: str = Field(default="", alias="DEAD_REDELIVERIES")
    dead_messages: str = Field(default="", alias="DEAD_MESSAGES")
    dead_relay: str = Field(default="", alias="DEAD_RELAY")
    dead_proofs: str = Field(default="", alias="DEAD_PROOFS")
    server_key_parameter: str = Field(alias="SERVER_KEY_PARAMETER")
    operator_key_parameter: str = Field(alias="OPERATOR_KEY_PARAMETER")
    public_base_url: str = Field(alias="PUBLIC_BASE_URL")
    short_base_url: str = Field(default="", alias="SHORT_BASE_URL")
    # boto3 finds it by itself; here it tells that the places are a stand-in's.
    places_endpoint_url: str = Field(default="", alias="AWS_ENDPOINT_URL_GEO_PLACES")
    shops_allow_loopback: bool = Field(default=False, alias="SHOPS_ALLOW_LOOPBACK")
    desk_pool: str = Field(default="", alias="DESK_POOL")
    desk_pool_client: str = Field(default="", alias="DESK_POOL_CLIENT")
    team_pool: str = Field(default="", alias="TEAM_POOL")
    team_pool_client: str = Field(default="", alias="TEAM_POOL_CLIENT")
    email_sender: str = Field(default="", alias="EMAIL_SENDER")
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
def meter() -> Meter:
    """What this worker uses of the cloud."""
    return Meter()


def _client(service: str, config: Config) -> Any:
    # Every service has a client type of its own, which the gateways' parameters name.
    return meter().watch(boto3.client(service, config=config))  # type: ignore[call-overload]


def worker() -> str | None:
    """The name of this instance of a function; None where none runs."""
    function = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    if not function:
        return None
    stream = os.environ.get("AWS_LAMBDA_LOG_STREAM_NAME", "")[-32:]
    return f"{function}#{stream}.{os.getpid()}"


def memory_mb() -> int:
    return int(os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "0"))


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
    return Tables(_client("dynamodb", config=_QUICK), names)


@cache
def queue_urls() -> Mapping[Queue, str]:
    chosen = settings()
    return {
        Queue.WAVES: chosen.queue_waves,
        Queue.MERGES: chosen.queue_merges,
        Queue.REMATCH: chosen.queue_rematch,
        Queue.REDELIVERIES: chosen.queue_redeliveries,
        Queue.MESSAGES: chosen.queue_messages,
        Queue.SHOPS: chosen.queue_shops,
        Queue.CALLBACKS: chosen.queue_callbacks,
        Queue.SHEETS: chosen.queue_sheets,
        Queue.BOOKS: chosen.queue_books,
        Queue.PAPERS: chosen.queue_papers,
        Queue.SIMULATIONS: chosen.queue_simulations,
        Queue.FIGURES: chosen.queue_figures,
    }


@cache
def queues() -> SqsQueues:
    return SqsQueues(_client("sqs", config=_QUICK), queue_urls(), clock())


@cache
def dead_letters() -> SqsDeadLetters:
    chosen = settings()
    urls = {
        DeadQueue.WAVES: chosen.dead_waves,
        DeadQueue.REMATCH: chosen.dead_rematch,
        DeadQueue.REDELIVERIES: chosen.dead_redeliveries,
        DeadQueue.MESSAGES: chosen.dead_messages,
        DeadQueue.RELAY: chosen.dead_relay,
        DeadQueue.PROOFS: chosen.dead_proofs,
    }
    return SqsDeadLetters(_client("sqs", config=_QUICK), urls, queue_urls())


@cache
def vault() -> SsmVault:
    chosen = settings()
    return SsmVault(
        _client("ssm", config=_QUICK),
        chosen.server_key_parameter,
        chosen.operator_key_parameter,
    )


@cache
def sms() -> SnsTexts:
    # No SDK retry: a lost reply must not become a second text.
    once = Config(connect_timeout=2, read_timeout=8, retries={"max_attempts": 0})
    return SnsTexts(_client("sns", config=once), settings().sms_sender_id)


@cache
def emails() -> SesEmails | None:
    """None where the operator has named no sender: nothing goes by e-mail then."""
    once = Config(connect_timeout=2, read_timeout=8, retries={"max_attempts": 0})
    sender = settings().email_sender
    return SesEmails(_client("sesv2", config=once), sender) if sender else None


@cache
def photos() -> S3Photos:
    signed = _QUICK.merge(Config(signature_version="s3v4"))
    return S3Photos(_client("s3", config=signed), settings().bucket_proofs)


@cache
def payloads() -> S3Payloads:
    # A snapshot of 20,000 deliveries is a megabyte.
    patient = Config(
        connect_timeout=2, read_timeout=30, retries={"mode": "standard", "max_attempts": 4}
    )
    return S3Payloads(_client("s3", config=patient), settings().bucket_payloads)


@cache
def street_files() -> StreetFiles:
    patient = _QUICK.merge(Config(read_timeout=30))
    return StreetFiles(_client("s3", config=patient), settings().bucket_payloads)


@cache
def hasty_street_files() -> StreetFiles:
    """The same for a page that somebody waits for: one try, and two seconds at most."""
    hasty = Config(connect_timeout=1, read_timeout=2, retries={"total_max_attempts": 1})
    return StreetFiles(_client("s3", config=hasty), settings().bucket_payloads)


@cache
def route_matrix() -> AmazonMatrix:
    # Five questions a second are the service's usual rate: adaptive retries keep to it.
    patient = Config(
        connect_timeout=2, read_timeout=20, retries={"mode": "adaptive", "max_attempts": 5}
    )
    return AmazonMatrix(_client("geo-routes", config=patient))


@cache
def callbacks() -> HttpsCallbacks:
    return HttpsCallbacks(allow_loopback=settings().callbacks_allow_loopback)


@cache
def places() -> AmazonPlaces:
    # Shopify hangs up after five seconds, a doubtful address takes two questions, and whoever gets
    # no answer sends the order again: so one try each.
    return _places(connect_s=1, read_s=1.2)


@cache
def hasty_places() -> AmazonPlaces:
    """The geocoder for somebody who waits at a checkout: one try, and a second at most."""
    return _places(connect_s=0.3, read_s=0.7)


def _places(*, connect_s: float, read_s: float) -> AmazonPlaces:
    """One try. A stand-in shares a machine with all that asks it: that it is late tells nothing,
    and no checkout of anybody's waits for it."""
    if settings().places_endpoint_url:
        connect_s = read_s = 8
    once = Config(connect_timeout=connect_s, read_timeout=read_s, retries={"total_max_attempts": 1})
    return AmazonPlaces(_client("geo-places", config=once))


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


@cache
def directory() -> Directory | None:
    """Who keeps the passwords of those who sign in; None: we do."""
    chosen = settings()
    if not chosen.desk_pool:
        return None
    client = _client("cognito-idp", config=_QUICK)
    pools = {
        Audience.DESK.value: Pool(chosen.desk_pool, chosen.desk_pool_client),
        Audience.TEAM.value: Pool(chosen.team_pool, chosen.team_pool_client),
    }
    return CognitoDirectory(client, pools, client.meta.region_name)


def unit_of_work() -> UnitOfWork:
    return UnitOfWork(tables(), clock())


def look() -> UnitOfWork:
    """A unit that only reads, each item once."""
    return UnitOfWork(ReadOnce(tables()), clock())
