"""The streets of a route: in one download, near its stops, and none rather than an error."""

import gzip
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.routing.streets import StreetsUnreadable
from chalicelib.entry import street_map
from local.streets.contract import contract, pack
from local.streets.raw import Network
from tests.builders import HUB_AT
from tests.entry.conftest import Doors
from tests.entry.test_driver_api import on_the_road

MOST_BYTES = 15_000


class Town:
    """A street file in place of the bucket: a grid around the hub, or what is given."""

    def __init__(self, packed: bytes | None) -> None:
        self.packed = packed

    def load_with_credit(self, hub_id: str) -> tuple[bytes, str] | None:
        return None if self.packed is None else (self.packed, "© somebody")


def a_grid(rows: int) -> bytes:
    network = Network({})
    for row in range(rows):
        for column in range(rows):
            north, east = (row - rows / 2) / 1100, (column - rows / 2) / 700
            network.points[row * rows + column] = (HUB_AT.latitude + north, HUB_AT.longitude + east)
    for row in range(rows):
        kind = {"highway": "primary" if row % 10 == 0 else "residential"}
        network.add_way([row * rows + c for c in range(rows)], kind)
        network.add_way([c * rows + row for c in range(rows)], kind)
    return pack(contract(network))


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Any:
    def choose(packed: bytes | None) -> None:
        street_map._town.cache_clear()
        monkeypatch.setattr(wiring, "hasty_street_files", lambda: Town(packed))

    yield choose
    street_map._town.cache_clear()


def test_a_route_has_its_streets_in_one_small_download(doors: Doors, town: Any) -> None:
    town(a_grid(80))
    token, _ = on_the_road(doors)
    shown = doors.call("GET", "/v1/driver/streets", token=token)
    assert shown.status == 200, shown.raw
    assert shown.body["main"].startswith("M")
    assert shown.body["side"].startswith("M")
    assert shown.body["credit"] == "© somebody"
    assert len(gzip.compress(shown.raw)) < MOST_BYTES


@pytest.mark.parametrize("packed", [None, b"no street file"])
def test_without_a_readable_file_there_are_no_streets_and_no_error(
    doors: Doors, town: Any, packed: bytes | None
) -> None:
    town(packed)
    token, _ = on_the_road(doors)
    nothing = {"middle": None, "main": "", "side": "", "credit": ""}
    assert doors.call("GET", "/v1/driver/streets", token=token).body == nothing


def test_without_a_route_there_are_none(doors: Doors, town: Any) -> None:
    town(a_grid(10))
    _, token = doors.a_driver()
    assert doors.call("GET", "/v1/driver/streets", token=token).body["middle"] is None


def test_what_cannot_be_read_is_known_as_such() -> None:
    """Or the test above would pass for a file that is merely empty."""
    with pytest.raises(StreetsUnreadable):
        street_map.StreetLines(b"no street file")
