"""What is real? The composition root: settings to clients, tables and gateways; who hears what.

Everything is built when first used and kept for the life of the worker, so a function pays only for
what it touches. ``os.environ`` is read here and nowhere else.
"""

import os
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from pydantic import BaseModel, ConfigDict, Field

from chalicelib.gateways.photos import S3Photos
from chalicelib.gateways.places import AmazonPlaces
from chalicelib.gateways.queues import Queue, SqsQueues
from chalicelib.gateways.sms import SnsTexts
from chalicelib.gateways.vault import SsmVault
from chalicelib.kit.clock import Clock
from chalicelib.kit.timewindow import read_instant
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Tables
from chalicelib.storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    queue_waves: str = Field(alias="QUEUE_WAVES")
    queue_rematch: str = Field(alias="QUEUE_REMATCH")
    queue_redeliveries: str = Field(alias="QUEUE_REDELIVERIES")
    queue_messages: str = Field(alias="QUEUE_MESSAGES")
    server_key_parameter: str = Field(alias="SERVER_KEY_PARAMETER")
    operator_key_parameter: str = Field(alias="OPERATOR_KEY_PARAMETER")
    public_base_url: str = Field(alias="PUBLIC_BASE_URL")
    sms_sender_id: str = Field(default="", alias="SMS_SENDER_ID")
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
        Queue.REMATCH: chosen.queue_rematch,
        Queue.REDELIVERIES: chosen.queue_redeliveries,
        Queue.MESSAGES: chosen.queue_messages,
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
    return S3Photos(boto3.client("s3", config=_QUICK), settings().bucket_proofs)


@cache
def places() -> AmazonPlaces:
    return AmazonPlaces(boto3.client("geo-places", config=_QUICK))


def unit_of_work() -> UnitOfWork:
    return UnitOfWork(tables(), clock())
