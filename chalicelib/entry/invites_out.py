"""How does an invite get to whom it is for? By e-mail where there is a sender, else it is shown.

The link is a secret of which we keep the hash alone, so it goes from this very request to the
e-mail service, past every queue and log. What cannot be mailed is shown to whoever asked for it,
this once; so is what may have been mailed, because nobody can know.
"""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib import wiring
from chalicelib.domain.accounts import letters, tries
from chalicelib.domain.accounts.model import Audience
from chalicelib.domain.accounts.people import Invited
from chalicelib.entry import work
from chalicelib.entry.observed import logger
from chalicelib.entry.to_sign_in import SECTIONS
from chalicelib.kit.errors import TooManyRequests, Upstream

#: For one account: more would be a nuisance to whoever gets them.
MOST_MAILS_A_DAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Handed:
    """An invite, and its link where somebody has to hand it on; empty: it was mailed."""

    invited: Invited
    link: str
    was_tried: bool = False

    @property
    def is_mailed(self) -> bool:
        return not self.link


def can_mail() -> bool:
    return wiring.emails() is not None


def hand_over(invited: Invited, *, by_mail: bool = True) -> Handed:
    """Mail an invite that is committed already, or give the link back to be shown."""
    person = invited.person
    link = invite_url(person.audience, invited.token)
    emails = wiring.emails()
    if emails is None or not by_mail:
        return Handed(invited, link)
    try:
        tries.count(
            work.begin(),
            wiring.vault().server_key(),
            (f"invites:{person.id}", MOST_MAILS_A_DAY),
            window=_DAY,
        )
        is_sent = emails.send(person.email, letters.invite(person.audience, link))
        fate = "sent" if is_sent else "refused"
    except TooManyRequests:
        is_sent, fate = False, "too many"
    except Upstream:
        is_sent, fate = False, "unknown"
    logger.info("invite", person_id=person.id, by_email=fate)
    return Handed(invited, "" if is_sent else link, was_tried=True)


def invite_url(audience: Audience, token: str) -> str:
    """The link that an invite is handed on by."""
    return f"{wiring.settings().public_base_url}/{SECTIONS[audience]}/invite/{token}"
