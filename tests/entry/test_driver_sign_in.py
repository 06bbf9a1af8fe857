"""How drivers sign in: codes by text, access and refresh tokens, and what ends a family of them."""

from typing import Any

import pytest

from tests.builders import HUB_AT
from tests.entry.conftest import Doors

HERE = {"latitude": HUB_AT.latitude, "longitude": HUB_AT.longitude}


def refresh(doors: Doors, token: str) -> Any:
    return doors.call("POST", "/v1/driver/tokens/refresh", {"refresh_token": token})


def enters(doors: Doors, token: str) -> bool:
    return doors.call("GET", "/v1/driver/offers", token=token).status == 200


# -- signing in ----------------------------------------------------------------------------------


def test_a_driver_signs_in_by_a_code_by_text(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    opened = doors.sign_in(phone)
    assert opened["token_type"] == "Bearer"
    assert opened["expires_in"] == 15 * 60
    assert enters(doors, opened["access_token"])


def test_a_code_is_texted_in_the_language_of_the_app(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    doors.call("POST", "/v1/driver/codes", {"phone_number": phone, "language": "de"})
    assert doors.texts.to(phone)[-1].startswith("Dein Lastmile-Code ist ")
    asked = {"phone_number": phone, "language": "tlh"}
    assert doors.call("POST", "/v1/driver/codes", asked).status == 422


def test_nobody_learns_who_drives_for_us(doors: Doors) -> None:
    known, unknown = doors.a_phone(), doors.a_phone()
    doors.enrol(known)
    answers = [
        doors.call("POST", "/v1/driver/codes", {"phone_number": phone})
        for phone in (known, unknown)
    ]
    assert answers[0].status == answers[1].status == 202
    assert answers[0].raw == answers[1].raw
    assert doors.texts.to(unknown) == []
    wrong = [doors.exchange(phone, "000000") for phone in (known, unknown)]
    assert {answered.status for answered in wrong} == {401}
    assert {answered.body["code"] for answered in wrong} == {"wrong_code"}


def test_after_five_wrong_codes_the_right_one_is_wrong_too(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    code = doors.ask_code(phone)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert [doors.exchange(phone, wrong).status for _ in range(5)] == [401] * 5
    assert doors.exchange(phone, code).body["code"] == "wrong_code"


def test_after_four_wrong_codes_the_right_one_still_counts(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    code = doors.ask_code(phone)
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    assert [doors.exchange(phone, wrong).status for _ in range(4)] == [401] * 4
    assert doors.exchange(phone, code).status == 200


def test_a_code_is_good_for_ten_minutes(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    code = doors.ask_code(phone)
    doors.stage.clock.advance(minutes=10)
    assert doors.exchange(phone, code).status == 401


def test_a_code_is_good_once(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    code = doors.ask_code(phone)
    assert [doors.exchange(phone, code).status for _ in range(2)] == [200, 401]


def test_a_new_code_ends_the_one_before(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    first = doors.ask_code(phone)
    doors.stage.clock.advance(seconds=20)
    second = doors.ask_code(phone)
    if first != second:
        assert doors.exchange(phone, first).status == 401
    assert doors.exchange(phone, second).status == 200


def test_codes_cost_money_so_only_so_many_are_sent(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    for _ in range(20):
        doors.call("POST", "/v1/driver/codes", {"phone_number": phone})
    assert len(doors.texts.to(phone)) == 1
    for _ in range(20):
        doors.stage.clock.advance(seconds=21)
        doors.call("POST", "/v1/driver/codes", {"phone_number": phone})
    assert len(doors.texts.to(phone)) == 3


def test_one_drivers_code_is_not_anothers(doors: Doors) -> None:
    one, other = doors.a_phone(), doors.a_phone()
    doors.enrol(one)
    doors.enrol(other)
    code = doors.ask_code(one)
    doors.ask_code(other)
    assert doors.exchange(other, code).status == 401 or doors.texts.to(one) == doors.texts.to(other)


@pytest.mark.parametrize("phone", ["", "0171 3920010", "+49", "not a phone", "+1" * 15])
def test_a_number_without_its_country_is_refused(doors: Doors, phone: str) -> None:
    answered = doors.call("POST", "/v1/driver/codes", {"phone_number": phone})
    assert answered.status == 422
    assert answered.body["code"] == "validation_error"


# -- tokens --------------------------------------------------------------------------------------


def test_an_access_token_lives_fifteen_minutes(doors: Doors) -> None:
    _, token = doors.a_driver()
    doors.stage.clock.advance(minutes=14, seconds=59)
    assert enters(doors, token)
    doors.stage.clock.advance(seconds=2)
    assert not enters(doors, token)


def test_a_refresh_token_is_exchanged_for_new_ones(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    first = doors.sign_in(phone)
    second = refresh(doors, first["refresh_token"])
    assert second.status == 200
    assert second.body["refresh_token"] != first["refresh_token"]
    assert enters(doors, second.body["access_token"])
    assert refresh(doors, second.body["refresh_token"]).status == 200


def test_a_lost_reply_is_asked_for_again_within_a_minute(doors: Doors) -> None:
    """A phone in a dead spot must not be signed out: the same token gets the same answer."""
    phone = doors.a_phone()
    doors.enrol(phone)
    first = doors.sign_in(phone)["refresh_token"]
    second = refresh(doors, first).body["refresh_token"]
    doors.stage.clock.advance(seconds=60)
    again = refresh(doors, first)
    assert (again.status, again.body["refresh_token"]) == (200, second)
    assert enters(doors, again.body["access_token"])
    assert refresh(doors, second).status == 200


@pytest.mark.parametrize("gone_on", [False, True], ids=["too late", "gone on from the answer"])
def test_a_used_refresh_token_ends_its_whole_family(doors: Doors, gone_on: bool) -> None:
    """Somebody has copied it: neither the thief's nor the driver's next token is good any more."""
    phone = doors.a_phone()
    doors.enrol(phone)
    first = doors.sign_in(phone)["refresh_token"]
    newest = refresh(doors, first).body["refresh_token"]
    if gone_on:
        newest = refresh(doors, newest).body["refresh_token"]
    else:
        doors.stage.clock.advance(seconds=61)
    assert refresh(doors, first).status == 401
    assert refresh(doors, newest).status == 401
    assert refresh(doors, first).status == 401
    # A fresh sign-in is a family of its own.
    doors.stage.clock.advance(seconds=21)
    assert refresh(doors, doors.sign_in(phone)["refresh_token"]).status == 200


def test_a_refresh_token_lives_thirty_days_and_is_no_access_token(doors: Doors) -> None:
    phone = doors.a_phone()
    doors.enrol(phone)
    token = doors.sign_in(phone)["refresh_token"]
    assert not enters(doors, token)
    doors.stage.clock.advance(days=30)
    assert refresh(doors, token).status == 401
    assert refresh(doors, "x" * 43).status == 401
