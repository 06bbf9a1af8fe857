"""How does a text fit one part, whatever it is given? The first wording that does, with its link.

Languages of the Latin alphabet are written in GSM letters (160 in a part, see ``sms``); what is not
in it is spelt otherwise. Arabic has no letter there: its texts have 70, so the link should be short
(``SHORT_BASE_URL``). Where a language leaves no room beside a long link, English does, and the page
behind the link speaks the language all the same. The link is whole in every text, and if it leaves
room for nothing else, the text is the link.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from chalicelib.domain.messaging import sms, wordings
from chalicelib.domain.messaging.templates import Facts, Template
from chalicelib.kit.languages import Language, Translator, translator

#: Names are shortened in these steps before the wording gets terser.
_BRAND_UNITS = (40, 24, 16)
_BRAND_UNITS_UCS2 = (24, 14, 8)
_MOST_NAME_UNITS = 20
_MOST_PLACE_UNITS = 30
_UCS2 = frozenset({Language.AR})
_OURS = "Lastmile"
#: A first name is letters; anything else may be somebody's advertisement.
_NAME = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class _Alphabet:
    """What a text may be written in. Our own sentences are, but not what others call things."""

    is_gsm: bool

    def write(self, text: str) -> str:
        if self.is_gsm:
            return sms.transliterate(text)
        letters = (one for one in unicodedata.normalize("NFC", text) if _is_plain(one))
        return " ".join("".join(letters).split())

    def fits(self, text: str) -> bool:
        return sms.is_gsm(text) in (self.is_gsm, True) and sms.parts(text) == 1


def first_name(name: str, *, gsm: bool = True) -> str:
    """The first of a person's names as it may be written; empty when it does not look like one."""
    first = name.split(maxsplit=1)[0] if name.strip() else ""
    if not _NAME.fullmatch(first) or "." in first:
        return ""
    plain = _Alphabet(gsm).write(first)
    return plain if 1 < sms.units(plain) <= _MOST_NAME_UNITS else ""


def compose(template: Template, *facts: Facts) -> str:
    """Write a text: one part, the whole link in it; by the first ``facts`` that leave room.

    Raises
    ------
    ValueError
        If the link itself does not fit: the installation's address is too long or no ASCII.
    """
    link = facts[0].link
    if sms.parts(link) != 1 or not sms.is_gsm(link):
        raise ValueError("the link does not fit a text")
    fitting = (text for one in facts for text in _fitting(template, one))
    return next(fitting, link)


def spoken(wanted: Language) -> tuple[Translator, ...]:
    """By whom a text is written, and by whom if there is no room for that."""
    wished = (wanted, Language.EN) if wanted in _UCS2 else (wanted,)
    # A text has no letter to spare for isolating values.
    return tuple(translator(language, isolates=False) for language in wished)


def _fitting(template: Template, facts: Facts) -> Iterator[str]:
    alphabet = _Alphabet(is_gsm=facts.t.language not in _UCS2)
    known = replace(
        facts,
        name=first_name(facts.name, gsm=alphabet.is_gsm),
        due=alphabet.write(facts.due),
        ready=alphabet.write(facts.ready),
        place=sms.shorten(alphabet.write(facts.place), _MOST_PLACE_UNITS),
        until=alphabet.write(facts.until),
        expected=alphabet.write(facts.expected),
    )
    brand = alphabet.write(facts.brand)
    steps = _BRAND_UNITS if alphabet.is_gsm else _BRAND_UNITS_UCS2
    said = [alphabet.write(" ".join(filter(None, one))) for one in wordings.of(template, known)]
    for wording in said:
        for most in steps:
            text = f"{sms.shorten(brand, most) or _OURS}: {wording} {facts.link}"
            if alphabet.fits(text):
                yield text
    text = f"{said[-1]} {facts.link}"
    if alphabet.fits(text):
        yield text


def _is_plain(letter: str) -> bool:
    """Whether phones of every age show it, in one unit; marks of direction are nobody's name."""
    return letter.isspace() or (
        ord(letter) <= 0xFFFF and unicodedata.category(letter)[0] not in "CM"
    )
