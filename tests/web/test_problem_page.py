"""A recipient reports a problem without an account or a script, and reads what became of it."""

import io
import json
import logging
import re
from urllib.parse import urlencode

import boto3
import pytest

from chalicelib.domain.deliveries import redaction
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.domain.support import service, store
from chalicelib.domain.support.model import Party
from chalicelib.entry.functions.check_proof import check_proof
from chalicelib.entry.functions.update_shops import erase
from chalicelib.entry.observed import logger
from chalicelib.gateways.photos import upload_key
from tests.gateways import photo_shop
from tests.telling import minutes, steps_to
from tests.web.test_recipient_page import Outline, object_created, photographed

CANARY = "Kanarienvogel-7 says <b>hello</b> from Anna"
BUCKET = "proofs-of-pages"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def get(client, world, delivery, query=""):
    return client.http.get(f"/t/{world.token(delivery)}/problem{query}")


def send(client, world, delivery, **fields):
    body = urlencode(fields).encode()
    return client.http.post(f"/t/{world.token(delivery)}/problem", body=body, headers=FORM)


@pytest.fixture
def delivered(world, clock):
    delivery = world.deliver(*steps_to(Status.DELIVERED))
    clock.at = minutes(80)
    return delivery


def case_of(world, delivery):
    return store.of_delivery(world.begin(), ref_of(delivery), Party.RECIPIENT)


def test_the_page_of_a_delivery_leads_to_the_form(client, world, delivered):
    page = client.http.get(f"/t/{world.token(delivered)}").body.decode()
    assert f'href="{world.token(delivered)}/problem"' in page


def test_a_report_is_taken_in_once_and_shown_with_its_time(client, world, delivered):
    for _ in range(2):
        sent = send(client, world, delivered, answer="report", kind="not_received", text=CANARY)
        assert (sent.status_code, sent.headers["Location"]) == (303, "problem?said=thanks")
    html = get(client, world, delivered, "?said=thanks").body.decode()
    assert html.count("Kanarienvogel-7") == 1
    assert "&lt;b&gt;hello" in html
    assert "We answer by" in html
    assert "We have your message" in html
    assert len(html.encode()) < 16_000
    outline = Outline(html)
    assert not outline.all("script")
    assert "form-action 'self'" in get(client, world, delivered).headers["Content-Security-Policy"]


def test_an_answer_of_the_desk_is_shown_and_a_note_is_not(client, world, delivered):
    send(client, world, delivered, answer="report", kind="other", text="Hello")
    for text, to in (("Look in the shed", Party.RECIPIENT), ("rude customer", Party.DESK)):
        uow = world.begin()
        service.write(uow, case_of(world, delivered), Party.DESK, text, to=to, name="marta")
        uow.commit()
    html = get(client, world, delivered).body.decode()
    assert "Look in the shed" in html
    assert "rude customer" not in html
    assert "marta" not in html


def test_a_person_can_be_asked_for_and_the_case_be_closed(client, world, delivered):
    send(client, world, delivered, answer="report", kind="other", text="Hello")
    send(client, world, delivered, answer="person")
    assert case_of(world, delivered).escalated_at is not None
    assert "speak to a person" not in get(client, world, delivered).body.decode()
    send(client, world, delivered, answer="solved")
    assert case_of(world, delivered).status == "resolved"
    send(client, world, delivered, answer="write", text="No")
    assert case_of(world, delivered).status == "open"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"answer": "report", "kind": "not_received"},
        {"answer": "report", "kind": "spoons", "text": "x"},
        {"answer": "report", "text": "x"},
        {"answer": "write", "text": "x"},
        {"answer": "person"},
        {"answer": "report", "kind": "other", "text": " \u202e "},
    ],
    ids=range(7),
)
def test_a_form_that_says_nothing_is_shown_again(client, world, delivered, fields):
    sent = send(client, world, delivered, **fields)
    assert (sent.status_code, sent.headers["Location"]) == (303, "problem?said=missing")
    assert case_of(world, delivered) is None


