"""docs/webhooks.md works by copy and paste: its shell blocks in one shell, its Python beside."""

import json
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from chalicelib.kit.signing import sign_standard_webhook
from chalicelib.kit.tokens import new_webhook_secret
from local.cloud import ROOT
from local.stack import RunningStack
from tests.stack.test_quickstart import BLOCK, known_streets
from tests.stack.town import Town

__all__ = ["known_streets"]

PAGE = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
PYTHON = re.compile(r"^```python\n(.*?)^```", re.M | re.S)


def a_checkout(folder: Path, stack: RunningStack, town: Town) -> Path:
    """A folder beside a running `make serve`, as far as this page looks at it."""
    facts = {"base_url": stack.base_url, "api_key": town.open_place("Webhooks").api_key}
    (folder / "build").mkdir()
    (folder / "build/local.json").write_text(json.dumps(facts))
    return folder


@pytest.mark.usefixtures("known_streets")
def test_the_webhooks_page_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    blocks = BLOCK.findall(PAGE)
    assert len(blocks) >= 8
    checkout = a_checkout(tmp_path, stack, town)
    ran = subprocess.run(
        [
            "bash",
            "-euo",
            "pipefail",
            "-c",
            "trap 'kill $RECEIVER 2>/dev/null' EXIT\n" + "\n".join(blocks),
        ],
        cwd=checkout,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    log = (checkout / "build/webhooks.jsonl").read_text(encoding="utf-8")
    got = [json.loads(line) for line in log.splitlines()]
    assert all(one["genuine"] for one in got)
    types = {one["type"] for one in got}
    assert {"webhook_endpoint.test", "delivery.created", "delivery.cancelled"} <= types
    assert any(one["again"] is False for one in got)
    assert '"error": "connection_refused"' in ran.stdout


def test_the_block_with_the_library_tells_ours_from_a_forgery() -> None:
    (block,) = PYTHON.findall(PAGE)
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
