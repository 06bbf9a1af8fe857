"""A twin of Amazon Location's geocoder over a list of addresses: where is "Hauptstr. 5, 10827"?

It answers POST /v2/geocode as ``geo-places`` does, as far as this product asks: PlaceType
PointAddress when the house number is known, InterpolatedAddress when its neighbours are, the
nearest number with AddressNumberCorrected beyond the street's end, Street without a number,
PostalCode (with its MapView) when the street is unknown, nothing otherwise. Of equal answers the
nearest comes first.
Forgiving about case, accents, punctuation, word order and the usual abbreviations of streets.
Positions are [longitude, latitude]. Scores are 0..1 as in the service, but simply the share of
the asked words that were found: good enough to tell a sure answer from a guess.
Source: Amazon Location Service Places V2 API reference, Geocode.
"""

import json
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

# The geocoder answers with at most 20 places unless asked for more. Source: API reference.
MAX_RESULTS = 20
# Below this share of recognised words a place is not worth an answer.
MIN_SCORE = 0.5

_WORDS = {
    "st": "street",
    "str": "street",
    "strasse": "street",
    "ave": "avenue",
    "av": "avenue",
    "rd": "road",
    "blvd": "boulevard",
    "ln": "lane",
    "dr": "drive",
    "sq": "square",
    "pl": "place",
    "platz": "place",
}
_ENDINGS = (("strasse", "str"), ("platz", "pl"))
# Of up to four digits: longer ones are postal codes.
_NUMBER = re.compile(r"\d{1,4}[a-z]?")


@dataclass(frozen=True, slots=True)
class Address:
    """One house of the gazetteer."""

    street: str
    house_number: str
    postal_code: str
    city: str
    country: str
    latitude: float
    longitude: float


