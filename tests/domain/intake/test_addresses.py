"""How sure we are of a door: the levels as a table, and addresses made comparable."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.model import Address, Confidence
from chalicelib.domain.intake import addresses
from chalicelib.domain.intake.addresses import Doubt, Verdict
from chalicelib.domain.intake.countries import has_odd_postal_code, iso_code, tidy_postal_code
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found, PlaceKind

HOUSE = LatLng(51.22, 9.42)
ADDRESS = Address("Lindenweg 7", "", "Kassel", "34117", "DE")
#: Shopify's own sample: a house in Louisville, coordinates in Ottawa.
LOUISVILLE, OTTAWA = LatLng(38.2527, -85.7585), LatLng(45.41634, -75.6868)
ACCEPT, CHECK, ASK = Confidence.ACCEPT, Confidence.CHECK, Confidence.ASK
K = PlaceKind


def north(metres: float) -> LatLng:
    return LatLng(HOUSE.latitude + metres / 111_195, HOUSE.longitude)


def a_place(kind: PlaceKind = K.POINT, score: float = 0.97, **changes: Any) -> Found:
    return replace(Found(kind, HOUSE, score), **changes)


@pytest.mark.parametrize(
    ("place", "level", "doubt"),
    [
        (a_place(), ACCEPT, None),
        (a_place(K.UNIT), ACCEPT, None),
        (a_place(score=0.9), ACCEPT, None),
        (a_place(score=0.89), CHECK, None),
        (a_place(score=0.7), CHECK, None),
        (a_place(score=0.69), ASK, Doubt.POOR_MATCH),
        (a_place(score=0.0), ASK, Doubt.POOR_MATCH),
        (a_place(K.INTERPOLATED), CHECK, None),
        (a_place(K.INTERPOLATED, 0.6), ASK, Doubt.POOR_MATCH),
        (a_place(is_estimate=True), CHECK, None),
        (a_place(number_score=0.5), CHECK, None),
        (a_place(number_score=1.0), ACCEPT, None),
        (a_place(is_number_corrected=True), ASK, Doubt.NUMBER_CORRECTED),
        (a_place(K.STREET, 1.0), ASK, Doubt.STREET_ONLY),
        (a_place(K.POSTAL_CODE, 1.0), ASK, Doubt.AREA_ONLY),
        (a_place(K.AREA, 1.0), ASK, Doubt.AREA_ONLY),
    ],
)
def test_an_answer_alone(place: Found, level: Confidence, doubt: Doubt | None) -> None:
    assert addresses.judge(ADDRESS, [place], None) == Verdict(HOUSE, level, doubt)


AREA = Extent(51.1, 9.3, 51.3, 9.5)


@pytest.mark.parametrize(
    ("place", "apart_m", "believed", "level", "doubt"),
    [
        # Near the geocode: the shop's coordinates are the door.
        (a_place(), 490, True, ACCEPT, None),
        (a_place(K.INTERPOLATED), 490, True, CHECK, None),
        # Farther: a sure geocode wins, two weak witnesses that disagree are a question.
        (a_place(), 510, False, ACCEPT, Doubt.COORDINATES_DISAGREE),
        (a_place(K.INTERPOLATED), 510, False, ASK, Doubt.COORDINATES_DISAGREE),
        (a_place(score=0.8), 5_000, False, ASK, Doubt.COORDINATES_DISAGREE),
        # So far that they are a fault of the shop's: no witness at all.
        (a_place(), 60_000, False, ACCEPT, None),
        (a_place(score=0.8), 60_000, False, CHECK, None),
        # They can save a coarse answer that they agree with.
        (a_place(is_number_corrected=True), 300, True, CHECK, Doubt.NUMBER_CORRECTED),
        (a_place(is_number_corrected=True), 900, False, ASK, Doubt.NUMBER_CORRECTED),
        (a_place(K.STREET), 1_900, True, CHECK, Doubt.STREET_ONLY),
        (a_place(K.STREET), 2_100, False, ASK, Doubt.STREET_ONLY),
        (a_place(K.POSTAL_CODE, extent=AREA), 8_000, True, CHECK, Doubt.AREA_ONLY),
        (a_place(K.POSTAL_CODE, extent=AREA), 10_000, False, ASK, Doubt.AREA_ONLY),
    ],
)
def test_an_answer_beside_given_coordinates(
    place: Found, apart_m: int, believed: bool, level: Confidence, doubt: Doubt | None
) -> None:
    verdict = addresses.judge(ADDRESS, [place], north(apart_m))
    assert verdict == Verdict(north(apart_m) if believed else HOUSE, level, doubt)


def test_shopifys_own_sample_goes_to_louisville() -> None:
    home = Address("123 Jane Doe Street", "", "Louisville", "40202", "US")
    found = a_place(position=LOUISVILLE)
    assert LOUISVILLE.distance_m(OTTAWA) > 1_100_000
    assert addresses.judge(home, [found], OTTAWA) == Verdict(LOUISVILLE, ACCEPT)


def test_what_only_the_shop_knows_is_believed_and_looked_at() -> None:
    assert addresses.judge(ADDRESS, [], HOUSE) == Verdict(HOUSE, CHECK, Doubt.UNVERIFIED)
    assert addresses.judge(ADDRESS, [], None) is None


@pytest.mark.parametrize(
    "odd", [replace(ADDRESS, line1="Schloss Wilhelmshöhe"), replace(ADDRESS, postal_code="3411")]
)
def test_an_address_that_looks_wrong_is_never_accepted_unseen(odd: Address) -> None:
    verdict = addresses.judge(odd, [a_place()], None)
    assert verdict is not None
    assert verdict.confidence is CHECK


def test_a_way_in_near_the_house_is_where_the_driver_goes() -> None:
    assert addresses.door_of(a_place(access=north(40))) == north(40)
    assert addresses.door_of(a_place(access=north(900))) == HOUSE


@pytest.mark.parametrize(
    ("line1", "line2", "has"),
    [
        ("Lindenweg 7", "", True),
        ("Lindenweg 7a", "", True),
        ("Lindenweg 7-9", "", True),
        ("12 Main St", "", True),
        ("Main St", "12", True),
        ("Lindenweg", "", False),
        ("5th Avenue", "", False),
        ("Straße des 17. Juni", "", True),
        ("Schloss", "Wing B", False),
    ],
)
def test_which_lines_hold_a_house_number(line1: str, line2: str, has: bool) -> None:
    """A date in a street's name counts as one: then the geocoder decides alone."""
    assert addresses.has_house_number(replace(ADDRESS, line1=line1, line2=line2)) is has


