"""The books: what a delivery or a route has brought is posted, one message after the other.

A message names the book, never an amount: what should stand there is worked out from what happened.
So a message that comes twice, late or out of order posts what is right by then, or nothing.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.billing import journal
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.entry import work
from chalicelib.entry.observed import logger, per_record
from chalicelib.kit.errors import Malformed

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="books", batch_size=10)
@per_record
def keep_books(message: Mapping[str, Any]) -> None:
    because = str(message["because"])
    match message.get("book"):
        case "delivery":
            ref = DeliveryRef.parse(str(message["delivery"]))
            entry = work.run(lambda uow: journal.book_delivery(uow, ref, because))
        case "route":
            driver_id, route_id = str(message["driver_id"]), str(message["route_id"])
            entry = work.run(lambda uow: journal.book_route(uow, driver_id, route_id, because))
        case _:
            raise Malformed("there is no such book")
    logger.info("booked", because=because, entry=None if entry is None else entry.id)
