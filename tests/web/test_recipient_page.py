"""The recipient's page, without a browser: headers, budget, words, and nothing hostile in it."""

import base64
import gzip
import hashlib
import re
from dataclasses import replace
from html.parser import HTMLParser

import boto3
import pytest

from chalicelib import web
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.model import (
    Status,
)
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.entry.functions.check_proof import check_proof
from chalicelib.gateways.photos import upload_key
from chalicelib.storage import keys
from tests.gateways import photo_shop
from tests.telling import ANNA, World, minutes, steps_to

HEAVIEST_BYTES = 15_000
JPEG = photo_shop.encoded(photo_shop.a_door(480, 640))


#: A delivery in review is not made by commands alone: test_door_page has its pages.
REACHABLE = [status for status in Status if status is not Status.ADDRESS_REVIEW]


class Outline(HTMLParser):
    """Elements of a page with their attributes, in order; refuses what does not close."""

    VOID = frozenset({"meta", "link", "img", "br", "circle", "path", "input", "use"})

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]


def get(client, path, method="GET", **headers):
    return client.http.request(method, path, headers=headers)


def page_of(client, world, delivery):
    response = get(client, f"/t/{world.token(delivery)}")
    assert response.status_code == 200
    return response, response.body.decode()


def object_created(bucket, key):
    """What EventBridge hands to the function."""
    detail = {"bucket": {"name": bucket}, "object": {"key": key, "size": 1}}
    names = {"version": "0", "id": "1", "account": "1", "region": "us-east-1", "resources": []}
    kind = {"source": "aws.s3", "detail-type": "Object Created", "time": "2026-11-27T12:00:00Z"}
    return {**names, **kind, "detail": detail}


