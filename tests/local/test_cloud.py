"""The embedded cloud is our child, ours alone, and gone when we are."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from local.cloud import ROOT, CloudNotStarted, EmbeddedCloud, recreate_stream_mappings
from local.stack import RunningStack
from tests.local.small_stack import PATIENCE_S, call

pytestmark = [pytest.mark.ministack, pytest.mark.usefixtures("needs_cloud")]

# A parent that starts a cloud, says which processes there are, and then waits for its fate.
PARENT = """
import signal, sys, time
from pathlib import Path
from local.cloud import EmbeddedCloud
signal.signal(signal.SIGINT, signal.default_int_handler)
cloud = EmbeddedCloud(Path(sys.argv[1])).start()
print(cloud.pid, cloud._keeper.pid, cloud.port, flush=True)
time.sleep(60)
"""

# What a shell's background job starts is deaf to SIGINT, and Python leaves it at that. These tests
# may run in one: so the parent always begins like that, and opens its ears itself.
AS_A_BACKGROUND_JOB = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return status.rsplit(")", 1)[1].split()[0] != "Z"


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if not any(alive(pid) for pid in pids):
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("fate", [signal.SIGTERM, signal.SIGKILL, signal.SIGINT])
def test_nothing_is_left_behind_however_the_parent_ends(fate: int, tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [*AS_A_BACKGROUND_JOB, sys.executable, "-c", PARENT, str(tmp_path / "cloud")],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert parent.stdout
    cloud, keeper, _port = (int(word) for word in parent.stdout.readline().split())
    assert alive(cloud)
    os.kill(parent.pid, fate)
    parent.wait(PATIENCE_S)
    parent.stdout.close()
    assert gone([cloud, keeper])
    assert not (tmp_path / "cloud/tmp").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="uses prctl")
def test_a_killed_keeper_takes_the_cloud_with_it(tmp_path: Path) -> None:
    cloud = EmbeddedCloud(tmp_path / "cloud").start()
    try:
        assert cloud._keeper
        os.kill(cloud._keeper.pid, signal.SIGKILL)
        assert gone([cloud.pid])
    finally:
        cloud.stop()


@contextmanager
def a_stranger() -> Iterator[int]:
    """Somebody who answers like the cloud, but is not ours; the port."""

    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"edition": "light", "version": "1.5.33"}')

        def log_message(self, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Stranger) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield server.server_address[1]
        server.shutdown()
        serving.join()


def test_a_stranger_on_the_port_is_not_taken_for_the_cloud(tmp_path: Path) -> None:
    with a_stranger() as port:
        cloud = EmbeddedCloud(tmp_path / "cloud", port=port)
        with pytest.raises(CloudNotStarted):
            cloud.start()
        assert not cloud.running


def test_where_nobody_wished_for_a_port_another_one_does(tmp_path: Path) -> None:
    """One that was free when it was chosen, and was somebody's when the cloud came to it."""
    cloud = EmbeddedCloud(tmp_path / "cloud")
    with a_stranger() as port:
        cloud.port = port
        with cloud:
            assert cloud.port != port
            assert cloud.client("sts").get_caller_identity()["Account"]


def test_workers_of_functions_end_with_the_cloud(small_stack: RunningStack) -> None:
    """The worker is in the process group that the keeper ends."""
    worker = int(call(small_stack, "GET", "/pid").body)
    assert os.getpgid(worker) == small_stack.cloud.pid


def test_state_and_streams_survive_a_restart_when_asked_to(
    small_package: Path, tmp_path: Path
) -> None:
    from local.cloud import session
    from local.deploy import Target, deploy

    home = tmp_path / "cloud"
    with EmbeddedCloud(home, persist=True) as first:
        target = Target(session(), first.endpoint_url)
        outputs = deploy(target, "kept", {}, package=small_package, progress=lambda _: None)
        table = outputs["TableName"]
        first.client("dynamodb").put_item(TableName=table, Item={"pk": {"S": "before"}})
    with EmbeddedCloud(home, persist=True) as second:
        database = second.client("dynamodb")
        assert "Item" in database.get_item(TableName=table, Key={"pk": {"S": "before"}})
        assert recreate_stream_mappings(second.client("lambda")) == 1
        database.put_item(TableName=table, Item={"pk": {"S": "after"}})
        log = second.log_path
        deadline = time.monotonic() + PATIENCE_S
        while "SNS SMS to +4915112345678: after" not in log.read_text():
            assert time.monotonic() < deadline, second.log_tail()
            time.sleep(0.1)
