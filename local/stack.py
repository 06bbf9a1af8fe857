"""The whole stack on this machine: embedded cloud, front door, packaged template, in one call.

The front door takes its port first, because links in texts and the geocoder's address are settings
of the deployment. Nothing is left running when the stack is stopped or its process ends.
"""

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from local.cloud import ROOT, EmbeddedCloud, limit_queue_workers, session
from local.deploy import PACKAGE, Target, deploy, read_secret, stack_name
from local.front_door import FrontDoor
from local.geocode import Gazetteer

Progress = Callable[[str], None]
STAGE = "local"


@dataclass(frozen=True, slots=True)
class PlayClock:
    """How business time runs: ``rate`` seconds per real second, showing ``start_at`` at deployment.

    The default is the real time.
    """

    rate: float = 1.0
    start_at: datetime | None = None

    def parameters(self) -> dict[str, str]:
        if self.rate == 1.0 and self.start_at is None:
            return {"ClockRate": "1"}
        anchor = datetime.now(UTC)
        start = self.start_at or anchor
        return {
            "ClockRate": f"{self.rate:g}",
            "ClockAnchor": anchor.isoformat(timespec="seconds"),
            "ClockStart": start.isoformat(timespec="seconds"),
        }


@dataclass
class RunningStack:
    """A deployed stack and how to reach it. stop() ends everything; also a context manager."""

    base_url: str
    aws_endpoint_url: str
    operator_key: str
    sms_url: str
    outputs: dict[str, str]
    cloud: EmbeddedCloud
    front_door: FrontDoor
    # The deployed clock's parameters: a client that plays fast has to count the same way.
    clock: dict[str, str] = field(default_factory=dict)

    @property
    def log_path(self) -> Path:
        return self.cloud.log_path

    def stop(self) -> None:
        self.front_door.stop()
        self.cloud.stop()

    def __enter__(self) -> "RunningStack":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def ensure_package(progress: Progress = print) -> None:
    """Build the package unless it fits the sources; its own process, since it imports a lot."""
    progress("packaging the stack (a while the first time)")
    command = [sys.executable, "-m", "infra.package", "--skip-if-current"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"packaging failed:\n{done.stdout}{done.stderr}")


def start_stack(
    *,
    clock: PlayClock | None = None,
    gazetteer_path: Path | None = None,
    progress: Progress = print,
    label: str = "local",
    wave_schedule: str = "rate(1 minute)",
    parameters: dict[str, str] | None = None,
    package: Path = PACKAGE,
    home: Path | None = None,
    enforce_roles: bool = False,
) -> RunningStack:
    """Deploy the packaged stack into a fresh embedded cloud and put the front door before it.

    ``clock`` starts at the call; ``parameters`` are more template parameters by name; the embedded
    cloud keeps its files and log in ``home`` (default: a folder of its own in build/cloud);
    ``enforce_roles`` lets each function do only what its role allows.
    """
    with contextlib.ExitStack() as undo:
        door = FrontDoor(Gazetteer.load(gazetteer_path))
        undo.callback(door.stop)
        door.start()
        progress("starting the embedded cloud")
        settings = {"AUTH": "true"} if enforce_roles else {}
        cloud = EmbeddedCloud(home or _home(label), environment=settings)
        undo.callback(cloud.stop)
        cloud.start()
        target = Target(session(), cloud.endpoint_url)
        undo.callback(target.close)
        timing = (clock or PlayClock()).parameters()
        chosen = {
            "WaveSchedule": wave_schedule,
            "PublicBaseUrl": door.base_url,
            "PlacesEndpointUrl": door.base_url,
            "ShopsAllowLoopback": "yes",
            # Whoever tries webhooks here has a receiver on this machine.
            "CallbacksAllowLoopback": "yes",
            **timing,
            **(parameters or {}),
        }
        outputs = deploy(target, STAGE, chosen, package=package, progress=progress)
        limit_queue_workers(target.client("lambda"))
        door.connect(cloud.endpoint_url, *_rest_api(target))
        progress("waking the first function")
        _wait_until_healthy(door)
        door.links["Health"] = f"{door.base_url}/healthz"
        running = RunningStack(
            base_url=door.base_url,
            aws_endpoint_url=cloud.endpoint_url,
            operator_key=read_secret(target, STAGE, "operator-key"),
            sms_url=door.sms_url,
            outputs=outputs,
            cloud=cloud,
            front_door=door,
            clock=timing,
        )
        target.close()
        undo.pop_all()
    return running


def _home(label: str) -> Path:
    """A folder per run, so that two runs at a time do not meet; it keeps the log afterwards."""
    return ROOT / "build/cloud" / f"{label}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}"


def _rest_api(target: Target) -> tuple[str, str]:
    resources = target.client("cloudformation").describe_stack_resources(
        StackName=stack_name(STAGE)
    )["StackResources"]
    of_type = {r["ResourceType"]: r["PhysicalResourceId"] for r in resources}
    # Not the API's first stage: the serverless transform leaves another one, called "Stage".
    return of_type["AWS::ApiGateway::RestApi"], of_type["AWS::ApiGateway::Stage"]


def _wait_until_healthy(door: FrontDoor, attempts: int = 6) -> None:
    """The first call starts the first worker; a stack whose web function cannot start is no use."""
    assert door.upstream is not None
    answer = b""
    for _ in range(attempts):
        status, _headers, answer = door.upstream.request("GET", f"{door.api_path}/healthz")
        if status == 200:
            return
        time.sleep(1)
    raise RuntimeError(f"the web function does not answer: {status} {answer[:500]!r}")


@contextlib.contextmanager
def written_down(running: RunningStack, path: Path, facts: dict[str, object]) -> Iterator[None]:
    """Leave a file that tells other programs how to reach the stack, for as long as it runs."""
    known = {
        "base_url": running.base_url,
        "sms_url": running.sms_url,
        "aws_endpoint_url": running.aws_endpoint_url,
        "operator_key": running.operator_key,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(known | facts, indent=1) + "\n")
    unfinished.chmod(0o600)
    unfinished.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
