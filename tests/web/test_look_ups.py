"""The look-up's pages and the shop's frame: what is sent, what is framed, what is alike."""

import gzip

import pytest

from chalicelib.domain.deliveries import order_numbers
from chalicelib.domain.merchants import changes
from tests.telling import ANNA, SERVER_KEY
from tests.web.test_recipient_page import Outline, get

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
RIGHT = b"number=%231042&postal_code=10119"


@pytest.fixture
def delivery(world):
    made = world.deliver()
    uow = world.begin()
    order_numbers.save(uow, made, ANNA.address.postal_code, SERVER_KEY)
    uow.commit()
    return made


def post(client, path, body):
    return client.http.post(path, headers=FORM, body=body)


def test_the_right_number_and_code_lead_to_a_glance(client, delivery):
    moved = post(client, "/track", RIGHT)
    assert moved.status_code == 303
    place = moved.headers["Location"]
    assert place.startswith("track/"), "relative: a stage's path may stand in front"
    page = get(client, f"/{place}")
    html = page.body.decode()
    assert page.status_code == 200
    assert not Outline(html).all("form")
    assert not Outline(html).all("script")
    assert "Anna" not in html
    assert "14:00–16:00" in html


@pytest.mark.parametrize("body", [b"", b"number=%231042", RIGHT[:-1], b"\xff\xfe", b"&=" * 99])
def test_whatever_is_not_found_gets_the_same_answer(client, delivery, body):
    moved = post(client, "/track", body)
    assert (moved.status_code, moved.headers["Location"]) == (303, "track?said=unknown")


def test_too_many_tries_are_told_kindly(client, delivery):
    places = [post(client, "/track", RIGHT).headers["Location"] for _ in range(11)]
    assert places[-1] == "track?said=often"
    assert "Those were many tries" in get(client, "/track?said=often").body.decode()


def test_the_form_keeps_the_language_that_was_wished_for(client, delivery):
    moved = post(client, "/track?lang=de", b"number=x")
    assert moved.headers["Location"] == "track?said=unknown&lang=de"


def test_only_named_pages_may_frame_a_shops_form(client, world, delivery):
    path = f"/shops/{world.merchant.id}/track"
    assert "frame-ancestors 'none'" in get(client, path).headers["Content-Security-Policy"]
    uow = world.begin()
    origins = ("https://shop.example", "https://*.blumen.example")
    changes.change_settings(uow, world.merchant.id, changes.Settings(widget_origins=origins))
    uow.commit()
    framed = "frame-ancestors 'self' https://shop.example https://*.blumen.example"
    assert get(client, path).headers["Content-Security-Policy"].endswith(framed)
    found = post(client, path, RIGHT).headers["Location"]
    glance = get(client, f"/shops/{world.merchant.id}/{found}")
    assert glance.status_code == 200
    assert glance.headers["Content-Security-Policy"].endswith(framed)
    assert "frame-ancestors 'none'" in get(client, "/track").headers["Content-Security-Policy"]


def test_the_widget_is_small_makes_one_frame_and_keeps_nothing(client):
    script = get(client, "/widget.js")
    text = script.body.decode()
    assert len(gzip.compress(script.body)) < 5_000
    assert len(script.body) < 5_000
    assert text.count('createElement("iframe")') == 1
    assert not any(word in text for word in ("cookie", "localStorage", "sessionStorage", "fetch("))
