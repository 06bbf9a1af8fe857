"""How is a page of the documents followed? Its shell blocks, one after the other, in one shell.

Nothing of a page is left out, and nothing is added to it but a tick for the wave, which this stack
would wait a day for.
"""

import itertools
import json
import re
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from local.cloud import ROOT
from local.seed import DRIVERS, seed
from local.stack import RunningStack
from tests.stack.town import Town

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
    facts = seed(stack.base_url, stack.operator_key, some_drivers) | {
        "base_url": stack.base_url,
        "operator_key": stack.operator_key,
        "sms_url": stack.sms_url,
    }
    return a_folder(folder, facts)


def follow(
    page: str, folder: Path, stack: RunningStack, *, town: Town | None = None, within_s: float = 150
) -> str:
    """Run a page's blocks, and plan waves meanwhile if a town is given; what was printed."""
    script = "\n".join([CLEAN_UP, *blocks_of(page)])
    try:
        with _planning_waves(town):
            ran = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", script],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=within_s,
                check=False,
            )
    except subprocess.TimeoutExpired as late:
        log = stack.log_path.read_text(encoding="utf-8", errors="replace")[-6000:]
        pytest.fail(f"{(late.stdout or b'').decode()}\n{log}")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@contextmanager
def _planning_waves(town: Town | None) -> Iterator[None]:
    if town is None:
        yield
        return
    done = threading.Event()

    def tick() -> None:
        while not done.wait(2):
            town.invoke("plan_waves")

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        yield
    finally:
        done.set()
        ticking.join()
