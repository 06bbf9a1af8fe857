"""Payloads of shared waves: what one function puts, another one gets."""

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.gateways.payloads import S3Payloads, payload_key

BUCKET = "payloads-of-waves"


@pytest.fixture
def payloads(aws: None) -> S3Payloads:
    client = boto3.client("s3")
    client.create_bucket(Bucket=BUCKET)
    return S3Payloads(client, BUCKET)


def test_what_was_put_is_there_for_everybody_as_it_was(payloads: S3Payloads) -> None:
    key = payload_key("wav_1", "cut_2")
    payloads.put(key, b"\x00packed\xff")
    assert S3Payloads(boto3.client("s3"), BUCKET).get(key) == b"\x00packed\xff"


def test_every_wave_has_a_folder_that_its_functions_may_reach() -> None:
    """The policies grant ``waves/*`` and nothing else."""
    assert payload_key("wav_1", "cut_2") == "waves/wav_1/cut_2"


def test_what_was_forgotten_is_an_error_and_not_an_empty_plan(payloads: S3Payloads) -> None:
    with pytest.raises(ClientError, match="NoSuchKey"):
        payloads.get(payload_key("wav_1", "cut_gone"))
