"""What does somebody see who signs in? Small pages of plain forms, and kind words.

They are in English only, as the console and the portal are.
"""

from dataclasses import dataclass
from typing import Any

from chalicelib import web
from chalicelib.kit.passwords import SHORTEST


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody signs in, and who can help there."""

    name: str
    helper: str


DESK = Place("Lastmile console", "A manager")
TEAM = Place("Lastmile for merchants", "An owner of your team")

_WRONG = "That did not work. Look at the address and the password again."
_OFTEN = "Those were many tries. Please wait a quarter of an hour."
_CODE = "That code did not work, or took too long. Please start again."
_CHOSEN = "Your password is set. Sign in with it now."
_LEFT = "You are signed out."
SAID = {"wrong": _WRONG, "often": _OFTEN, "code": _CODE, "chosen": _CHOSEN, "left": _LEFT}
_GOOD = ("chosen", "left")


def sign_in(place: Place, *, onward: str, said: str = "", email: str = "") -> str:
    """The form for address and password; ``said`` is a key of ``SAID``."""
    return _render(
        "sign_in",
        place,
        "Sign in",
        "Good to see you. Please say who you are.",
        said=SAID.get(said, ""),
        is_wrong=said not in _GOOD,
        next=onward,
        email=email,
    )


def code(place: Place, *, onward: str, step: str, secret: str) -> str:
    """The form for an authenticator's code; with a ``secret`` it has to be set up first."""
    lead = (
        "Your account needs a second proof: an app that shows six digits."
        if secret
        else "One more thing: the six digits that your authenticator app shows."
    )
    return _render("code", place, "Your code", lead, next=onward, step=step, secret=secret)


def invite(place: Place, *, name: str, email: str, said: str = "") -> str:
    """The form for a new password."""
    return _render(
        "invite",
        place,
        "Choose a password",
        f"Welcome, {name}. With it you sign in from now on.",
        said=said,
        is_wrong=True,
        email=email,
        shortest=SHORTEST,
    )


def password(place: Place, *, email: str, wrong: str = "", is_changed: bool = False) -> str:
    """The form for another password, for somebody who has signed in."""
    return _render(
        "password",
        place,
        "Change your password",
        "It counts at once, and signs you out on every other device.",
        email=email,
        shortest=SHORTEST,
        wrong=wrong,
        is_changed=is_changed,
    )


def over(place: Place) -> str:
    """An invite that leads nowhere any more."""
    return web.render(
        "message.html",
        eyebrow=place.name,
        headline="This link has ended",
        lead=f"It was used, or is older than three days. {place.helper} can send you a new one.",
        foot="",
    )


def not_for_you(at_the_desk: bool) -> str:
    """A page that needs a greater role, or that another site sent somebody to with a form."""
    place = DESK if at_the_desk else TEAM
    return web.render(
        "message.html",
        eyebrow=place.name,
        headline="This is not open to you",
        lead=f"Your role does not allow it, or it was not sent from our own page. {place.helper} "
        "can change what your role is.",
        foot="",
    )


def headers(html: str) -> dict[str, str]:
    """As every page; but our own address may see where a form came from: it proves something."""
    return web.headers(html, has_forms=True) | {"Referrer-Policy": "same-origin"}


def _render(template: str, place: Place, headline: str, lead: str, **values: Any) -> str:
    known: dict[str, Any] = {"said": "", "is_wrong": False, "helper": place.helper, **values}
    return web.render(
        f"accounts/{template}.html", place=place.name, headline=headline, lead=lead, **known
    )
