"""docs/quickstart.md works by copy and paste: a first user's first minutes."""

from pathlib import Path

import pytest

from local.stack import RunningStack
from tests.stack.pages import a_checkout, blocks_of, follow
from tests.stack.town import Town

PAGE = "docs/quickstart.md"


@pytest.mark.usefixtures("known_streets")
def test_the_quickstart_works_by_copy_and_paste(
    stack: RunningStack, town: Town, tmp_path: Path
) -> None:
    assert len(blocks_of(PAGE)) >= 8
    told = follow(PAGE, a_checkout(tmp_path, stack), stack, town=town)
    assert told.count('{"outcome":"created","delivery_id":"del_') == 2
    assert '"code":"bad_signature"' in told
    assert "Hi Ada! Your parcel is on its way" in told
    assert "Hi Ada! Your parcel has been delivered" in told
    assert "Your parcel from Papeterie Sommer has arrived" in told
    assert told.splitlines()[-1].endswith("delivery.delivered")