def photographed(world, body=JPEG):
    """A delivered parcel with its photo in the bucket, as the bucket would tell us."""
    delivery = world.deliver(*steps_to(Status.DELIVERED)[:-1])
    uow = world.begin()
    proof_id = uow.new_id("prf")
    item = {"id": proof_id, "status": "announced", "content_type": "image/jpeg"}
    uow.put(keys.proof(delivery.merchant_id, delivery.id, proof_id), item, expect=0)
    uow.commit()
    delivery = world.go_on(delivery, life.Deliver(minutes(75), (Proof(ProofKind.PHOTO, proof_id),)))
    key = upload_key(delivery.merchant_id, delivery.id, proof_id)
    bucket = "proofs-of-pages"
    boto3.client("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType="image/jpeg")
    check_proof(object_created(bucket, key), None)
    return delivery


@pytest.mark.parametrize("status", REACHABLE)
def test_every_page_is_light_and_whole(client, world, status):
    _, html = page_of(client, world, world.deliver(*steps_to(status)))
    outline = Outline(html)
    assert len(gzip.compress(html.encode(), 6)) < HEAVIEST_BYTES
    assert len(outline.all("script")) == (0 if status.is_final else 1)
    assert not re.search(r"\son\w+=", html)
    assert not re.search(r"(src|href)=\"(https?:)?//", html), "no third party is asked"
    assert "style=" not in html, "the policy would drop it"


@pytest.mark.parametrize("status", REACHABLE)
def test_every_page_can_be_walked_by_its_landmarks_and_its_present_step(client, world, status):
    _, html = page_of(client, world, world.deliver(*steps_to(status)))
    outline = Outline(html)
    assert outline.all("html")[0]["lang"] == "en"
    for landmark in ("header", "main", "footer", "h1", "title"):
        assert len(outline.all(landmark)) == 1
    present = [one for one in outline.all("li") if one.get("aria-current") == "step"]
    assert len(present) == 1
    ids = {attributes["id"] for _, attributes in outline.elements if "id" in attributes}
    for section in outline.all("section"):
        assert section["aria-labelledby"] in ids


def test_when_comes_first(client, world):
    _, html = page_of(client, world, world.deliver())
    main = re.sub(r"<[^>]+>", " ", html[html.index("<main") :])
    assert " ".join(main.split()).startswith("Arriving Today , 14:00–16:00")


def test_the_headers_keep_the_page_to_its_reader(client, world):
    response, html = page_of(client, world, world.deliver())
    style = re.search(r"<style>(.*)</style>", html, re.DOTALL).group(1)
    script = re.search(r'<script type="module">(.*)</script>', html, re.DOTALL).group(1)
    style, script = (
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in (style, script)
    )
    assert response.headers["Content-Security-Policy"] == (
        f"default-src 'none'; style-src 'sha256-{style}' 'self'; img-src data:; "
        f"script-src 'sha256-{script}' 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_page_renews_itself_only_while_something_can_change(client, world):
    _, active = page_of(client, world, world.deliver())
    assert '<noscript><meta http-equiv="refresh" content="60"></noscript>' in active


def test_a_page_that_is_over_stands_still(client, world):
    _, over = page_of(client, world, world.deliver(*steps_to(Status.DELIVERED)))
    assert 'http-equiv="refresh"' not in over


def test_an_unchanged_page_is_not_sent_again(client, world):
    delivery = world.deliver()
    first, _ = page_of(client, world, delivery)
    path = f"/t/{world.token(delivery)}"
    again = get(client, path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.body) == (304, b"")
    world.go_on(delivery, *steps_to(Status.PLANNED)[1:])
    changed = get(client, path, **{"If-None-Match": first.headers["ETag"]})
    assert changed.status_code == 200


def test_a_preview_robot_may_ask_for_the_head_alone(client, world):
    response = get(client, f"/t/{world.token(world.deliver())}", method="HEAD")
    assert (response.status_code, response.body) == (200, b"")
    assert response.headers["ETag"]


HOSTILE = "<script>alert(1)</script>\"'&{{777*7}}"


def test_hostile_names_stay_words(stage, begin, client):
    world = World(begin, brand=f"Shop {HOSTILE}")
    address = replace(ANNA.address, line1=f"Road {HOSTILE}")
    recipient = replace(ANNA, name=f"{HOSTILE} Schmidt", address=address)
    _, html = page_of(client, world, world.deliver(recipient=recipient))
    assert len(Outline(html).all("script")) == 1
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "5439" not in html


@pytest.mark.parametrize("token", ["x", "A" * 22, "A" * 400, "%00", "..%2f..%2fetc"])
def test_an_unknown_link_gets_a_kind_page(client, world, token):
    response = get(client, f"/t/{token}")
    assert response.status_code == 404
    assert "We do not know this link" in response.body.decode()
    assert response.headers["Content-Type"].startswith("text/html")
    assert "Content-Security-Policy" in response.headers


def test_an_old_link_says_that_it_has_expired(client, world, clock):
    clock.advance(days=-20)
    delivery = world.deliver()
    world.go_on(delivery, life.Cancel(clock.now(), "merchant_request"))
    response = get(client, f"/t/{world.token(delivery)}")
    assert response.status_code == 410
    assert "This link has expired" in response.body.decode()


def test_a_photo_that_arrived_is_on_the_page_and_behind_a_short_link(client, world):
    delivery = photographed(world)
    response, html = page_of(client, world, delivery)
    token = world.token(delivery)
    (image,) = Outline(html).all("img")
    assert image["src"] == f"{token}/photo", "relative: a stage's path may stand in front"
    assert image["alt"]
    policy = response.headers["Content-Security-Policy"]
    origin = re.search(r"img-src 'self' (https://\S+) data:", policy).group(1)
    moved = get(client, f"/t/{token}/photo")
    assert moved.status_code == 302
    assert moved.headers["Location"].startswith(origin + "/")
    assert moved.headers["Cache-Control"] == "no-store"


def test_what_is_no_photo_is_not_on_the_page(client, world):
    delivery = photographed(world, body=b"<html><script>")
    _, html = page_of(client, world, delivery)
    assert not Outline(html).all("img")
    assert get(client, f"/t/{world.token(delivery)}/photo").status_code == 404


def test_the_front_page_helps_who_lost_the_link(client):
    response = get(client, "/")
    assert response.status_code == 200
    assert "Open the link in the text message" in response.body.decode()
    Outline(response.body.decode())


def test_a_page_speaks_as_its_address_wishes_and_else_as_the_browser_does(client):
    response = get(client, "/?lang=en-XA", **{"accept-language": "de"})
    assert response.headers["Content-Language"] == "en-XA"
    assert response.headers["Vary"] == "Accept-Language"
    assert '<html lang="en-XA" dir="ltr">' in response.body.decode()
    assert "[Löööökîîñg föör åå påårçéél?]" in response.body.decode()
    spoken = get(client, "/", **{"accept-language": "de-AT, en;q=0.5"})
    assert spoken.headers["Content-Language"] == "de"
    assert spoken.headers["ETag"] != response.headers["ETag"]


def test_health_is_answered_without_asking_anybody(client):
    response = get(client, "/healthz")
    assert response.json_body == {"status": "ok"}


def test_a_page_never_renders_with_a_value_missing():
    with pytest.raises(Exception, match="undefined"):
        web.render("message.html", eyebrow="a")
