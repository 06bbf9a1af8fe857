"""Every recipient is spoken to in a language that they read, whatever the request holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.kit import languages
from chalicelib.kit.languages import ENGLISH, Asked, Language, translator


@pytest.mark.parametrize(
    ("wanted", "header", "default", "chosen"),
    [
        ("ar", "de", Language.ES, Language.AR),
        ("de-AT", None, Language.ES, Language.DE),
        ("es_MX", None, Language.EN, Language.ES),
        ("klingon", "de;q=0.3, es-419;q=0.9", Language.EN, Language.ES),
        (None, "fr-FR, en;q=0.4, de;q=0.6", Language.ES, Language.DE),
        (None, "fr", Language.ES, Language.ES),
        (None, "de;q=0", Language.ES, Language.ES),
        (None, "de;q=none, *;q=0.1", Language.ES, Language.ES),
        (None, None, Language.EN, Language.EN),
        ("en-XA", None, Language.EN, Language.PSEUDO),
        (None, "en-XA, de;q=0.1", Language.EN, Language.DE),
    ],
)
def test_the_wish_comes_before_the_browser_and_the_browser_before_the_shop(
    wanted, header, default, chosen
):
    assert languages.choose(wanted, header, default) is chosen


@given(wanted=st.one_of(st.none(), st.text()), header=st.one_of(st.none(), st.text()))
def test_whatever_a_request_says_there_is_a_language(wanted, header):
    assert languages.choose(wanted, header, Language.EN) in Language


def test_only_a_wish_in_the_address_is_kept_by_links():
    assert Asked("ar", None).translator().keep == "?lang=ar"
    assert Asked(None, "ar").translator().keep == ""
    assert Asked("xx", "ar").translator().keep == ""


def test_english_counts_and_fills_in():
    assert ENGLISH.say("Hello {name}", name="{Anna}") == "Hello {Anna}"
    told = [ENGLISH.count("{n} stop", "{n} stops", n) for n in (0, 1, 2)]
    assert told == ["0 stops", "1 stop", "2 stops"]


def test_the_pseudo_language_brackets_and_lengthens_all_but_the_values():
    said = translator(Language.PSEUDO).say("Hello {name}", name="Anna")
    assert said == "[Hééllöö Anna]"
    assert translator(Language.PSEUDO).count("{n} stop", "{n} stops", 1) == "[1 štööp]"


def test_values_in_a_right_to_left_sentence_cannot_turn_it():
    arabic = translator(Language.AR)
    assert arabic.direction == "rtl"
    assert arabic.say("Hello {name}", name="Anna").endswith("\u2068Anna\u2069")
    assert "\u2068" not in translator(Language.AR, isolates=False).say("Hello {name}", name="Anna")
