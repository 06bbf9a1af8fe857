"""The embedded cloud: ministack as a child process that nobody else can reach or inherit.

Invariants: it listens on loopback only, on a port of our choosing; the process that answers there
is proved to be our child (a nonce in its health answer); it sees none of our environment, neither
AWS settings nor Python paths; it and every Lambda worker end with us, however we end (keeper.py).
State lives under ``home`` and is fresh at every start unless ``persist`` is set; then it is saved
by a graceful stop only, and stream mappings have to be made anew (recreate_stream_mappings).
Facts about ministack 1.5.33 are from its source; see docs of each constant.
"""

import atexit
import http.client
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parent.parent
INTERPRETER = ROOT / ".tools/ministack/bin/python"
REGION = "eu-central-1"
HOST = "127.0.0.1"

# Workers that idle longer are ended; a cold one costs seconds, a warm one milliseconds.
WARM_WORKER_TTL_S = 24 * 3600
START_TIMEOUT_S = 120
OTHER_PORTS = 2
STOP_GRACE_S = 8


class CloudNotStarted(RuntimeError):
    """The embedded cloud could not be started; the message says why and where its log is."""


class _PortTaken(CloudNotStarted):
    """Somebody else has the port, or so it seems."""


def free_port() -> int:
    """A loopback port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


class EmbeddedCloud:
    """Start on entering, stop on leaving; also usable with start() and stop()."""

    def __init__(
        self,
        home: Path,
        *,
        port: int | None = None,
        persist: bool = False,
        environment: Mapping[str, str] | None = None,
        interpreter: Path = INTERPRETER,
    ) -> None:
        self.home = home
        self.persist = persist
        self._port_wanted = port or self._port_before()
        self.port = self._port_wanted or free_port()
        self.log_path = home / "ministack.log"
        self.pid = 0
        self._extra = dict(environment or {})
        self._interpreter = interpreter
        self._nonce = secrets.token_hex(8)
        self._keeper: subprocess.Popen[str] | None = None

    def _port_before(self) -> int | None:
        """Kept state holds queue addresses, and they hold the port: it has to stay the same."""
        kept = self.home / "port"
        return int(kept.read_text()) if self.persist and kept.exists() else None

    @property
    def endpoint_url(self) -> str:
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def start(self) -> Self:
        if not self._interpreter.exists():
            raise CloudNotStarted(f"{self._interpreter} is missing: run `make setup`")
        # A port of our choosing is free when it is chosen, and may be somebody's a second later.
        for _ in range(0 if self._port_wanted else OTHER_PORTS):
            try:
                return self._start()
            except _PortTaken:
                self.port = free_port()
        return self._start()

    def _start(self) -> Self:
        if not self.persist:
            shutil.rmtree(self.home, ignore_errors=True)
        scratch = self.home / "tmp"
        scratch.mkdir(parents=True, exist_ok=True)
        (self.home / "port").write_text(str(self.port))
        keeper = [sys.executable, "-I", str(Path(__file__).with_name("keeper.py"))]
        command = [str(self._interpreter), "-m", "ministack"]
        with self.log_path.open("ab") as log:
            self._keeper = subprocess.Popen(
                [*keeper, str(STOP_GRACE_S), str(scratch), *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                env=self._environment(scratch),
                cwd=self.home,
                text=True,
                start_new_session=True,
            )
        atexit.register(self.stop)
        try:
            assert self._keeper.stdout is not None
            self.pid = int(self._keeper.stdout.readline() or 0)
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """End the child and its workers; safe to call twice. Saves the state when persisting."""
        atexit.unregister(self.stop)
        keeper, self._keeper = self._keeper, None
        if keeper is None:
            return
        assert keeper.stdin is not None
        assert keeper.stdout is not None
        keeper.stdin.close()
        try:
            keeper.wait(STOP_GRACE_S + 5)
        except subprocess.TimeoutExpired:
            keeper.kill()
            keeper.wait()
        keeper.stdout.close()

    @property
    def running(self) -> bool:
        return self._keeper is not None and self._keeper.poll() is None

    def client(self, service: str, **settings: Any) -> Any:
        """A boto3 client for this cloud, whatever AWS settings this machine has."""
        return session().client(service, endpoint_url=self.endpoint_url, config=_CONFIG, **settings)

    def _environment(self, scratch: Path) -> dict[str, str]:
        """All the child and the functions in it get to see, besides a function's own variables."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(scratch),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "TMPDIR": str(scratch),
            "NO_PROXY": "*",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "GATEWAY_PORT": str(self.port),
            "BIND_HOST": HOST,
            # Queue urls carry it; "localhost" can mean ::1, where nobody listens.
            "MINISTACK_HOST": HOST,
            "MINISTACK_REGION": REGION,
            # The health answer repeats this text: only our child can know the nonce.
            "MINISTACK_EDITION": self._nonce,
            "PERSIST_STATE": "1" if self.persist else "0",
            "STATE_DIR": str(self.home / "state"),
            "S3_PERSIST": "1" if self.persist else "0",
            "S3_DATA_DIR": str(self.home / "s3"),
            "LAMBDA_EXECUTOR": "local",
            "LAMBDA_WARM_TTL_SECONDS": str(WARM_WORKER_TTL_S),
            # Both would open ports of their own.
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            # Containers are never wanted here, even where there is a daemon.
            "DOCKER_HOST": "unix:///nonexistent",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            **self._extra,
        }

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if not self.running:
                raise _PortTaken(f"the embedded cloud ended at once:\n{self.log_tail()}")
            edition = self._edition()
            if edition == self._nonce:
                return
            if edition is not None:
                raise _PortTaken(f"a stranger answers on {self.endpoint_url}")
            time.sleep(0.05)
        raise CloudNotStarted(f"no answer within {START_TIMEOUT_S} s:\n{self.log_tail()}")

    def _edition(self) -> str | None:
        """What the answering process calls itself; "" for a stranger, None while all is quiet."""
        connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
        try:
            connection.request("GET", "/_ministack/health")
            answer = json.loads(connection.getresponse().read())
            return str(answer.get("edition", "")) if isinstance(answer, dict) else ""
        except (OSError, http.client.IncompleteRead, http.client.RemoteDisconnected):
            return None
        except (ValueError, http.client.HTTPException):
            return ""
        finally:
            connection.close()

    def log_tail(self, lines: int = 15) -> str:
        text = self.log_path.read_text(errors="replace") if self.log_path.exists() else ""
        return "\n".join([*text.splitlines()[-lines:], f"(log: {self.log_path})"])


