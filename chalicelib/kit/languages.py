"""In which language do we speak to a recipient, and how is a sentence said in it?

English is written in the code and is the key of every message; the other languages are gettext
catalogues beside this module (``docs/languages.md``), read when first needed. What a catalogue
lacks is said in English. A value put into a right-to-left sentence is isolated, so that a shop's
Latin name or a time cannot turn the words around it (Unicode bidirectional algorithm, UAX 9).
"""

import gettext
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal

CATALOGUES = Path(__file__).parent / "catalogues"
#: Longer headers are nobody's choice of languages.
_LONGEST_HEADER = 300
_ISOLATE, _END = "\u2068", "\u2069"


class Language(StrEnum):
    """``PSEUDO`` is for tests and designers: English in brackets, accented and longer.

    Its tag is the one that browsers and Android use for that (BCP 47, region of private use).
    """

    EN = "en"
    ES = "es"
    DE = "de"
    AR = "ar"
    PSEUDO = "en-XA"


#: What a page offers, each by its own name.
NAMES = {
    Language.EN: "English",
    Language.ES: "Español",
    Language.DE: "Deutsch",
    Language.AR: "العربية",
}
_RIGHT_TO_LEFT = frozenset({Language.AR})
#: Vowels are doubled: long words are what breaks a narrow page.
_PSEUDO = str.maketrans(
    {
        **{
            letter: 2 * accented
            for letter, accented in zip("aeiouAEIOU", "åéîöûÅÉÎÖÛ", strict=True)
        },
        **dict(zip("cnsyzCNSYZ", "çñšýžÇÑŠÝŽ", strict=True)),
    }
)


@dataclass(frozen=True, slots=True)
class Translator:
    """Says our sentences in one language.

    ``asked``: somebody wished for it in the address, so links on the page keep the wish.
    ``isolates``: values are isolated in right-to-left sentences; a text has no room for that.
    """

    language: Language
    asked: bool = False
    isolates: bool = True

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        return "rtl" if self.language in _RIGHT_TO_LEFT else "ltr"

    @property
    def keep(self) -> str:
        """What to add to a link or to a form's address, so that the next page speaks alike."""
        return f"?lang={self.language}" if self.asked else ""

    @property
    def others(self) -> list[tuple[str, str]]:
        """Tag and own name of every other language that there is."""
        return [(tag.value, name) for tag, name in NAMES.items() if tag is not self.language]

    def say(self, message: str, /, **values: object) -> str:
        """The message in this language; ``{name}`` in it becomes the value of that name.

        ``message`` is written out where this is called, or marked by :func:`mark` where it stands:
        that is how the catalogues learn of it.
        """
        if self.language is Language.PSEUDO:
            return self._fill(pseudo(message), values)
        return self._fill(_catalogue(self.language).gettext(message), values)

    def count(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """The same for ``n`` things; ``{n}`` is the number."""
        if self.language is Language.PSEUDO:
            chosen = pseudo(singular if n == 1 else plural)
        else:
            chosen = _catalogue(self.language).ngettext(singular, plural, n)
        return self._fill(chosen, {**values, "n": n})

    def _fill(self, message: str, values: dict[str, object]) -> str:
        if self.isolates and self.direction == "rtl":
            values = {name: isolate(str(value)) for name, value in values.items()}
        return message.format(**values) if values else message


ENGLISH = Translator(Language.EN)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request says of languages: the address first, then the browser."""

    wanted: str | None = None
    accept_language: str | None = None

    def translator(self, merchant_default: Language = Language.EN) -> Translator:
        language = choose(self.wanted, self.accept_language, merchant_default)
        return Translator(language, asked=_known(self.wanted) is language)

    @property
    def kept(self) -> dict[str, str]:
        """The wish as a field of an address; nothing if there was none that we can meet."""
        known = _known(self.wanted)
        return {} if known is None else {"lang": known.value}


#: Nobody wished for anything.
UNASKED = Asked()


def translator(language: Language, *, isolates: bool = True) -> Translator:
    return Translator(language, isolates=isolates)


def mark(message: str) -> str:
    """The message as it is: it stands here and is said elsewhere."""
    return message


def isolate(text: str) -> str:
    """Keep a text of unknown direction from turning the words around it."""
    return f"{_ISOLATE}{text}{_END}" if text else text


def choose(
    wanted: str | None, accept_language: str | None, merchant_default: Language = Language.EN
) -> Language:
    """The language of a page: the wish in its address, the browser's, the merchant's."""
    chosen = _known(wanted)
    if chosen is not None:
        return chosen
    for tag in _by_preference(accept_language):
        chosen = _known(tag)
        # Nobody gets it unasked.
        if chosen is not None and chosen is not Language.PSEUDO:
            return chosen
    return merchant_default


def read(tag: str | None) -> Language | None:
    """A language that a shop or a platform names (``de-AT``, ``es_MX``); None if it is not ours."""
    known = _known(tag)
    return None if known is Language.PSEUDO else known


def _known(tag: str | None) -> Language | None:
    parts = (tag or "")[:_LONGEST_HEADER].strip().replace("_", "-").lower().split("-")
    if parts == ["en", "xa"]:
        return Language.PSEUDO
    try:
        return Language(parts[0])
    except ValueError:
        return None


def _by_preference(header: str | None) -> Iterator[str]:
    """Tags of an Accept-Language header, the most wanted first. Source: RFC 9110, 12.5.4."""
    weighed = []
    for part in (header or "")[:_LONGEST_HEADER].split(","):
        tag, _, weight = part.partition(";")
        try:
            quality = float(weight.strip().removeprefix("q=") or 1)
        except ValueError:
            quality = 0.0
        if 0 < quality <= 1:
            weighed.append((-quality, tag.strip()))
    weighed.sort(key=lambda pair: pair[0])
    return (tag for _, tag in weighed)


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    path = CATALOGUES / f"{language}.mo"
    if not path.exists():
        return gettext.NullTranslations()
    with path.open("rb") as file:
        return gettext.GNUTranslations(file)


def pseudo(message: str) -> str:
    """Change the letters, but not the names of the values."""
    pieces = message.replace("{", "\0{").replace("}", "}\0").split("\0")
    changed = (one if one.startswith("{") else one.translate(_PSEUDO) for one in pieces)
    return f"[{''.join(changed)}]"
