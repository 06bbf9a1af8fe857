"""Hubs share a tick, not their troubles."""

import pytest

from chalicelib.domain.merchants.model import Hub
from chalicelib.entry.each_hub import each_hub
from chalicelib.kit.errors import Conflict
from tests.entry.conftest import HUB, Doors


def test_a_hub_in_trouble_takes_no_others_turn(doors: Doors) -> None:
    """And the tick fails nonetheless, so that somebody hears of it."""
    ids = {doors.hub_id, *(doors.operate("POST", "/v1/hubs", HUB).body["id"] for _ in range(2))}
    seen: list[str] = []

    def do(hub: Hub) -> str:
        seen.append(hub.id)
        if len(seen) == 1:
            raise Conflict("what stands there cannot be read")
        return hub.id

    with pytest.raises(Conflict):
        each_hub(do)
    assert set(seen) >= ids
    assert set(each_hub(lambda hub: hub.id)) == set(seen)