_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 3},
    connect_timeout=5,
    read_timeout=120,
    max_pool_connections=32,
    s3={"addressing_style": "path"},
)


def session() -> boto3.Session:
    """A session with the embedded cloud's dummy credentials, deaf to this machine's profile."""
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name=REGION)


# What list_event_source_mappings answers and create_event_source_mapping takes, of the stream kind.
_STREAM_SETTINGS = (
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "MaximumRetryAttempts",
    "MaximumRecordAgeInSeconds",
    "BisectBatchOnFunctionError",
    "ParallelizationFactor",
    "DestinationConfig",
    "FilterCriteria",
    "FunctionResponseTypes",
)


def event_source_mappings(client: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for page in client.get_paginator("list_event_source_mappings").paginate():
        found.extend(page["EventSourceMappings"])
    return found


def recreate_stream_mappings(client: Any) -> int:
    """Delete and create every table stream's mapping; returns how many. Needed after a restart.

    ministack restores a mapping but not its place in the stream, and never resumes it.
    """
    streams = [m for m in event_source_mappings(client) if ":dynamodb:" in m["EventSourceArn"]]
    for mapping in streams:
        client.delete_event_source_mapping(UUID=mapping["UUID"])
        client.create_event_source_mapping(
            EventSourceArn=mapping["EventSourceArn"],
            FunctionName=mapping["FunctionArn"],
            StartingPosition="TRIM_HORIZON",
            Enabled=mapping.get("State", "Enabled") != "Disabled",
            **{name: mapping[name] for name in _STREAM_SETTINGS if mapping.get(name)},
        )
    return len(streams)


def limit_queue_workers(client: Any, at_most: int = 2) -> None:
    """Let each queue feed that many workers at once (2 is AWS's minimum), not what AWS could."""
    for mapping in event_source_mappings(client):
        if ":sqs:" in mapping["EventSourceArn"]:
            client.update_event_source_mapping(
                UUID=mapping["UUID"], ScalingConfig={"MaximumConcurrency": at_most}
            )
