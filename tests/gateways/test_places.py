"""Which of the geocoder's answers is a door; its API's own shapes are checked by the stub."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from chalicelib.gateways.places import AmazonPlaces, Confidence, Located
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng

HUB = LatLng(51.2, 9.4)
ASKED = {
    "QueryText": "Lindenweg 7, 34117 Kassel",
    "Filter": {"IncludeCountries": ["DE"]},
    "BiasPosition": [9.4, 51.2],
    "MaxResults": 1,
    "IntendedUse": "Storage",
}


def a_place(**changes: Any) -> dict[str, Any]:
    return {
        "PlaceId": "p",
        "PlaceType": "PointAddress",
        "Title": "Lindenweg 7",
        "Position": [9.42, 51.22],
        "MatchScores": {"Overall": 0.97},
        **changes,
    }


def locate(places: AmazonPlaces) -> Located | None:
    return places.locate(
        line1="Lindenweg 7", city="Kassel", postal_code="34117", country="DE", near=HUB
    )


@pytest.fixture
def stub() -> Any:
    client = boto3.client("geo-places", region_name="eu-central-1")
    with Stubber(client) as stubber:
        yield stubber


def answer(stub: Stubber, *places: dict[str, Any]) -> Located | None:
    stub.add_response("geocode", {"PricingBucket": "Core", "ResultItems": list(places)}, ASKED)
    return locate(AmazonPlaces(stub.client))


def test_a_door_with_a_good_match_is_exact(stub: Stubber) -> None:
    assert answer(stub, a_place()) == Located(LatLng(51.22, 9.42), Confidence.EXACT)


@pytest.mark.parametrize(
    "changes",
    [
        {"MatchScores": {"Overall": 0.75}},
        {"PlaceType": "InterpolatedAddress"},
        {"PlaceType": "SecondaryAddress", "MatchScores": {"Overall": 0.8}},
    ],
)
def test_a_door_with_some_doubt_is_likely(stub: Stubber, changes: dict[str, Any]) -> None:
    located = answer(stub, a_place(**changes))
    assert located is not None
    assert located.confidence is Confidence.LIKELY


@pytest.mark.parametrize(
    "changes",
    [
        {"PlaceType": "Street"},
        {"PlaceType": "PostalCode"},
        {"MatchScores": {"Overall": 0.69}},
        {"AddressNumberCorrected": True},
        {"Position": [9.42, 151.22]},
        {"MatchScores": {}},
    ],
)
def test_what_is_no_door_is_no_answer(stub: Stubber, changes: dict[str, Any]) -> None:
    assert answer(stub, a_place(**changes)) is None


def test_no_results_are_no_answer(stub: Stubber) -> None:
    assert answer(stub) is None


def test_a_question_that_makes_no_sense_is_no_answer(stub: Stubber) -> None:
    """Asking again would not help, so the order is refused rather than sent for ever."""
    stub.add_client_error("geocode", "ValidationException")
    assert locate(AmazonPlaces(stub.client)) is None


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException"])
def test_a_service_that_fails_is_tried_again_by_the_caller(stub: Stubber, code: str) -> None:
    stub.add_client_error("geocode", code)
    with pytest.raises(PlacesUnavailable):
        locate(AmazonPlaces(stub.client))


def test_a_service_that_does_not_answer_is_tried_again_by_the_caller() -> None:
    class Silent:
        def geocode(self, **_: Any) -> None:
            raise ConnectTimeoutError(endpoint_url="https://places.invalid")

    with pytest.raises(PlacesUnavailable):
        locate(AmazonPlaces(Silent()))
