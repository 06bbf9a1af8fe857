"""Every word of a page comes through the translator: none stands outside of the pseudo brackets."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from chalicelib import web
from chalicelib.domain.deliveries.model import FailureReason, Status
from chalicelib.domain.merchants.recipient_actions import RecipientAction
from chalicelib.domain.tracking import view
from chalicelib.domain.tracking.eta import Progress
from chalicelib.domain.tracking.headlines import Known
from chalicelib.domain.tracking.words import Reading
from chalicelib.kit.languages import NAMES, Language, translator
from chalicelib.web import track_page
from tests.telling import ANNA, lived, minutes, new_delivery, steps_to

PSEUDO = translator(Language.PSEUDO)
#: What is not ours to translate: names, and what others wrote. They are spelt without letters here.
BRAND, ORDER = "12 & 34", "#1042"


class Visible(HTMLParser):
    """The text of a page and of the attributes that people hear or see."""

    SPOKEN = frozenset({"alt", "title", "aria-label", "placeholder"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.mute = ""
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag in ("style", "script", "svg") or "hreflang" in given:
            self.mute = self.mute or tag
        self.said += [given[name] for name in self.SPOKEN & given.keys() if given[name]]

    def handle_endtag(self, tag):
        if tag == self.mute:
            self.mute = ""

    def handle_data(self, data):
        if not self.mute:
            self.said.append(data)


def outside(text: str) -> str:
    """What is left when everything in brackets is taken away, the innermost first."""
    before = ""
    while before != text:
        before, text = text, re.sub(r"\[[^\[\]]*\]", "", text)
    return text


def untranslated(html: str, *names: str) -> list[str]:
    told = []
    for said in Visible(html).said:
        left = outside(said)
        for name in names:
            left = left.replace(name, "")
        if any(letter.isalpha() for letter in left):
            told.append(said)
    return told


def shown(status: Status, t, **facts):
    delivery = lived(*steps_to(status), before=new_delivery(order_name=ORDER))
    person = replace(ANNA, name="1", address=replace(ANNA.address, line1="2"))
    on_the_way = status is Status.EN_ROUTE_TO_DROPOFF
    known = Known(
        delivery=delivery,
        recipient=person,
        brand=BRAND,
        reading=Reading(ZoneInfo("America/Chicago"), True, t),
        now=minutes(60),
        progress=Progress(minutes(75), minutes(70), minutes(90), 6) if on_the_way else None,
        has_photo=True,
        pin="0123",
        **facts,
    )
    return track_page.page(t, view.show(known), "token")


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.ADDRESS_REVIEW])
def test_every_word_of_the_recipients_page_is_translated(status):
    html = shown(status, PSEUDO)
    # The city of a time zone is a name, and stands in a sentence.
    assert untranslated(html) == []
    assert html.count("[") > 10


@pytest.mark.parametrize(
    "path", ["/?lang=en-XA", "/t/AbCdEfGhIjKlMnOpQrStUv?lang=en-XA", "/track?lang=en-XA"]
)
def test_every_word_of_the_other_pages_is_translated(client, path):
    response = client.http.get(path)
    assert untranslated(response.body.decode(), "Lastmile") == []


NAMED = ("Blumen & Söhne", "Lastmile", "Torstraße 12", "Anna", "1042")
PAGES = (
    *("", "/problem", "/messages"),
    *(f"/actions/{action.value}" for action in RecipientAction),
)


@pytest.mark.parametrize("ready", [True, False])
def test_every_word_of_what_a_recipient_asks_for_is_translated(client, world, ready):
    delivery = world.deliver(*(() if ready else steps_to(Status.DELIVERED)))
    for page in PAGES:
        path = f"/t/{world.token(delivery)}{page}?lang=en-XA"
        response = client.http.get(path)
        if response.status_code == 200:
            html = response.body.decode()
            assert untranslated(html, delivery.order_name, *NAMED) == [], page
            links = re.findall(r'(?:href|action)="([^"]*)"', html)
            ours = [one for one in links if not re.match(r"#|data:|\?lang=|geo:|tel:|mailto:", one)]
            assert [one for one in ours if "lang=en-XA" not in one] == [], page


@pytest.mark.parametrize("language", NAMES)
def test_every_language_says_every_status_and_why_it_failed(language):
    t = translator(language)
    for status in Status:
        if status is not Status.ADDRESS_REVIEW:
            html = shown(status, t)
            assert f'<html lang="{language}" dir="{t.direction}">' in html


def test_a_page_right_to_left_isolates_what_is_left_to_right():
    html = shown(Status.EN_ROUTE_TO_DROPOFF, translator(Language.AR))
    assert f"<bdi>{ORDER}</bdi>" in html
    assert "\u20686\u2069" in html
    assert {FailureReason.WEATHER.value, "Delivered"} & set(html.split()) == set()


def test_a_page_offers_the_other_languages_by_their_own_names():
    html = web.render(
        "message.html", t=translator(Language.AR), eyebrow="", headline="", lead="", foot=""
    )
    assert '<a href="?lang=de" lang="de" hreflang="de">Deutsch</a>' in html
    assert "lang=ar" not in html
