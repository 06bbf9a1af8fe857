"""What does an invite by e-mail say? Only our own words and the link: no name that others chose.

Whoever may invite could else write to anybody in our name. In English only, as what it leads to.
"""

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
