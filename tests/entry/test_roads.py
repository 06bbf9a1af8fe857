"""Whose travel times plans go by: what the stack was set up with, and the model behind it."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.domain.routing import travel
from chalicelib.entry import roads
from chalicelib.gateways.roads import AmazonMatrix, StreetFiles
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.geo import LatLng
from chalicelib.storage.table import Tables
from local.streets.__main__ import demo_town, key_of
from local.streets.contract import contract, pack
from tests.builders import NOON
from tests.gateways.geo_routes_server import BROKEN, GeoRoutes, a_geo_routes

BUCKET = "roads-test"
TOWN = demo_town()
POINTS = [LatLng(*TOWN.points[number]) for number in (0, 5, 130, 300, 520)]


@pytest.fixture
def stack(
    tables: Tables, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Any]:
    """Chooses whose roads count, over fresh tables and a bucket."""
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket=BUCKET)
    plain = {name: "x" for name in _needed()}
    monkeypatch.setattr(wiring, "tables", lambda: tables)
    monkeypatch.setattr(wiring, "clock", lambda: FrozenClock(NOON))
    monkeypatch.setattr(wiring, "street_files", lambda: StreetFiles(client, BUCKET))

    def choose(which: str, pairs: int = 1000) -> None:
        chosen = {**plain, "ROADS": which, "ROADS_PAIRS_PER_DAY": str(pairs)}
        settings = wiring.Settings.model_validate(chosen)
        monkeypatch.setattr(wiring, "settings", lambda: settings)

    choose.client = client  # type: ignore[attr-defined]
    yield choose
    roads._read_streets.cache_clear()
    for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", ()):
        client.delete_object(Bucket=BUCKET, Key=one["Key"])
    client.delete_bucket(Bucket=BUCKET)


def _needed() -> list[str]:
    fields = wiring.Settings.model_fields.values()
    return [str(one.alias) for one in fields if one.is_required()]


@pytest.fixture
def amazon(monkeypatch: pytest.MonkeyPatch) -> Iterator[GeoRoutes]:
    with a_geo_routes() as service:
        matrix = AmazonMatrix(service.client())
        monkeypatch.setattr(wiring, "route_matrix", lambda: matrix)
        yield service


def put_streets(stack: Any, hub_id: str = "hub_1", packed: bytes | None = None) -> None:
    body = pack(contract(TOWN)) if packed is None else packed
    stack.client.put_object(Bucket=BUCKET, Key=key_of(hub_id), Body=body)


def test_without_a_choice_the_model_answers(stack: Any) -> None:
    stack("detours")
    put_streets(stack)
    assert roads.roads_of("hub_1")(POINTS, NOON, "van") == travel.matrix(POINTS, NOON, "van")


def test_a_hub_with_streets_goes_by_them_and_one_without_by_the_model(stack: Any) -> None:
    stack("streets")
    put_streets(stack)
    model = travel.matrix(POINTS, NOON, "van")
    found = roads.roads_of("hub_1")(POINTS, NOON, "van")
    assert found != model
    assert all(found.distance_m[i][j] > 0 for i in range(5) for j in range(5) if i != j)
    assert roads.roads_of("hub_2")(POINTS, NOON, "van") == model


def test_a_file_that_cannot_be_read_stops_no_plan(stack: Any) -> None:
    stack("streets")
    put_streets(stack, packed=b"not streets")
    assert roads.roads_of("hub_1")(POINTS, NOON, "van") == travel.matrix(POINTS, NOON, "van")
    put_streets(stack)
    assert roads.roads_of("hub_1")(POINTS, NOON, "van") != travel.matrix(POINTS, NOON, "van")


def test_amazon_is_asked_for_long_legs_once(stack: Any, amazon: GeoRoutes) -> None:
    stack("amazon")
    first = roads.roads_of("hub_1")(POINTS, NOON, "car")
    assert first != travel.matrix(POINTS, NOON, "car")
    asked = amazon.pairs
    assert 0 < asked <= 20
    assert roads.roads_of("hub_1")(POINTS, NOON, "car") == first
    assert amazon.pairs == asked


def test_above_the_days_budget_the_model_answers_and_a_metric_says_so(
    stack: Any, amazon: GeoRoutes, capsys: pytest.CaptureFixture[str]
) -> None:
    stack("amazon", pairs=0)
    assert roads.roads_of("hub_1")(POINTS, NOON, "car") == travel.matrix(POINTS, NOON, "car")
    assert amazon.calls == 0
    assert '"RoadPairsLeftToTheModel"' in capsys.readouterr().out


def test_a_provider_that_is_down_stops_no_plan(stack: Any, amazon: GeoRoutes) -> None:
    stack("amazon")
    amazon.moods = [BROKEN] * 100
    assert roads.roads_of("hub_1")(POINTS, NOON, "car") == travel.matrix(POINTS, NOON, "car")
