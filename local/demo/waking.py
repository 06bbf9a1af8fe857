"""Why is nobody late in the morning? Every function has been started once before the day begins.

A worker's first start takes seconds on a laptop, the solver's with its layer ten and more; of a day
that is played 200 times as fast that is an hour, in which nothing can be planned.
"""

import json
from concurrent.futures import ThreadPoolExecutor

from botocore.config import Config
from botocore.exceptions import BotoCoreError

from local.cloud import session
from local.demo import ticks
from local.stack import STAGE, RunningStack

#: The longest start first. Those of HTTP start with the day's set-up.
_SLEEPERS = (
    "solve_wave",
    "rematch_routes",
    "relay_events",
    "send_messages",
    "draw_sheets",
    "roll_figures",
    "keep_books",
    "update_shops",
    "post_webhooks",
    *ticks.SCHEDULED,
)
_OF_A_STREAM = "relay_events"
_NOTHING = b'{"Records": []}'
#: A queue's empty batch is refused, and the worker ended: its functions get a message that none of
#: them takes, and say so in their answer.
_UNREADABLE = json.dumps(
    {
        "Records": [
            {
                "messageId": "wake",
                "body": "null",
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSource": "aws:sqs",
            }
        ]
    }
).encode()


def wake(stack: RunningStack) -> None:
    """Call each with nothing to do."""
    patient = Config(retries={"max_attempts": 0}, read_timeout=60)
    client = session().client("lambda", endpoint_url=stack.aws_endpoint_url, config=patient)

    def call(name: str) -> None:
        try:
            client.invoke(FunctionName=f"lastmile-{STAGE}-{name}", Payload=_payload(name))
        except BotoCoreError:
            return  # It starts with its first work, then.

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(call, _SLEEPERS))
    client.close()


def _payload(name: str) -> bytes:
    if name in ticks.SCHEDULED:
        return ticks.message()
    return _NOTHING if name == _OF_A_STREAM else _UNREADABLE