def words(text: str) -> list[str]:
    """The comparable words of a text: "Lange Straße 5 a" -> lange, street, 5a."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in folded if not unicodedata.combining(letter))
    joined = re.sub(r"(\d)\s+([a-z])\b", r"\1\2", plain)
    return [part for token in re.findall(r"[a-z0-9]+", joined) for part in _split(token)]


def _split(token: str) -> list[str]:
    if token in _WORDS:
        return [_WORDS[token]]
    # "Hauptstrasse", "Hauptstr." and "Haupt Straße" are one street.
    for ending, short in _ENDINGS:
        for tail in (ending, short):
            if token.endswith(tail) and len(token) > len(tail) + 2:
                return [token.removesuffix(tail), _WORDS[ending]]
    return [token]


@dataclass(frozen=True, slots=True)
class _Quarter:
    """Everything known under one postal code."""

    words: frozenset[str]
    houses: list[Address]


class Gazetteer:
    """All known addresses, found by street and house number, or by postal code."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        self._streets: dict[tuple[frozenset[str], str, str], list[Address]] = defaultdict(list)
        by_code: dict[tuple[str, str], list[Address]] = defaultdict(list)
        for address in addresses:
            key = (frozenset(words(address.street)), address.postal_code, address.city)
            self._streets[key].append(address)
            by_code[address.postal_code, address.city].append(address)
        self._quarters = [
            _Quarter(frozenset(words(code)), houses) for (code, _), houses in by_code.items()
        ]

    @classmethod
    def load(cls, path: Path | None) -> "Gazetteer":
        rows = json.loads(path.read_text()) if path else []
        return cls(Address(**{**row, "house_number": str(row["house_number"])}) for row in rows)

    def geocode(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a Geocode request, best match first."""
        asked = _asked_words(request)
        countries = {c.upper() for c in request.get("Filter", {}).get("IncludeCountries", [])}
        found: list[tuple[float, float, dict[str, Any]]] = []
        near = request.get("BiasPosition")
        for (street_words, postal_code, city), houses in self._streets.items():
            country = houses[0].country.upper()
            if not street_words <= asked or (countries and not _country_in(country, countries)):
                continue
            known = street_words | set(words(f"{postal_code} {city} {country}"))
            score, item = _match(asked, known, houses)
            found.append((score, _bias(item["Position"], near), item))
        if not found:
            found = self._by_postal_code(asked, countries, near)
        found.sort(key=lambda match: (-match[0], match[1]))
        limit = request.get("MaxResults") or MAX_RESULTS
        return {
            "PricingBucket": "Core",
            "ResultItems": [item for score, _, item in found if score >= MIN_SCORE][:limit],
        }

    def _by_postal_code(
        self, asked: frozenset[str], countries: set[str], near: Any
    ) -> list[tuple[float, float, dict[str, Any]]]:
        """No street of that name: the postal code is all that is left of the question."""
        found = []
        for quarter in self._quarters:
            country = quarter.houses[0].country.upper()
            if not quarter.words <= asked or (countries and not _country_in(country, countries)):
                continue
            known = quarter.words | set(words(f"{quarter.houses[0].city} {country}"))
            # The service ranks an area that holds only half of the question low, and answers it.
            score = max(MIN_SCORE, len(asked & known) / len(asked))
            item = _area(quarter.houses, score)
            found.append((score, _bias(item["Position"], near), item))
        return found


def _bias(position: list[float], near: Any) -> float:
    """How far from where the client looks; nothing when it does not say."""
    if not near:
        return 0.0
    return math.hypot(position[0] - near[0], position[1] - near[1])


def _asked_words(request: Mapping[str, Any]) -> frozenset[str]:
    parts = [request.get("QueryText") or "", *(request.get("QueryComponents") or {}).values()]
    return frozenset(words(" ".join(str(part) for part in parts)))


# The service takes and gives ISO alpha-3 in answers, alpha-2 or alpha-3 in filters.
_ALPHA3 = {"DE": "DEU", "AT": "AUT", "CH": "CHE", "US": "USA", "GB": "GBR", "FR": "FRA"}


def _country_in(country: str, wanted: set[str]) -> bool:
    return bool({country, _ALPHA3.get(country, country)} & wanted)


def _match(
    asked: frozenset[str], known: set[str], houses: list[Address]
) -> tuple[float, dict[str, Any]]:
    house = next((h for h in houses if set(words(h.house_number)) <= asked), None)
    if house:
        recognised = known | set(words(house.house_number))
        score = len(asked & recognised) / len(asked)
        return score, _place(house, "PointAddress", score)
    number = next((word for word in sorted(asked - known) if _NUMBER.fullmatch(word)), None)
    if number is None:
        score = len(asked & known) / len(asked)
        return score, _place(houses[len(houses) // 2], "Street", score) | {
            "MapView": _map_view(houses)
        }
    return _between_neighbours(asked, known, houses, number)


def _between_neighbours(
    asked: frozenset[str], known: set[str], houses: list[Address], number: str
) -> tuple[float, dict[str, Any]]:
    """A number that nobody entered: between its neighbours, or the nearest instead, and saying so.

    Numbers count as the service does: what was corrected is not recognised.
    """
    at = _value(number)
    below = max((h for h in houses if _value(h.house_number) < at), key=_number_of, default=None)
    above = min((h for h in houses if _value(h.house_number) > at), key=_number_of, default=None)
    score = len(asked & known) / len(asked)
    if below is None or above is None:
        nearest = below or above or houses[0]
        place = _place(nearest, "PointAddress", score)
        return score, place | {"AddressNumberCorrected": True}
    share = (at - _number_of(below)) / (_number_of(above) - _number_of(below))
    house = replace(
        below,
        house_number=number,
        latitude=below.latitude + share * (above.latitude - below.latitude),
        longitude=below.longitude + share * (above.longitude - below.longitude),
    )
    score = len(asked & (known | {number})) / len(asked)
    return score, _place(house, "InterpolatedAddress", score)


def _number_of(house: Address) -> int:
    return _value(house.house_number)


def _value(house_number: str) -> int:
    digits = re.match(r"\d+", house_number)
    return int(digits.group()[:9]) if digits else 0


def _map_view(houses: list[Address]) -> list[float]:
    longitudes = [house.longitude for house in houses]
    latitudes = [house.latitude for house in houses]
    return [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]


def _area(houses: list[Address], score: float) -> dict[str, Any]:
    """A postal code: the middle of its houses, and the box around them."""
    west, south, east, north = _map_view(houses)
    first = houses[0]
    middle = replace(first, street="", latitude=(south + north) / 2, longitude=(west + east) / 2)
    return _place(middle, "PostalCode", score) | {"MapView": [west, south, east, north]}


def _place(address: Address, kind: str, score: float) -> dict[str, Any]:
    is_door = kind in {"PointAddress", "InterpolatedAddress"}
    street = f"{address.street} {address.house_number}" if is_door else address.street
    town = f"{address.postal_code} {address.city}"
    title = f"{street}, {town}" if street else town
    country = address.country.upper()
    alpha3 = _ALPHA3.get(country, country)
    return {
        "PlaceId": "twin-" + "-".join(words(title)),
        "PlaceType": kind,
        "Title": title,
        "Address": {
            "Label": title,
            "Country": {"Code2": country, "Code3": alpha3},
            "Locality": address.city,
            "PostalCode": address.postal_code,
            **({"Street": address.street} if address.street else {}),
            **({"AddressNumber": address.house_number} if is_door else {}),
        },
        "Position": [round(address.longitude, 6), round(address.latitude, 6)],
        "MatchScores": {"Overall": round(score, 3)},
    }
