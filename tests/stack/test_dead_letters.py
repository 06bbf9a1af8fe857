"""Dead letters on the deployed stack: seen by the desk, and sent back to the queue they died in."""

import json
from typing import Any

from tests.stack.town import Town, wait_until

PATH = "/v1/dead-letters/redeliveries"


def test_what_a_worker_gave_up_is_sent_back_by_a_function_with_a_role_of_its_own(
    town: Town,
) -> None:
    place = town.open_place("Dead letters")
    operator = town.stack.operator_key
    sqs, url = town.cloud.client("sqs"), town.stack.outputs["PapersQueueUrl"]
    told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    # Six timeouts between two tries are half an hour until a message is given up.
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
    message = {"delivery": "mer_x/del_x", "because": "nobody has it"}
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(message))

    def given_up() -> Any:
        found = town.call("GET", PATH, token=operator)
        assert found.status == 200, found.raw
        # Others' may have died, too.
        return [one for one in found.body["letters"] if one["body"] == message]

    (letter,) = wait_until(given_up)
    sqs.set_queue_attributes(QueueUrl=url, Attributes=told["Attributes"])
    assert (letter["source"], letter["body"]["delivery"]) == ("papers", "mer_x/del_x")
    assert town.workers("tend_dead_letters")
    # The web function may count them, in its own role.
    needs = town.call("GET", f"/v1/attention?hub_id={place.hub_id}", token=operator)
    assert needs.status == 200, needs.raw
    assert "redeliveries" in [one["about"].get("queue") for one in needs.body["items"]]
    done = town.call("POST", f"{PATH}/redrive", {"id": letter["id"]}, operator)
    assert (done.status, done.body["count"]) == (200, 1), done.raw
    deeds = town.call("GET", "/v1/dead-letters", token=operator).body["deeds"]
    (deed,) = [one for one in deeds if letter["id"] in one["letters"]]
    assert (deed["what"], deed["queue"]) == ("redriven", "redeliveries")
