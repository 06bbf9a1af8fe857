"""docs/coverage.md works by copy and paste: its blocks are run in one shell, one by one."""

from pathlib import Path

from local.seed import HUB, PLATFORMS, STORE, Api
from local.stack import RunningStack
from tests.stack import pages


def a_folder(folder: Path, stack: RunningStack) -> Path:
    """What `make serve` leaves, with a hub and a merchant of this page's own."""
    operator = Api(stack.base_url, stack.operator_key)
    hub = operator.call("POST", "/v1/hubs", HUB)
    shop = {"name": "Papeterie Sommer", "hub_id": hub["id"], "platforms": PLATFORMS}
    merchant = operator.call("POST", "/v1/merchants", {**shop, "stores": [STORE]})
    facts = {
        "base_url": stack.base_url,
        "operator_key": stack.operator_key,
        "hub_id": hub["id"],
        "api_key": merchant["api_key"],
    }
    return pages.a_folder(folder, facts)


def test_the_page_on_coverage_works_by_copy_and_paste(stack: RunningStack, tmp_path: Path) -> None:
    page = "docs/coverage.md"
    assert len(pages.blocks_of(page)) == 9
    printed = pages.follow(page, a_folder(tmp_path, stack), stack)
    told = [line for line in printed.splitlines() if line]
    covered, far, standard, area, zone, hole, bow, *promised = told
    assert '"covered":true' in covered
    assert '"reason":"outside_service_area"' in far
    assert '"service":"standard"' in standard
    assert '"zone_id":"inner"' in area
    assert (zone, hole) == ("inner", "outside_service_area")
    assert '"reason":"ring_crosses_itself"' in bow
    first_class, windows, holiday, full, window, cancelled, left, point, near, none, *back = (
        promised
    )
    assert '"service": "same_day"' in first_class
    assert windows.count('"left":1,"bookable":true') == 6
    assert holiday == "holiday"
    assert '"reason":"no_capacity_left"' in full
    assert '"bookable": false' in window
    assert (cancelled, left) == ("cancelled", "1")
    assert point.startswith("pup_")
    assert '"distance_m"' in near
    assert none == "[]"
    assert back == ["[]", "true"]
