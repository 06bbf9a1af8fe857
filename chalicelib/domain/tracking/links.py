"""Whose link is it, and how long does it live? Fourteen days beyond its delivery.

The link's token is the only credential. An unknown one and a misspelt one are answered alike; an
old one says that it has expired, which only its holder can learn.
"""

import re
from datetime import datetime, timedelta

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.kit import tokens
from chalicelib.kit.errors import LinkExpired, NotFound
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

LIVES = timedelta(days=14)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}")


def delivery_of(uow: UnitOfWork, token: str) -> Delivery:
    """Whose link it is; raise NotFound or LinkExpired."""
    if not _TOKEN.fullmatch(token):
        raise NotFound("there is no such link")
    item = uow.get(keys.tracking_link(tokens.hash_secret(token)))
    if item is None:
        raise NotFound("there is no such link")
    delivery = deliveries.load(uow, DeliveryRef(item["merchant_id"], item["delivery_id"]))
    if is_expired(delivery, uow.now):
        raise LinkExpired
    return delivery


def ended_at(delivery: Delivery) -> datetime | None:
    """When the delivery came to its end; None while it has not."""
    return delivery.history[-1].at if delivery.status.is_final else None


def is_expired(delivery: Delivery, now: datetime) -> bool:
    """Whether the link has outlived its delivery by more than it may."""
    end = ended_at(delivery)
    return end is not None and now - end > LIVES
