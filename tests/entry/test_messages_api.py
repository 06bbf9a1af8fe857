"""Messages by their three doors: the page's form, the desk's API, the driver's taps."""

from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.merchants import store as merchants
from chalicelib.kit import tokens
from chalicelib.storage import keys
from tests.builders import a_merchant
from tests.entry.belongings import a_delivery, a_stop
from tests.entry.conftest import Doors

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def on_the_way(doors: Doors) -> tuple[str, str, str]:
    """A door that a driver is on the way to, the driver's token, the recipient's link."""
    stop = a_stop(doors)
    uow = wiring.unit_of_work()
    work = doors.call("GET", "/v1/driver/route", token=stop.token).body["route"]
    route = dispatch.load_route(uow, work["id"])
    ref = route.stop(stop.id).deliveries[0]  # type: ignore[union-attr]
    token = tokens.tracking_token(wiring.vault().server_key(), ref.delivery_id)
    link = {"merchant_id": ref.merchant_id, "delivery_id": ref.delivery_id}
    uow.put(keys.tracking_link(tokens.hash_secret(token)), link, expect=0)
    if uow.get(keys.merchant(ref.merchant_id)) is None:
        merchants.save_merchant(uow, a_merchant(id=ref.merchant_id, hub_id=doors.hub_id))
    uow.commit()
    return stop.id, stop.token, token


def at_stop(doors: Doors, driver: str, stop_id: str) -> dict[str, Any]:
    route = doors.call("GET", "/v1/driver/route", token=driver).body["route"]
    found: dict[str, Any] = next(stop for stop in route["stops"] if stop["id"] == stop_id)
    return found


def test_driver_and_recipient_write_and_both_read_it(doors: Doors) -> None:
    stop_id, driver, link = on_the_way(doors)
    assert at_stop(doors, driver, stop_id)["can_write"]
    tap = {"id": "tap-message-1", "kind": "message", "stop_id": stop_id}
    body = {"canned": "no_entrance", "at": "2026-11-23T08:19:53Z"}
    for _ in range(2):
        sent = doors.call("POST", "/v1/driver/events", {"events": [{**tap, "body": body}]}, driver)
        assert [one["status"] for one in sent.body["results"]] == [200], sent.raw
    form = b"text=Round+the+corner%3A+caf%C3%A9&once=1"
    for _ in range(2):
        answered = doors.call("POST", f"/t/{link}/messages", form, headers=FORM)
        assert answered.status == 303
        assert answered.headers["Location"] == f"../{link}#messages"
    told = at_stop(doors, driver, stop_id)["messages"]
    assert [(one["side"], one["text"]) for one in told] == [
        ("driver", "I cannot find the entrance."),
        ("recipient", "Round the corner: café"),
    ]
    html = doors.stage.client.http.get(f"/t/{link}?lang=en").body.decode()
    assert "I cannot find the entrance." in html
    assert "Round the corner: café" in html


def test_what_a_recipient_writes_is_text_and_no_markup_and_not_too_long(doors: Doors) -> None:
    _, _, link = on_the_way(doors)
    doors.call("POST", f"/t/{link}/messages", b"text=%3Cb%3Ehello%3C%2Fb%3E", headers=FORM)
    for form in (b"", b"text=" + b"x" * 281):
        answered = doors.call("POST", f"/t/{link}/messages", form, headers=FORM)
        assert answered.headers["Location"] == f"../{link}?talk=empty#messages"
    html = doors.stage.client.http.get(f"/t/{link}?talk=empty&lang=en").body.decode()
    assert "&lt;b&gt;hello&lt;/b&gt;" in html
    assert "between 1 and 280" in html


def test_nobody_writes_by_a_link_that_is_none(doors: Doors) -> None:
    unknown = f"/t/{'a' * 22}/messages"
    answered = doors.stage.client.http.post(unknown, headers=FORM, body=b"text=hello")
    assert answered.status_code == 404


@pytest.mark.parametrize("body", [{}, {"text": "a", "canned": "no_bell"}, {"canned": "poem"}])
def test_a_driver_says_one_thing_that_there_is(doors: Doors, body: dict[str, str]) -> None:
    stop_id, driver, _ = on_the_way(doors)
    assert doors.call("POST", f"/v1/stops/{stop_id}/messages", body, driver).status == 422


def test_the_desk_reads_and_is_told_when_nobody_is_there(doors: Doors) -> None:
    delivery = a_delivery(doors)
    path = f"/v1/deliveries/{delivery.id}/messages"
    shown = doors.call("GET", path, token=delivery.token)
    assert shown.body == {"open": False, "messages": []}
    refused = doors.call("POST", path, {"text": "Hello"}, delivery.token)
    assert (refused.status, refused.body["code"]) == (409, "conversation_closed")
