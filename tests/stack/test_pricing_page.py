"""docs/pricing.md works by copy and paste: its blocks are run in one shell, one after the other.

The figures that the page shows must come out of the deployed stack, not only out of the rules.
"""

import re
import subprocess
from pathlib import Path

from local.cloud import ROOT
from local.stack import RunningStack
from tests.stack.test_quickstart import BLOCK, a_checkout

SHOWN = re.compile(r"^```\n(.*?)^```", re.M | re.S)
#: What is another on every run.
OTHERWISE = re.compile(r'"(id|at)": ".*"')


def lines(told: str) -> list[str]:
    return [OTHERWISE.sub("...", line) for line in told.splitlines() if line]


def test_the_pricing_page_works_by_copy_and_paste(stack: RunningStack, tmp_path: Path) -> None:
    page = (ROOT / "docs/pricing.md").read_text(encoding="utf-8")
    blocks = BLOCK.findall(page)
    assert len(blocks) == 4
    ran = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=a_checkout(tmp_path, stack),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    shown = "".join(SHOWN.findall(BLOCK.sub("", page)))
    assert lines(ran.stdout) == lines(shown)
