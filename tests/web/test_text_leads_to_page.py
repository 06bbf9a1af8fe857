"""The link in a text opens the page that the text tells of."""

import io
import json
import logging
import re

import pytest
from moto.core import DEFAULT_ACCOUNT_ID
from moto.sns.models import sns_backends

from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.messaging import service, store
from chalicelib.entry.functions.send_messages import send_messages
from chalicelib.entry.observed import logger
from chalicelib.kit.events import Event
from tests.telling import steps_to


@pytest.fixture
def texts(aws):
    backend = sns_backends[DEFAULT_ACCOUNT_ID]["us-east-1"]
    backend.sms_messages.clear()
    return backend.sms_messages


@pytest.fixture
def log():
    """What the functions log, as CloudWatch gets it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logger.registered_formatter)
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def as_sqs(*bodies):
    """A batch as Lambda gets it from a queue."""
    records = [
        {
            "messageId": str(number),
            "receiptHandle": "r",
            "body": json.dumps(body),
            "attributes": {},
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-1:1:messages",
            "awsRegion": "us-east-1",
        }
        for number, body in enumerate(bodies)
    ]
    return {"Records": records}


def picked_up(delivery):
    version = next(one.version for one in delivery.history if one.what == "picked_up")
    data = {"merchant_id": delivery.merchant_id}
    return Event("delivery.picked_up", delivery.id, version, delivery.history[-1].at, data)


def test_the_link_in_a_text_opens_its_page(client, world, texts):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    message = service.message_for(picked_up(delivery))
    answer = send_messages(as_sqs(message, message), None)
    assert answer == {"batchItemFailures": []}
    ((phone, body, *_),) = texts.values()
    assert phone == "+4915112345678"
    path = re.search(r"https://lm\.example(/t/\S+)$", body).group(1)
    page = client.http.get(path)
    assert page.status_code == 200
    assert "On its way" in page.body.decode()


def test_one_bad_message_does_not_hold_up_the_others(client, world, texts):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    message = service.message_for(picked_up(delivery))
    answer = send_messages(as_sqs({"poem": 1}, message), None)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
    assert len(texts) == 1


def test_no_log_of_a_text_holds_the_phone_the_name_or_the_link(client, world, texts, log):
    delivery = world.deliver(*steps_to(Status.PICKED_UP))
    send_messages(as_sqs(service.message_for(picked_up(delivery)), {"poem": 1}), None)
    client.http.get(f"/t/{world.token(delivery)}")
    logged = log.getvalue()
    assert delivery.id in logged
    for private in ("15112345678", "Anna", "Torstr", world.token(delivery)):
        assert private not in logged
    (text,) = store.list_texts(world.begin(), delivery.merchant_id, delivery.id)
    assert text.message_id