def test_before_it_comes_only_what_can_be_wrong_then_is_offered(client, world):
    html = get(client, world, world.deliver()).body.decode()
    assert re.findall(r'name="kind" value="(\w+)"', html) == ["driver_behaviour", "other"]


def test_reading_changes_nothing(client, world, delivered):
    send(client, world, delivered, answer="report", kind="other", text="Hello")
    before = case_of(world, delivered)
    get(client, world, delivered)
    assert case_of(world, delivered) == before


def test_photos_go_from_the_form_to_the_bucket_and_come_back_clean(client, world, delivered):
    send(client, world, delivered, answer="report", kind="damaged", text="Broken")
    page = get(client, world, delivered)
    html = page.body.decode()
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', html))
    ref, case = ref_of(delivered), case_of(world, delivered)
    assert fields["key"] == upload_key(ref.merchant_id, ref.delivery_id, case.pictures[0])
    assert fields["success_action_redirect"].endswith("/problem?said=photo")
    origin = re.search(r'action="(https://[^/"]+)', html).group(1)
    assert f"form-action 'self' {origin}" in page.headers["Content-Security-Policy"]
    s3 = boto3.client("s3")
    for body, sent in ((b"<html>", 0), (photo_shop.a_photo(gps=(52.5, 13.4)), 1)):
        s3.put_object(Bucket=BUCKET, Key=fields["key"], Body=body, ContentType="image/jpeg")
        check_proof(object_created(BUCKET, fields["key"]), None)
        shown = get(client, world, delivered).body.decode()
        assert ("1 photo is with us" in shown) is bool(sent)
    kept = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"proofs/{ref.merchant_id}/{ref.delivery_id}")
    assert [row["Key"] for row in kept["Contents"]] == [fields["key"].replace("incoming", "proofs")]
    body = s3.get_object(Bucket=BUCKET, Key=kept["Contents"][0]["Key"])["Body"].read()
    assert b"Canary Camera" not in body


@pytest.fixture
def logged():
    """Every line as it would go to the log, fields and all."""
    lines = io.StringIO()
    handler = logging.StreamHandler(lines)
    handler.setFormatter(logger.registered_formatter)
    ours = logging.getLogger("lastmile")
    ours.addHandler(handler)
    yield lines
    ours.removeHandler(handler)


def test_nothing_that_was_written_is_logged(client, world, delivered, logged):
    send(client, world, delivered, answer="report", kind="other", text=CANARY)
    send(client, world, delivered, answer="write", text=f"again {CANARY}")
    get(client, world, delivered)
    photographed(world)
    lines = logged.getvalue()
    assert lines.count('"resource":"/t/{token}/problem"') == 3
    for trace in ("Kanarienvogel", "Anna", world.token(delivered), "Torstra", "+4915"):
        assert trace not in lines


def test_of_a_forgotten_recipient_no_byte_is_left(client, world, tables):
    """The words, the photos and everything else: whole tables and the bucket are searched."""
    delivery = photographed(world)
    ref, traces = ref_of(delivery), (b"Kanarienvogel", b"Anna", b"Torstra", b"+4915")
    send(client, world, delivery, answer="report", kind="other", text=CANARY)
    case = case_of(world, delivery)
    s3 = boto3.client("s3")
    for folder in ("incoming", "proofs", "papers"):
        key = f"{folder}/{ref.merchant_id}/{ref.delivery_id}/{case.pictures[0]}"
        s3.put_object(Bucket=BUCKET, Key=key, Body=CANARY.encode())
    assert any(trace in _bytes_of(tables) for trace in traces)
    uow = world.begin()
    assert redaction.redact(uow, ref, erase)
    uow.commit()
    assert [trace for trace in traces if trace in _bytes_of(tables)] == []
    left = s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
    assert [row["Key"] for row in left if ref.delivery_id in row["Key"]] == []


def _bytes_of(tables):
    client, found = boto3.client("dynamodb"), []
    for name in tables._names.values():
        pages = client.get_paginator("scan").paginate(TableName=name)
        found += [json.dumps(page["Items"], ensure_ascii=False) for page in pages]
    return "".join(found).encode()
