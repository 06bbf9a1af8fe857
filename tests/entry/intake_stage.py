"""A stage of our own in this process: tables and parameters on moto, a fake geocoder, one client.

Requests go through Chalice's own router as API Gateway would send them.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.merchants import service as merchants
from chalicelib.domain.merchants.model import Platform
from chalicelib.gateways.dead_letters import DeadQueue
from chalicelib.gateways.queues import Queue
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Found, PlaceKind
from tests.builders import DOOR_AT, HUB_AT, NOON, SERVER_KEY, STORE_AT
from tests.conftest import create_tables
from tests.entry import promises

CACHES = ("settings", "tables", "vault", "photos", "queue_urls", "dead_letters")


@dataclass
class FakePlaces:
    """The geocoder: every address is at one door, unless ``answers`` says otherwise."""

    position: LatLng | None = DOOR_AT
    asked: list[str] = field(default_factory=list)

    answers: dict[str, tuple[Found, ...]] = field(default_factory=dict)

    def search(self, *, line1: str, **_: Any) -> tuple[Found, ...]:
        self.asked.append(line1)
        if line1 in self.answers:
            return self.answers[line1]
        if self.position is None or not line1:
            return ()
        return (Found(PlaceKind.POINT, self.position, 0.98),)

    def centre(self, *, postal_code: str, country: str, near: LatLng) -> LatLng | None:
        return self.position


@dataclass
class FakeQueues:
    """The queues: keep what was sent, by the queue's name."""

    sent: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def send(self, queue: str, message: Mapping[str, Any], *, delay_s: float = 0) -> None:
        self.sent.append((queue, message))


@dataclass(frozen=True)
class Answered:
    status: int
    body: Any
    raw: bytes
    headers: Mapping[str, str]


@dataclass
class Stage:
    client: Client
    places: FakePlaces
    clock: FrozenClock
    merchant_id: str
    api_key: str
    secrets: dict[str, str]
    other_api_key: str

    def call(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        reply = getattr(self.client.http, method.lower())(
            path, headers={"Content-Type": "application/json", **(headers or {})}, body=body
        )
        # A page is kept as it came.
        is_page = reply.headers.get("Content-Type", "").startswith(("text/html", "text/csv"))
        parsed = json.loads(reply.body) if reply.body and not is_page else None
        return Answered(reply.status_code, parsed, reply.body, reply.headers)

    def webhook(
        self,
        platform: str,
        body: bytes,
        headers: Mapping[str, str],
        merchant_id: str | None = None,
    ) -> Answered:
        path = f"/webhooks/{platform}/{merchant_id or self.merchant_id}"
        return self.call("POST", path, body, headers)

    def as_merchant(
        self, method: str, path: str, body: Any = None, key: str | None = None, **headers: str
    ) -> Answered:
        raw = b"" if body is None else json.dumps(body).encode()
        credential = {"Authorization": f"Bearer {key or self.api_key}"}
        return self.call(method, path, raw, {**credential, **headers})


@contextmanager
def a_stage(monkeypatch: pytest.MonkeyPatch, prefix: str) -> Iterator[Stage]:
    """Make the tables, a hub, two merchants and a client of the whole app."""
    client = boto3.client("dynamodb")
    names = create_tables(client, prefix)
    _set_environment(monkeypatch, names, prefix)
    places = FakePlaces()
    for name in CACHES:
        getattr(wiring, name).cache_clear()
    clock = FrozenClock(NOON)
    monkeypatch.setattr(wiring, "places", lambda: places)
    monkeypatch.setattr(wiring, "hasty_places", lambda: places)
    monkeypatch.setattr(wiring, "clock", lambda: clock)
    queues = FakeQueues()
    monkeypatch.setattr(wiring, "queues", lambda: queues)
    opened, other = _open_merchants()
    with promises.kept(), Client(app) as http:
        yield Stage(
            http,
            places,
            clock,
            opened.merchant.id,
            opened.api_key,
            opened.webhook_secrets,
            other.api_key,
        )
    for name in names.values():
        client.delete_table(TableName=name)
    monkeypatch.undo()
    for name in CACHES:
        getattr(wiring, name).cache_clear()


def _set_environment(
    monkeypatch: pytest.MonkeyPatch, names: Mapping[Any, str], prefix: str
) -> None:
    parameters = boto3.client("ssm")
    for kind, value in (
        ("server-key", base64.b64encode(SERVER_KEY).decode()),
        ("operator-key", "operator"),
    ):
        name = f"/{prefix}/{kind}"
        parameters.put_parameter(Name=name, Value=value, Type="SecureString", Overwrite=True)
        monkeypatch.setenv(f"{kind.replace('-', '_').upper()}_PARAMETER", name)
    for table, table_name in names.items():
        monkeypatch.setenv(f"TABLE_{table.name}", table_name)
    sqs = boto3.client("sqs")
    for kind, queues in (("QUEUE", Queue), ("DEAD", DeadQueue)):
        for queue in queues:
            made = sqs.create_queue(QueueName=f"{prefix}-{kind.lower()}-{queue}")
            monkeypatch.setenv(f"{kind}_{queue.name}", made["QueueUrl"])
    monkeypatch.setenv("STAGE", "test")
    monkeypatch.setenv("BUCKET_PROOFS", f"{prefix}-proofs")
    monkeypatch.setenv("BUCKET_PAYLOADS", f"{prefix}-payloads")
    monkeypatch.setenv("PUBLIC_BASE_URL", "https://track.example")


def _open_merchants() -> tuple[merchants.Opened, merchants.Opened]:
    uow = wiring.unit_of_work()
    hub = merchants.open_hub(
        uow,
        merchants.NewHub(
            "Hub North", "Dock Street 1", HUB_AT, 15_000, "Europe/Berlin", "DE", 45, 14_400
        ),
    )
    opened = [
        merchants.open_merchant(
            uow,
            merchants.NewMerchant(
                name=name,
                hub_id=hub.id,
                platforms=(
                    Platform.SHOPIFY,
                    Platform.WOOCOMMERCE,
                    Platform.BIGCOMMERCE,
                    Platform.GENERIC,
                ),
                stores=(merchants.NewStore("main", name, "Markt 1", STORE_AT),),
                default_weight_g=500,
                promise_s=8 * 3600,
            ),
            SERVER_KEY,
        )
        for name in ("Blumen Roth", "Vasen Blau")
    ]
    uow.commit()
    return opened[0], opened[1]
