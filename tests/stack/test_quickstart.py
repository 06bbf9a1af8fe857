"""docs/quickstart.md works by copy and paste: its blocks are run in one shell, one after the other.

A first user's first minutes: nothing of the page is left out, and nothing is added to it but a tick
for the wave, which this stack would wait a day for.
"""

import itertools
import json
import re
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import neighbourhood
from local.cloud import ROOT
from local.geocode import Gazetteer
from local.seed import DRIVERS, seed
from local.stack import RunningStack
from tests.stack.town import Town

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)


#: Every page that is followed has drivers of its own: the stack is the same for all of them.
_PHONES = itertools.count(40)


def some_drivers() -> list[tuple[str, str, str]]:
    return [(name, f"+49171393{next(_PHONES):04d}", kind) for name, _, kind in DRIVERS]


def a_checkout(folder: Path, stack: RunningStack) -> Path:
    """A folder like the repository beside a running `make serve`."""
    facts = seed(stack.base_url, stack.operator_key, some_drivers())
    facts |= {
        "base_url": stack.base_url,
        "operator_key": stack.operator_key,
        "sms_url": stack.sms_url,
    }
    (folder / "build").mkdir()
    (folder / "build/local.json").write_text(json.dumps(facts))
    (folder / "local").symlink_to(ROOT / "local")
    return folder


@pytest.fixture
def known_streets(stack: RunningStack, tmp_path: Path) -> Iterator[None]:
    """The addresses that `make serve` can find."""
    before = stack.front_door.gazetteer
    stack.front_door.gazetteer = Gazetteer.load(neighbourhood.write(tmp_path / "streets.json"))
    yield
    stack.front_door.gazetteer = before


@pytest.mark.usefixtures("known_streets")
def test_the_quickstart_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    blocks = BLOCK.findall((ROOT / "docs/quickstart.md").read_text(encoding="utf-8"))
    assert len(blocks) >= 8
    done = threading.Event()

    def tick() -> None:
        while not done.wait(2):
            town.invoke("plan_waves")

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
            cwd=a_checkout(tmp_path, stack),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    finally:
        done.set()
        ticking.join()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told = ran.stdout
    assert told.count('{"outcome":"created","delivery_id":"del_') == 2
    assert '"code":"bad_signature"' in told
    assert "your parcel is on its way" in told
    assert "your parcel has been delivered" in told
    assert "Your parcel from Papeterie Sommer has arrived" in told
    assert told.splitlines()[-1].endswith("delivery.delivered")
