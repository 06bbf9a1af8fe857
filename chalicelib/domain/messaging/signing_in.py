"""May a sign-in code be texted? The limits that hold for every text, around the making of a code.

Whoever asks for codes in somebody else's name pays nothing for it; the ceilings of the number, the
country and the budget are what stops them. What is refused is answered like what is sent.
"""

from chalicelib.domain.drivers import sessions
from chalicelib.domain.messaging import limits, rule_store
from chalicelib.domain.messaging.limits import Barred, Wanted, Weight
from chalicelib.kit import tokens
from chalicelib.kit.phone import Phone
from chalicelib.storage.unit_of_work import UnitOfWork


def start(uow: UnitOfWork, phone: Phone, server_key: bytes) -> str | None:
    """Make a code for a driver's phone and count its text; None when none is to be sent."""
    number = tokens.phone_hash(server_key, phone.e164)
    admitted = limits.look(uow, rule_store.load(uow), Wanted(phone, number, Weight.VITAL))
    if isinstance(admitted, Barred):
        return None
    code = sessions.start_sign_in(uow, phone, server_key)
    if code is not None:
        limits.take(uow, admitted)
    return code
