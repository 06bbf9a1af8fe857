"""Who hears that a password was set? The one whose it is, by e-mail, where there is a sender.

Straight from the request that set it, once it is committed, past every queue and log, as invites
go. A change is committed once, so it is told once at most: what may have been sent is not sent
again. Whatever becomes of the e-mail, the password counts.
"""

from chalicelib import wiring
from chalicelib.domain.accounts import letters
from chalicelib.domain.accounts.model import Person
from chalicelib.entry import work
from chalicelib.entry.observed import logger
from chalicelib.kit.errors import Upstream


def tell(person: Person) -> None:
    """Tell somebody whose new password is committed."""
    emails = wiring.emails()
    if emails is None or not person.email:
        return
    try:
        mail = letters.changed(person.audience, work.begin().wall_now)
        fate = "sent" if emails.send(person.email, mail) else "refused"
    except Upstream:
        fate = "unknown"
    logger.info("password set", person_id=person.id, by_email=fate)
