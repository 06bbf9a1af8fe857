"""How long is a text? The GSM 7-bit alphabet, and what to write instead of what it lacks.

A text of the alphabet has 160 units in one part and 153 in each of several; one letter outside of
it makes the whole text UCS-2 with 70 and 67. Extension characters count two units and are never cut
in half. Sources: 3GPP TS 23.038 (alphabet, extension table), TS 23.040 (concatenation header);
GOST 7.79 B and ISO 843 in simplified form for Cyrillic and Greek names.
"""

import unicodedata

ONE_PART = 160
_EACH_PART = 153
_ONE_PART_UCS2 = 70
_EACH_PART_UCS2 = 67

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = frozenset("^{}\\[]~|€\f")

_CYRILLIC = "абвгдеёжзийклмнопрстуфхцчшщъыьэюяіїєґ"
_CYRILLIC_LATIN = (
    "a b v g d e yo zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya i yi ye g"
)
_GREEK = "αβγδεζηθικλμνξοπρσςτυφχψω"
_GREEK_LATIN = "a v g d e z i th i k l m n x o p r s s t y f ch ps o"
_OTHERS = {
    "ç": "c", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n",
    "‘": "'", "’": "'", "‚": "'", "‹": "'", "›": "'", "“": '"', "”": '"', "„": '"', "«": '"',
    "»": '"', "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "―": "-", "−": "-", "…": "...",
    "•": "*", "·": "*", "×": "x", "´": "'", "`": "'", "©": "(c)", "®": "(r)", "™": "(tm)",
}  # fmt: skip


def _spellings() -> dict[str, str]:
    """Every single letter that has a spelling of its own, small and capital."""
    small = dict(_OTHERS)
    for letters, latin in ((_CYRILLIC, _CYRILLIC_LATIN), (_GREEK, _GREEK_LATIN)):
        small.update(zip(letters, latin.replace("-", "*").split(" "), strict=True))
    small.update({"ъ": "", "ь": ""})
    capital = {
        letter.upper(): text.capitalize()
        for letter, text in small.items()
        if len(letter.upper()) == 1 and letter.upper() != letter
    }
    return {**capital, **small}


_SPELLINGS = _spellings()


def is_gsm(text: str) -> bool:
    """Whether every character is in the GSM 7-bit alphabet or its extension."""
    return all(letter in _BASIC or letter in _EXTENSION for letter in text)


def units(text: str) -> int:
    """Length of a GSM text: extension characters count two."""
    return sum(2 if letter in _EXTENSION else 1 for letter in text)


def parts(text: str) -> int:
    """How many parts the text is sent, and paid, in."""
    if is_gsm(text):
        widths = [2 if letter in _EXTENSION else 1 for letter in text]
        return _pack(widths, ONE_PART, _EACH_PART)
    widths = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return _pack(widths, _ONE_PART_UCS2, _EACH_PART_UCS2)


def _pack(widths: list[int], one: int, each: int) -> int:
    if sum(widths) <= one:
        return 1
    count, used = 1, 0
    for width in widths:
        if used + width > each:
            count, used = count + 1, 0
        used += width
    return count


def transliterate(text: str) -> str:
    """Write a text with GSM letters only, on one line, with single spaces.

    Accents go, Cyrillic and Greek are spelt in Latin letters; what has no spelling is left out.
    """
    letters = (_spell(letter) for letter in unicodedata.normalize("NFC", text))
    return " ".join("".join(letters).split())


def _spell(letter: str) -> str:
    if letter.isspace():
        return " "
    # The alphabet has ten Greek capitals and no small letter: half a name in each looks broken.
    if letter in _BASIC | _EXTENSION and letter.isprintable() and letter not in "ΔΦΓΛΩΠΨΣΘΞ":
        return letter
    if letter in _SPELLINGS:
        return _SPELLINGS[letter]
    plain = unicodedata.normalize("NFKD", letter)
    if plain == letter:
        return ""
    return "".join(_spell(part) for part in plain if not unicodedata.combining(part))


def shorten(text: str, most_units: int) -> str:
    """Cut a GSM text to so many units, at a word when that keeps half of it; mark the cut by a
    full stop."""
    if units(text) <= most_units:
        return text
    if most_units < 2:
        return ""
    kept, used = "", 0
    for letter in text:
        width = units(letter)
        if used + width > most_units - 1:
            break
        kept, used = kept + letter, used + width
    at_word = kept.rpartition(" ")[0]
    if len(at_word) * 2 >= len(kept):
        kept = at_word
    return kept.rstrip(" .,-&") + "."
