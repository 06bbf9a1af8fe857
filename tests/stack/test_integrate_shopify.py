"""docs/integrate-shopify.md works by copy and paste: rates, an order, a driver, and the way back.

The deployed stack talks to the very stand-in for Shopify that the gateway is tested with.
"""

import subprocess
import threading
from pathlib import Path

import pytest

from local.cloud import ROOT
from local.stack import RunningStack
from tests.stack.test_quickstart import BLOCK, a_checkout, known_streets
from tests.stack.town import Town

__all__ = ["known_streets"]


@pytest.mark.usefixtures("known_streets")
def test_the_shopify_guide_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    blocks = BLOCK.findall((ROOT / "docs/integrate-shopify.md").read_text(encoding="utf-8"))
    assert len(blocks) == 6
    folder = a_checkout(tmp_path, stack)
    (folder / "tests").symlink_to(ROOT / "tests")
    done = threading.Event()

    def tick() -> None:
        while not done.wait(2):
            town.invoke("plan_waves")

    ticking = threading.Thread(target=tick)
    ticking.start()
    try:
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
            cwd=folder,
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
    assert told.splitlines()[0] == "connected"
    assert '"service_code": "lastmile.' in told
    assert '{"outcome":"created","delivery_id":"del_' in told
    assert '"code":"nothing_changed"' in told
    assert '"CARRIER_PICKED_UP",' in told
    assert '"DELIVERED"' in told
    assert told.splitlines()[-1] == "null"
