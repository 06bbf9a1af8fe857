"""Where is a postal code? Amazon Location's geocoder (``geo-places``), asked for no door.

What is looked up is shown and not kept, so the single-use price applies.
Source: Amazon Location Service Places V2 API reference, Geocode.
"""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng

#: The service's word on the question itself: asking again does not help.
_UNANSWERABLE = frozenset({"ValidationException"})


class AmazonPostalCodes:
    """The geocoder; ``client`` is boto3's ``geo-places``."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def centre(self, *, postal_code: str, country: str, near: LatLng) -> LatLng | None:
        """The middle of a postal code, None when there is none; raise PlacesUnavailable."""
        try:
            reply = self._client.geocode(
                QueryText=postal_code,
                Filter={"IncludeCountries": [country]},
                BiasPosition=[near.longitude, near.latitude],
                MaxResults=5,
                IntendedUse="SingleUse",
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _UNANSWERABLE:
                return None
            raise PlacesUnavailable from error
        except BotoCoreError as error:
            raise PlacesUnavailable from error
        for place in reply.get("ResultItems") or ():
            position = _point(place)
            if place.get("PlaceType") == "PostalCode" and position is not None:
                return position
        return None


def _point(place: Any) -> LatLng | None:
    try:
        longitude, latitude = place["Position"]
        return LatLng(float(latitude), float(longitude))
    except (KeyError, TypeError, ValueError):
        return None
