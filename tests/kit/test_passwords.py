"""Passwords are kept so that nobody can read them back, and the obvious ones are refused."""

import pytest

from chalicelib.kit import passwords

GOOD = "four words in a row"


def test_a_password_fits_its_own_hash_and_no_other() -> None:
    first, second = passwords.hash_password(GOOD), passwords.hash_password(GOOD)
    assert first != second, "no salt"
    assert GOOD not in first
    assert passwords.fits(GOOD, first)
    assert not passwords.fits(GOOD + " ", first)


def test_nobody_has_a_password_however_it_is_typed() -> None:
    assert not passwords.fits("", None)


def test_letters_that_can_be_written_in_two_ways_are_one() -> None:
    kept = passwords.hash_password("Cafe\u0301 und Kuchen")
    assert passwords.fits("Caf\u00e9 und Kuchen", kept)


@pytest.mark.parametrize(
    "password", ["short", "a" * 11, "x" * 129, "aaaaaaaaaaaaaa", "marta.roth2026!", "ABABABABABAB"]
)
def test_what_is_short_or_easy_to_guess_is_refused(password: str) -> None:
    assert passwords.fault(password, email="marta.roth@shop.example")


def test_a_long_one_is_good_whatever_is_in_it() -> None:
    for password in (GOOD, "пароль из слов", "x1y2z3a4b5c6"):
        assert passwords.fault(password, email="marta@shop.example") == ""
