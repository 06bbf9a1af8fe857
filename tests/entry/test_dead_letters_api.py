"""Dead letters through the API: what is shown is harmless, what is done is remembered."""

import json
import os

import boto3
import pytest

from chalicelib.domain.attention import letters
from chalicelib.entry import given_up
from tests.entry.conftest import Doors

ALL = "/v1/dead-letters"
#: What Lambda writes of an order that Shopify's bus brought: a stranger's whole order is in it.
ORDER = {
    "requestContext": {"requestId": "r-1", "condition": "RetriesExhausted"},
    "requestPayload": {"detail": {"payload": {"shipping_address": {"name": "Anna Schmidt"}}}},
    "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
}


def die(queue: str, body: object) -> None:
    url = os.environ[f"DEAD_{queue.upper()}"]
    boto3.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))


def test_the_desk_sees_names_of_things_and_nobodys_data(doors: Doors) -> None:
    die("relay", ORDER)
    shown = doors.operate("GET", f"{ALL}/relay")
    (letter,) = shown.body["letters"]
    assert letter["body"]["requestContext"] == ORDER["requestContext"]
    assert letter["body"]["requestPayload"] == letters.NOT_SHOWN
    assert b"Schmidt" not in shown.raw
    assert doors.operate("POST", f"{ALL}/relay/redrive", {}).status == 409


@pytest.mark.parametrize("body", ["no JSON", "[" * 50 + "]" * 50, '{"a": {"step": 1}}'])
def test_whatever_stands_in_a_message_is_no_trouble(body: str) -> None:
    assert "step" not in json.dumps(letters.shown(body))


def test_what_is_sent_back_is_gone_from_here_and_remembered(doors: Doors) -> None:
    for number in range(2):
        die("messages", {"delivery_id": f"del_{number}", "template": "out_for_delivery"})
    listed = {one["queue"]: one for one in doors.operate("GET", ALL).body["queues"]}
    assert (listed["messages"]["depth"], listed["messages"]["redrivable"]) == (2, True)
    assert listed["messages"]["oldest_at"] is not None
    assert listed["relay"]["redrivable"] is False
    done = doors.operate("POST", f"{ALL}/messages/redrive", {})
    assert done.body == {"queue": "messages", "what": "redriven", "count": 2, "left": 0}
    (deed,) = [one for one in doors.operate("GET", ALL).body["deeds"] if one["queue"] == "messages"]
    assert (deed["what"], deed["by"], deed["count"]) == ("redriven", "desk", 2)


def test_throwing_away_takes_a_reason_and_says_who(doors: Doors) -> None:
    die("waves", {"hub_id": "hub_1", "step": "open"})
    (letter,) = doors.operate("GET", f"{ALL}/waves").body["letters"]
    path = f"{ALL}/waves/discard"
    assert doors.operate("POST", path, {"ids": [letter["id"]]}).status == 422
    body = {"ids": [letter["id"]], "reason": "the next wave has planned it"}
    done = doors.call("POST", path, body, "operator", headers={"Desk-User": "marta"})
    assert (done.status, done.body["left"]) == (200, 0)
    (deed,) = [one for one in doors.operate("GET", ALL).body["deeds"] if one["queue"] == "waves"]
    assert (deed["by"], deed["reason"]) == ("marta", "the next wave has planned it")
    assert deed["letters"][letter["id"]] == {"hub_id": "hub_1", "step": "open"}
    assert doors.operate("POST", path, body).status == 404


def test_the_desks_list_tells_of_them(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    die("rematch", {"hub_id": "hub_1"})
    monkeypatch.setattr(given_up, "_known", given_up._Known())
    found = doors.operate("GET", f"/v1/attention?hub_id={doors.hub_id}").body["items"]
    (item,) = [one for one in found if one["about"].get("queue") == "rematch"]
    assert (item["kind"], item["due_at"], item["minutes_to_breach"]) == ("dead_letters", None, 0)
    assert item["action"]["path"] == f"{ALL}/rematch/redrive"
