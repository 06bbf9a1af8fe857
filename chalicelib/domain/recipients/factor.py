"""Is it the recipient, and not just somebody with the link? The end of the phone number tells.

Texts are read on lock screens and forwarded, so a link alone must not send a parcel elsewhere. The
last four digits of the phone are asked for, or the postal code where the shop gave no usable phone;
neither stands on the page. Five looks an hour for each delivery, compared in constant time.
"""

from enum import StrEnum

from chalicelib.domain.deliveries import codes
from chalicelib.domain.deliveries.model import Recipient
from chalicelib.storage.unit_of_work import UnitOfWork

DIGITS = 4


class Asked(StrEnum):
    PHONE = "phone"
    POSTAL_CODE = "postal_code"
    NOTHING = "nothing"


def asked_of(person: Recipient | None) -> Asked:
    """What this recipient can be asked for; nothing where we know neither."""
    if person is None:
        return Asked.NOTHING
    if person.phone is not None:
        return Asked.PHONE
    return Asked.POSTAL_CODE if _plain(person.address.postal_code) else Asked.NOTHING


def knows(uow: UnitOfWork, delivery_id: str, person: Recipient | None, shown: str) -> bool:
    """Whether the right answer was given; counts at once, whatever becomes of the request."""
    asked = asked_of(person)
    if asked is Asked.NOTHING or person is None:
        return False
    right = _plain(person.address.postal_code)
    if asked is Asked.PHONE and person.phone is not None:
        right = person.phone.e164[-DIGITS:]
    return codes.fits(uow, "link", delivery_id, _plain(shown), right)


def _plain(text: str) -> str:
    return "".join(letter for letter in text.upper() if letter.isalnum())