@pytest.mark.parametrize(
    "other",
    [
        replace(ADDRESS, line1="LINDENWEG  7"),
        replace(ADDRESS, line2="3rd floor"),
        replace(ADDRESS, city="Cassel"),
        replace(ADDRESS, country="Germany"),
        replace(ADDRESS, postal_code="D-34117"),
        replace(ADDRESS, line1="Linden-Weg 7"),
    ],
)
def test_spellings_of_one_door_are_one_door(other: Address) -> None:
    assert addresses.same_door(addresses.normalise(other, "DE"), ADDRESS)


@pytest.mark.parametrize("line1", ["Hauptstraße 5", "Hauptstr. 5", "hauptstrasse 5", "Hauptstr 5"])
def test_streets_are_one_however_they_are_shortened(line1: str) -> None:
    given = replace(ADDRESS, line1=line1)
    assert addresses.same_door(given, replace(ADDRESS, line1="Hauptstraße 5"))


@pytest.mark.parametrize(
    "other",
    [
        replace(ADDRESS, line1="Lindenweg 7a"),
        replace(ADDRESS, line1="Lindenweg 17"),
        replace(ADDRESS, postal_code="34119"),
        replace(ADDRESS, country="AT"),
    ],
)
def test_other_doors_are_other_doors(other: Address) -> None:
    assert not addresses.same_door(other, ADDRESS)


@given(line1=st.text(max_size=60), city=st.text(max_size=30), code=st.text(max_size=12))
def test_normalising_twice_changes_nothing_more(line1: str, city: str, code: str) -> None:
    once = addresses.normalise(Address(line1, "", city, code, "de"), "DE")
    assert addresses.normalise(once, "DE") == once
    assert addresses.same_door(once, once)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("de", "DE"),
        ("DEU", "DE"),
        ("Germany", "DE"),
        ("Deutschland", "DE"),
        ("ÖSTERREICH", "AT"),
        ("Oesterreich", "AT"),
        ("United States", "US"),
        ("U.S.A.", "US"),
        ("UK", "GB"),
        ("Czech Republic", "CZ"),
        ("Atlantis", None),
        ("", None),
        (None, None),
    ],
)
def test_countries_by_code_and_by_name(text: str | None, code: str | None) -> None:
    assert iso_code(text) == code


@pytest.mark.parametrize(
    ("text", "country", "tidy", "odd"),
    [
        ("D-10119", "DE", "10119", False),
        (" 101 19", "DE", "10119", False),
        ("1011", "DE", "1011", True),
        ("A-1010", "AT", "1010", False),
        ("CH 8001", "CH", "8001", False),
        ("sw1a1aa", "GB", "SW1A 1AA", False),
        ("SW1A 1AA", "GB", "SW1A 1AA", False),
        ("1012ab", "NL", "1012 AB", False),
        ("k1a0b1", "CA", "K1A 0B1", False),
        ("00950", "PL", "00-950", False),
        ("1000205", "PT", "1000-205", False),
        ("40202", "US", "40202", False),
        ("402021234", "US", "40202-1234", False),
        ("4020", "US", "4020", True),
        ("11455", "SE", "114 55", False),
        ("01001", "LT", "LT-01001", False),
        ("D02 AF30", "IE", "D02 AF30", False),
        ("what?", "DE", "WHAT?", True),
        ("whatever", "BR", "WHATEVER", False),
        ("", "DE", "", False),
    ],
)
def test_postal_codes_as_their_country_writes_them(
    text: str, country: str, tidy: str, odd: bool
) -> None:
    assert tidy_postal_code(text, country) == tidy
    assert has_odd_postal_code(tidy, country) is odd


def test_one_handover_teaches_nothing() -> None:
    assert addresses.learned(HOUSE, [north(40)], 300) is None


def test_two_handovers_are_the_doorstep() -> None:
    assert addresses.learned(HOUSE, [north(40), north(60)], 300) == north(50)


def test_an_outlier_moves_the_doorstep_little_and_a_far_one_not_at_all() -> None:
    """A driver who tapped at the next stop, and one who tapped at home."""
    near = [north(40), north(42), north(44)]
    assert addresses.learned(HOUSE, [*near, north(9_000)], 300) == north(42)
    moved = addresses.learned(HOUSE, [*near, north(290)], 300)
    assert moved is not None
    assert moved.distance_m(north(42)) <= 2


def test_handovers_far_from_the_geocode_do_not_count() -> None:
    assert addresses.learned(HOUSE, [north(400), north(410)], 300) is None
    assert addresses.learned(HOUSE, [north(400), north(410), north(20)], 300) is None


@given(st.lists(st.integers(-2_000, 2_000), max_size=12))
def test_what_is_learned_never_leaves_the_bound(metres: list[int]) -> None:
    place = addresses.learned(HOUSE, [north(metre) for metre in metres], 300)
    assert place is None or place.distance_m(HOUSE) <= 300
