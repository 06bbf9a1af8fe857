"""What tests of the portal share: orders of the first merchant, pages as text, what is in them."""

import gzip
import itertools
import re
from dataclasses import replace
from html import unescape
from typing import Any

from chalicelib import wiring
from chalicelib.domain.deliveries import service as deliveries
from tests.builders import a_request
from tests.entry.conftest import Doors
from tests.entry.intake_stage import Answered
from tests.web.test_recipient_page import Outline

MOST_BYTES = 40_000
_numbers = itertools.count(1)


def an_order(doors: Doors, **changes: Any) -> str:
    """A delivery that the first merchant asked for by the API; its id."""
    number = f"P-{next(_numbers)}"
    body = {
        "external_id": number,
        "dropoff": {
            "name": "Ada Sommer",
            "phone_number": "+491713920050",
            "address": {
                "line1": "Lindenweg 7",
                "city": "Neustadt",
                "postal_code": "37213",
                "country": "DE",
            },
        },
        "items": [{"weight_g": 400}],
        **changes,
    }
    made = doors.stage.as_merchant("POST", "/v1/deliveries", body)
    assert made.status == 201, made.raw
    return str(made.body["id"])


def many_orders(doors: Doors, count: int) -> list[str]:
    """So many deliveries of the first merchant, without the doors: ids, the oldest first."""
    made = []
    for start in range(0, count, 20):
        uow = wiring.unit_of_work()
        request = a_request(merchant_id=doors.stage.merchant_id, hub_id=doors.hub_id)
        for number in range(start, min(start + 20, count)):
            made.append(deliveries.create(uow, replace(request, external_id=f"M-{number}")).id)
        uow.commit()
    return made


class Elements(Outline):
    """Shapes of charts and maps have titles inside, or end by themselves."""

    VOID = frozenset({"meta", "link", "img", "br", "input"})


def read(page: Answered, status: int = 200) -> str:
    """A page's HTML, which closes what it opens and keeps to the portal's budget."""
    assert page.status == status, page.raw[:400]
    assert page.headers["Content-Type"].startswith("text/html")
    assert len(gzip.compress(page.raw, 9)) <= MOST_BYTES
    html = page.raw.decode()
    assert "<script" not in html
    assert " style=" not in html
    Elements(html)
    return html


def words(html: str) -> str:
    """What the page says, without its marks."""
    body = html[html.index("<main") :]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def hidden(html: str, name: str) -> str:
    """The value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found is not None, f"no hidden {name}"
    return unescape(found[1])
