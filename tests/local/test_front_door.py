"""The front door passes on exactly what it was given, and answers for the geocoder."""

import hashlib
import json
import threading
import time
import urllib.error
import urllib.request

import boto3
import pytest

from local import neighbourhood
from local.front_door import FrontDoor
from local.geocode import Address, Gazetteer
from local.stack import RunningStack
from tests.local.small_stack import PATIENCE_S, call


@pytest.mark.ministack
def test_raw_bytes_headers_and_query_reach_the_function(small_stack: RunningStack) -> None:
    body = '{"name":  "Zoë Müller",\r\n "id": 9007199254740993, "e": 1.50}\n'.encode()
    answer = call(
        small_stack,
        "POST",
        "/webhooks/shopify/mer_1?b=2&a=1&a=%C3%A4",
        body,
        {"X-Shopify-Hmac-Sha256": "q+/=", "Authorization": "Bearer lm_live_x"},
    )
    seen = json.loads(answer.body)
    assert seen["sha256"] == hashlib.sha256(body).hexdigest()
    assert seen["path"] == "/webhooks/shopify/mer_1"
    assert seen["query"] == {"a": ["1", "ä"], "b": ["2"]}
    assert seen["headers"]["x-shopify-hmac-sha256"] == "q+/="
    assert seen["headers"]["authorization"] == "Bearer lm_live_x"
    assert seen["headers"]["x-forwarded-host"] in small_stack.base_url
    assert (answer.status, answer.headers["X-Own"]) == (201, "yes")
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.ministack
def test_functions_see_the_layer_and_settings_but_not_our_environment(
    small_stack: RunningStack,
) -> None:
    seen = json.loads(call(small_stack, "POST", "/x", b"{}").body)
    assert seen["layer"] == "from the layer"
    assert seen["base_url"] == small_stack.base_url
    assert seen["foreign"] == []


@pytest.mark.ministack
def test_a_text_sent_by_the_chain_of_functions_is_listed(small_stack: RunningStack) -> None:
    call(small_stack, "POST", "/put", b"parcel 7")
    deadline = time.monotonic() + PATIENCE_S
    texts: list[dict[str, str]] = []
    while not texts:
        assert time.monotonic() < deadline, small_stack.cloud.log_tail()
        time.sleep(0.1)
        listed = json.loads(call(small_stack, "GET", "/_local/sms").body)
        texts = [text for text in listed if text["body"] == "parcel 7"]
    assert [set(text) for text in texts] == [{"to", "body", "at"}]
    assert texts[0]["to"] == "+4915112345678"


@pytest.mark.ministack
def test_a_burst_is_answered_completely(small_stack: RunningStack) -> None:
    statuses: list[int] = []

    def one() -> None:
        statuses.append(call(small_stack, "POST", "/x", b"{}").status)

    threads = [threading.Thread(target=one) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 64


@pytest.fixture
def door():
    places = [
        Address("Hauptstraße", "5", "10827", "Berlin", "DE", 52.4842, 13.3533),
        Address("Hauptstraße", "7a", "10827", "Berlin", "DE", 52.4844, 13.3531),
        Address("Hauptstraße", "5", "69117", "Heidelberg", "DE", 49.4118, 8.7075),
    ]
    front_door = FrontDoor(Gazetteer(places))
    front_door.start()
    yield front_door
    front_door.stop()


@pytest.mark.parametrize(
    ("query", "kind", "position"),
    [
        ("Hauptstraße 5, 10827 Berlin", "PointAddress", [13.3533, 52.4842]),
        ("10827 berlin, hauptstr. 7 A", "PointAddress", [13.3531, 52.4844]),
        ("HAUPT STRASSE 5 Heidelberg", "PointAddress", [8.7075, 49.4118]),
        ("Hauptstraße 6, 10827 Berlin", "InterpolatedAddress", [13.3532, 52.4843]),
        ("Hauptstraße, 10827 Berlin", "Street", [13.3531, 52.4844]),
        ("Nowhere Lane 3, 10827 Berlin", "PostalCode", [13.3532, 52.4843]),
    ],
)
def test_the_real_client_gets_an_address_located(
    door: FrontDoor, query: str, kind: str, position: list[float]
) -> None:
    client = boto3.client("geo-places", endpoint_url=door.base_url, region_name="eu-central-1")
    found = client.geocode(QueryText=query, Filter={"IncludeCountries": ["DEU"]}, MaxResults=3)
    best = found["ResultItems"][0]
    assert (best["PlaceType"], best["Position"]) == (kind, position)
    assert best["MatchScores"]["Overall"] >= 0.5
    assert best["Address"]["Country"]["Code3"] == "DEU"


def test_components_are_understood_and_the_unknown_is_not_invented(door: FrontDoor) -> None:
    client = boto3.client("geo-places", endpoint_url=door.base_url, region_name="eu-central-1")
    parts = {"Street": "Hauptstr.", "AddressNumber": "5", "PostalCode": "10827"}
    found = client.geocode(QueryComponents=parts)["ResultItems"]
    assert found[0]["Title"] == "Hauptstraße 5, 10827 Berlin"
    assert client.geocode(QueryText="Nowhere Lane 3, Atlantis")["ResultItems"] == []


def test_a_number_beyond_the_streets_end_is_corrected_and_says_so(door: FrontDoor) -> None:
    client = boto3.client("geo-places", endpoint_url=door.base_url, region_name="eu-central-1")
    best = client.geocode(QueryText="Hauptstraße 99, 10827 Berlin")["ResultItems"][0]
    assert best["AddressNumberCorrected"] is True
    assert best["Title"] == "Hauptstraße 7a, 10827 Berlin"
    assert best["MatchScores"]["Overall"] < 0.9


def test_a_postal_code_comes_with_the_box_around_its_houses(door: FrontDoor) -> None:
    client = boto3.client("geo-places", endpoint_url=door.base_url, region_name="eu-central-1")
    best = client.geocode(QueryText="10827 Berlin")["ResultItems"][0]
    assert best["PlaceType"] == "PostalCode"
    assert best["MapView"] == [13.3531, 52.4842, 13.3533, 52.4844]


def test_of_equal_streets_the_nearest_comes_first(door: FrontDoor) -> None:
    client = boto3.client("geo-places", endpoint_url=door.base_url, region_name="eu-central-1")
    for near, city in (([8.7, 49.4], "Heidelberg"), ([13.4, 52.5], "Berlin")):
        best = client.geocode(QueryText="Hauptstraße 5", BiasPosition=near)["ResultItems"][0]
        assert best["Address"]["Locality"] == city


def test_before_the_deployment_the_door_says_so(door: FrontDoor) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"{door.base_url}/healthz")
    with refused.value as answer:
        assert answer.code == 503
        assert answer.headers["Content-Type"] == "application/problem+json"


def test_the_neighbourhood_of_the_demo_merchant_can_be_found() -> None:
    places = Gazetteer(Address(**row) for row in neighbourhood.addresses())
    found = places.geocode({"QueryText": "Kastanienallee 12, 10435 Berlin, DE"})["ResultItems"]
    assert found[0]["PlaceType"] == "PointAddress"
    assert found[0]["MatchScores"]["Overall"] == 1.0
