"""Proof photos: uploads are pinned to one key, type and size; views are short."""

import base64
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from chalicelib.gateways.photos import S3Photos, proof_key, read_proof_key
from chalicelib.kit.errors import Invalid, NotFound

KEY = proof_key("mer_a", "del_" + "0" * 26, "prf_a")


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
    assert 290 < left.total_seconds() <= 300


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
        assert 50 < left <= 61


def test_a_peek_tells_size_type_and_first_bytes(client):
    body = b"\xff\xd8\xff" + bytes(1000)
    client.put_object(Bucket="proofs", Key=KEY, Body=body, ContentType="image/jpeg")
    peek = S3Photos(client, "proofs").peek(KEY)
    assert (peek.size_bytes, peek.content_type) == (1003, "image/jpeg")
    assert peek.first_bytes == body[:32]


def test_a_peek_at_an_empty_object_sees_nothing(client):
    client.put_object(Bucket="proofs", Key=KEY, Body=b"")
    assert S3Photos(client, "proofs").peek(KEY).size_bytes == 0


def test_a_peek_at_nothing_is_not_found(client):
    with pytest.raises(NotFound):
        S3Photos(client, "proofs").peek(KEY)


@pytest.mark.parametrize(
    "key", ["", "proofs", "other/mer/del/prf", "proofs/mer_a/del_short/prf_a", KEY + "/more"]
)
def test_a_strange_key_is_no_proofs_key(key):
    assert read_proof_key(key) is None
    assert read_proof_key(KEY) == ("mer_a", "del_" + "0" * 26, "prf_a")
