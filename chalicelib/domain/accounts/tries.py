"""How often may somebody try? Counted before anything is looked at, by a quarter of an hour.

What is counted stands in the key as a keyed hash: an address, a person, a place in the net.
"""

from datetime import timedelta

from chalicelib.kit import tokens
from chalicelib.kit.errors import TooManyRequests
from chalicelib.storage import office_keys
from chalicelib.storage.unit_of_work import UnitOfWork

WINDOW = timedelta(minutes=15)


def count(
    uow: UnitOfWork, server_key: bytes, *counted: tuple[str, int], window: timedelta = WINDOW
) -> None:
    """Count a try of each thing; raise TooManyRequests beyond its number in the window."""
    length_s = int(window.total_seconds())
    number = int(uow.wall_now.timestamp()) // length_s
    left_s = (number + 1) * length_s - int(uow.wall_now.timestamp())
    for what, most in counted:
        key = office_keys.sign_in_tries(tokens.email_hash(server_key, what), str(number))
        if uow.count(key, uow.wall_now + timedelta(seconds=left_s)) > most:
            raise TooManyRequests("too many tries", retry_after_s=max(1, left_s))
