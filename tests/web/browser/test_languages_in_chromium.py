"""Long words and right to left on a narrow phone: nothing overflows, nothing stands wrong."""

import pytest

from chalicelib.domain.deliveries.model import Status
from chalicelib.kit.languages import Language, translator
from tests.web.test_pages_in_every_language import shown

pytestmark = pytest.mark.browser

NARROW = {"width": 320, "height": 640}
SEEN = (Status.PLANNED, Status.EN_ROUTE_TO_DROPOFF, Status.DELIVERED, Status.ATTEMPT_FAILED)


@pytest.fixture
def phone(chromium):
    context = chromium.new_context(viewport=NARROW, java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("language", [Language.PSEUDO, Language.AR, Language.DE])
def test_no_language_is_too_long_for_a_narrow_phone(phone, language):
    for status in SEEN:
        phone.set_content(shown(status, translator(language)))
        assert phone.evaluate("document.documentElement.scrollWidth") == 320, status


def test_right_to_left_the_timeline_stands_right_and_the_way_leads_left(phone):
    phone.set_content(shown(Status.EN_ROUTE_TO_DROPOFF, translator(Language.AR)))
    label = phone.locator(".steps .label").first.bounding_box()
    clock = phone.locator(".steps time").first.bounding_box()
    assert clock["x"] + clock["width"] < label["x"] + label["width"]
    home = phone.locator("svg.road .home").bounding_box()
    van = phone.locator("svg.road .van").bounding_box()
    assert home["x"] < van["x"]
    links = phone.locator(".languages a").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert len(links) == 3
    assert min(links) >= 48
