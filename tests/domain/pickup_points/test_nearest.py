"""The nearest pickup points are the nearest, in whatever cells, and hold what is wanted."""

import math
import random
from collections.abc import Callable
from typing import Any

import h3
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.pickup_points import service, store
from chalicelib.domain.pickup_points.model import (
    Compartments,
    PointKind,
    Size,
    Wanted,
    smallest_fit,
)
from chalicelib.domain.pickup_points.service import Description
from chalicelib.kit.errors import NotFound
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import ALWAYS
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import HUB_AT

Begin = Callable[[], UnitOfWork]
SMALL = Compartments(Size.SMALL, 12, 5_000, 9_000)
LARGE = Compartments(Size.LARGE, 3, 25_000, 90_000)


def described(**changes: Any) -> Description:
    facts: dict[str, Any] = {
        "name": "Locker at the station",
        "kind": PointKind.LOCKER,
        "line1": "Station Square 1",
        "city": "Neustadt",
        "postal_code": "34117",
        "country": "DE",
        "position": HUB_AT,
        "timezone": "Europe/Berlin",
        "hours": ALWAYS,
        "compartments": (SMALL, LARGE),
        "is_active": True,
    }
    return Description(**(facts | changes))


def opened(begin: Begin, **changes: Any) -> str:
    uow = begin()
    point = service.open_point(uow, described(**changes))
    uow.commit()
    return point.id


def found(begin: Begin, position: LatLng = HUB_AT, limit: int = 5, **wanted: Any) -> list[str]:
    nearby = store.nearest(begin(), position, Wanted(**wanted), limit)
    return [one.point.id for one in nearby]


@pytest.mark.parametrize("seed", range(6))
def test_the_nearest_are_those_that_a_list_of_all_would_give(begin: Begin, seed: int) -> None:
    chance = random.Random(seed)
    centre = LatLng(chance.uniform(-70, 70), chance.uniform(-179, 179))
    spread = chance.choice([0.02, 0.1, 0.25])
    places = {}
    uow = begin()
    for _ in range(40):
        place = LatLng(
            centre.latitude + chance.uniform(-spread, spread),
            centre.longitude + chance.uniform(-spread, spread),
        )
        places[service.open_point(uow, described(position=place)).id] = place
    uow.commit()
    for _ in range(8):
        asker = LatLng(
            centre.latitude + chance.uniform(-spread, spread),
            centre.longitude + chance.uniform(-spread, spread),
        )
        far = sorted((asker.distance_m(place), one) for one, place in places.items())
        told = store.nearest(begin(), asker, Wanted(), 5)
        within = [one for one in far[:5] if one[0] < store.RING_M * store.MOST_RINGS]
        assert [(one.distance_m, one.point.id) for one in told][: len(within)] == within


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(-85, 85), st.floats(-180, 180), st.integers(1, 6), st.floats(0, 360))
def test_whatever_lies_beyond_the_rings_is_farther_than_they_claim(
    lat, lng, rings, bearing
) -> None:
    """The bound that lets the search stop: checked where the grid is tightest, too."""
    here = LatLng(lat, lng)
    away_m = rings * store.RING_M * 0.999
    step = away_m / 111_195
    up = lat + step * math.cos(math.radians(bearing))
    right = lng + step * math.sin(math.radians(bearing)) / max(0.01, math.cos(math.radians(up)))
    if abs(up) > 89 or abs(right) > 180:
        return
    there = LatLng(up, right)
    if here.distance_m(there) > rings * store.RING_M:
        return
    disk = h3.grid_disk(h3.latlng_to_cell(lat, lng, store.RESOLUTION), rings)
    assert h3.latlng_to_cell(there.latitude, there.longitude, store.RESOLUTION) in disk


def test_only_what_a_parcel_fits_in_is_told(begin: Begin) -> None:
    small = opened(begin, compartments=(SMALL,))
    both = opened(begin)
    assert set(found(begin)) == {small, both}
    assert found(begin, weight_g=6_000) == [both]
    assert found(begin, volume_ml=10_000) == [both]
    assert found(begin, weight_g=26_000) == []


def test_a_class_without_any_compartment_takes_nothing(begin: Begin) -> None:
    opened(begin, compartments=(Compartments(Size.LARGE, 0, 25_000, 90_000),))
    assert found(begin) == []


def test_a_kind_can_be_asked_for(begin: Begin) -> None:
    opened(begin)
    counter = opened(begin, kind=PointKind.COUNTER)
    assert found(begin, kind=PointKind.COUNTER) == [counter]


def test_an_inactive_point_is_kept_and_told_to_nobody(begin: Begin) -> None:
    point_id = opened(begin)
    uow = begin()
    service.change_point(uow, point_id, described(is_active=False))
    uow.commit()
    assert found(begin) == []
    assert not store.load(begin(), point_id).is_active
    uow = begin()
    service.change_point(uow, point_id, described())
    uow.commit()
    assert found(begin) == [point_id]


def test_a_point_that_moves_is_found_there_and_no_longer_here(begin: Begin) -> None:
    point_id = opened(begin)
    uow = begin()
    there = LatLng(48.1, 11.6)
    service.change_point(uow, point_id, described(position=there))
    uow.commit()
    assert found(begin) == []
    assert found(begin, there) == [point_id]


def test_a_closed_point_is_gone(begin: Begin) -> None:
    point_id = opened(begin)
    uow = begin()
    service.close_point(uow, point_id)
    uow.commit()
    assert found(begin) == []
    with pytest.raises(NotFound):
        store.load(begin(), point_id)
    assert begin().query_all(TableName.CORE, "PUP") == []


def test_points_are_listed_page_by_page(begin: Begin) -> None:
    ids = sorted(opened(begin) for _ in range(3))
    first, cursor = store.list_all(begin(), limit=2, after=None)
    rest, end = store.list_all(begin(), limit=2, after=cursor)
    assert [point.id for point in (*first, *rest)] == ids
    assert end is None


def test_a_point_is_read_as_it_was_described(begin: Begin) -> None:
    point = store.load(begin(), opened(begin))
    assert point == service._point(point.id, described(), version=1)


def test_a_parcel_goes_into_the_smallest_compartment_that_holds_it() -> None:
    assert smallest_fit((LARGE, SMALL), 4_000, 8_000) == SMALL
    assert smallest_fit((LARGE, SMALL), 4_000, 10_000) == LARGE
    assert smallest_fit((LARGE, SMALL), 4_000, 100_000) is None
