"""docs/addresses.md works by copy and paste, and all levels of confidence really occur."""

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import neighbourhood
from local.cloud import ROOT
from local.geocode import Gazetteer
from local.seed import seed
from local.stack import RunningStack

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
SHOWN = re.compile(r"^```\n(.*?)^```", re.M | re.S)


@pytest.fixture
def known_streets(stack: RunningStack, tmp_path: Path) -> Iterator[None]:
    """The addresses that `make serve` can find."""
    before = stack.front_door.gazetteer
    stack.front_door.gazetteer = Gazetteer.load(neighbourhood.write(tmp_path / "streets.json"))
    yield
    stack.front_door.gazetteer = before


@pytest.mark.usefixtures("known_streets")
def test_the_page_on_addresses_works_by_copy_and_paste(stack: RunningStack, tmp_path: Path) -> None:
    facts = seed(stack.base_url, stack.operator_key)
    facts |= {
        "base_url": stack.base_url,
        "sms_url": stack.sms_url,
        "operator_key": stack.operator_key,
    }
    (tmp_path / "build").mkdir()
    (tmp_path / "build/local.json").write_text(json.dumps(facts))
    page = (ROOT / "docs/addresses.md").read_text(encoding="utf-8")
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(BLOCK.findall(page))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    told, shown = _plain(ran.stdout), _plain("".join(SHOWN.findall(page)))
    assert told == shown, ran.stdout


def _plain(text: str) -> list[str]:
    """Lines without what differs from run to run: ports and links."""
    return re.sub(r"http://127\.0\.0\.1:\d+/t/\S{22}", "LINK", text).splitlines()
