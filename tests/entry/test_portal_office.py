"""The portal's pages for team, keys, webhooks, widget and support cases, as they are used."""

import json
import re
from html import unescape
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.accounts import store
from chalicelib.domain.accounts.model import TeamRole
from chalicelib.domain.callbacks import sending
from chalicelib.domain.callbacks import store as webhook_log
from chalicelib.domain.callbacks.model import EndpointRef, Reply
from chalicelib.domain.callbacks.payload import headers
from chalicelib.entry import work
from tests.entry.conftest import Doors
from tests.entry.portal_pages import an_order, read, words
from tests.entry.visitors import Visitor, a_person, a_visitor

FOREIGN = "mer_01m83qpnc10y2w525st46371np"


def led_to(answered: Any) -> str:
    assert answered.status == 303, answered.raw[:600]
    return str(answered.headers["Location"])


def shown_once(html: str) -> str:
    """The secret in the box that says that it is shown this once."""
    found = re.search(r'class="said well".*?<code>(.*?)</code>', html, re.S)
    assert found is not None
    return unescape(found[1])


@pytest.fixture
def viewer(doors: Doors) -> Visitor:
    return a_visitor(doors.stage, TeamRole.VIEWER)


def test_an_owner_invites_somebody_who_then_shows_in_the_team(
    doors: Doors, member_client: Visitor
) -> None:
    sent = member_client.send("/m/team", name="Ada Lang", email="ada@shop.example", role="staff")
    link = shown_once(read(sent))
    assert link.startswith("https://track.example/m/invite/")
    assert doors.stage.call("GET", link.removeprefix("https://track.example")).status == 200
    html = read(member_client.get("/m/team"))
    assert "ada@shop.example" in html
    assert link not in html
    again = member_client.send("/m/team", name="Ada", email="ADA@shop.example", role="staff")
    assert (again.status, "already" in words(read(again, 409))) == (409, True)


def test_an_owner_changes_takes_out_and_lets_in_again(doors: Doors, member_client: Visitor) -> None:
    other = a_visitor(doors.stage, TeamRole.STAFF)
    path = f"/m/team/{other.person.id}"
    for do, said in (("role", "role"), ("sign-out", "left"), ("remove", "removed")):
        sent = member_client.send(path, do=do, role="viewer")
        assert led_to(sent) == f"../../m/team?said={said}"
    assert other.get("/m/team").status == 303, "signed out"
    person = store.load(wiring.unit_of_work(), other.person.id)
    assert (person.role, person.active) == (TeamRole.VIEWER, False)
    assert led_to(member_client.send(path, do="restore")).endswith("restored")
    assert shown_once(read(member_client.send(path, do="invite")))
    assert member_client.send(path, do="promote").status == 422


def test_nobody_of_another_team_is_there(doors: Doors, member_client: Visitor) -> None:
    foreign = a_person(doors.stage, TeamRole.STAFF, FOREIGN)
    for do in ("role", "remove", "restore", "sign-out", "invite"):
        assert member_client.send(f"/m/team/{foreign.id}", do=do, role="owner").status == 404
    assert foreign.email not in read(member_client.get("/m/team"))


def test_a_key_is_shown_once_works_and_ends(doors: Doors, member_client: Visitor) -> None:
    sent = member_client.send("/m/keys", name="checkout", kind="live", **{"scope:quotes": "on"})
    key = shown_once(read(sent))
    assert doors.call("GET", "/v1/deliveries", token=key).status == 403, "it has one scope only"
    html = read(member_client.get("/m/keys"))
    assert key not in html
    assert key[:16] in html
    row = re.search(r'action="\.\./m/(keys/key_\w+)"', html[html.index(key[:16]) :])
    assert row is not None
    successor = shown_once(read(member_client.send(f"/m/{row[1]}", do="rotate")))
    assert successor != key
    assert led_to(member_client.send(f"/m/{row[1]}", do="revoke")) == "../../m/keys?said=ended"
    assert doors.call("GET", "/v1/deliveries", token=key).status == 401
    assert doors.call("GET", "/v1/deliveries", token=successor).status == 403


def test_a_test_key_belongs_to_the_shops_double(doors: Doors, member_client: Visitor) -> None:
    key = shown_once(read(member_client.send("/m/keys", name="try", kind="test")))
    assert key.startswith("lm_test_")
    html = read(member_client.get("/m/keys"))
    assert key[:16] in html
    row = re.search(r'action="\.\./m/(keys/key_\w+)"', html[html.index(key[:16]) :])
    assert row is not None
    assert member_client.send(f"/m/{row[1]}", do="revoke").status == 303
    assert doors.call("GET", "/v1/deliveries", token=key).status == 401


def test_a_key_without_a_name_is_refused_in_words(doors: Doors, member_client: Visitor) -> None:
    assert "name" in words(read(member_client.send("/m/keys", kind="live"), 422))


def an_endpoint(member: Visitor) -> tuple[str, str]:
    """Its path on the portal, and its secret."""
    sent = member.send("/m/webhooks", url="https://shop.example.com/hook", events="delivery.*")
    html = read(sent)
    rows = re.findall(r'href="\.\./m/(webhooks/whe_\w+)"', html)
    return f"/m/{rows[-1]}", shown_once(html)


