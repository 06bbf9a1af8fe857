"""How the geocoder's answers are read; its API's own shapes are checked by the stub."""

from typing import Any

import boto3
import pytest
from botocore.exceptions import ConnectTimeoutError
from botocore.stub import Stubber

from chalicelib.gateways.places import AmazonPlaces
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found, PlaceKind

HUB = LatLng(51.2, 9.4)
ASKED = {
    "QueryText": "Lindenweg 7, 34117 Kassel",
    "Filter": {"IncludeCountries": ["DE"]},
    "BiasPosition": [9.4, 51.2],
    "MaxResults": 5,
    "AdditionalFeatures": ["Access"],
    "IntendedUse": "Storage",
}


def a_place(**changes: Any) -> dict[str, Any]:
    return {
        "PlaceId": "p",
        "PlaceType": "PointAddress",
        "Title": "Lindenweg 7",
        "Address": {
            "Country": {"Code2": "DE", "Code3": "DEU"},
            "Locality": "Kassel",
            "PostalCode": "34117",
            "Street": "Lindenweg",
            "AddressNumber": "7",
        },
        "Position": [9.42, 51.22],
        "MatchScores": {"Overall": 0.97, "Components": {"Address": {"AddressNumber": 0.8}}},
        **changes,
    }


def search(places: AmazonPlaces, line1: str = "Lindenweg 7") -> tuple[Found, ...]:
    return places.search(line1=line1, city="Kassel", postal_code="34117", country="DE", near=HUB)


@pytest.fixture
def stub() -> Any:
    client = boto3.client("geo-places", region_name="eu-central-1")
    with Stubber(client) as stubber:
        yield stubber


def answers(stub: Stubber, *places: dict[str, Any]) -> tuple[Found, ...]:
    stub.add_response("geocode", {"PricingBucket": "Core", "ResultItems": list(places)}, ASKED)
    return search(AmazonPlaces(stub.client))


def test_an_answer_is_told_in_our_words(stub: Stubber) -> None:
    (found,) = answers(stub, a_place(MapView=[9.41, 51.21, 9.43, 51.23]))
    assert found == Found(
        kind=PlaceKind.POINT,
        position=LatLng(51.22, 9.42),
        score=0.97,
        line1="Lindenweg 7",
        postal_code="34117",
        city="Kassel",
        number_score=0.8,
        extent=Extent(51.21, 9.41, 51.23, 9.43),
    )
    assert found.label == "Lindenweg 7, 34117 Kassel"


@pytest.mark.parametrize(
    ("place_type", "kind"),
    [
        ("SecondaryAddress", PlaceKind.UNIT),
        ("InterpolatedAddress", PlaceKind.INTERPOLATED),
        ("Street", PlaceKind.STREET),
        ("PostalCode", PlaceKind.POSTAL_CODE),
        ("Locality", PlaceKind.AREA),
    ],
)
def test_every_kind_of_place_has_its_word(stub: Stubber, place_type: str, kind: PlaceKind) -> None:
    (found,) = answers(stub, a_place(PlaceType=place_type))
    assert found.kind is kind


def test_a_corrected_number_and_an_estimated_point_are_told(stub: Stubber) -> None:
    (found,) = answers(stub, a_place(AddressNumberCorrected=True, EstimatedPointAddress=True))
    assert found.is_number_corrected
    assert found.is_estimate


def test_a_delivery_entrance_goes_before_any_other_way_in(stub: Stubber) -> None:
    points = [
        {"Position": [9.1, 51.1], "Type": "Parking", "Primary": True},
        {"Position": [9.2, 51.2], "Type": "Entrance", "Primary": True},
        {"Position": [9.3, 51.3], "Type": "Delivery"},
        {"Position": [9.4, 51.4], "Type": "Delivery", "Primary": True},
    ]
    (found,) = answers(stub, a_place(AccessPoints=points))
    assert found.access == LatLng(51.4, 9.4)


def test_a_house_has_a_way_in_without_a_kind(stub: Stubber) -> None:
    (found,) = answers(stub, a_place(AccessPoints=[{"Position": [9.2, 51.2]}]))
    assert found.access == LatLng(51.2, 9.2)


def test_numbers_stand_before_streets_where_people_write_them_so(stub: Stubber) -> None:
    address = {"Country": {"Code2": "US"}, "Street": "Main St", "AddressNumber": "12"}
    (found,) = answers(stub, a_place(Address=address))
    assert found.line1 == "12 Main St"


def test_what_nobody_can_use_is_left_out(stub: Stubber) -> None:
    odd = (
        a_place(Position=[9.42, 151.22]),
        a_place(PlaceType="Country"),
        a_place(Position=[9.42, 51.22], MatchScores={}, MapView=[9.5, 51.2, 9.4, 51.3]),
    )
    (found,) = answers(stub, *odd)
    assert (found.score, found.extent) == (0, None)


def test_no_results_are_no_answer(stub: Stubber) -> None:
    assert answers(stub) == ()


def test_without_a_street_the_area_is_asked_for(stub: Stubber) -> None:
    asked = ASKED | {"QueryText": "34117 Kassel"}
    stub.add_response("geocode", {"PricingBucket": "Core", "ResultItems": []}, asked)
    assert search(AmazonPlaces(stub.client), line1="") == ()


def test_a_question_that_makes_no_sense_is_no_answer(stub: Stubber) -> None:
    """Asking again would not help, so the order is refused rather than sent for ever."""
    stub.add_client_error("geocode", "ValidationException")
    assert search(AmazonPlaces(stub.client)) == ()


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException"])
def test_a_service_that_fails_is_tried_again_by_the_caller(stub: Stubber, code: str) -> None:
    stub.add_client_error("geocode", code)
    with pytest.raises(PlacesUnavailable):
        search(AmazonPlaces(stub.client))


def test_a_service_that_does_not_answer_is_tried_again_by_the_caller() -> None:
    class Silent:
        def geocode(self, **_: Any) -> None:
            raise ConnectTimeoutError(endpoint_url="https://places.invalid")

    with pytest.raises(PlacesUnavailable):
        search(AmazonPlaces(Silent()))
