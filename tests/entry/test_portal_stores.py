"""The portal's stores: looked at, added, changed, taken away; what is typed is never lost."""

import re

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Store
from chalicelib.kit.errors import PlacesUnavailable
from tests.entry.conftest import Doors
from tests.entry.portal_pages import hidden, read, words
from tests.entry.visitors import Visitor, a_visitor

NORTH = {"name": "Shop North", "external_id": "n-1", "address": "Ring 2, 37213 Neustadt"}
THERE = {"latitude": "51.22", "longitude": "9,42"}


def stores(doors: Doors) -> tuple[Store, ...]:
    uow = wiring.unit_of_work()
    return merchants.load_merchant(uow, doors.stage.merchant_id).stores


def named(doors: Doors, number: str) -> Store | None:
    return next((one for one in stores(doors) if one.external_id == number), None)


def test_a_store_is_added_once_changed_and_taken_away(doors: Doors, member_client: Visitor) -> None:
    for _ in range(2):
        sent = member_client.send("/m/stores", **NORTH, **THERE)
        assert (sent.status, sent.headers["Location"]) == (303, "../m/stores?said=opened")
    assert [one.external_id for one in stores(doors)].count("n-1") == 1
    opened = named(doors, "n-1")
    assert opened is not None
    assert (opened.position.latitude, opened.position.longitude) == (51.22, 9.42)
    listed = read(member_client.get("/m/stores?said=opened"))
    assert "Shop North" in words(listed)
    assert 'class="areas"' in listed
    path = f"/m/stores/{opened.id}"
    version = hidden(read(member_client.get(path)), "version")
    changed = {**NORTH, **THERE, "name": "North", "version": version}
    for _ in range(2):
        assert member_client.send(path, **changed).headers["Location"].endswith("said=changed")
    assert named(doors, "n-1") == Store(opened.id, "n-1", "North", opened.address, opened.position)
    for _ in range(2):
        assert member_client.send(path, do="close").headers["Location"].endswith("said=closed")
    assert named(doors, "n-1") is None
    assert member_client.get(path).status == 404


def test_an_address_is_looked_up_where_nobody_says_the_position(
    doors: Doors, member_client: Visitor
) -> None:
    sent = member_client.send("/m/stores", **{**NORTH, "external_id": "n-2"})
    assert sent.status == 303
    found = named(doors, "n-2")
    assert found is not None
    assert found.position == doors.stage.places.position
    assert doors.stage.places.asked[-1] == NORTH["address"]


@pytest.mark.parametrize("how", ["unknown", "out of order"])
def test_an_address_that_nobody_finds_asks_for_the_position_and_keeps_what_was_typed(
    doors: Doors, member_client: Visitor, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def search(**_: object) -> tuple[()]:
        if how == "unknown":
            return ()
        raise PlacesUnavailable

    monkeypatch.setattr(doors.stage.places, "search", search)
    page = read(member_client.send("/m/stores", **{**NORTH, "external_id": "n-3"}), 422)
    assert "could not find this address" in words(page)
    assert 'value="Ring 2, 37213 Neustadt"' in page
    assert named(doors, "n-3") is None


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"name": " "}, 422),
        ({"external_id": ""}, 422),
        ({"address": "\u200f"}, 422),
        ({"latitude": "north"}, 422),
        ({"latitude": "nan"}, 422),
        ({"latitude": "52.5", "longitude": "13.4"}, 422),
        ({"longitude": ""}, 422),
        ({"external_id": "1"}, 409),
    ],
)
def test_what_cannot_be_a_store_is_told_in_words(
    doors: Doors, member_client: Visitor, wrong: dict[str, str], status: int
) -> None:
    before = stores(doors)
    taken = {"external_id": before[0].external_id} if status == 409 else {}
    sent = {**NORTH, "external_id": "n-4", **THERE, **wrong, **taken}
    assert 'role="alert"' in read(member_client.send("/m/stores", **sent), status)
    assert stores(doors) == before


def test_what_somebody_else_changed_meanwhile_is_shown_first(
    doors: Doors, member_client: Visitor
) -> None:
    store = stores(doors)[0]
    path = f"/m/stores/{store.id}"
    there = {
        "external_id": store.external_id,
        "address": "Ring 3",
        "latitude": str(store.position.latitude),
        "longitude": str(store.position.longitude),
    }
    seen = hidden(read(member_client.get(path)), "version")
    first = member_client.send(path, name="First", version=seen, **there)
    assert first.status == 303
    late = read(member_client.send(path, name="Second", version=seen, **there), 409)
    assert re.search(r"<h1>First</h1>", late)
    assert 'value="Second"' in late
    again = hidden(late, "version")
    assert member_client.send(path, name="Second", version=again, **there).status == 303
    assert stores(doors)[0].name == "Second"


def test_the_last_store_stays(doors: Doors, member_client: Visitor) -> None:
    for one in stores(doors)[1:]:
        member_client.send(f"/m/stores/{one.id}", do="close")
    (last,) = stores(doors)
    assert "only store" in words(read(member_client.get(f"/m/stores/{last.id}")))
    kept = member_client.send(f"/m/stores/{last.id}", do="close")
    assert "at least one store" in words(read(kept, 409))


def test_who_only_looks_sees_no_form_and_can_send_none(doors: Doors) -> None:
    viewer = a_visitor(doors.stage, TeamRole.VIEWER)
    page = read(viewer.get("/m/stores"))
    assert 'method="post"' not in page[page.index("<main") :]
    store_id = stores(doors)[0].id
    assert viewer.get(f"/m/stores/{store_id}").status == 403
    assert viewer.send(f"/m/stores/{store_id}", do="close").status == 403
    assert viewer.send("/m/stores", **NORTH, **THERE).status == 403
