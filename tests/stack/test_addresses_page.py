"""docs/addresses.md works by copy and paste, and all levels of confidence really occur."""

import re
from pathlib import Path

import pytest

from local.cloud import ROOT
from local.seed import HUB, PLATFORMS, STORE, Api
from local.stack import RunningStack
from tests.stack.pages import a_folder, follow

PAGE = "docs/addresses.md"
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


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
    page = FENCE.findall((ROOT / PAGE).read_text(encoding="utf-8"))
    commands = [text for kind, text in page if kind == "sh"]
    answers = [text for kind, text in page if not kind]
    assert len(commands) == len(answers) == 5
    try:
        told = follow(PAGE, a_folder(tmp_path, facts), stack)
    finally:
        leave_nothing_to_plan(stack, facts["api_key"])
    assert _plain(told) == _plain("".join(answers))


def _plain(text: str) -> list[str]:
    """Lines without what differs from run to run: ports and links."""
    return re.sub(r"http://127\.0\.0\.1:\d+/t/\S{22}", "LINK", text).splitlines()
