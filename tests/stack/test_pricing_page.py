"""docs/pricing.md works by copy and paste: its blocks are run in one shell, one after the other.

The figures that the page shows must come out of the deployed stack, not only out of the rules.
"""

import re
from pathlib import Path

from local.cloud import ROOT
from local.stack import RunningStack
from tests.stack.pages import BLOCK, a_checkout, blocks_of, follow

PAGE = "docs/pricing.md"
SHOWN = re.compile(r"^```\n(.*?)^```", re.M | re.S)
#: What is another on every run.
OTHERWISE = re.compile(r'"(id|at)": ".*"')


def lines(told: str) -> list[str]:
    return [OTHERWISE.sub("...", line) for line in told.splitlines() if line]


def test_the_pricing_page_works_by_copy_and_paste(stack: RunningStack, tmp_path: Path) -> None:
    assert len(blocks_of(PAGE)) == 4
    told = follow(PAGE, a_checkout(tmp_path, stack), stack)
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert lines(told) == lines("".join(SHOWN.findall(BLOCK.sub("", page))))
