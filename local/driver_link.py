"""How does one look over a driver's shoulder? A link of this machine only.

It asks for a sign-in code, reads it off the text, and leads to the driver's app with both filled
in; the tap on "Sign in" is left to whoever opened it.
"""

import json
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import quote

PATH = "/_local/drive/"
#: The app asks this often instead of thrice a minute: the demo plays three hours a minute.
EVERY_S = 2
_LOOKS, _LOOK_EVERY_S = 25, 0.4

Texts = Callable[[], Sequence[Mapping[str, str]]]
#: Sends a JSON body to a path of the API.
Post = Callable[[str, bytes], None]


def link(base_url: str, phone: str) -> str:
    """What to open in a browser."""
    return f"{base_url}{PATH}{phone.lstrip('+')}"


def follow(path: str, texts: Texts, post: Post) -> str | None:
    """Where to go on to; None when no code came (one in twenty seconds is sent)."""
    phone = "+" + re.sub(r"\D", "", path.removeprefix(PATH))
    known = len(_codes(texts(), phone))
    post("/v1/driver/codes", json.dumps({"phone_number": phone}).encode())
    for _ in range(_LOOKS):
        codes = _codes(texts(), phone)
        if len(codes) > known:
            return f"/d#phone={quote(phone)}&code={codes[-1]}&every={EVERY_S}"
        threading.Event().wait(_LOOK_EVERY_S)
    return None


def _codes(texts: Sequence[Mapping[str, str]], phone: str) -> list[str]:
    found = (re.search(r"\b\d{6}\b", text["body"]) for text in texts if text["to"] == phone)
    return [one.group() for one in found if one]
