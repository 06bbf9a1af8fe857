"""Texts by SNS: what is sent, and how each ending is told apart."""

import re

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from chalicelib.gateways.sms import Answer, SnsTexts
from chalicelib.kit.errors import TextNotSent, Upstream

PHONE = "+4915112345678"


class Sns:
    """A client that keeps what it was given and ends as it is told."""

    def __init__(self, ending=None):
        self.ending = ending
        self.published = []

    def publish(self, **arguments):
        self.published.append(arguments)
        if self.ending is not None:
            raise self.ending
        return {"MessageId": "msg-1"}


def refused(code: str, status: int, message: str = f"no: {PHONE}") -> ClientError:
    return ClientError(
        {
            "Error": {"Code": code, "Message": message},
            "ResponseMetadata": {"HTTPStatusCode": status},
        },
        "Publish",
    )


def test_a_text_reaches_the_phone(aws):
    client = boto3.client("sns", config=Config(retries={"max_attempts": 0}))
    answer = SnsTexts(client).send(PHONE, "hello", "delivered")
    sent = sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"].sms_messages
    assert sent[answer.message_id][:2] == (PHONE, "hello")


@pytest.mark.parametrize("sender_id", ["", "Lastmile"])
def test_subject_and_attributes_are_always_given(sender_id):
    sns = Sns()
    assert SnsTexts(sns, sender_id).send(PHONE, "hello", "delivered") == Answer("msg-1")
    (arguments,) = sns.published
    assert arguments["Subject"] == "delivered"
    attributes = arguments["MessageAttributes"]
    assert attributes["AWS.SNS.SMS.SMSType"]["StringValue"] == "Transactional"
    assert ("AWS.SNS.SMS.SenderID" in attributes) is bool(sender_id)


@pytest.mark.parametrize(
    "ending",
    [
        EndpointConnectionError(endpoint_url="http://x"),
        ConnectTimeoutError(endpoint_url="http://x"),
        NoCredentialsError(),
        refused("Throttling", 400),
        refused("ThrottledException", 429),
        refused("AuthorizationError", 403),
    ],
)
def test_what_surely_was_not_sent_may_be_tried_again(ending):
    with pytest.raises(TextNotSent):
        SnsTexts(Sns(ending)).send(PHONE, "hello", "delivered")


@pytest.mark.parametrize(
    "ending",
    [
        ReadTimeoutError(endpoint_url="http://x"),
        ConnectionClosedError(endpoint_url="http://x"),
        refused("InternalError", 500),
        refused("ServiceUnavailable", 503),
    ],
)
def test_what_may_have_been_sent_is_told_apart(ending):
    with pytest.raises(Upstream) as caught:
        SnsTexts(Sns(ending)).send(PHONE, "hello", "delivered")
    assert not isinstance(caught.value, TextNotSent)


@pytest.mark.parametrize(
    ("ending", "refusal"),
    [
        (refused("OptedOut", 400), "opted_out"),
        (refused("InvalidParameter", 400, f"Phone {PHONE} is opted out"), "opted_out"),
        (refused("InvalidParameter", 400), "invalid"),
        (refused("InvalidParameterValue", 400), "invalid"),
    ],
)
def test_a_refusal_for_good_is_an_answer(ending, refusal):
    answer = SnsTexts(Sns(ending)).send(PHONE, "hello", "delivered")
    assert answer == Answer(None, refusal)


@pytest.mark.parametrize("ending", [refused("Throttling", 400), refused("InternalError", 500)])
def test_no_error_carries_the_phone(ending):
    """The service repeats the number in its message, and tracebacks go to the log."""
    with pytest.raises(Upstream) as caught:
        SnsTexts(Sns(ending)).send(PHONE, "hello", "delivered")
    error = caught.value
    assert not re.search(r"\d{5}", f"{error} {error.detail} {error.extra}")
    assert error.__suppress_context__
