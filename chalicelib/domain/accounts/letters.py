"""What do our e-mails to people with accounts say? Only our own words: no name that others chose.

Whoever may invite could else write to anybody in our name. In English only, as what they are about.
"""

from datetime import UTC, datetime
from html import escape

from chalicelib.domain.accounts.model import Audience
from chalicelib.kit.mail import Mail

_PLACES = {
    Audience.DESK: "the Lastmile console",
    Audience.TEAM: "Lastmile for merchants",
}
_WORDS = (
    "Somebody has asked for a link with which you choose your password for {place}.",
    "It works once, and for 72 hours:",
)
_FOOT = (
    "You did not expect this? Then do nothing: without the link nothing changes. Do not pass it "
    "on; whoever has it can sign in as you."
)
_HELPERS = {
    Audience.DESK: "another manager, or whoever runs the network",
    Audience.TEAM: "an owner of your team, or your courier",
}
_CHANGED = (
    "Your password for {place} was set on {at}. All sessions from before have ended.",
    "If it was you, there is nothing to do.",
    "If it was not you, ask {helper} at once: to sign you out everywhere, and for a new link.",
    "We never ask for a password by e-mail, and this one holds no link.",
)


def changed(audience: Audience, at: datetime) -> Mail:
    """The e-mail after a password was set: no link, and nothing that helps another reader."""
    place = _PLACES[audience]
    told = f"{at.astimezone(UTC):%Y-%m-%d at %H:%M} UTC"
    lines = [one.format(place=place, at=told, helper=_HELPERS[audience]) for one in _CHANGED]
    paragraphs = "".join(f"<p>{escape(one)}</p>" for one in lines)
    html = f'<!doctype html><html lang="en"><body>{paragraphs}</body></html>'
    return Mail(f"Your password for {place} was set", "\n\n".join(lines) + "\n", html)


def invite(audience: Audience, link: str) -> Mail:
    """The e-mail with the link to choose a password."""
    place = _PLACES[audience]
    words = " ".join(_WORDS).format(place=place)
    html = (
        '<!doctype html><html lang="en"><body>'
        f'<p>{escape(words)}</p><p><a href="{escape(link)}">{escape(link)}</a></p>'
        f"<p>{escape(_FOOT)}</p></body></html>"
    )
    return Mail(f"Your link to {place}", f"{words}\n\n{link}\n\n{_FOOT}\n", html)
