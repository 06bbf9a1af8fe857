"""Run by test_functions.py in an interpreter of its own: functions called as Lambda calls them.

Each module is imported by its handler's name, without ``app``, and gets events in the very shape
that the service sends. Prints one JSON object: what each function answered.
"""

import base64
import json
import os
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import boto3
from moto import mock_aws

from tests.conftest import create_tables

ARN = "arn:aws:sqs:us-east-1:123456789012:queue"
QUEUES = (
    *("waves", "merges", "rematch", "redeliveries", "messages"),
    *("callbacks", "sheets", "shops", "books", "papers", "figures", "simulations"),
)
TICK = {
    "version": "0",
    "id": "89d1a02d-5ec7-412e-82f5-13505f849b41",
    "detail-type": "Scheduled Event",
    "source": "aws.events",
    "account": "123456789012",
    "time": "2026-11-27T12:00:00Z",
    "region": "us-east-1",
    "resources": ["arn:aws:events:us-east-1:123456789012:rule/tick"],
    "detail": {},
}


@dataclass
class Context:
    """What Lambda hands over beside the event."""

    aws_request_id: str = "52fdfc07-2182-154f-163f-5f0f9a621d72"
    function_name: str = "test"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:test"

    def get_remaining_time_in_millis(self) -> int:
        return 300_000


def call(function: str, event: Any) -> Any:
    module = import_module(f"chalicelib.entry.functions.{function}")
    return getattr(module, function)(event, Context())


def from_topic(*messages: str) -> dict[str, Any]:
    records = [
        {
            "EventSource": "aws:sns",
            "Sns": {"Message": one, "Subject": None, "MessageAttributes": {}},
        }
        for one in messages
    ]
    return {"Records": records}


def from_queue(*bodies: str) -> dict[str, Any]:
    return {
        "Records": [
            {
                "messageId": f"message-{number}",
                "receiptHandle": "AQEB",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": "1",
                    "SentTimestamp": "1795780800000",
                    "SenderId": "AROA",
                    "ApproximateFirstReceiveTimestamp": "1795780800001",
                },
                "messageAttributes": {},
                "md5OfBody": "098f6bcd4621d373cade4e832627b4f6",
                "eventSource": "aws:sqs",
                "eventSourceARN": ARN,
                "awsRegion": "us-east-1",
            }
            for number, body in enumerate(bodies)
        ]
    }


def from_stream(*images: Any) -> dict[str, Any]:
    return {
        "Records": [
            {
                "eventID": f"e{number}",
                "eventName": "MODIFY",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": "us-east-1",
                "dynamodb": {
                    "ApproximateCreationDateTime": 1795780800,
                    "Keys": {"pk": image["pk"], "sk": image["sk"]},
                    "NewImage": image,
                    "SequenceNumber": f"{number}",
                    "SizeBytes": 100,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
                "eventSourceARN": "arn:aws:dynamodb:us-east-1:123456789012:table/core/stream/x",
            }
            for number, image in enumerate(images)
        ]
    }


def from_bucket(key: str) -> dict[str, Any]:
    detail = {
        "version": "0",
        "bucket": {"name": "day-proofs"},
        "object": {"key": key, "size": 4, "etag": "x", "sequencer": "0"},
        "request-id": "x",
        "requester": "123456789012",
        "reason": "PutObject",
    }
    return {**TICK, "source": "aws.s3", "detail-type": "Object Created", "detail": detail}


def prepare() -> Any:
    """Tables, queues, bucket and keys as the template makes them; the environment it sets."""
    names = create_tables(boto3.client("dynamodb"), "day")
    os.environ.update({f"TABLE_{table.name}": name for table, name in names.items()})
    sqs = boto3.client("sqs")
    for queue in QUEUES:
        os.environ[f"QUEUE_{queue.upper()}"] = sqs.create_queue(QueueName=queue)["QueueUrl"]
    for bucket in ("day-proofs", "day-payloads"):
        boto3.client("s3").create_bucket(Bucket=bucket)
    ssm = boto3.client("ssm")
    for kind, value in (("server", base64.b64encode(bytes(32)).decode()), ("operator", "key")):
        ssm.put_parameter(Name=f"/day/{kind}-key", Value=value, Type="SecureString")
        os.environ[f"{kind.upper()}_KEY_PARAMETER"] = f"/day/{kind}-key"
    os.environ.update(
        STAGE="day",
        BUCKET_PROOFS="day-proofs",
        BUCKET_PAYLOADS="day-payloads",
        PUBLIC_BASE_URL="https://t.example",
        LOG_LEVEL="ERROR",
    )
    return sqs


def take(sqs: Any, queue: str) -> list[str]:
    url = os.environ[f"QUEUE_{queue.upper()}"]
    found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return [message["Body"] for message in found]


def stand_there() -> None:
    """A hub, a driver on duty, two deliveries that wait."""
    from chalicelib import wiring
    from chalicelib.domain.deliveries import service as deliveries
    from chalicelib.domain.drivers import store as drivers
    from chalicelib.domain.merchants import store as merchants
    from chalicelib.kit.timewindow import TimeWindow
    from tests import builders

    uow = wiring.unit_of_work()
    window = TimeWindow(uow.now, uow.now + (builders.a_request().window.end_at - builders.NOON))
    merchants.save_hub(uow, builders.a_hub())
    merchants.save_merchant(uow, builders.a_merchant())
    drivers.save_work(uow, builders.a_driver_at_work(shift_ends_at=window.end_at))
    for number in ("1", "2"):
        deliveries.create(uow, builders.a_request(external_id=number, window=window))
    uow.commit()


def drive_zigzag() -> str:
    """A driver on the road whose doors were planned in a silly order; the route's id."""
    from dataclasses import replace

    from chalicelib import wiring
    from chalicelib.domain.dispatch import store
    from chalicelib.domain.drivers import store as drivers
    from tests import builders
    from tests.domain.dispatch.under_way.test_reordering import ZIGZAG, a_route

    uow = wiring.unit_of_work()
    doors = [replace(door, planned_arrival_at=uow.now, window=None) for door in ZIGZAG]
    route = replace(a_route(*doors), driver_id="drv_2", starts_at=uow.now, version=1)
    store.save_route(uow, route)
    drivers.save_work(uow, builders.a_driver_at_work("drv_2", route_id=route.id))
    uow.commit()
    return route.id


def images_with(event_type: str) -> list[Any]:
    """The items of core that carry an event, as the stream would show them."""
    items = boto3.client("dynamodb").scan(TableName=os.environ["TABLE_CORE"])["Items"]
    return [item for item in items if event_type in json.dumps(item.get("events", ""))]


def delayed(sqs: Any, name: str) -> int:
    """How many messages of a queue will show later."""
    told = "ApproximateNumberOfMessagesDelayed"
    url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[told])
    return int(reply["Attributes"][told])


