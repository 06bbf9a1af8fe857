"""Where is this address? Amazon Location's geocoder (``geo-places``).

One question, up to five answers, the best first, in the words of ``kit.places``; what they are
worth is the domain's to decide. ``IntendedUse=Storage`` is what allows keeping coordinates.
Amazon's positions are [longitude, latitude], its boxes [west, south, east, north].
Source: Amazon Location Service Places V2 API reference, Geocode.
"""

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found, PlaceKind

#: Amazon's limit of a query.
LONGEST_QUERY = 200
MOST_ANSWERS = 5

_KINDS = {
    "PointAddress": PlaceKind.POINT,
    "SecondaryAddress": PlaceKind.UNIT,
    "InterpolatedAddress": PlaceKind.INTERPOLATED,
    "InferredSecondaryAddress": PlaceKind.INTERPOLATED,
    "Street": PlaceKind.STREET,
    "Intersection": PlaceKind.STREET,
    "PostalCode": PlaceKind.POSTAL_CODE,
    "Block": PlaceKind.AREA,
    "SubBlock": PlaceKind.AREA,
    "Locality": PlaceKind.AREA,
    "District": PlaceKind.AREA,
    "SubDistrict": PlaceKind.AREA,
}
#: The service's word on the question itself: asking again does not help.
_UNANSWERABLE = frozenset({"ValidationException"})
#: Where the house number stands before the street. Source: CLDR address formats.
_NUMBER_FIRST = frozenset({"AU", "CA", "FR", "GB", "IE", "IN", "LU", "NZ", "US", "ZA"})
#: Kinds of access points that lead a driver to the door, the best first; addresses have no kind.
_WAYS_IN = ("Delivery", "Entrance", None)


class AmazonPlaces:
    """The geocoder; ``client`` is boto3's ``geo-places``, with the time limits in its config."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def search(
        self, *, line1: str, city: str, postal_code: str, country: str, near: LatLng
    ) -> tuple[Found, ...]:
        """What an address may mean, the best first; without ``line1`` its postal code or town.

        Parameters
        ----------
        near
            Which of several equal answers is meant: the one nearest to this point.

        Raises
        ------
        PlacesUnavailable
            If the service did not answer in time.
        """
        town = f"{postal_code} {city}".strip()
        query = ", ".join(part for part in (line1, town) if part)[:LONGEST_QUERY]
        if not query:
            return ()
        return self._ask(query, country, near, AdditionalFeatures=["Access"], IntendedUse="Storage")

    def centre(self, *, postal_code: str, country: str, near: LatLng) -> LatLng | None:
        """The middle of a postal code, None when there is none; raise PlacesUnavailable.

        What is looked up is shown and not kept, so the price of a single use applies.
        """
        answers = self._ask(postal_code, country, near, IntendedUse="SingleUse")
        codes = (one.position for one in answers if one.kind is PlaceKind.POSTAL_CODE)
        return next(codes, None)

    def _ask(self, query: str, country: str, near: LatLng, **wishes: Any) -> tuple[Found, ...]:
        try:
            reply = self._client.geocode(
                QueryText=query,
                Filter={"IncludeCountries": [country]},
                BiasPosition=[near.longitude, near.latitude],
                MaxResults=MOST_ANSWERS,
                **wishes,
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _UNANSWERABLE:
                return ()
            raise PlacesUnavailable from error
        except BotoCoreError as error:
            raise PlacesUnavailable from error
        answers = (_read(place) for place in reply.get("ResultItems") or ())
        return tuple(answer for answer in answers if answer is not None)


def _read(place: Mapping[str, Any]) -> Found | None:
    """One answer in our words; None for a kind or a position that nobody can use."""
    kind = _KINDS.get(place.get("PlaceType", ""))
    position = _point(place.get("Position"))
    if kind is None or position is None:
        return None
    address = place.get("Address") or {}
    scores = place.get("MatchScores") or {}
    parts = (scores.get("Components") or {}).get("Address") or {}
    number = parts.get("AddressNumber")
    return Found(
        kind=kind,
        position=position,
        score=float(scores.get("Overall") or 0),
        line1=_line1(address),
        postal_code=str(address.get("PostalCode") or ""),
        city=str(address.get("Locality") or ""),
        is_number_corrected=bool(place.get("AddressNumberCorrected")),
        is_estimate=bool(place.get("EstimatedPointAddress")),
        number_score=None if number is None else float(number),
        access=_way_in(place.get("AccessPoints") or ()),
        extent=_box(place.get("MapView")),
    )


def _line1(address: Mapping[str, Any]) -> str:
    street, number = str(address.get("Street") or ""), str(address.get("AddressNumber") or "")
    country = (address.get("Country") or {}).get("Code2", "")
    parts = (number, street) if country in _NUMBER_FIRST else (street, number)
    return " ".join(part for part in parts if part)


def _way_in(points: Sequence[Mapping[str, Any]]) -> LatLng | None:
    for kind in _WAYS_IN:
        of_kind = [point for point in points if point.get("Type") == kind]
        for point in sorted(of_kind, key=lambda one: not one.get("Primary")):
            return _point(point.get("Position"))
    return None


def _point(pair: Sequence[Any] | None) -> LatLng | None:
    with contextlib.suppress(TypeError, ValueError):
        longitude, latitude = pair or ()
        return LatLng(float(latitude), float(longitude))
    return None


def _box(corners: Sequence[Any] | None) -> Extent | None:
    with contextlib.suppress(TypeError, ValueError):
        west, south, east, north = corners or ()
        return Extent(float(south), float(west), float(north), float(east))
    return None
