"""A checkout never gets an error from us, and pays what it was shown."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from chalicelib import wiring
from chalicelib.domain.intake.service_codes import read_window
from chalicelib.domain.quotes.rates import Rate
from chalicelib.entry.api import checkout_rates
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.money import Money
from chalicelib.kit.places import Found, PlaceKind
from tests.builders import DOOR_AT, NOON
from tests.domain.intake.shops import golden, hmac_base64, written
from tests.entry.intake_stage import Answered, Stage, a_stage

#: As Shopify documents the request; prices are integers of cents, grams are per unit.
ASKED = {
    "rate": {
        "origin": {"country": "DE", "postal_code": "34117", "city": "Kassel"},
        "destination": {
            "country": "DE",
            "postal_code": "34119",
            "province": "HE",
            "city": "Kassel",
            "name": "Ida Brandt",
            "address1": "Lindenweg 7",
            "address2": "",
            "address3": None,
            "phone": "0171 3920007",
            "company_name": None,
        },
        "items": [
            {
                "name": "Vase",
                "sku": "V-1",
                "quantity": 2,
                "grams": 400,
                "price": 1900,
                "vendor": "Blumen Roth",
                "requires_shipping": True,
                "taxable": True,
                "fulfillment_service": "manual",
                "properties": None,
                "product_id": 48447225880,
                "variant_id": 258644705304,
            }
        ],
        "currency": "EUR",
        "locale": "de",
    }
}


class HastyPlaces:
    """The geocoder of the checkout: one door, or what it is told to raise."""

    def __init__(self) -> None:
        self.position: LatLng | None = DOOR_AT
        self.is_down = False
        self.asked = 0

    def search(self, **_: Any) -> tuple[Found, ...]:
        self.asked += 1
        if self.is_down:
            raise PlacesUnavailable
        return (Found(PlaceKind.POINT, self.position, 0.98),) if self.position else ()


@pytest.fixture
def places() -> HastyPlaces:
    return HastyPlaces()


@pytest.fixture
def stage(aws: None, places: HastyPlaces) -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as patch, a_stage(patch, "rates") as made:
        patch.setattr(wiring, "hasty_places", lambda: places)
        yield made


def ask(stage: Stage, body: bytes | None = None, secret: str | None = None) -> Answered:
    raw = written(ASKED) if body is None else body
    signature = hmac_base64(raw, secret or stage.secrets["shopify"])
    path = f"/rates/shopify/{stage.merchant_id}"
    return stage.call("POST", path, raw, {"X-Shopify-Hmac-Sha256": signature})


def test_a_checkout_is_offered_a_rate_in_shopifys_shape(stage: Stage) -> None:
    rates = ask(stage).body["rates"]
    assert rates
    for rate in rates:
        assert rate["total_price"].isdecimal()
        assert rate["currency"] == "EUR"
        starts, ends = (
            datetime.strptime(rate[name], "%Y-%m-%d %H:%M:%S %z")
            for name in ("min_delivery_date", "max_delivery_date")
        )
        assert NOON <= starts < ends
        assert rate["service_code"].startswith("lastmile.")


def test_the_chosen_rate_comes_back_as_the_orders_window(stage: Stage) -> None:
    rate = ask(stage).body["rates"][0]
    promised = read_window(rate["service_code"])
    assert promised is not None
    order = written(golden("shopify", id=31, shipping_lines=[{"code": rate["service_code"]}]))
    headers = {
        "X-Shopify-Hmac-Sha256": hmac_base64(order, stage.secrets["shopify"]),
        "X-Shopify-Topic": "orders/create",
    }
    made = stage.webhook("shopify", order, headers)
    shown = stage.as_merchant("GET", f"/v1/deliveries/{made.body['delivery_id']}").body
    ends = datetime.fromisoformat(shown["window"]["end_time"])
    assert ends == promised.end_at
    shown_end = datetime.strptime(rate["max_delivery_date"], "%Y-%m-%d %H:%M:%S %z")
    assert shown_end - ends < timedelta(minutes=1)


def test_where_we_do_not_deliver_the_list_is_empty(stage: Stage, places: HastyPlaces) -> None:
    for position in (LatLng(48.1, 11.5), None):
        places.position = position
        body = json.loads(written(ASKED))
        body["rate"]["destination"]["postal_code"] = f"8{int(position is None)}331"
        answered = ask(stage, written(body))
        assert (answered.status, answered.body) == (200, {"rates": []})


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"{", b"[]", b'{"rate": null}', b'{"rate": {"items": [{"quantity": -1}]}}'),
        *(b'{"rate": {"items": [{"grams": NaN}]}}', b'{"rate": {"items": []}}', b"\xff"),
        b'{"rate": {"destination": {"country": 5, "postal_code": [1]}, "items": [{}]}}',
    ],
)
def test_nothing_that_is_asked_empties_a_checkout_with_an_error(stage: Stage, body: bytes) -> None:
    answered = ask(stage, body)
    assert (answered.status, answered.body) == (200, {"rates": []})


def test_a_geocoder_that_is_down_is_an_empty_list_and_not_an_error(
    stage: Stage, places: HastyPlaces
) -> None:
    places.is_down = True
    assert (ask(stage).status, ask(stage).body) == (200, {"rates": []})


def test_a_crash_of_ours_is_an_empty_list_too(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wiring, "hasty_places", lambda: None)
    assert (ask(stage).status, ask(stage).body) == (200, {"rates": []})


def test_a_parcel_of_vouchers_or_of_three_tonnes_has_no_rate(stage: Stage) -> None:
    for changes in ({"requires_shipping": False}, {"grams": 3_000_000}):
        body = json.loads(written(ASKED))
        body["rate"]["items"][0] |= changes
        assert ask(stage, written(body)).body == {"rates": []}


def test_a_postal_code_is_looked_up_once(stage: Stage, places: HastyPlaces) -> None:
    """The geocoder is the slow part; the next customer of the street does not wait for it."""
    first, again = ask(stage).body, ask(stage).body
    assert first == again
    assert places.asked == 1


def test_nobody_asks_without_the_shops_signature(stage: Stage) -> None:
    assert ask(stage, secret="wrong").status == 401
    path = f"/rates/shopify/{stage.merchant_id}"
    assert stage.call("POST", path, written(ASKED)).status == 401
    assert stage.call("POST", "/rates/shopify/mer_nobody", written(ASKED)).status == 401


@pytest.mark.parametrize(
    ("amount_minor", "currency", "told"),
    [(690, "EUR", "690"), (1000, "JPY", "100000"), (1500, "KWD", "1500")],
)
def test_a_currency_without_subunits_is_told_in_hundredths(
    amount_minor: int, currency: str, told: str
) -> None:
    """Shopify's own example: 100000 for 1000 JPY. A hundredth of the price was shown."""
    later = NOON + timedelta(hours=4)
    rate = Rate("same_day", "Same day", "", Money(amount_minor, currency), NOON, later)
    assert checkout_rates.as_shopify(rate, ZoneInfo("Asia/Tokyo"))["total_price"] == told
