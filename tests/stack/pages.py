"""How is a page of the documents followed? Its shell blocks, one after the other, in one shell.

Nothing of a page is left out, and nothing is added to it but the ticks of schedules, which this
stack holds back.
"""

import itertools
import json
import os
import re
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.cloud import ROOT
from local.seed import DRIVERS, Api, seed
from local.stack import RunningStack
from tests.stack.town import PATIENCE_S, PATIENT, Town

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
#: A block that fails must not leave a stand-in behind, which would hold our pipes.
CLEAN_UP = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"
#: Every page that is followed has drivers of its own: the stack is the same for all of them.
_PHONES = itertools.count(40)


def blocks_of(page: str) -> list[str]:
    return BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))


def a_folder(folder: Path, facts: Mapping[str, Any]) -> Path:
    """A folder like the repository beside a running `make serve` that wrote these facts down."""
    (folder / "build").mkdir()
    (folder / "build/local.json").write_text(json.dumps(facts))
    for name in ("local", "tests"):
        (folder / name).symlink_to(ROOT / name)
    return folder


def a_checkout(folder: Path, stack: RunningStack) -> Path:
    """The same with the shop, the drivers and the keys of `make serve`."""
    some_drivers = [(name, f"+49171393{next(_PHONES):04d}", kind) for name, _, kind in DRIVERS]
    facts = seed(stack.base_url, stack.operator_key, some_drivers)
    operator = Api(stack.base_url, stack.operator_key)
    operator.call("PATCH", f"/v1/hubs/{facts['hub_id']}", PATIENT)
    facts |= {
        "base_url": stack.base_url,
        "operator_key": stack.operator_key,
        "sms_url": stack.sms_url,
    }
    return a_folder(folder, facts)


def follow(page: str, folder: Path, stack: RunningStack, *, town: Town | None = None) -> str:
    """Run a page's blocks, and do a schedule's work meanwhile if a town is given; what was printed.

    A page that waits for ever is ended with everything that it started: a stand-in that is left
    over would hold our pipes.
    """
    script = "\n".join([CLEAN_UP, *blocks_of(page)])
    with (
        _minding(town, folder),
        subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as ran,
    ):
        try:
            told, trouble = ran.communicate(timeout=2 * PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(ran.pid, signal.SIGKILL)
            told, trouble = ran.communicate()
            log = stack.log_path.read_text(encoding="utf-8", errors="replace")[-6000:]
            pytest.fail(f"{told}{trouble}\n{log}")
    assert ran.returncode == 0, told + trouble
    return told


@contextmanager
def _minding(town: Town | None, folder: Path) -> Iterator[None]:
    """The ticks that a page waits for, each only when there is something for it to do."""
    if town is None:
        yield
        return
    hub_id = json.loads((folder / "build/local.json").read_text())["hub_id"]
    done = threading.Event()

    def tick() -> None:
        while not done.wait(2):
            if town.waiting_at(hub_id):
                # A machine that is slower than the ticks would never see the last of them.
                if not town.in_queue("WavesQueueUrl", taken=False):
                    town.invoke("plan_waves")
            elif town.unasked_at(hub_id):
                town.invoke("match_drivers")

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        yield
    finally:
        done.set()
        ticking.join()
