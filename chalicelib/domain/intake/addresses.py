"""How sure are we of a door? Addresses made comparable, and what a geocoder's answers are worth.

Pure. An address is *accepted* when the geocoder knows the very door, *checked* when it is good
enough to drive to and worth a second look, and *asked* about when nobody can hand a parcel to it: a
street, a postal code, another house number. Given coordinates are a witness, not the truth: those
of Shopify's own sample order are 1,150 km off. They count when the geocode says the same.
Source: our research on addresses, section 7 (thresholds to be tuned on real orders).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import median

from chalicelib.domain.deliveries.model import Address, Confidence
from chalicelib.domain.intake.countries import has_odd_postal_code, iso_code, tidy_postal_code
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found, PlaceKind

ACCEPT_SCORE, CHECK_SCORE = 0.9, 0.7
#: Coordinates so near to the geocode mean the same door.
AGREES_WITHIN_M = 500
#: A pin, and coordinates beside a street: still the same neighbourhood.
NEIGHBOURHOOD_M = 2_000
#: Coordinates farther off are a fault of the shop's, and no witness against the geocode.
NONSENSE_BEYOND_M = 50_000
#: An entrance farther from its house belongs to something else.
ACCESS_WITHIN_M = 150
#: How far the doorstep may lie from the geocode that it replaces.
LEARNED_WITHIN_M = 300
LEARNED_FROM = 2


class Doubt(StrEnum):
    """Why a door is not sure; a delivery under review bears one of these as its ``reason``."""

    STREET_ONLY = "street_only"
    AREA_ONLY = "area_only"
    NUMBER_CORRECTED = "number_corrected"
    POOR_MATCH = "poor_match"
    COORDINATES_DISAGREE = "coordinates_disagree"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where we would drive, and how sure we are of it. ``doubt`` also tells why not ACCEPT."""

    position: LatLng
    confidence: Confidence
    doubt: Doubt | None = None


def normalise(address: Address, default_country: str) -> Address:
    """The address as it is kept: composed letters, single spaces, an ISO country, a tidy code."""
    country = iso_code(address.country) or default_country
    return Address(
        line1=_composed(address.line1),
        line2=_composed(address.line2),
        city=_composed(address.city),
        postal_code=tidy_postal_code(_composed(address.postal_code), country),
        country=country,
    )


def comparable(address: Address) -> str:
    """One text for all spellings of one door; line 2 (a floor, a name) is not part of it."""
    street = re.sub(r"str(?:asse|\.)?(?=[\s\d]|$)", "strasse", address.line1.casefold())
    town = address.postal_code or address.city
    parts = (street, town, address.country)
    return "|".join(_letters_and_digits(part) for part in parts)


def same_door(one: Address, other: Address) -> bool:
    return comparable(one) == comparable(other)


def has_house_number(address: Address) -> bool:
    """Whether some word of the address can be a house number ("5th Avenue" has none)."""
    words = re.findall(r"[\w/-]+", f"{address.line1} {address.line2}")
    return any(re.fullmatch(r"\d{1,5}[a-zA-Z]?(?:[/-]\w{1,4})?", word) for word in words)


def door_of(found: Found) -> LatLng:
    """Where the driver goes: the way in, when it is known and near, else the point itself."""
    way_in = found.access
    if way_in is not None and found.position.distance_m(way_in) <= ACCESS_WITHIN_M:
        return way_in
    return found.position


def judge(address: Address, answers: Sequence[Found], given: LatLng | None) -> Verdict | None:
    """Weigh the geocoder's best answer and the given coordinates; None when there is neither."""
    if not answers:
        # The geocoder does not know it, and nothing speaks against the shop.
        return None if given is None else Verdict(given, Confidence.CHECK, Doubt.UNVERIFIED)
    best = answers[0]
    verdict = _alone(address, best)
    if given is None:
        return verdict
    if verdict.confidence is Confidence.ASK:
        return _vouched_for(verdict, best, given)
    apart_m = best.position.distance_m(given)
    if apart_m <= AGREES_WITHIN_M:
        return replace(verdict, position=given)
    if apart_m <= NONSENSE_BEYOND_M:
        if verdict.confidence is Confidence.CHECK:
            return replace(verdict, confidence=Confidence.ASK, doubt=Doubt.COORDINATES_DISAGREE)
        return replace(verdict, doubt=Doubt.COORDINATES_DISAGREE)
    return verdict


def is_in_reach(pin: LatLng, centre: LatLng, areas: Iterable[Extent | None]) -> bool:
    """Whether a pin lies where the address can be: near its geocode, or in its postal area."""
    if centre.distance_m(pin) <= NEIGHBOURHOOD_M:
        return True
    return any(area is not None and area.contains(pin) for area in areas)


def learned(geocode: LatLng, proofs: Sequence[LatLng], within_m: int) -> LatLng | None:
    """The doorstep, when enough deliveries ended near the geocode: their median."""
    near = [proof for proof in proofs if geocode.distance_m(proof) <= within_m]
    if len(near) < LEARNED_FROM:
        return None
    middle = LatLng(
        median(proof.latitude for proof in near), median(proof.longitude for proof in near)
    )
    return middle if geocode.distance_m(middle) <= within_m else None


def _alone(address: Address, found: Found) -> Verdict:
    """What an answer is worth without a witness."""
    position = door_of(found)
    if not found.kind.is_door:
        coarse = Doubt.STREET_ONLY if found.kind is PlaceKind.STREET else Doubt.AREA_ONLY
        return Verdict(position, Confidence.ASK, coarse)
    if found.is_number_corrected:
        return Verdict(position, Confidence.ASK, Doubt.NUMBER_CORRECTED)
    if found.score < CHECK_SCORE:
        return Verdict(position, Confidence.ASK, Doubt.POOR_MATCH)
    is_sure = (
        found.kind in (PlaceKind.POINT, PlaceKind.UNIT)
        and found.score >= ACCEPT_SCORE
        and not found.is_estimate
        and (found.number_score is None or found.number_score >= ACCEPT_SCORE)
        and has_house_number(address)
        and not has_odd_postal_code(address.postal_code, address.country)
    )
    return Verdict(position, Confidence.ACCEPT if is_sure else Confidence.CHECK)


def _vouched_for(verdict: Verdict, best: Found, given: LatLng) -> Verdict:
    """Coordinates can save a coarse answer that they agree with."""
    if best.kind.is_door:
        agrees = best.position.distance_m(given) <= AGREES_WITHIN_M
    else:
        agrees = is_in_reach(given, best.position, [best.extent])
    return Verdict(given, Confidence.CHECK, verdict.doubt) if agrees else verdict


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", " ".join(text.split()))


def _letters_and_digits(text: str) -> str:
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in folded if letter.isalnum())
