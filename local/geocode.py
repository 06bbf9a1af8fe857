"""A twin of Amazon Location's geocoder over a list of addresses: where is "Hauptstr. 5, 10827"?

It answers POST /v2/geocode as ``geo-places`` does, as far as this product asks: PlaceType
PointAddress when the house number is known, Street when only the street is, nothing otherwise.
Forgiving about case, accents, punctuation, word order and the usual abbreviations of streets.
Positions are [longitude, latitude]. Scores are 0..1 as in the service, but simply the share of
the asked words that were found: good enough to tell a sure answer from a guess.
Source: Amazon Location Service Places V2 API reference, Geocode.
"""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
_NUMBER = re.compile(r"\d+[a-z]?")


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


class Gazetteer:
    """All known addresses, found by street and then by house number."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        self._streets: dict[tuple[frozenset[str], str, str], list[Address]] = defaultdict(list)
        for address in addresses:
            key = (frozenset(words(address.street)), address.postal_code, address.city)
            self._streets[key].append(address)

    @classmethod
    def load(cls, path: Path | None) -> "Gazetteer":
        rows = json.loads(path.read_text()) if path else []
        return cls(Address(**{**row, "house_number": str(row["house_number"])}) for row in rows)

    def geocode(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to a Geocode request, best match first."""
        asked = _asked_words(request)
        countries = {c.upper() for c in request.get("Filter", {}).get("IncludeCountries", [])}
        found: list[tuple[float, dict[str, Any]]] = []
        for (street_words, postal_code, city), houses in self._streets.items():
            country = houses[0].country.upper()
            if not street_words <= asked or (countries and not _country_in(country, countries)):
                continue
            known = street_words | set(words(f"{postal_code} {city} {country}"))
            found.append(_match(asked, known, houses))
        found.sort(key=lambda match: -match[0])
        limit = request.get("MaxResults") or MAX_RESULTS
        return {
            "PricingBucket": "Core",
            "ResultItems": [item for score, item in found if score >= MIN_SCORE][:limit],
        }


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
    # A number we do not know: the street alone, with the score saying so.
    middle = houses[len(houses) // 2]
    score = len(asked & known) / len(asked)
    if any(_NUMBER.fullmatch(word) for word in asked - known):
        score *= 0.9
    return score, _place(middle, "Street", score)


def _place(address: Address, kind: str, score: float) -> dict[str, Any]:
    exact = kind == "PointAddress"
    street = f"{address.street} {address.house_number}" if exact else address.street
    title = f"{street}, {address.postal_code} {address.city}"
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
            "Street": address.street,
            **({"AddressNumber": address.house_number} if exact else {}),
        },
        "Position": [address.longitude, address.latitude],
        "MatchScores": {"Overall": round(score, 3)},
    }
