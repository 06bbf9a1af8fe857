"""By which order number and postal code is a delivery found? Rows whose keys are keyed hashes.

One hash holds the number and the code together, so a wrong code and an unknown number are the same
question with the same answer, and nobody can read a number or a code off the table. Several shops
may use one number in one postal code: each has a row. The shop itself finds its own by the number
alone, in rows below its id.
"""

from collections.abc import Iterable
from datetime import timedelta

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit import tokens
from chalicelib.storage import portal_keys, recipient_keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.unit_of_work import UnitOfWork

#: From the promise on; a page closes two weeks after its delivery.
KEPT = timedelta(days=90)
#: A shop looks a year back, and a little more.
KEPT_FOR_THE_SHOP = timedelta(days=400)
_MOST_FOUND = 20


def plain(text: str) -> str:
    """What people write differently left out: ``#1042 `` and ``1042``, ``sw1a 1aa`` and SW1A1AA."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


def save(uow: UnitOfWork, delivery: Delivery, postal_code: str, server_key: bytes) -> None:
    """Make a delivery findable by the numbers that its recipient may know it under."""
    code = plain(postal_code)
    numbers = {plain(delivery.order_name), plain(delivery.external_id)} - {""}
    for number in sorted(numbers):
        uow.put(
            portal_keys.order_number(delivery.merchant_id, number, delivery.id),
            {},
            expect=None,
            expires_at=uow.wall_now + KEPT_FOR_THE_SHOP,
        )
    if not code:
        return
    for number in sorted(numbers):
        uow.put(
            recipient_keys.looked_up(
                tokens.look_up_hash(server_key, number, code), delivery.merchant_id, delivery.id
            ),
            {"merchant_id": delivery.merchant_id, "delivery_id": delivery.id},
            expect=None,
            expires_at=uow.wall_now + KEPT,
        )


def find(
    uow: UnitOfWork, number: str, postal_code: str, server_key: bytes
) -> Iterable[DeliveryRef]:
    """The deliveries of a number at a postal code, of whichever shop."""
    hashed = tokens.look_up_hash(server_key, plain(number), plain(postal_code))
    page = uow.query(TableName.CORE, recipient_keys.looked_up_by(hashed), limit=_MOST_FOUND)
    return [DeliveryRef(item["merchant_id"], item["delivery_id"]) for item in page.items]


def find_own(uow: UnitOfWork, merchant_id: str, number: str) -> list[DeliveryRef]:
    """A merchant's deliveries of this number, the newest first; none of what is no number."""
    asked = plain(number)
    if not asked:
        return []
    pk = portal_keys.order_numbers(merchant_id, asked)
    page = uow.query(TableName.CORE, pk, limit=_MOST_FOUND, newest_first=True)
    return [DeliveryRef(merchant_id, item["sk"]) for item in page.items]
