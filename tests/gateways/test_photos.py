"""Proof photos: uploads are pinned to one key, type and size; views are short."""

import base64
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from chalicelib.gateways.photos import (
    MOST_BYTES,
    PEEK_BYTES,
    S3Photos,
    paper_key,
    proof_key,
    read_upload_key,
    upload_key,
)
from chalicelib.kit.errors import Invalid, NotFound

KEY = upload_key("mer_a", "del_" + "0" * 26, "prf_a")


@pytest.fixture
def client(aws):
    client = boto3.client("s3")
    client.create_bucket(Bucket="proofs")
    yield client
    for row in client.list_objects_v2(Bucket="proofs").get("Contents", []):
        client.delete_object(Bucket="proofs", Key=row["Key"])
    client.delete_bucket(Bucket="proofs")


@pytest.mark.parametrize("content_type", ["image/jpeg", "image/png", "image/webp"])
def test_an_upload_is_pinned_to_its_key_type_and_size_for_five_minutes(client, content_type):
    form = S3Photos(client, "proofs").upload_form(KEY, content_type)
    assert form.fields["key"] == KEY
    assert form.fields["Content-Type"] == content_type
    policy = json.loads(base64.b64decode(form.fields["policy"]))
    conditions = policy["conditions"]
    assert {"key": KEY} in conditions
    assert {"bucket": "proofs"} in conditions
    assert {"Content-Type": content_type} in conditions
    assert ["content-length-range", 1, 5 * 1024 * 1024] in conditions
    left = datetime.fromisoformat(policy["expiration"]) - datetime.now(UTC)
    assert 240 < left.total_seconds() <= 300


@pytest.mark.parametrize("content_type", ["image/svg+xml", "image/gif", "text/html", ""])
def test_other_types_get_no_form(client, content_type):
    with pytest.raises(Invalid):
        S3Photos(client, "proofs").upload_form(KEY, content_type)


def test_a_view_lasts_a_minute(client):
    url = S3Photos(client, "proofs").view_url(KEY)
    assert KEY in urlsplit(url).path
    query = parse_qs(urlsplit(url).query)
    if "X-Amz-Expires" in query:
        assert query["X-Amz-Expires"] == ["60"]
    else:
        left = int(query["Expires"][0]) - datetime.now(UTC).timestamp()
        assert 0 < left <= 61


def test_an_upload_comes_with_its_size_and_label(client):
    body = b"\xff\xd8\xff" + bytes(1000)
    client.put_object(Bucket="proofs", Key=KEY, Body=body, ContentType="image/jpeg")
    uploaded = S3Photos(client, "proofs").fetch(KEY)
    assert (uploaded.size_bytes, uploaded.content_type) == (1003, "image/jpeg")
    assert uploaded.body == body


def test_of_an_upload_that_is_too_large_only_its_beginning_is_read(client):
    client.put_object(Bucket="proofs", Key=KEY, Body=bytes(MOST_BYTES + 1))
    uploaded = S3Photos(client, "proofs").fetch(KEY)
    assert uploaded.size_bytes == MOST_BYTES + 1
    assert len(uploaded.body) == PEEK_BYTES


def test_an_empty_upload_holds_nothing(client):
    client.put_object(Bucket="proofs", Key=KEY, Body=b"")
    assert S3Photos(client, "proofs").fetch(KEY).size_bytes == 0


def test_an_upload_that_is_not_there_is_not_found(client):
    with pytest.raises(NotFound):
        S3Photos(client, "proofs").fetch(KEY)


def test_all_of_a_delivery_is_removed_and_nothing_of_its_neighbour(client):
    photos, other = S3Photos(client, "proofs"), "del_" + "1" * 26
    mine = [upload_key, proof_key]
    for name in mine:
        photos.keep(name("mer_a", "del_" + "0" * 26, "prf_a"), b"x", "image/jpeg")
    photos.keep(paper_key("mer_a", "del_" + "0" * 26), b"x", "application/pdf")
    photos.keep(proof_key("mer_a", other, "prf_a"), b"x", "image/jpeg")
    assert photos.remove_all("mer_a", "del_" + "0" * 26) == 3
    assert photos.remove_all("mer_a", "del_" + "0" * 26) == 0
    left = [row["Key"] for row in client.list_objects_v2(Bucket="proofs")["Contents"]]
    assert left == [proof_key("mer_a", other, "prf_a")]


@pytest.mark.parametrize(
    "key",
    [
        *("", "incoming", "other/mer/del/prf", "incoming/mer_a/del_short/prf_a", KEY + "/more"),
        proof_key("mer_a", "del_" + "0" * 26, "prf_a"),
    ],
)
def test_a_strange_key_is_no_uploads_key(key):
    assert read_upload_key(key) is None
    assert read_upload_key(KEY) == ("mer_a", "del_" + "0" * 26, "prf_a")
