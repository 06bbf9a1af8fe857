"""Amazon's route matrix and the hubs' street files: what they tell, and what when they do not."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.gateways.roads import AmazonMatrix, StreetFiles
from chalicelib.kit.errors import Upstream
from chalicelib.kit.geo import LatLng
from tests.gateways.geo_routes_server import (
    BROKEN,
    INVALID,
    LOST,
    THROTTLED,
    GeoRoutes,
    a_geo_routes,
)
from tests.gateways.loopback import Said

HERE, THERE, ISLAND = LatLng(52.52, 13.40), LatLng(52.55, 13.40), LatLng(52.52, 13.48)
AT = datetime(2026, 11, 27, 8, 30, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.fixture
def service() -> Iterator[GeoRoutes]:
    with a_geo_routes() as made:
        yield made


@pytest.fixture
def matrix(service: GeoRoutes) -> AmazonMatrix:
    return AmazonMatrix(service.client())


def test_legs_come_by_origin_and_destination(service: GeoRoutes, matrix: AmazonMatrix) -> None:
    service.legs = lambda a, b: (round(100 * (b[1] - a[1])), round(1e6 * a[0]))
    assert matrix.legs([HERE, THERE], [THERE], AT) == [[(3, 13_400_000)], [(0, 13_400_000)]]


def test_the_question_names_the_hour_the_traffic_and_where_ways_may_lead(
    service: GeoRoutes, matrix: AmazonMatrix
) -> None:
    matrix.legs([HERE], [THERE, ISLAND], AT)
    (asked,) = service.asked
    assert asked["Origins"] == [{"Position": [13.4, 52.52]}]
    assert asked["DepartureTime"] == "2026-11-27T08:30:00+01:00"
    assert asked["Traffic"] == {"Usage": "UseTrafficData"}
    west, south, east, north = asked["RoutingBoundary"]["Geometry"]["BoundingBox"]
    assert (west < 13.4, south < 52.52, east > 13.48, north > 52.55) == (True,) * 4


def test_a_pair_that_no_way_connects_spoils_no_other(
    service: GeoRoutes, matrix: AmazonMatrix
) -> None:
    service.legs = lambda a, b: "NoRoute" if b[0] == 13.48 else (60, 500)
    assert matrix.legs([HERE], [THERE, ISLAND], AT) == [[(60, 500), None]]


def test_a_busy_service_is_asked_again(service: GeoRoutes, matrix: AmazonMatrix) -> None:
    service.moods = [THROTTLED]
    assert matrix.legs([HERE], [THERE], AT)[0][0] is not None
    assert service.calls == 2


@pytest.mark.parametrize(
    "moods",
    [[THROTTLED] * 2, [BROKEN] * 2, [LOST] * 2, [INVALID], [Said(403, {"message": "no"})]],
    ids=["throttled", "broken", "lost", "invalid", "not allowed"],
)
def test_a_service_that_does_not_answer_is_unavailable(
    service: GeoRoutes, matrix: AmazonMatrix, moods: list[Said]
) -> None:
    service.moods = moods
    with pytest.raises(Upstream):
        matrix.legs([HERE], [THERE], AT)
    assert service.pairs == 0


def test_an_answer_of_another_shape_is_none(service: GeoRoutes, matrix: AmazonMatrix) -> None:
    short = {"ErrorCount": 0, "RouteMatrix": [[]], "RoutingBoundary": {}}
    service.moods = [Said(200, short, {"x-amz-geo-pricing-bucket": "Core"})]
    with pytest.raises(Upstream):
        matrix.legs([HERE], [THERE], AT)


def test_a_hubs_streets_are_those_that_were_put_there(aws: None) -> None:
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="streets-test")
    files = StreetFiles(client, "streets-test")
    assert files.load("hub_1") is None
    client.put_object(Bucket="streets-test", Key="streets/hub_1", Body=b"LMST")
    assert files.load("hub_1") == b"LMST"
    assert files.load("hub_2") is None


@pytest.mark.parametrize(("code", "is_none"), [("AccessDenied", True), ("SlowDown", False)])
def test_a_file_that_may_be_there_is_not_taken_for_none(code: str, is_none: bool) -> None:
    """S3 says "forbidden" of what is not there to whoever may not list; a busy S3 says nothing."""

    class Client:
        def get_object(self, **asked: str) -> None:
            raise ClientError({"Error": {"Code": code}}, "GetObject")

    files = StreetFiles(Client(), "b")  # type: ignore[arg-type]
    if is_none:
        assert files.load("hub_1") is None
    else:
        with pytest.raises(Upstream):
            files.load("hub_1")