def test_an_endpoint_is_made_tested_and_its_log_shows_what_was_signed(
    doors: Doors, member_client: Visitor
) -> None:
    path, secret = an_endpoint(member_client)
    assert led_to(member_client.send(path, do="test")).endswith("?said=tested")
    ref = EndpointRef(doors.stage.merchant_id, path.rpartition("/")[2])
    message = webhook_log.list_messages(wiring.unit_of_work(), ref, limit=1, after=None)[0][0]
    tried = sending.after_try(message, Reply(500, duration_ms=12), wiring.clock().now())
    work.run(lambda uow: webhook_log.move_message(uow, message, tried))
    assert "webhook_endpoint.test" in read(member_client.get(path))
    html = read(member_client.get(f"{path}/{message.event_id}"))
    shown = [unescape(one) for one in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", html, re.S)]
    payload, signed = shown
    assert json.loads(payload)["type"] == "webhook_endpoint.test"
    sent = headers(message, payload.encode(), [secret], wiring.clock().wall_now())
    assert signed == f"{sent['webhook-id']}.{sent['webhook-timestamp']}.{payload}"
    assert "500" in html
    assert secret not in html
    assert led_to(member_client.send(path, do="redeliver", event_id=message.event_id))
    assert member_client.get(f"{path}/evt_nothing").status == 404


def test_an_endpoint_is_changed_disabled_rotated_and_deleted(member_client: Visitor) -> None:
    path, secret = an_endpoint(member_client)
    fields = {"url": "https://shop.example.com/new", "events": "*"}
    assert led_to(member_client.send(path, do="change", **fields)).endswith("changed")
    assert "shop.example.com/new" in read(member_client.get(path))
    rotated = shown_once(read(member_client.send(path, do="rotate")))
    assert rotated.startswith("whsec_")
    assert rotated != secret
    assert led_to(member_client.send(path, do="disable")).endswith("disabled")
    assert "enable" in words(read(member_client.send(path, do="test"), 409)).lower()
    assert led_to(member_client.send(path, do="enable")).endswith("enabled")
    assert member_client.send(path, do="paint").status == 422
    assert led_to(member_client.send(path, do="delete")) == "../../m/webhooks?said=deleted"
    assert member_client.get(path).status == 404


@pytest.mark.parametrize("url", ["http://shop.example.com/x", "https://127.0.0.1/x", "nothing"])
def test_an_address_that_we_do_not_call_is_refused_in_words(
    member_client: Visitor, url: str
) -> None:
    assert "URL" in words(read(member_client.send("/m/webhooks", url=url), 422))


def test_endpoints_are_the_owners(doors: Doors) -> None:
    staff = a_visitor(doors.stage, TeamRole.STAFF)
    answered = staff.get("/m/webhooks")
    assert answered.status == 403
    assert "not open to you" in answered.raw.decode()


def test_the_widgets_line_has_what_was_chosen_and_the_preview_is_ours(
    doors: Doors, member_client: Visitor
) -> None:
    first = member_client.get("/m/widget")
    assert "until then nobody" in words(read(first))
    assert led_to(member_client.send("/m/widget", origins="https://shop.example.com")).endswith(
        "saved"
    )
    answered = member_client.get("/m/widget?lang=de&title=Wo+ist+%22es%22%3F&height=36rem")
    html = read(answered)
    line = unescape(re.findall(r"<pre[^>]*><code>(.*?)</code>", html, re.S)[0])
    assert f'data-shop="{doors.stage.merchant_id}"' in line
    assert 'data-lang="de"' in line
    assert 'data-height="36rem"' in line
    frame = re.search(r'<iframe[^>]*src="\.\./([^"]+)"', html)
    assert frame is not None
    assert "frame-src 'self'" in answered.headers["Content-Security-Policy"]
    preview = doors.stage.call("GET", f"/{frame[1]}")
    assert (
        "frame-ancestors 'self' https://shop.example.com"
        in (preview.headers["Content-Security-Policy"])
    )
    wrong = member_client.send("/m/widget", origins="ftp://x")
    assert wrong.status == 422


def test_a_case_is_opened_read_written_in_and_ended(doors: Doors, member_client: Visitor) -> None:
    delivery_id = an_order(doors)
    sent = member_client.send(
        "/m/cases", delivery_id=delivery_id, kind="damaged", text="The vase is <broken>."
    )
    place = led_to(sent).removeprefix("../").removesuffix("?said=opened")
    html = read(member_client.get(f"/{place}?said=opened"))
    assert "The vase is &lt;broken&gt;." in html
    assert "We answer by" in words(html)
    assert f"m/orders/{delivery_id}" in html
    for do in ("write", "resolve", "reopen"):
        assert led_to(member_client.send(f"/{place}", do=do, text="And the lid."))
    assert "And the lid." in read(member_client.get(f"/{place}"))
    assert "Damaged" in words(read(member_client.get("/m/cases")))
    assert member_client.send(f"/{place}", do="write", text="").status == 422
    assert member_client.send(f"/{place}", do="shout").status == 422
    stranger = a_visitor(doors.stage, TeamRole.OWNER, FOREIGN)
    assert stranger.get(f"/{place}").status in (403, 404)


def test_what_the_desk_notes_for_itself_is_not_shown(doors: Doors, member_client: Visitor) -> None:
    delivery_id = an_order(doors)
    sent = member_client.send(
        "/m/cases", delivery_id=delivery_id, kind="other", text="Where is it?"
    )
    case_id = re.search(r"sup_\w+", led_to(sent))
    assert case_id is not None
    for to, text in (("desk", "probably the neighbour"), ("merchant", "We are looking.")):
        doors.operate("POST", f"/v1/support-cases/{case_id[0]}/messages", {"to": to, "text": text})
    html = read(member_client.get(f"/m/cases/{case_id[0]}"))
    assert "We are looking." in html
    assert "neighbour" not in html


def test_whoever_only_looks_sees_no_forms_and_can_send_none(viewer: Visitor) -> None:
    for path in ("/m/team", "/m/keys", "/m/widget", "/m/cases"):
        html = read(viewer.get(path))
        main = html[html.index("<main") :]
        assert 'method="post"' not in main
        assert viewer.send(path, name="x").status == 403
