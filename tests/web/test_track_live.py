"""What the page asks for beside itself: small news, a calendar, a rating. And its own weight."""

import gzip
import json
import re
from dataclasses import replace

import pytest
from chalice.test import Client

from chalicelib.domain.deliveries import redaction
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.domain.tracking import rating
from chalicelib.entry.api.deliveries import show_delivery
from chalicelib.kit.languages import Language
from chalicelib.web import assets, track_page
from tests.telling import ANNA, minutes, steps_to
from tests.web.browser.track_stage import Stage, streets
from tests.web.test_look_ups import FORM
from tests.web.test_recipient_page import get, page_of

#: What is sent before the map that can be moved, and with it.
MOST_BEFORE_MAP, MOST_IN_ALL = 15_000, 120_000
MOST_NEWS, MOST_NO_NEWS = 600, 200


def on_the_wire(response) -> int:
    """Status line, headers and body, as HTTP/1.1 writes them."""
    lines = [f"{name}: {value}\r\n" for name, value in response.headers.items()]
    length = f"Content-Length: {len(response.body)}\r\n" if response.body else ""
    return len("HTTP/1.1 200 OK\r\n" + "".join(lines) + length + "\r\n") + len(response.body)


def gz(text: str) -> int:
    return len(gzip.compress(text.encode(), 6))


@pytest.mark.parametrize("language", [Language.EN, Language.DE, Language.AR])
@pytest.mark.parametrize("status", [Status.PLANNED, Status.EN_ROUTE_TO_DROPOFF, Status.DELIVERED])
def test_the_page_with_its_map_and_the_map_that_comes_after_keep_their_budgets(status, language):
    shown = Stage().shown(status, language)
    page = track_page.page(shown.t, shown, "t" * 22, streets=streets())
    assert gz(page) <= MOST_BEFORE_MAP
    later = [*assets.below("static/track/map.js"), assets.served("vendor/leaflet.css")]
    moved = sum(gz(assets.by_name()[name].content) for name in later)
    assert gz(page) + moved <= MOST_IN_ALL


def live(client: Client, world, delivery, **headers):
    return get(client, f"/t/{world.token(delivery)}/live", **headers)


def test_news_and_no_news_are_small_on_the_wire(client, world):
    delivery = world.deliver(*steps_to(Status.EN_ROUTE_TO_DROPOFF))
    news = live(client, world, delivery)
    assert on_the_wire(news) <= MOST_NEWS
    none = live(client, world, delivery, **{"If-None-Match": news.headers["ETag"]})
    assert (none.status_code, none.body) == (304, b"")
    assert on_the_wire(none) <= MOST_NO_NEWS


@pytest.mark.parametrize("language", [Language.EN, Language.DE, Language.ES, Language.AR])
def test_the_longest_news_are_small_in_every_language(language):
    shown = replace(
        Stage().shown(Status.EN_ROUTE_TO_DROPOFF, language),
        shift=Stage().shown(Status.EN_ROUTE_TO_DROPOFF, language).lead,
    )
    body = json.dumps(track_page.news(shown, "a" * 10), ensure_ascii=False, separators=(",", ":"))
    headers = 'HTTP/1.1 200 OK\r\nETag: "0123456789ab"\r\nCache-Control: no-store\r\n'
    headers += "Content-Type: application/json\r\nContent-Length: 999\r\n\r\n"
    assert len(headers) + len(body.encode()) <= MOST_NEWS


def test_the_page_names_the_news_that_it_goes_with(client, world):
    delivery = world.deliver(*steps_to(Status.PLANNED))
    _, html = page_of(client, world, delivery)
    told = live(client, world, delivery).json_body
    assert re.search(r'data-page="(\w+)"', html)[1] == told["page"]
    assert told["poll_s"] == 60
    world.go_on(delivery, *steps_to(Status.PICKED_UP)[2:])
    assert live(client, world, delivery).json_body["page"] != told["page"]


def test_nothing_is_asked_for_once_it_is_over(client, world):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    assert live(client, world, delivery).json_body["poll_s"] is None


def test_an_unknown_link_has_no_news(client, world):
    answer = get(client, f"/t/{'A' * 22}/live")
    assert (answer.status_code, answer.json_body["code"]) == (404, "not_found")


def test_the_calendar_tells_shop_and_time_and_nothing_else(client, world):
    delivery = world.deliver(*steps_to(Status.PLANNED))
    file = get(client, f"/t/{world.token(delivery)}/calendar")
    assert file.headers["Content-Type"] == "text/calendar; charset=utf-8"
    text = file.body.decode()
    assert "DTSTART:20261127T130000Z\r\nDTEND:20261127T150000Z\r\n" in text
    assert "SUMMARY:Parcel from Blumen & Söhne\r\n" in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    for private in (ANNA.name.split()[0], "Torstraße", world.token(delivery), delivery.id):
        assert private not in text


def rate(client, world, delivery, body: bytes):
    return client.http.post(f"/t/{world.token(delivery)}/rating", headers=FORM, body=body)


def rated(world, delivery):
    return rating.load(world.begin(), ref_of(delivery))


def test_one_tap_rates_and_the_page_says_so(client, world):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    moved = rate(client, world, delivery, b"stars=4")
    assert (moved.status_code, moved.headers["Location"]) == (303, f"../{world.token(delivery)}")
    assert rated(world, delivery).stars == 4
    _, html = page_of(client, world, delivery)
    assert html.count("star lit") == 4
    rate(client, world, delivery, b"stars=5&comment=Danke, nett!")
    assert (rated(world, delivery).stars, rated(world, delivery).comment) == (5, "Danke, nett!")


@pytest.mark.parametrize(
    "body", [b"", b"stars=0", b"stars=6", b"stars=x", b"stars=%C2%B2", b"\xff"]
)
def test_what_is_no_rating_changes_nothing(client, world, body):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    assert rate(client, world, delivery, body).status_code == 303
    assert rated(world, delivery) is None


def test_what_has_not_come_cannot_be_rated(client, world):
    delivery = world.deliver(*steps_to(Status.PLANNED))
    assert rate(client, world, delivery, b"stars=1").status_code == 303
    assert rated(world, delivery) is None


def test_the_same_again_is_no_news_and_other_stars_are(world, client):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    versions = []
    for body in (b"stars=3", b"stars=3", b"stars=2", b"stars=2&comment=late"):
        rate(client, world, delivery, body)
        versions.append(rated(world, delivery).version)
    assert versions == [1, 1, 2, 3]


def test_after_a_day_a_rating_stays():
    given = rating.Rating(3, minutes(0), 1)
    assert given.may_change(minutes(24 * 60 - 1))
    assert not given.may_change(minutes(24 * 60))


def test_the_merchant_reads_the_rating_on_the_delivery_and_a_redaction_takes_its_words(
    client, world
):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    rate(client, world, delivery, b"stars=2&comment=wet parcel")
    shown = show_delivery(delivery.merchant_id, delivery.id)["rating"]
    assert (shown["stars"], shown["comment"]) == (2, "wet parcel")
    for forget in (
        redaction.forget_texts,
        lambda uow, ref: redaction.redact(uow, ref, lambda _: None),
    ):
        uow = world.begin()
        forget(uow, ref_of(delivery))
        uow.commit()
    assert show_delivery(delivery.merchant_id, delivery.id)["rating"]["comment"] == ""
    rate(client, world, delivery, b"stars=1&comment=Anna wrote this")
    assert (rated(world, delivery).stars, rated(world, delivery).comment) == (1, "")
