"""Where is this address? Amazon Location's geocoder (``geo-places``).

An answer counts when it names a door: a point or a numbered unit, and a match of at least 0.9
(*exact*), or an interpolated number or a match of 0.7 to 0.9 (*likely*). A street, a postal code or
a corrected house number is no answer: nobody can hand a parcel to a street.
Sources: the Geocode API (``IntendedUse=Storage`` is what allows keeping coordinates); thresholds
from our research on addresses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng

EXACT_SCORE = 0.9
LIKELY_SCORE = 0.7
#: Amazon's limit of a query.
LONGEST_QUERY = 200

_DOORS = frozenset({"PointAddress", "SecondaryAddress"})
_ESTIMATES = frozenset({"InterpolatedAddress", "InferredSecondaryAddress"})
#: The service's word on the question itself: asking again does not help.
_UNANSWERABLE = frozenset({"ValidationException"})


class Confidence(StrEnum):
    EXACT = "exact"
    LIKELY = "likely"


@dataclass(frozen=True, slots=True)
class Located:
    position: LatLng
    confidence: Confidence


class AmazonPlaces:
    """The geocoder; ``client`` is boto3's ``geo-places``."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def locate(
        self, *, line1: str, city: str, postal_code: str, country: str, near: LatLng
    ) -> Located | None:
        """Find an address; None when there is no door to be found by it.

        Parameters
        ----------
        near
            Which of several equal answers is meant: the one nearest to this point.

        Raises
        ------
        PlacesUnavailable
            If the service did not answer.
        """
        query = f"{line1}, {postal_code} {city}"[:LONGEST_QUERY]
        try:
            reply = self._client.geocode(
                QueryText=query,
                Filter={"IncludeCountries": [country]},
                BiasPosition=[near.longitude, near.latitude],
                MaxResults=1,
                IntendedUse="Storage",
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _UNANSWERABLE:
                return None
            raise PlacesUnavailable from error
        except BotoCoreError as error:
            raise PlacesUnavailable from error
        results = reply.get("ResultItems") or []
        return _judge(results[0]) if results else None


def _judge(place: Mapping[str, Any]) -> Located | None:
    confidence = _confidence(place)
    try:
        longitude, latitude = place["Position"]
        position = LatLng(float(latitude), float(longitude))
    except (KeyError, TypeError, ValueError):
        return None
    return None if confidence is None else Located(position, confidence)


def _confidence(place: Mapping[str, Any]) -> Confidence | None:
    kind = place.get("PlaceType")
    score = float((place.get("MatchScores") or {}).get("Overall") or 0)
    if place.get("AddressNumberCorrected") or score < LIKELY_SCORE:
        return None
    if kind in _DOORS and score >= EXACT_SCORE:
        return Confidence.EXACT
    return Confidence.LIKELY if kind in _DOORS | _ESTIMATES else None