def main() -> None:
    with mock_aws():
        sqs = prepare()
        stand_there()
        said: dict[str, Any] = {}
        said["plan_waves"] = call("plan_waves", TICK)
        orders = take(sqs, "waves")
        said["solve_wave"] = call("solve_wave", from_queue(*orders))
        said["solve_wave again"] = call("solve_wave", from_queue(*orders))
        planned = images_with("route.planned")
        said["relay_events"] = call("relay_events", from_stream(*planned))
        said["sheets ordered"] = delayed(sqs, "sheets")
        said["draw_sheets"] = call("draw_sheets", from_queue('{"hub_id": "hub_1"}', "{}"))
        said["sheet kept"] = "Item" in boto3.client("dynamodb").get_item(
            TableName=os.environ["TABLE_EPH"], Key={"pk": {"S": "DS#hub_1"}, "sk": {"S": "A"}}
        )
        said["match_drivers"] = call("match_drivers", TICK)
        heard = take(sqs, "rematch")
        said["rematch_routes"] = call("rematch_routes", from_queue(*heard, "not JSON"))
        event = planned[0]["events"]["L"][0]
        from chalicelib.storage.table import from_wire

        again = {"subscriber": "matching", "event": from_wire({"e": event})["e"]}
        said["redeliver_events"] = call("redeliver_events", from_queue(json.dumps(again)))
        said["redelivered"] = len(take(sqs, "rematch"))
        said["send_messages"] = call("send_messages", from_queue("{}", "[1]"))
        said["post_webhooks"] = call("post_webhooks", from_queue('{"step": "nothing"}'))
        said["wake_callbacks"] = call("wake_callbacks", TICK)
        said["wake_texts"] = call("wake_texts", TICK)
        said["receive_texts"] = call("receive_texts", from_topic("no JSON", "{}"))
        said["sweep_points"] = call("sweep_points", TICK)
        said["keep_books"] = call("keep_books", from_queue('{"book": "nothing", "because": "x"}'))
        take(sqs, "books")
        said["close_books"] = call("close_books", TICK)
        said["close ordered"] = take(sqs, "books")
        said["mind_cases"] = call("mind_cases", TICK)
        order = json.dumps({"hub_id": "hub_1", "route_id": drive_zigzag()})
        said["a better order"] = call("solve_wave", from_queue(order))
        said["reordered"] = len(images_with("route.reordered"))
        said["check_proof"] = call("check_proof", from_bucket("elsewhere/photo.jpg"))
        said["routes"] = len(planned)
        said["app"] = "app" in sys.modules
    print(json.dumps(said))


if __name__ == "__main__":
    main()
