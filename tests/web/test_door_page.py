"""The page to show one's door, without a browser: plain forms, one effect, nothing told twice."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib import web, wiring
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import (
    CancelReason,
    Confidence,
    Delivery,
    Recipient,
    Status,
)
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.domain.intake import review
from chalicelib.domain.intake.review import Review, Stage, Who
from chalicelib.domain.tracking import door
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found, PlaceKind
from tests.telling import BERLIN, HOUSE, NOON, OTHER_HOUSE, STREET, World
from tests.web.test_recipient_page import Outline, get

HEAVIEST_BYTES = 20_000
FORM = "application/x-www-form-urlencoded"


@dataclass
class Places:
    """A geocoder for the corrected lines: what a first line means."""

    known: dict[str, tuple[Found, ...]] = field(default_factory=dict)
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def search(self, *, line1: str, **_: Any) -> tuple[Found, ...]:
        self.asked.append(line1)
        if self.is_down:
            raise PlacesUnavailable
        return self.known.get(line1, ())


@pytest.fixture
def places(stage: None, monkeypatch: pytest.MonkeyPatch) -> Places:
    made = Places()
    monkeypatch.setattr(wiring, "places", lambda: made)
    return made


@pytest.fixture
def clock(stage: None, monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    made = FrozenClock(NOON)
    monkeypatch.setattr(wiring, "clock", lambda: made)
    return made


@dataclass
class Recipients:
    """Somebody with a link, and what came of what they sent."""

    client: Any
    world: World
    delivery: Delivery

    @property
    def path(self) -> str:
        return f"/t/{self.world.token(self.delivery)}/address"

    def page(self, query: str = "") -> str:
        response = get(self.client, self.path + query)
        assert response.status_code == 200
        return str(response.body.decode())

    def send(self, **fields: object) -> Any:
        return self.client.http.post(
            self.path, headers={"Content-Type": FORM}, body=urlencode(fields).encode()
        )

    def goes_to(self, **fields: object) -> str:
        response = self.send(**fields)
        assert response.status_code == 303
        return str(response.headers["Location"])

    def now(self) -> Delivery:
        return deliveries.load(self.world.begin(), ref_of(self.delivery))

    def person(self) -> Recipient:
        found = deliveries.load_recipient(self.world.begin(), ref_of(self.delivery))
        assert found is not None
        return found

    def review(self) -> Review:
        found = review.load(self.world.begin(), ref_of(self.delivery))
        assert found is not None
        return found


@pytest.fixture
def anna(client, world, places, clock) -> Recipients:
    area = Extent(52.5, 13.38, 52.54, 13.44)
    return Recipients(client, world, world.in_doubt(STREET, HOUSE, OTHER_HOUSE, areas=(area,)))


def test_the_tracking_page_says_what_is_needed_and_leads_to_the_form(anna: Recipients) -> None:
    html = get(anna.client, anna.path.removesuffix("/address")).body.decode()
    assert "Where is your door?" in html
    token = anna.world.token(anna.delivery)
    assert f'href="{token}/address"' in html
    assert "Answer by" in html


def test_past_the_deadline_no_promise_is_repeated(anna: Recipients, clock: FrozenClock) -> None:
    clock.advance(hours=1, minutes=59)
    html = get(anna.client, anna.path.removesuffix("/address")).body.decode()
    assert "Answer by" not in html
    assert "As soon as you answer, it gets a place on the next route." in html


def test_the_page_is_light_closed_and_asks_no_third_party(anna: Recipients) -> None:
    html = anna.page()
    outline = Outline(html)
    assert len(html.encode()) < HEAVIEST_BYTES
    assert [one.get("type") for one in outline.all("script")] == ["module"]
    assert {one["method"] for one in outline.all("form")} == {"post"}
    assert {one["action"] for one in outline.all("form")} == {"address"}
    assert "style=" not in html
    assert "://" not in html.replace("http://www.w3.org/2000/svg", "")


def test_without_a_script_the_sketch_is_hidden_and_everything_else_works(anna: Recipients) -> None:
    forms = Outline(anna.page()).all("form")
    assert [one.get("id") for one in forms if "hidden" in one] == ["pinning"]
    assert len(forms) == 4


def test_the_policy_names_our_module_and_nothing_else(anna: Recipients) -> None:
    response = get(anna.client, anna.path)
    policy = response.headers["Content-Security-Policy"]
    html = response.body.decode()
    module = html.partition('<script type="module">')[2].partition("</script>")[0]
    assert module == web.module("door.js")
    assert f"script-src 'sha256-{web._hash(module)}'" in policy
    assert "form-action 'self'" in policy
    assert "default-src 'none'" in policy
    assert response.headers["Permissions-Policy"].startswith("camera=(), geolocation=(self)")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"


def test_only_doors_can_be_chosen_and_each_says_how_far_it_is(anna: Recipients) -> None:
    html = anna.page()
    chosen = [one["value"] for one in Outline(html).all("input") if one.get("type") == "radio"]
    assert chosen == ["1", "2"]
    assert "Torstraße 21, 10119 Berlin" in html
    assert "220 m north-east of where we looked" in html
    assert "Torstraße 2, 10119" in html


def test_a_chosen_candidate_releases_the_parcel_and_corrects_the_address(anna: Recipients) -> None:
    token = anna.world.token(anna.delivery)
    assert anna.goes_to(answer="choose", candidate="1") == f"../{token}"
    now, person = anna.now(), anna.person()
    assert (now.status, now.dropoff) == (Status.READY, HOUSE.position)
    assert now.confidence is Confidence.CONFIRMED
    assert now.door_key not in (None, "somewhere")
    assert (person.address.line1, person.address.line2) == ("Torstraße 21", "4th floor")
    assert anna.review().settled_by is Who.RECIPIENT
    assert [entry.what for entry in now.history] == ["created", "address_review", "ready"]


def test_the_same_answer_twice_has_one_effect(anna: Recipients) -> None:
    for _ in range(3):
        anna.goes_to(answer="choose", candidate="1")
    assert anna.now().version == 3
    anna.goes_to(answer="choose", candidate="2")
    assert anna.now().dropoff == HOUSE.position


def test_after_the_answer_the_form_leads_back_to_the_delivery(anna: Recipients) -> None:
    anna.goes_to(answer="choose", candidate="1")
    response = get(anna.client, anna.path)
    assert response.status_code == 303
    assert response.headers["Location"] == f"../{anna.world.token(anna.delivery)}"


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(52.535, 13.405), (52.5021, 13.4391), (52.52, 13.405)]
)
def test_a_pin_near_the_geocode_or_in_the_postal_area_is_believed(
    anna: Recipients, latitude: float, longitude: float
) -> None:
    anna.goes_to(answer="pin", latitude=latitude, longitude=longitude)
    now = anna.now()
    assert (now.status, now.dropoff) == (Status.READY, LatLng(latitude, longitude))
    assert anna.person().address.line1 == "Torstraße 12"


@pytest.mark.parametrize(("latitude", "longitude"), [(52.56, 13.405), (48.1, 11.6)])
def test_a_pin_elsewhere_is_for_the_desk_and_never_guessed(
    anna: Recipients, latitude: float, longitude: float
) -> None:
    """Whoever stole a link must not get the parcel sent across the town."""
    for _ in range(2):
        anna.goes_to(answer="pin", latitude=latitude, longitude=longitude)
    now, asked = anna.now(), anna.review()
    assert (now.status, now.dropoff) == (Status.ADDRESS_REVIEW, BERLIN)
    assert (now.reason, now.version) == ("answer_out_of_reach", 3)
    assert (asked.stage, asked.proposed) == (Stage.REFERRED, LatLng(latitude, longitude))
    html = get(anna.client, anna.path.removesuffix("/address")).body.decode()
    assert "We are checking your address" in html


def test_corrected_lines_that_the_geocoder_knows_release_the_parcel(
    anna: Recipients, places: Places
) -> None:
    places.known["Torstr. 231"] = (
        Found(PlaceKind.POINT, LatLng(52.5266, 13.3889), 0.97, "Torstraße 231"),
    )
    lines = {"line1": " Torstr.  231 ", "line2": "Rear", "postal_code": "D-10119"}
    anna.goes_to(answer="correct", city="Berlin", **lines)
    address = anna.person().address
    assert anna.now().status is Status.READY
    assert (address.line1, address.line2) == ("Torstr. 231", "Rear")
    assert (address.postal_code, address.country) == ("10119", "DE")


def test_corrected_lines_that_stay_unclear_bring_new_candidates(
    anna: Recipients, places: Places
) -> None:
    places.known["Linienstr"] = (replace_line(STREET, "Linienstraße"),)
    said = anna.goes_to(answer="correct", line1="Linienstr", postal_code="10119")
    assert said == "address?said=unclear"
    assert anna.now().status is Status.ADDRESS_REVIEW
    assert [one.line1 for one in anna.review().candidates] == ["Linienstraße"]
    assert "We still cannot find it" in anna.page("?said=unclear")
    assert 'value="Linienstr"' in anna.page()


def replace_line(found: Found, line1: str) -> Found:
    return Found(found.kind, found.position, found.score, line1, found.postal_code, found.city)


def test_lines_that_nobody_knows_leave_the_question_open(anna: Recipients) -> None:
    said = anna.goes_to(answer="correct", line1="Nowhere 1", postal_code="10119")
    assert said == "address?said=unclear"
    assert anna.person().address.line1 == "Torstraße 12"


def test_whoever_is_stuck_gets_a_person(anna: Recipients) -> None:
    anna.goes_to(answer="desk")
    assert anna.now().reason == "recipient_needs_help"
    assert anna.review().stage is Stage.REFERRED
    assert "One of us is looking" in anna.page()
    anna.goes_to(answer="choose", candidate="1")
    assert anna.now().status is Status.READY


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"answer": "choose"},
        {"answer": "choose", "candidate": "x"},
        {"answer": "choose", "candidate": "0"},
        {"answer": "pin", "latitude": "nan", "longitude": "13"},
        {"answer": "pin", "latitude": "91", "longitude": "13"},
        {"answer": "pin", "latitude": "1e999", "longitude": "13"},
        {"answer": "pin", "latitude": "", "longitude": ""},
        {"answer": "correct", "line1": "\u202e", "postal_code": "10119"},
        {"answer": "correct", "line1": "Torstraße 1"},
        {"answer": "refuse"},
        {f"f{number}": number for number in range(40)},
    ],
)
def test_what_says_nothing_changes_nothing_and_says_so(
    anna: Recipients, fields: dict[str, object]
) -> None:
    assert anna.goes_to(**fields) == "address?said=missing"
    assert anna.now().version == 2


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"answer=%ff%fe", b"&&&===", b"a" * 9000])
def test_hostile_bodies_are_no_fault_of_ours(anna: Recipients, body: bytes) -> None:
    response = anna.client.http.post(anna.path, headers={"Content-Type": FORM}, body=body)
    assert response.status_code in (303, 413)
    assert anna.now().version == 2


def test_a_candidate_that_does_not_exist_is_an_unknown_answer(anna: Recipients) -> None:
    assert anna.goes_to(answer="choose", candidate="99") == "address?said=missing"
    assert anna.now().version == 2


def test_while_the_geocoder_is_down_nothing_is_lost(anna: Recipients, places: Places) -> None:
    places.is_down = True
    said = anna.goes_to(answer="correct", line1="Torstraße 1", postal_code="10119")
    assert said == "address?said=later"
    assert "try again in a minute" in anna.page("?said=later")
    assert anna.now().version == 2


def test_twenty_answers_an_hour_are_taken_and_not_one_more(
    anna: Recipients, clock: FrozenClock, places: Places
) -> None:
    """Each may cost a question to the geocoder; the link's holder may be anybody."""
    for _ in range(door.MOST_ANSWERS):
        anna.goes_to(answer="correct", line1="Nowhere 1", postal_code="10119")
    asked = len(places.asked)
    refused = anna.send(answer="choose", candidate="1")
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "3600"
    assert len(places.asked) == asked
    assert anna.now().status is Status.ADDRESS_REVIEW
    clock.advance(hours=1, seconds=1)
    anna.goes_to(answer="choose", candidate="1")
    assert anna.now().status is Status.READY


