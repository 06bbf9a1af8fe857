"""Where a postal code is; the geocoder's own shapes are checked by the stub."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from chalicelib.gateways.places import AmazonPlaces
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng

HUB = LatLng(51.2, 9.4)
ASKED = {
    "QueryText": "34117",
    "Filter": {"IncludeCountries": ["DE"]},
    "BiasPosition": [9.4, 51.2],
    "MaxResults": 5,
    "IntendedUse": "SingleUse",
}


@pytest.fixture
def stub() -> Any:
    client = boto3.client("geo-places", region_name="eu-central-1")
    with Stubber(client) as stubber:
        yield stubber


def a_place(kind: str, position: list[float]) -> dict[str, Any]:
    return {"PlaceId": "p", "PlaceType": kind, "Title": "34117", "Position": position}


def centre(stub: Stubber) -> LatLng | None:
    found = AmazonPlaces(stub.client).centre(postal_code="34117", country="DE", near=HUB)
    stub.assert_no_pending_responses()
    return found


def answer(stub: Stubber, *places: dict[str, Any]) -> LatLng | None:
    stub.add_response("geocode", {"PricingBucket": "Core", "ResultItems": list(places)}, ASKED)
    return centre(stub)


def test_the_middle_of_a_postal_code_is_the_answer(stub: Stubber) -> None:
    """A street may be called like a number; longitudes come first."""
    street, code = a_place("Street", [9.0, 51.0]), a_place("PostalCode", [9.48, 51.31])
    assert answer(stub, street, code) == LatLng(51.31, 9.48)


def test_what_is_no_postal_code_is_no_answer(stub: Stubber) -> None:
    assert answer(stub) is None
    assert answer(stub, a_place("Locality", [9.48, 51.31])) is None
    assert answer(stub, a_place("PostalCode", [9.48, 151.0])) is None


def test_a_question_that_nobody_can_answer_is_no_fault(stub: Stubber) -> None:
    stub.add_client_error("geocode", "ValidationException")
    assert centre(stub) is None


def test_a_geocoder_that_does_not_answer_is_told(stub: Stubber) -> None:
    stub.add_client_error("geocode", "ThrottlingException")
    with pytest.raises(PlacesUnavailable):
        centre(stub)


def test_a_geocoder_that_hangs_is_told() -> None:
    class Hanging:
        def geocode(self, **_: Any) -> None:
            raise ConnectTimeoutError(endpoint_url="https://geo-places.invalid")

    with pytest.raises(PlacesUnavailable):
        AmazonPlaces(Hanging()).centre(postal_code="1", country="DE", near=HUB)
