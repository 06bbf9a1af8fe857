"""The guides for shops and spreadsheets work by copy and paste, on the deployed stack.

It talks to the very stand-ins that the gateways are tested with.
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


CLEAN_UP = "trap 'kill $(jobs -p) 2> /dev/null || true' EXIT"


def follow(page: str, blocks: int, stack: RunningStack, town: Town, tmp_path: Path) -> str:
    """Run a page's blocks while waves are planned; what was printed."""
    found = BLOCK.findall((ROOT / page).read_text(encoding="utf-8"))
    assert len(found) == blocks
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
            # A block that fails must not leave a stand-in behind, which would hold our pipes.
            ["bash", "-euo", "pipefail", "-c", "\n".join([CLEAN_UP, *found])],
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        log = stack.log_path.read_text(encoding="utf-8", errors="replace")[-6000:]
        pytest.fail(f"{(late.stdout or b'').decode()}\n{log}")
    finally:
        done.set()
        ticking.join()
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.usefixtures("known_streets")
def test_the_woocommerce_guide_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    told = follow("docs/integrate-woocommerce.md", 6, stack, town, tmp_path)
    assert told.splitlines()[0] == "connected"
    assert '{"saved":1,"unchanged":0,"refused":[],"ignored_columns":[]}' in told
    assert '{"outcome":"ignored","code":"ping"}' in told
    assert told.count('{"outcome":"created","delivery_id":"del_') == 2
    assert '"weight_g": 800' in told
    assert '"status": "completed"' in told
    assert "The parcel is on its way. Follow it: http" in told


@pytest.mark.usefixtures("known_streets")
def test_the_bigcommerce_guide_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    told = follow("docs/integrate-bigcommerce.md", 6, stack, town, tmp_path)
    assert told.splitlines()[0] == "connected"
    assert '{"valid":true,"messages":[]}' in told
    assert '"currency": "EUR"' in told
    assert '{"outcome":"queued"}' in told
    assert '{"outcome":"created","delivery_id":"del_' in told
    assert '"status_id": 10' in told
    assert '"comments": "Delivered"' in told


@pytest.mark.usefixtures("known_streets")
def test_the_page_on_spreadsheets_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    told = follow("docs/csv.md", 4, stack, town, tmp_path)
    assert '{"saved":1,"unchanged":0,"refused":[],"ignored_columns":[]}' in told
    assert (
        '"articles":[{"sku":"NOTEBOOK","product_id":null,"weight_g":400,"volume_ml":630}]' in told
    )
    assert told.count('"result": "created"') == 2
    assert '"result": "exists"' in told
    assert '"code": "validation_error"' in told
