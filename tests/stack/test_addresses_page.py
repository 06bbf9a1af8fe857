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
from local.seed import HUB, PLATFORMS, STORE, Api
from local.stack import RunningStack

FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


@pytest.fixture
def known_streets(stack: RunningStack, tmp_path: Path) -> Iterator[None]:
    """The addresses that `make serve` can find."""
    before = stack.front_door.gazetteer
    stack.front_door.gazetteer = Gazetteer.load(neighbourhood.write(tmp_path / "streets.json"))
    yield
    stack.front_door.gazetteer = before


def a_shop(stack: RunningStack) -> dict[str, str]:
    """What `make serve` writes down, of a hub and a shop of our own; drivers are not needed."""
    operator = Api(stack.base_url, stack.operator_key)
    hub = operator.call("POST", "/v1/hubs", HUB)
    shop = operator.call(
        "POST",
        "/v1/merchants",
        {
            "name": "Papeterie Sommer",
            "hub_id": hub["id"],
            "platforms": PLATFORMS,
            "stores": [STORE],
            "promise_s": 3 * 3600,
        },
    )
    return {
        "base_url": stack.base_url,
        "sms_url": stack.sms_url,
        "operator_key": stack.operator_key,
        "hub_id": hub["id"],
        "merchant_id": shop["id"],
        "api_key": shop["api_key"],
    }


def leave_nothing_to_plan(stack: RunningStack, api_key: str) -> None:
    """The stack is shared: the next test's wave is its own."""
    merchant = Api(stack.base_url, api_key)
    for delivery in merchant.call("GET", "/v1/deliveries")["deliveries"]:
        merchant.call("POST", f"/v1/deliveries/{delivery['id']}/cancel", {})


@pytest.mark.usefixtures("known_streets")
def test_the_page_on_addresses_works_by_copy_and_paste(stack: RunningStack, tmp_path: Path) -> None:
    facts = a_shop(stack)
    (tmp_path / "build").mkdir()
    (tmp_path / "build/local.json").write_text(json.dumps(facts))
    page = FENCE.findall((ROOT / "docs/addresses.md").read_text(encoding="utf-8"))
    commands = [text for kind, text in page if kind == "sh"]
    answers = [text for kind, text in page if not kind]
    assert len(commands) == len(answers) == 5
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(commands)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    leave_nothing_to_plan(stack, facts["api_key"])
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert _plain(ran.stdout) == _plain("".join(answers))


def _plain(text: str) -> list[str]:
    """Lines without what differs from run to run: ports and links."""
    return re.sub(r"http://127\.0\.0\.1:\d+/t/\S{22}", "LINK", text).splitlines()
