"""docs/integrate-shopify.md works by copy and paste: rates, an order, a driver, and the way back.

The deployed stack talks to the very stand-in for Shopify that the gateway is tested with.
"""

import re
from pathlib import Path

import pytest

from local.stack import RunningStack
from tests.stack.pages import a_checkout, blocks_of, follow
from tests.stack.town import Town

PAGE = "docs/integrate-shopify.md"


@pytest.mark.usefixtures("known_streets")
def test_the_shopify_guide_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    assert len(blocks_of(PAGE)) == 6
    told = follow(PAGE, a_checkout(tmp_path, stack), stack, town=town)
    assert told.splitlines()[0] == "connected"
    assert '"service_code": "lastmile.' in told
    assert '{"outcome":"created","delivery_id":"del_' in told
    assert '"code":"nothing_changed"' in told
    *before, last = re.findall(r'"([A-Z_]+)"', told.partition('"events": [')[2])
    # Picked up and set out in one moment: the newer may be told alone.
    assert before
    assert set(before) <= {"CARRIER_PICKED_UP", "OUT_FOR_DELIVERY"}
    assert last == "DELIVERED"
    assert told.splitlines()[-1] == "null"
