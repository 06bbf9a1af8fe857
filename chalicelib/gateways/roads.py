"""What do others tell of roads? Amazon Location's route matrix, and the street graphs of our hubs.

Amazon's positions are [longitude, latitude]; each pair of a question is billed, answered or not. A
boundary is needed for more than a hundred destinations, and is drawn around the question. A pair
that no way connects has an error of its own and spoils no other.
Source: Amazon Location Service Routes V2 API reference, CalculateRouteMatrix.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.kit.errors import Upstream
from chalicelib.kit.geo import LatLng

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

#: Around the outermost places [degrees], about 11 km: ways may lead outside of the town.
_MARGIN = 0.1

#: S3 keeps a file's metadata in ASCII: what else there is, is quoted as in addresses.
CREDIT = "credit"

type Leg = tuple[int, int]


class AmazonMatrix:
    """The provider; ``client`` is boto3's ``geo-routes``, with the time limits in its config."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def legs(
        self, origins: Sequence[LatLng], destinations: Sequence[LatLng], depart_at: datetime
    ) -> list[list[Leg | None]]:
        """Seconds and metres from each origin to each destination by car, with that hour's traffic.

        Raises
        ------
        Upstream
            If the service did not answer, or not what was asked.
        """
        try:
            reply = self._client.calculate_route_matrix(
                Origins=[{"Position": _position(one)} for one in origins],
                Destinations=[{"Position": _position(one)} for one in destinations],
                RoutingBoundary={"Geometry": {"BoundingBox": _box([*origins, *destinations])}},
                DepartureTime=depart_at.isoformat(timespec="seconds"),
                OptimizeRoutingFor="FastestRoute",
                Traffic={"Usage": "UseTrafficData"},
                TravelMode="Car",
            )
        except (ClientError, BotoCoreError) as error:
            raise Upstream from error
        rows = reply.get("RouteMatrix") or []
        if [len(row) for row in rows] != [len(destinations)] * len(origins):
            raise Upstream("the answer is not of the shape that was asked for")
        return [[_leg(entry) for entry in row] for row in rows]


class StreetFiles:
    """Where ``python -m local.streets put`` leaves the street graph of a hub."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def load(self, hub_id: str) -> bytes | None:
        """A hub's graph; None where it has none.

        Raises
        ------
        Upstream
        """
        found = self.load_with_credit(hub_id)
        return None if found is None else found[0]

    def load_with_credit(self, hub_id: str) -> tuple[bytes, str] | None:
        """The same, and whom a picture of it is owed to.

        Raises
        ------
        Upstream
        """
        try:
            reply = self._client.get_object(Bucket=self._bucket, Key=f"streets/{hub_id}")
            with reply["Body"] as body:
                return body.read(), unquote(reply.get("Metadata", {}).get(CREDIT, ""))
        except ClientError as error:
            # Without the right to list, S3 says "forbidden" of what is not there.
            if error.response.get("Error", {}).get("Code") in ("NoSuchKey", "AccessDenied", "403"):
                return None
            raise Upstream from error
        except BotoCoreError as error:
            raise Upstream from error


def _leg(entry: Mapping[str, Any]) -> Leg | None:
    if entry.get("Error"):
        return None
    return int(entry["Duration"]), int(entry["Distance"])


def _position(point: LatLng) -> list[float]:
    return [point.longitude, point.latitude]


def _box(points: Sequence[LatLng]) -> list[float]:
    """West, south, east, north."""
    lats, lngs = [one.latitude for one in points], [one.longitude for one in points]
    return [
        max(-180.0, min(lngs) - _MARGIN),
        max(-90.0, min(lats) - _MARGIN),
        min(180.0, max(lngs) + _MARGIN),
        min(90.0, max(lats) + _MARGIN),
    ]
