"""The portal's orders: found, shown, changed and called off by plain forms, each once."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest

from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.merchants import api_keys
from chalicelib.entry import work
from chalicelib.kit.hours import local_day
from tests.entry.conftest import Doors
from tests.entry.portal_pages import an_order, hidden, many_orders, read, words
from tests.entry.visitors import Visitor, a_visitor


def order(doors: Doors, delivery_id: str) -> dict:
    return doors.stage.as_merchant("GET", f"/v1/deliveries/{delivery_id}").body


def test_a_new_shop_is_shown_how_to_begin_and_then_its_day(
    doors: Doors, member_client: Visitor
) -> None:
    assert "Your next delivery" in words(read(member_client.get("/m")))
    an_order(doors)
    told = words(read(member_client.get("/m")))
    assert "1 Waiting" in told
    assert "Everything runs as promised" in told


def test_orders_are_listed_page_by_page(doors: Doors, member_client: Visitor) -> None:
    many_orders(doors, 30)
    seen, path = [], "/m/orders"
    while path:
        html = read(member_client.get(path))
        seen += re.findall(r'<th scope="row"><a href="../m/orders/(del_\w+)"', html)
        more = re.search(r'rel="next" href="\.\./(m/orders\?[^"]+)"', html)
        path = more and "/" + unescape(more[1])
    assert len(seen) == len(set(seen)) >= 30
    none = words(read(member_client.get("/m/orders?status=delivered&late=yes&failed=yes")))
    assert "No order fits" in none


@pytest.mark.parametrize(
    "query",
    [
        *("status=lost_somewhere", "first=yesterday", "first=2020-01-01", "cursor=x"),
        *("late=perhaps", "last=0001-01-01", "first=0001-01-01"),
    ],
)
def test_a_filter_that_cannot_be_one_is_told_so(member_client: Visitor, query: str) -> None:
    page = member_client.get(f"/m/orders?{query}")
    assert page.status in (400, 422)
    read(page, page.status)


def test_days_are_those_of_the_hubs_clock(doors: Doors, member_client: Visitor) -> None:
    # The newest order stands first; of the same instant, any of many might.
    doors.stage.clock.advance(seconds=1)
    made = an_order(doors)
    today = local_day(doors.stage.clock.now(), "Europe/Berlin")
    tomorrow = today + timedelta(days=1)
    assert made in read(member_client.get(f"/m/orders?first={today}&last={today}"))
    # A day to come is no day to look at.
    assert made in read(member_client.get(f"/m/orders?first={today}&last={tomorrow}"))
    assert made not in read(member_client.get("/m/orders?first=2026-11-01&last=2026-11-02"))


def test_a_number_leads_to_its_order_however_it_is_written(
    doors: Doors, member_client: Visitor
) -> None:
    made = an_order(doors, external_id="Z-77", order_name="#1077")
    for number in ("%231077", "1077", "Z-77", "z77", made):
        found = member_client.get(f"/m/orders?number={number}")
        assert (found.status, found.headers["Location"]) == (303, f"../m/orders/{made}")
    assert "We know no order" in words(read(member_client.get("/m/orders?number=nothing")))


def test_the_table_holds_the_filtered_list_and_nobodys_name(
    doors: Doors, member_client: Visitor
) -> None:
    made = an_order(doors, order_name='=HYPERLINK("x")')
    answer = member_client.get("/m/orders.csv")
    assert answer.status == 200
    assert 'filename="orders-' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.raw.decode("utf-8-sig"))))
    (mine,) = [row for row in rows if row["delivery_id"] == made]
    assert mine["order"] == '\'=HYPERLINK("x")'
    assert int(mine["agreed_price_minor"]) > 0
    assert "Ada" not in answer.raw.decode()
    assert "Lindenweg" not in answer.raw.decode()


def test_an_order_is_shown_with_its_price_and_its_history(
    doors: Doors, member_client: Visitor
) -> None:
    made = an_order(doors)
    told = words(read(member_client.get(f"/m/orders/{made}")))
    charges = doors.stage.as_merchant("GET", f"/v1/deliveries/{made}/charges").body
    assert f"You pay EUR {charges['total_minor'] / 100:.2f}" in told
    assert "Ada Sommer" in told
    assert "Order taken" in told
    assert "Not on a route" in told


def test_another_shops_order_is_not_there(doors: Doors, member_client: Visitor) -> None:
    other = a_visitor(doors.stage, TeamRole.OWNER, _other_merchant(doors))
    made = an_order(doors)
    for path in (f"/m/orders/{made}", f"/m/orders/{made}/end", f"/m/orders/{made}/change"):
        assert "We do not have this" in words(read(other.get(path), 404))
    for last in ("end", "reschedule", "redirect", "edit", "messages", "recovery"):
        sent = other.send(f"/m/orders/{made}/{last}", reason="duplicate", version="1", to="home")
        assert sent.status in (404, 422), last
    assert other.get(f"/m/orders?number={made}").status == 200
    assert order(doors, made)["version"] == 2


def _other_merchant(doors: Doors) -> str:
    key = doors.stage.other_api_key
    return work.read(lambda uow: api_keys.authenticate(uow, key)).merchant_id


def test_calling_off_shows_the_fee_that_is_charged_and_happens_once(
    doors: Doors, member_client: Visitor
) -> None:
    made = an_order(doors)
    page = read(member_client.get(f"/m/orders/{made}/end"))
    fields = {"reason": "customer_request", "version": hidden(page, "version")}
    before = doors.stage.as_merchant("GET", f"/v1/deliveries/{made}/charges").body["total_minor"]
    for _ in range(2):
        sent = member_client.send(f"/m/orders/{made}/end", **fields)
        assert sent.headers["Location"] == f"../../../m/orders/{made}?said=cancelled"
    charges = doors.stage.as_merchant("GET", f"/v1/deliveries/{made}/charges").body
    added = charges["total_minor"] - before
    assert f"The customer asked for it EUR {added / 100:.2f}" in words(page)
    assert order(doors, made)["status"] == "cancelled"
    events = doors.stage.as_merchant("GET", f"/v1/deliveries/{made}/events").body["events"]
    assert [one["type"] for one in events].count("delivery.cancelled") == 1


def test_what_moved_on_meanwhile_is_asked_again(doors: Doors, member_client: Visitor) -> None:
    made = an_order(doors)
    sent = member_client.send(f"/m/orders/{made}/end", reason="duplicate", version="1")
    assert sent.headers["Location"] == f"../../../m/orders/{made}/end?said=moved_on"
    assert order(doors, made)["status"] == "ready"


def test_an_order_comes_at_another_time_and_under_another_name(
    doors: Doors, member_client: Visitor
) -> None:
    made = an_order(doors)
    page = read(member_client.get(f"/m/orders/{made}/change"))
    window = page.split('<option value="')[1].split('"')[0]
    for _ in range(2):
        sent = member_client.send(f"/m/orders/{made}/reschedule", window=window)
        assert sent.headers["Location"].endswith("?said=moved")
    assert order(doors, made)["window"]["start_time"] == window.partition("/")[0]
    known = order(doors, made)["dropoff"]
    fields = {"name": "Eva Winter", "notes": "Ring twice", "phone_number": "+491713920050"}
    sent = member_client.send(f"/m/orders/{made}/edit", **fields, **known["address"])
    assert sent.headers["Location"].endswith("?said=changed")
    after = order(doors, made)["dropoff"]
    assert (after["name"], after["notes"]) == ("Eva Winter", "Ring twice")
    assert after["address"] == known["address"]


@pytest.mark.parametrize(
    ("last", "fields"),
    [
        ("end", {"reason": "because", "version": "2"}),
        ("end", {}),
        ("reschedule", {"window": "soon"}),
        ("reschedule", {"window": "2026-11-27T12:00:00Z/2026-11-27T12:00:01Z"}),
        ("redirect", {"to": "nowhere"}),
        ("redirect", {"to": "pup_01m83qpnc10y2w525st46371np"}),
        ("edit", {"name": "", "line1": "x", "country": "Germany"}),
        ("messages", {"text": " "}),
        ("messages", {"text": "Hello", "once": "1"}),
        ("recovery", {"remedy": "dispose"}),
        ("recovery", {"remedy": "nothing"}),
    ],
)
def test_what_cannot_be_done_is_told_in_words_and_changes_nothing(
    doors: Doors, member_client: Visitor, last: str, fields: dict[str, str]
) -> None:
    made = an_order(doors)
    sent = member_client.send(f"/m/orders/{made}/{last}", **fields)
    if sent.status != 303:
        read(sent, sent.status)
        assert 400 <= sent.status < 500
    else:
        assert sent.headers["Location"].rpartition("said=")[2] in ("went", "closed")
    assert order(doors, made)["version"] == 2


def test_a_viewer_looks_and_changes_nothing(doors: Doors) -> None:
    viewer = a_visitor(doors.stage, TeamRole.VIEWER)
    made = an_order(doors)
    page = read(viewer.get(f"/m/orders/{made}"))
    assert f"{made}/end" not in page
    assert viewer.send(f"/m/orders/{made}/end", reason="duplicate", version="2").status == 403
    assert viewer.get(f"/m/orders/{made}/change").status == 403
    assert order(doors, made)["version"] == 2
