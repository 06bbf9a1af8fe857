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
#: A line of a bill: what for, how much, who pays or the currency.
BILL_LINE = re.compile(r"^ *[a-z_]+ +-?\d+  .*$", re.M)


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
    promised = BILL_LINE.findall("\n".join(SHOWN.findall(page)))
    assert len(promised) == 20
    assert BILL_LINE.findall(ran.stdout) == promised
    assert "Papeterie Sommer, winter\n" in ran.stdout
    assert '"because": "cancelled before the pickup"' in ran.stdout
    assert '"type": "delivery.cancelled"' in ran.stdout
