"""The GSM 7-bit alphabet, parts, and the spelling of what it lacks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.messaging import sms

ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 80 + "a", 2),
        ("я" * 70, 1),
        ("я" * 71, 2),
        ("я" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
)
def test_a_text_is_paid_in_parts_of_160_and_153_units_or_of_70_and_67(text: str, parts: int):
    assert sms.parts(text) == parts


def test_an_extension_character_is_never_cut_in_half():
    """153 is odd: 76 pairs fill a part to 152, the 77th goes to the next."""
    assert sms.parts("€" * 152) == 2
    assert sms.parts("€" * 153) == 3


def test_the_alphabet_has_127_letters_besides_the_escape_and_ten_in_its_extension():
    basic = [chr(code) for code in range(0x2200) if sms.is_gsm(chr(code))]
    assert sum(sms.units(letter) == 1 for letter in basic) == 127
    assert sum(sms.units(letter) == 2 for letter in basic) == 10


@pytest.mark.parametrize(
    ("text", "spelt"),
    [
        ("Zoë’s “Café” – naïve…", 'Zoe\'s "Café" - naive...'),
        ("Łódź", "Lodz"),
        ("Jürgen Groß", "Jürgen Groß"),
        ("Пекарня Щука", "Pekarnya Shchuka"),
        ("Γιώργος", "Giorgos"),
        ("Şişli İstanbul ığ", "Sisli Istanbul ig"),
        ("花屋 Hana", "Hana"),
        ("a\tb\r\nc d", "a b c d"),
        ("ﬁne ²", "fine 2"),
    ],
)
def test_what_the_alphabet_lacks_is_spelt_with_what_it_has(text: str, spelt: str):
    assert sms.transliterate(text) == spelt


@given(ANY_TEXT)
def test_every_text_can_be_written_in_the_alphabet_on_one_line(text: str):
    spelt = sms.transliterate(text)
    assert sms.is_gsm(spelt)
    assert "\n" not in spelt
    assert sms.transliterate(spelt) == spelt


@given(ANY_TEXT, st.integers(0, 100))
def test_a_shortened_text_is_never_longer_than_asked(text: str, most: int):
    assert sms.units(sms.shorten(sms.transliterate(text), most)) <= most


def test_a_long_name_is_cut_at_a_word():
    assert sms.shorten("Blumen und Gärtnerei Sonnenschein", 24) == "Blumen und Gärtnerei."
