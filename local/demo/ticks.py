"""How often is the day planned? As its own clock says: the schedules, at the speed of the demo.

EventBridge's finest rhythm is a minute of ours, and that is three hours of a day that is played 200
times as fast: nothing could ever wait for a later wave and still come in time, and a route whose
driver did not come would be offered anew when it is late. So the planner and the matcher are called
by the day's clock besides, with the schedules' own message.
"""

import json
import threading
from datetime import UTC, datetime
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError

from local.cloud import session
from local.demo.doors import DayClock
from local.stack import STAGE, RunningStack

#: Between two waves [s of the day]: six seconds of ours, about what planning three hubs takes.
TICK_S = 1200
SCHEDULED = ("plan_waves", "match_drivers")


def keep_ticking(
    stack: RunningStack, clock: DayClock, over: threading.Event, troubles: list[str]
) -> threading.Thread:
    """Call them again and again until the day is over."""

    def tick() -> None:
        # A tick that is slow is not sent twice: the next one comes soon enough.
        patient = Config(retries={"max_attempts": 0}, read_timeout=60)
        client = session().client("lambda", endpoint_url=stack.aws_endpoint_url, config=patient)
        while not over.wait(TICK_S / clock.rate):
            for name in SCHEDULED:
                try:
                    reply = client.invoke(
                        FunctionName=f"lastmile-{STAGE}-{name}", Payload=message()
                    )
                except BotoCoreError:
                    # A machine that is busy with something else: the next tick is as good.
                    continue
                if "FunctionError" in reply:
                    troubles.append(f"{name}: {reply['Payload'].read()[:200]!r}")
        client.close()

    thread = threading.Thread(target=tick, name="schedule", daemon=True)
    thread.start()
    return thread


def message() -> bytes:
    """What EventBridge sends."""
    event: dict[str, Any] = {
        "version": "0",
        "id": "demo",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "000000000000",
        "time": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": "eu-central-1",
        "resources": [],
        "detail": {},
    }
    return json.dumps(event).encode()
