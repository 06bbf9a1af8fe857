"""Where is my parcel, when the link is lost? By order number and postal code, for half an hour.

Both are easily guessed by somebody who wants to, so what they open is a glance and no link: status,
window and timeline; no name, street, code, photo, map or driver, and nothing can be asked for. Its
token is random, holds for half an hour, and opens no other page. An unknown number, a wrong postal
code and a number that two shops share without the shop being named are answered alike.
See docs/decisions/0023.
"""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.deliveries import order_numbers
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.tracking import links
from chalicelib.kit import tokens
from chalicelib.kit.errors import NotFound, TooManyRequests
from chalicelib.storage import recipient_keys
from chalicelib.storage.unit_of_work import UnitOfWork

HOLDS = timedelta(minutes=30)
#: In an hour: of one address in the net, of all behind one hop before us, for one order's number.
MOST_OF_A_CALLER, MOST_OF_A_HOP, MOST_FOR_A_NUMBER = 30, 300, 10


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed; ``merchant_id`` on a shop's own page, else ``shop`` names it, if at
    all."""

    number: str
    postal_code: str
    shop: str = ""
    merchant_id: str | None = None


def find(uow: UnitOfWork, asked: Asked, server_key: bytes) -> str | None:
    """A token for a glance at the delivery; None when there is not exactly one shop's."""
    found = [
        delivery
        for ref in order_numbers.find(uow, asked.number, asked.postal_code, server_key)
        if (delivery := _load(uow, ref)) is not None and not links.is_expired(delivery, uow.now)
    ]
    if asked.merchant_id is not None:
        found = [one for one in found if one.merchant_id == asked.merchant_id]
    elif asked.shop:
        found = [one for one in found if _is_of(uow, one, asked.shop)]
    if len({one.merchant_id for one in found}) != 1:
        return None
    newest = max(found, key=lambda one: one.created_at)
    token = tokens.new_token()
    uow.put(
        recipient_keys.glance(tokens.hash_secret(token)),
        {"merchant_id": newest.merchant_id, "delivery_id": newest.id},
        expect=0,
        expires_at=uow.wall_now + HOLDS,
    )
    return token


def count(uow: UnitOfWork, asked: Asked, caller: str, hop: str, server_key: bytes) -> None:
    """Count a question, before it is answered.

    Raises
    ------
    TooManyRequests
        The same for whoever asks too much and whatever is asked for too often.
    """
    hour = uow.wall_now.replace(minute=0, second=0, microsecond=0)
    ends_at = hour + timedelta(hours=1)
    counted = [
        (f"caller:{caller}", MOST_OF_A_CALLER),
        (f"hop:{hop}", MOST_OF_A_HOP),
        (f"number:{order_numbers.plain(asked.number)}", MOST_FOR_A_NUMBER),
    ]
    for name, most in counted:
        hashed = tokens.look_up_hash(server_key, name, "")
        key = recipient_keys.look_ups(hashed, f"{hour:%Y%m%d%H}")
        if uow.count(key, ends_at) > most:
            left_s = int((ends_at - uow.wall_now).total_seconds())
            raise TooManyRequests("too many look-ups", retry_after_s=max(1, left_s))


def glance_of(uow: UnitOfWork, token: str) -> Delivery:
    """The delivery behind a token of :func:`find`.

    Raises
    ------
    NotFound
        If there is none, or its half hour is over.
    """
    item = uow.get(recipient_keys.glance(tokens.hash_secret(token)))
    if item is None or item["expires"] <= uow.wall_now.timestamp():
        raise NotFound("there is no such look-up")
    return deliveries.load(uow, DeliveryRef(item["merchant_id"], item["delivery_id"]))


def _load(uow: UnitOfWork, ref: DeliveryRef) -> Delivery | None:
    try:
        return deliveries.load(uow, ref)
    except NotFound:
        return None


def _is_of(uow: UnitOfWork, delivery: Delivery, shop: str) -> bool:
    """Whether it comes from the shop of that name, as far as it was written."""
    name = order_numbers.plain(merchants.load_merchant(uow, delivery.merchant_id).name)
    return name.startswith(order_numbers.plain(shop)) and bool(order_numbers.plain(shop))