def test_an_unknown_link_is_not_found_and_takes_no_answers(client, world, places) -> None:
    path = "/t/AAAAAAAAAAAAAAAAAAAAAA/address"
    assert get(client, path).status_code == 404
    sent = client.http.post(path, headers={"Content-Type": FORM}, body=b"answer=desk")
    assert sent.status_code == 404


def test_a_cancelled_delivery_takes_no_answers(anna: Recipients) -> None:
    anna.world.go_on(anna.delivery, life.Cancel(NOON, CancelReason.MERCHANT_REQUEST))
    anna.goes_to(answer="choose", candidate="1")
    assert anna.now().status is Status.CANCELLED


def test_nothing_of_link_or_answer_is_logged(
    anna: Recipients, capsys: pytest.CaptureFixture[str], places: Places
) -> None:
    places.known["Geheimweg 7"] = (HOUSE,)
    anna.page()
    anna.send(answer="pin", latitude="52.123456", longitude="13.654321")
    anna.send(answer="correct", line1="Geheimweg 7", postal_code="10119", city="Geheimstadt")
    out, err = capsys.readouterr()
    logged = out + err
    for line in filter(None, out.splitlines()):
        json.loads(line)
    for private in (anna.world.token(anna.delivery), "52.123456", "Geheim", "Torstr", "Anna"):
        assert private not in logged


def test_hostile_words_stay_words(client, world, places, clock) -> None:
    hostile = Found(PlaceKind.POINT, BERLIN, 0.9, "<script>alert(1)</script>", '"><img>', "&amp;")
    other = Recipients(client, world, world.in_doubt(hostile))
    html = other.page()
    assert "<script>alert" not in html
    assert "<img>" not in html


def test_a_form_is_open_until_the_window_is_long_over(anna: Recipients, clock: FrozenClock) -> None:
    clock.advance(hours=30)
    anna.goes_to(answer="choose", candidate="1")
    assert anna.now().status is Status.READY
    assert anna.now().history[-1].at == NOON + timedelta(hours=30)
