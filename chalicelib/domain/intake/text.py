"""What did they mean to write? Texts of strangers, made fit to store, show and print.

One place for all of intake: control, direction and other invisible characters go, whitespace
becomes single spaces, letters get their composed form (NFC), lengths are capped. Joiners stay:
Persian and Hindi names and family emoji need them. Source: Unicode UAX #15, UTR #36.
"""

import html
import unicodedata

NAME_LENGTH = 120
LINE_LENGTH = 200
NOTES_LENGTH = 500

_JOINERS = "\u200c\u200d"


def clean(text: str | None, longest: int = LINE_LENGTH) -> str:
    """Return the text without what has no place in it; an empty one for None."""
    if not text:
        return ""
    # More than is kept, because cleaning shortens; a megabyte is not worth composing.
    visible = "".join(
        " " if unicodedata.category(character) == "Cc" else character
        for character in text[: 4 * longest]
        if not _is_invisible(character)
    )
    composed = unicodedata.normalize("NFC", " ".join(visible.split()))
    return composed[:longest].rstrip()


def clean_html(text: str | None, longest: int = LINE_LENGTH) -> str:
    """The same for platforms that escape HTML in their data (``M&uuml;ller &amp; Sohn``)."""
    return clean(html.unescape(text) if text else text, longest)


def _is_invisible(character: str) -> bool:
    """Format characters and halves of surrogate pairs vanish; controls become spaces."""
    return unicodedata.category(character) in ("Cf", "Cs") and character not in _JOINERS
