"""What a recipient may ask for, without a browser: plain forms, one effect, no harm by a link."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib import wiring
from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.instructions import IfMissed, Neighbour
from chalicelib.domain.deliveries.model import Delivery, FailureReason, Recipient, Status
from chalicelib.domain.deliveries.requirements import Requirements
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.domain.dispatch import store as dispatch
from chalicelib.domain.dispatch.model import RouteStatus
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recipient_actions import RecipientAction as Action
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.messaging import suppression
from chalicelib.domain.pickup_points import service as points
from chalicelib.domain.recovery import deciding as recovery
from chalicelib.domain.recovery import store as recoveries
from chalicelib.domain.recovery.model import By
from chalicelib.kit import tokens
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.geo import LatLng
from chalicelib.storage import keys
from tests.domain.dispatch.matching.test_matching import a_route
from tests.domain.pickup_points.test_nearest import described
from tests.telling import ANNA, NOON, SERVER_KEY, World
from tests.web.test_recipient_page import Outline, get

FORM = "application/x-www-form-urlencoded"
DIGITS = ANNA.phone.e164[-4:]
ON_BOARD = (life.Plan(NOON, "rte_1"), life.Assign(NOON, "drv_1"), life.PickUp(NOON))
NEAR = (*ON_BOARD, life.SetOutForDropoff(NOON))
BEFORE_ANY_FAILURE = [one for one in Action if one is not Action.RECOVERY]


@pytest.fixture
def clock(stage: None, monkeypatch: pytest.MonkeyPatch) -> FrozenClock:
    made = FrozenClock(NOON)
    monkeypatch.setattr(wiring, "clock", lambda: made)
    return made


@dataclass
class Anna:
    """Somebody with a link."""

    client: Any
    world: World
    delivery: Delivery

    @property
    def path(self) -> str:
        return f"/t/{self.world.token(self.delivery)}"

    def sees(self, action: str = "") -> str:
        response = get(self.client, self.path + (f"/actions/{action}" if action else ""))
        assert response.status_code == 200
        return str(response.body.decode())

    def sends(self, action: str, body: bytes | None = None, **fields: object) -> Any:
        raw = urlencode(fields).encode() if body is None else body
        path = f"{self.path}/actions/{action}"
        return self.client.http.post(path, headers={"Content-Type": FORM}, body=raw)

    def succeeds(self, action: str, **fields: object) -> None:
        for _ in range(2):
            response = self.sends(action, **fields)
            assert response.status_code == 303, response.body
        where = response.headers["Location"]
        assert where == f"../../{self.world.token(self.delivery)}?said={action}"
        html = get(self.client, f"{self.path}?said={action}").body.decode()
        assert 'role="status"' in html

    def fails(self, action: str, text: str, **fields: object) -> None:
        before = self.now()
        response = self.sends(action, **fields)
        assert response.status_code == 422
        assert text in response.body.decode()
        assert self.now() == before

    def now(self) -> Delivery:
        return deliveries.load(self.world.begin(), ref_of(self.delivery))

    def person(self) -> Recipient:
        found = deliveries.load_recipient(self.world.begin(), ref_of(self.delivery))
        assert found is not None
        return found

    def goes_on(self, *commands: life.Command) -> None:
        self.delivery = self.world.go_on(self.now(), *commands)

    def asks_for(self, asked: Requirements) -> None:
        uow = self.world.begin()
        now = self.now()
        deliveries.save(
            uow, replace(now, requirements=asked, version=now.version + 1), expect=now.version
        )
        uow.commit()


@pytest.fixture
def anna(client, world, clock) -> Anna:
    return Anna(client, world, world.deliver())


def links(html: str) -> list[str]:
    found = [one.get("href") or "" for one in Outline(html).all("a")]
    return [one.rpartition("/")[2] for one in found if "/actions/" in one]


def test_the_page_offers_everything_that_is_possible_and_explains_the_rest(anna: Anna) -> None:
    assert links(anna.sees()) == [one.value for one in BEFORE_ANY_FAILURE]
    anna.goes_on(*NEAR)
    html = anna.sees()
    assert {"note", "safe_place", "neighbour", "door"} <= set(links(html))
    assert "window" not in links(html)
    assert "It is too late for this." in html


def test_looking_changes_nothing(anna: Anna) -> None:
    before = anna.now(), anna.person()
    for action in BEFORE_ANY_FAILURE:
        assert "<form" in anna.sees(action.value)
    assert (anna.now(), anna.person()) == before


def test_a_note_and_a_gate_code_reach_the_driver_and_are_filled_in_again(anna: Anna) -> None:
    anna.succeeds("note", gate_code="4711#", note="ring <twice>")
    said = anna.person().instructions
    assert (said.gate_code, said.note) == ("4711#", "ring <twice>")
    assert [e.what for e in anna.now().history].count("instructions_changed") == 1
    assert "ring &lt;twice&gt;" in anna.sees("note")


def test_a_safe_place_and_a_neighbour_want_the_digits_of_the_phone(anna: Anna) -> None:
    anna.fails("safe_place", "That did not match", place="shed", digits="0000")
    anna.succeeds("safe_place", place="behind the shed", digits=DIGITS)
    assert anna.now().has_safe_place
    anna.succeeds("neighbour", name="Kessler", house="9", digits=f" {DIGITS} ")
    assert anna.person().instructions.neighbour == Neighbour("Kessler", "9")


def test_five_tries_an_hour_count_and_what_was_written_is_kept(anna: Anna, clock) -> None:
    for _ in range(5):
        anna.fails("safe_place", 'value="behind the shed"', place="behind the shed", digits="1")
    anna.fails("safe_place", "That did not match", place="behind the shed", digits=DIGITS)
    clock.advance(hours=1)
    anna.succeeds("safe_place", place="behind the shed", digits=DIGITS)


def test_whoever_has_no_phone_is_asked_for_the_postal_code(client, world, clock) -> None:
    anna = Anna(client, world, world.deliver(recipient=replace(ANNA, phone=None)))
    assert "Your postal code" in anna.sees("cancel")
    anna.fails("cancel", "That did not match", digits=DIGITS)
    anna.succeeds("cancel", digits=ANNA.address.postal_code)


def test_what_only_the_recipient_can_give_is_not_left_or_given_away(anna: Anna) -> None:
    anna.asks_for(Requirements(pin=True))
    anna.fails("safe_place", "only you can give", place="shed", digits=DIGITS)
    anna.fails("neighbour", "only you can give", name="Kessler", digits=DIGITS)
    anna.succeeds("note", note="third floor", gate_code="")


def test_only_what_was_named_can_be_wished_if_nobody_is_there(anna: Anna) -> None:
    anna.fails("if_missed", "Something was missing", choice="neighbour")
    anna.succeeds("neighbour", name="Kessler", house="", digits=DIGITS)
    anna.succeeds("if_missed", choice="neighbour")
    assert anna.now().if_missed is IfMissed.NEIGHBOUR
    anna.succeeds("neighbour", name="", house="", digits=DIGITS)
    assert anna.now().if_missed is None


def test_another_window_is_one_of_those_that_can_be_booked(anna: Anna) -> None:
    radios = [one for one in Outline(anna.sees("window")).all("input") if one["name"] == "choice"]
    assert radios
    odd = "2026-11-28T09:01:00Z/2026-11-28T10:02:00Z"
    anna.fails("window", "Somebody was faster", choice=odd, digits=DIGITS)
    anna.succeeds("window", choice=radios[-1]["value"], digits=DIGITS)
    start, _, _ = radios[-1]["value"].partition("/")
    assert anna.now().window.start_at.isoformat()[:16] == start[:16]


def test_a_pickup_point_and_home_again(anna: Anna) -> None:
    uow = anna.world.begin()
    point = points.open_point(uow, described(position=anna.delivery.dropoff))
    uow.commit()
    assert point.name in anna.sees("pickup_point")
    anna.fails("pickup_point", "Somebody was faster", choice="pup_none", digits=DIGITS)
    anna.succeeds("pickup_point", choice=point.id, digits=DIGITS)
    assert anna.now().pickup_point_id == point.id
    assert "note" not in links(anna.sees())
    anna.succeeds("pickup_point", choice="home", digits=DIGITS)
    assert anna.now().pickup_point_id is None


def test_after_a_failed_attempt_the_recipient_chooses_what_happens_next(anna: Anna) -> None:
    """The page says what will be done, and takes another choice until it is too late."""
    anna.goes_on(*NEAR, life.ArriveAtDropoff(NOON))
    anna.goes_on(life.FailAttempt(NOON, FailureReason.CUSTOMER_UNAVAILABLE))
    uow = anna.world.begin()
    dispatch.save_route(uow, a_route("rte_1", status=RouteStatus.COMPLETED))
    recovery.begin(uow, anna.now())
    uow.commit()
    assert "recovery" in links(anna.sees())
    assert "window" not in links(anna.sees())
    assert "Unless you choose something else: Come again today" in anna.sees()
    radios = [one for one in Outline(anna.sees("recovery")).all("input") if one["name"] == "choice"]
    back = next(one["value"] for one in radios if one["value"].startswith("return"))
    anna.fails("recovery", "That did not match", choice=back, digits="0000")
    anna.fails("recovery", "Something was missing", choice="fly", digits=DIGITS)
    anna.fails("recovery", "no longer possible", choice="dispose", digits=DIGITS)
    anna.succeeds("recovery", choice=back, digits=DIGITS)
    decision = recoveries.find_for(anna.world.begin(), anna.now())
    assert decision is not None
    assert (decision.chosen.remedy, decision.chosen.by) == (Remedy.RETURN, By.RECIPIENT)
    assert "Unless you choose something else: Send it back to the shop" in anna.sees()
    chosen = [one for one in Outline(anna.sees("recovery")).all("input") if "checked" in one]
    assert [one["value"] for one in chosen] == [back]


def test_the_pin_moves_once_and_not_far(anna: Anna) -> None:
    was = anna.now().dropoff
    far = LatLng(was.latitude + 0.01, was.longitude)
    anna.fails("door", "farther away", here=str(far), digits=DIGITS)
    anna.succeeds("door", **{"from": str(was)}, metres="100", wind="ne", digits=DIGITS)
    moved = anna.now()
    assert 99 <= was.distance_m(moved.dropoff) <= 101
    assert moved.dropoff.latitude > was.latitude
    anna.fails("door", "too late", here=str(was), digits=DIGITS)


def test_a_cancelled_parcel_stays_or_comes_back(anna: Anna) -> None:
    anna.succeeds("cancel", digits=DIGITS)
    assert anna.now().status is Status.CANCELLED
    assert links(anna.sees()) == ["texts"]
    on_board = Anna(anna.client, anna.world, anna.world.deliver(*ON_BOARD))
    on_board.succeeds("cancel", digits=DIGITS)
    assert on_board.now().status is Status.RETURNING


def test_texts_stop_and_start_again(anna: Anna) -> None:
    hashed = tokens.phone_hash(SERVER_KEY, ANNA.phone.e164)
    anna.succeeds("texts", wish="stop")
    assert suppression.find(anna.world.begin(), hashed, anna.delivery.merchant_id)
    anna.succeeds("texts", wish="start")
    assert not suppression.find(anna.world.begin(), hashed, anna.delivery.merchant_id)


def test_a_merchant_decides_what_its_recipients_may_ask_for(anna: Anna) -> None:
    uow = anna.world.begin()
    merchant = merchants.load_merchant(uow, anna.delivery.merchant_id)
    only = replace(merchant, actions=frozenset({Action.NOTE}), version=merchant.version + 1)
    merchants.save_merchant(uow, only)
    uow.commit()
    assert links(anna.sees()) == ["note", "texts"]
    anna.fails("cancel", "not possible", digits=DIGITS)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe=%ff&&&==",
        b"a&" * 200,
        b"choice=%00&digits=%00&here=nan,nan&metres=9e9&from=,&wind=up&wish=maybe&note="
        + b"x" * 5000,
        b"here=1&metres=&from=&wind=&choice=/&digits=" + "٤".encode() * 50,
        b"choice=0001-01-01T00:00:00Z/9999-12-31T23:59:59Z",
        # Hours that the calendar of UTC does not have.
        b"choice=0001-01-01T00:00:00%2B14:00/9999-12-31T23:59:59-14:00",
        b"choice=another_day 0001-01-01T00:00:00%2B14:00/9999-12-31T23:59:59-14:00",
    ],
)
def test_a_hostile_form_is_never_our_fault(anna: Anna, body: bytes) -> None:
    for action in Action:
        assert anna.sends(action.value, body).status_code in (303, 422)


def test_nobodys_link_and_a_flood_are_told_so(anna: Anna, clock) -> None:
    nobody = f"/t/{'x' * 22}/actions/note"
    assert get(anna.client, nobody).status_code == 404
    anna.succeeds("note", note="a", gate_code="")
    uow = wiring.unit_of_work()
    hour = keys.calls(f"forms_{anna.delivery.id}", uow.wall_now.isoformat()[:13])
    for _ in range(38):
        uow.count(hour, uow.wall_now + timedelta(hours=1))
    assert anna.sends("note", note="b", gate_code="").status_code == 429
    clock.advance(hours=1)
    assert anna.sends("note", note="b", gate_code="").status_code == 303


def test_an_old_link_is_closed(anna: Anna, clock) -> None:
    anna.succeeds("cancel", digits=DIGITS)
    clock.advance(seconds=timedelta(days=15).total_seconds())
    assert anna.sends("note", note="a").status_code == 410
