"""How do texts to drivers read? Sign-in codes, shifts, papers: in the driver's language, one part.

As with recipients' texts, Spanish and German are written in GSM letters, and where Arabic has no
room English is sent (``composing``).
"""

from collections.abc import Callable
from datetime import date, datetime

from chalicelib.domain.drivers.documents import DocumentKind
from chalicelib.domain.messaging import composing, sms
from chalicelib.kit.languages import Language, Translator, mark

#: Longer names of places are cut.
_MOST_PLACE = 40
_PAPERS = {
    DocumentKind.DRIVING_LICENCE: mark("driving licence"),
    DocumentKind.INSURANCE: mark("insurance"),
    DocumentKind.VEHICLE_REGISTRATION: mark("vehicle registration"),
    DocumentKind.BACKGROUND_CHECK: mark("background check"),
}


def sign_in_code(code: str, language: Language) -> str:
    """The text with a driver's one-time code."""
    return _fitting(
        language,
        lambda t: t.say(
            "Your Lastmile sign-in code is {code}. It is good for 10 minutes. Tell it to nobody.",
            code=code,
        ),
    )


def shift(place: str, start: datetime, language: Language) -> str:
    """That a shift begins; ``start`` is by the hub's clock."""
    name = sms.shorten(sms.transliterate(place), _MOST_PLACE)
    clock, day = f"{start:%H:%M}", f"{start:%d.%m}"
    return _fitting(
        language,
        lambda t: t.say(
            "Lastmile: your shift at {place} begins at {clock} on {day}.",
            place=name,
            clock=clock,
            day=day,
        ),
    )


def paper(kind: DocumentKind, expires_on: date, language: Language) -> str:
    """That a paper ends."""
    day = f"{expires_on:%d.%m.%Y}"
    return _fitting(
        language,
        lambda t: t.say(
            "Lastmile: your {paper} expires on {day}. Please hand in the new one.",
            paper=t.say(_PAPERS[kind]),
            day=day,
        ),
    )


def _fitting(language: Language, word: Callable[[Translator], str]) -> str:
    texts = []
    for t in composing.spoken(language):
        said = word(t)
        texts.append(sms.transliterate(said) if t.direction == "ltr" else said)
    return next((text for text in texts if sms.parts(text) == 1), texts[-1])
