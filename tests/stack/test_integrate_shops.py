"""The guides for shops and spreadsheets work by copy and paste, on the deployed stack.

It talks to the very stand-ins that the gateways are tested with.
"""

from pathlib import Path

import pytest

from local.stack import RunningStack
from tests.stack.pages import a_checkout, blocks_of, follow
from tests.stack.town import Town


@pytest.mark.usefixtures("known_streets")
def test_the_woocommerce_guide_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    page = "docs/integrate-woocommerce.md"
    assert len(blocks_of(page)) == 6
    told = follow(page, a_checkout(tmp_path, stack), stack, town=town)
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
    page = "docs/integrate-bigcommerce.md"
    assert len(blocks_of(page)) == 6
    told = follow(page, a_checkout(tmp_path, stack), stack, town=town)
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
    page = "docs/csv.md"
    assert len(blocks_of(page)) == 4
    told = follow(page, a_checkout(tmp_path, stack), stack, town=town)
    assert '{"saved":1,"unchanged":0,"refused":[],"ignored_columns":[]}' in told
    assert (
        '"articles":[{"sku":"NOTEBOOK","product_id":null,"weight_g":400,"volume_ml":630}]' in told
    )
    assert told.count('"result": "created"') == 2
    assert '"result": "exists"' in told
    assert '"code": "validation_error"' in told
