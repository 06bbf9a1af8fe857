"""Codes and tokens below the door: races, clocks, and what is kept."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from chalicelib.domain.drivers import service, sessions
from chalicelib.domain.drivers.service import NewDriver
from chalicelib.domain.drivers.sessions import (
    ACCESS_LIVES,
    ASKED_AGAIN_WITHIN,
    CODE_LIVES,
    CODE_PAUSE,
    CODE_TRIES,
    CODES_PER_HOUR,
    Tokens,
)
from chalicelib.kit import tokens
from chalicelib.kit.clock import FrozenClock
from chalicelib.kit.errors import Unauthenticated, WrongCode
from chalicelib.kit.phone import Phone
from chalicelib.storage import keys
from chalicelib.storage.table import Refused
from chalicelib.storage.unit_of_work import UnitOfWork
from tests.builders import SERVER_KEY, a_vehicle

Begin = Callable[[], UnitOfWork]
PHONE = Phone("+491713920010")


@pytest.fixture
def driver_id(begin: Begin) -> str:
    uow = begin()
    driver = service.enrol(uow, NewDriver("Kim", PHONE, "hub_1", a_vehicle()), SERVER_KEY)
    uow.commit()
    return driver.id


def ask(begin: Begin) -> str | None:
    uow = begin()
    code = sessions.start_sign_in(uow, PHONE, SERVER_KEY)
    uow.commit()
    return code


def spend(begin: Begin) -> None:
    uow = begin()
    sessions.spend_try(uow, PHONE, SERVER_KEY)
    uow.commit()


def finish(begin: Begin, code: str | None) -> Tokens:
    uow = begin()
    opened = sessions.finish_sign_in(uow, PHONE, code or "", SERVER_KEY)
    uow.commit()
    return opened


def renew(begin: Begin, token: str) -> Tokens | None:
    uow = begin()
    opened = sessions.refresh(uow, token, SERVER_KEY)
    uow.commit()
    return opened


def test_a_code_opens_a_session_of_that_driver(
    begin: Begin, clock: FrozenClock, driver_id: str
) -> None:
    opened = finish(begin, ask(begin))
    holder = sessions.verify_access_token(opened.access_token, SERVER_KEY, clock.wall_now())
    assert holder == driver_id


def test_neither_code_nor_refresh_token_is_kept_in_clear(begin: Begin, driver_id: str) -> None:
    code = ask(begin)
    kept = begin().get(keys.sign_in_code(tokens.phone_hash(SERVER_KEY, PHONE.e164)))
    assert kept is not None
    assert code not in map(str, kept.values())
    assert PHONE.e164 not in str(kept)
    refresh_token = finish(begin, code).refresh_token
    assert begin().get(keys.refresh_token(refresh_token)) is None
    found = begin().get(keys.refresh_token(tokens.hash_secret(refresh_token)))
    assert refresh_token not in str(found)


def test_guesses_in_parallel_are_counted_every_one(begin: Begin, driver_id: str) -> None:
    """Both saw five tries left; only one of them may look at the code."""
    ask(begin)
    first, second = begin(), begin()
    sessions.spend_try(first, PHONE, SERVER_KEY)
    sessions.spend_try(second, PHONE, SERVER_KEY)
    first.commit()
    with pytest.raises(Refused):
        second.commit()


def test_tries_run_out_whoever_spends_them(begin: Begin, driver_id: str) -> None:
    ask(begin)
    for _ in range(CODE_TRIES):
        spend(begin)
    with pytest.raises(WrongCode):
        spend(begin)


def test_a_new_code_brings_new_tries_but_only_so_many_codes(
    begin: Begin, clock: FrozenClock, driver_id: str
) -> None:
    """So an hour of guessing has 25 chances in a million."""
    tries = 0
    for _ in range(20):
        if ask(begin) is not None:
            for _ in range(CODE_TRIES):
                spend(begin)
                tries += 1
        clock.advance(seconds=CODE_PAUSE.total_seconds() + 1)
    assert tries == CODES_PER_HOUR * CODE_TRIES


def test_two_sign_ins_with_one_code_at_once_are_one(begin: Begin, driver_id: str) -> None:
    code = ask(begin) or ""
    first, second = begin(), begin()
    sessions.finish_sign_in(first, PHONE, code, SERVER_KEY)
    sessions.finish_sign_in(second, PHONE, code, SERVER_KEY)
    first.commit()
    with pytest.raises(Refused):
        second.commit()


def test_two_refreshes_of_one_token_at_once_are_one(begin: Begin, driver_id: str) -> None:
    token = finish(begin, ask(begin)).refresh_token
    first, second = begin(), begin()
    assert sessions.refresh(first, token, SERVER_KEY) is not None
    assert sessions.refresh(second, token, SERVER_KEY) is not None
    first.commit()
    with pytest.raises(Refused):
        second.commit()


def test_a_copied_refresh_token_ends_the_family_and_no_other(
    begin: Begin, clock: FrozenClock, driver_id: str
) -> None:
    mine = finish(begin, ask(begin)).refresh_token
    clock.advance(seconds=CODE_PAUSE.total_seconds())
    tablet = finish(begin, ask(begin)).refresh_token
    next_one = renew(begin, mine)
    assert next_one is not None
    clock.advance(seconds=ASKED_AGAIN_WITHIN.total_seconds() + 1)
    assert renew(begin, mine) is None
    with pytest.raises(Unauthenticated):
        renew(begin, next_one.refresh_token)
    assert renew(begin, tablet) is not None


def test_a_phone_that_heard_no_answer_asks_again_and_is_told_the_same(
    begin: Begin, clock: FrozenClock, driver_id: str
) -> None:
    first = finish(begin, ask(begin)).refresh_token
    lost = renew(begin, first)
    clock.advance(seconds=ASKED_AGAIN_WITHIN.total_seconds())
    heard = renew(begin, first)
    assert lost is not None
    assert heard is not None
    assert heard.refresh_token == lost.refresh_token != first
    # It goes on from there, and the token is good for one use as ever.
    assert renew(begin, heard.refresh_token) is not None


def test_once_somebody_went_on_the_old_token_is_a_copy(begin: Begin, driver_id: str) -> None:
    first = finish(begin, ask(begin)).refresh_token
    second = renew(begin, first)
    assert second is not None
    third = renew(begin, second.refresh_token)
    assert third is not None
    assert renew(begin, first) is None
    with pytest.raises(Unauthenticated):
        renew(begin, third.refresh_token)


def test_an_expired_code_is_wrong(begin: Begin, clock: FrozenClock, driver_id: str) -> None:
    code = ask(begin)
    clock.advance(seconds=CODE_LIVES.total_seconds())
    with pytest.raises(WrongCode):
        spend(begin)
    with pytest.raises(WrongCode):
        finish(begin, code)


def test_an_access_token_is_good_until_its_last_second_and_for_our_key_only(
    begin: Begin, clock: FrozenClock, driver_id: str
) -> None:
    token = finish(begin, ask(begin)).access_token
    ends = clock.wall_now() + ACCESS_LIVES
    almost = ends - timedelta(seconds=1)
    assert sessions.verify_access_token(token, SERVER_KEY, almost) == driver_id
    with pytest.raises(Unauthenticated):
        sessions.verify_access_token(token, SERVER_KEY, ends + timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        sessions.verify_access_token(token, bytes(32), almost)


def test_tampering_is_noticed_wherever_it_is(
    begin: Begin, clock: FrozenClock, driver_id: str
) -> None:
    token = finish(begin, ask(begin)).access_token
    for at in range(0, len(token) - 1, 7):
        other = "A" if token[at] != "A" else "B"
        changed = token[:at] + other + token[at + 1 :]
        with pytest.raises(Unauthenticated):
            sessions.verify_access_token(changed, SERVER_KEY, clock.wall_now())


def test_a_guess_does_not_shorten_the_hour_in_which_codes_are_counted(
    begin: Begin, driver_id: str
) -> None:
    """What a try wrote anew used to expire with the code, and the count of texts with it."""
    key = keys.sign_in_code(tokens.phone_hash(SERVER_KEY, PHONE.e164))
    ask(begin)
    asked = begin().get(key)
    spend(begin)
    tried = begin().get(key)
    assert asked is not None
    assert tried is not None
    assert tried["expires"] >= asked["expires"]
