"""docs/integrate-api.md works by copy and paste, and a quote is accepted once however many ask."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chalicelib.domain.dispatch.today import sheet_store
from chalicelib.domain.merchants import store as merchants
from chalicelib.storage import keys
from local.stack import RunningStack
from tests.stack.pages import a_checkout, blocks_of, follow
from tests.stack.town import STORE_AT, Place, Reply, Town, wait_until

PAGE = "docs/integrate-api.md"
THREADS = 32
ITEMS = [{"name": "Book", "quantity": 1, "weight_g": 500}]


@pytest.mark.usefixtures("known_streets")
def test_the_integration_page_works_by_copy_and_paste(stack: RunningStack, tmp_path: Path) -> None:
    assert len(blocks_of(PAGE)) >= 8
    told = follow(PAGE, a_checkout(tmp_path, stack), stack).splitlines()
    assert told[:2] == ["true", "outside_service_area"]
    assert told[2] == "service: standard"
    assert told[3].startswith("fee: ")
    assert "unknown_location" in told
    ready = told.index("ready")
    assert "/t/" in told[ready + 1]
    assert told[ready + 2 : ready + 7] == [
        "the same",
        "used_quote",
        "ready",
        "delivery.created",
        "accepted",
    ]
    assert told[-2].startswith("qte_")
    assert told[-1] == "cancelled"


def a_door() -> dict[str, object]:
    return {
        "name": "Mara Vogel",
        "address": {"line1": "Am Markt 3", "city": "Kassel", "postal_code": "1", "country": "DE"},
        "latitude": STORE_AT.latitude,
        "longitude": STORE_AT.longitude,
    }


def a_quote(town: Town, place: Place) -> Reply:
    door = {"latitude": STORE_AT.latitude, "longitude": STORE_AT.longitude}
    form = {"dropoff": door, "items": ITEMS}
    return town.call("POST", "/v1/quotes", form, place.api_key)


def test_many_acceptances_of_one_quote_make_one_delivery(town: Town) -> None:
    place = town.open_place("Quotes")
    with ThreadPoolExecutor(THREADS) as pool:
        # Workers are there before the quote: it is good for a minute and a half of ours.
        pool.map(lambda _: a_quote(town, place), range(THREADS))
    quote = a_quote(town, place)
    assert quote.status == 201, quote.raw

    def accept(number: int) -> Reply:
        body = {"external_id": f"Q-{number % 4}", "dropoff": a_door()}
        return town.call("POST", f"/v1/quotes/{quote.body['id']}/accept", body, place.api_key)

    with ThreadPoolExecutor(THREADS) as pool:
        replies = list(pool.map(accept, range(THREADS)))
    made = [reply for reply in replies if reply.status == 201]
    assert len({reply.body["id"] for reply in made}) == 1
    refused = Counter(reply.body["code"] for reply in replies if reply.status != 201)
    # Who lost four races in a row is told to try again.
    assert set(refused) <= {"used_quote", "stale_version"}
    listed = town.call("GET", "/v1/deliveries", token=place.api_key).body["deliveries"]
    assert [one["id"] for one in listed] == [made[0].body["id"]]


def test_news_of_a_hub_leads_to_its_day_sheet(town: Town) -> None:
    """A driver comes on duty: within half a minute quotes know, without anybody asking."""
    place = town.open_place("Sheets")
    town.on_duty(place, 1)
    hub = merchants.load_hub(town.begin(), place.hub_id)

    def drawn() -> bool:
        kept = town.begin().get(keys.day_sheet(hub.id))
        return kept is not None and len(sheet_store.read(town.begin(), hub).rows) == 1

    assert wait_until(drawn)
    quote = a_quote(town, place).body
    assert quote["dropoff_eta"] < quote["window"]["end_time"]
