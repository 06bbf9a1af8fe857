"""The portal's pages for money: an invoice opens to its orders, is downloaded, and disputed."""

import re
from datetime import timedelta
from html import unescape

import pytest

from chalicelib.domain.billing import closing, journal, periods
from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.domain.deliveries import service as deliveries
from chalicelib.domain.deliveries.commands import Assign, Deliver, PickUp, Plan
from chalicelib.domain.deliveries.requirements import Proof, ProofKind
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.entry import work
from chalicelib.kit.timewindow import write_instant
from tests.entry.conftest import Doors
from tests.entry.portal_pages import an_order, read, words
from tests.entry.visitors import Visitor


def a_charged_order(doors: Doors) -> str:
    delivery_id = an_order(doors)
    ref, at = DeliveryRef(doors.stage.merchant_id, delivery_id), doors.stage.clock.now()
    steps = (
        Plan(at, "rte_1"),
        Assign(at, "drv_1"),
        PickUp(at),
        Deliver(at, (Proof(ProofKind.NAME),)),
    )
    work.run(lambda uow: deliveries.carry_out(uow, ref, *steps))
    work.run(lambda uow: journal.book_delivery(uow, ref, "evt_1"))
    return delivery_id


@pytest.fixture(scope="module")
def number(doors: Doors) -> str:
    return an_invoice(doors)


def an_invoice(doors: Doors) -> str:
    """The number of one over two orders."""
    for _ in range(2):
        a_charged_order(doors)
    until_at = doors.stage.clock.now() + timedelta(seconds=1)
    doors.stage.clock.advance(hours=3)
    account = Account(AccountKind.RECEIVABLE, "EUR", doors.stage.merchant_id)
    work.run(lambda uow: closing.close_account(uow, account, until_at))
    assert work.read(lambda uow: periods.last_closing(uow, account, until_at)) is not None
    return str(doors.stage.as_merchant("GET", "/v1/invoices").body["invoices"][0]["number"])


def test_an_invoice_is_found_and_its_lines_open_to_their_orders(
    doors: Doors, member_client: Visitor, number: str
) -> None:
    listed = read(member_client.get("/m/invoices"))
    assert f"Invoice {number}" in words(listed)
    page = read(member_client.get(f"/m/invoices/{number}"))
    orders = re.findall(r'<th scope="row"><a href="../../m/orders/(del_\w+)"', page)
    assert len(orders) == 2
    assert "Proof" in words(read(member_client.get(f"/m/orders/{orders[0]}")))
    whole = doors.stage.as_merchant("GET", f"/v1/invoices/{number}").body
    assert f"{whole['total_minor'] / 100:.2f}" in words(page)


def test_papers_are_asked_for_by_a_button_and_need_names_and_addresses(
    doors: Doors, member_client: Visitor, number: str
) -> None:
    path = f"/m/invoices/{number}"
    answer = member_client.send(f"{path}/papers")
    assert (answer.status, "said=details" in answer.headers["Location"]) == (303, True)
    address = {"line1": "Dock 1", "postal_code": "34117", "city": "Kassel", "country": "DE"}
    for whose in (
        "/v1/billing-details",
        f"/v1/merchants/{doors.stage.merchant_id}/billing-details",
    ):
        body = {"legal_name": "Kurier GmbH", **address}
        assert doors.operate("PUT", whose, body).status == 200
    asked = member_client.send(f"{path}/papers")
    assert "said=asked" in asked.headers["Location"]
    assert "being made" in words(read(member_client.get(f"{path}?said=asked")))


def test_a_charge_is_disputed_by_a_form_once_and_listed(
    doors: Doors, member_client: Visitor, number: str
) -> None:
    page = read(member_client.get(f"/m/invoices/{number}"))
    path = "/" + unescape(re.findall(r'href="\.\./\.\./(m/orders/del_\w+/dispute)"', page)[0])
    form = read(member_client.get(path))
    assert form.count('name="reason"') == 7
    told = {"reason": "damaged", "text": "The vase is broken."}
    for _ in range(2):
        sent = member_client.send(path, **told)
        assert (sent.status, "said=disputed" in sent.headers["Location"]) == (303, True)
    assert "It arrived damaged" in words(read(member_client.get("/m/invoices")))
    assert "This charge is disputed" in words(read(member_client.get(path)))
    read(member_client.send(path, reason="whatever", text="x"), 422)


def test_the_statement_has_an_opening_and_a_closing_balance(
    doors: Doors, member_client: Visitor, number: str
) -> None:
    told = words(read(member_client.get("/m/account")))
    assert "Opening balance" in told
    day = write_instant(doors.stage.clock.now())[:10]
    shown = words(read(member_client.get(f"/m/account?first={day}&last={day}&currency=EUR")))
    assert "Closing balance" in shown
    assert "Below zero" in words(read(member_client.get("/m/account?account=collected")))
    read(member_client.get("/m/account?first=2020-01-01"), 422)


@pytest.mark.parametrize(
    "path", ["/m/invoices/2026-999999", "/m/invoices/x", "/m/invoices/CN2026-000001"]
)
def test_a_number_that_there_is_not_is_not_found(member_client: Visitor, path: str) -> None:
    assert member_client.get(path).status == 404
