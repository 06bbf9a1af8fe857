"""docs/webhooks.md works by copy and paste: its shell blocks in one shell, its Python beside."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.kit.signing import sign_standard_webhook
from chalicelib.kit.tokens import new_webhook_secret
from local.cloud import ROOT
from local.stack import RunningStack
from tests.stack.pages import a_folder, blocks_of, follow
from tests.stack.town import Town

PAGE = "docs/webhooks.md"
PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


@pytest.mark.usefixtures("known_streets")
def test_the_webhooks_page_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    assert len(blocks_of(PAGE)) >= 8
    facts = {"base_url": stack.base_url, "api_key": town.open_place("Webhooks").api_key}
    checkout = a_folder(tmp_path, facts)
    told = follow(PAGE, checkout, stack)
    log = (checkout / "build/webhooks.jsonl").read_text(encoding="utf-8")
    got = [json.loads(line) for line in log.splitlines()]
    assert all(one["genuine"] for one in got)
    types = {one["type"] for one in got}
    assert {"webhook_endpoint.test", "delivery.created", "delivery.cancelled"} <= types
    assert any(one["again"] is False for one in got)
    assert '"error": "connection_refused"' in told


def test_the_block_with_the_library_tells_ours_from_a_forgery() -> None:
    (block,) = PYTHON.findall((ROOT / PAGE).read_text(encoding="utf-8"))
    names: dict = {}
    exec(block, names)
    secret, body, now = new_webhook_secret(), b'{"type":"x"}', datetime.now(UTC)
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": sign_standard_webhook(secret, "evt_1", now, body),
    }
    assert names["told"](secret, headers, body) == {"type": "x"}
    assert names["told"](new_webhook_secret(), headers, body) is None
