"""How was it? One rating of a delivery by its recipient, changeable for a day.

The stars are nobody's secret and stand in ``core`` with their news; what was written beside them is
personal data and stands in ``pii``. The same answer twice has one effect.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.tracking.links import delivery_of
from chalicelib.kit.errors import Conflict
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import recipient_keys
from chalicelib.storage.unit_of_work import UnitOfWork

CHANGEABLE = timedelta(days=1)
MOST_STARS, MOST_LETTERS = 5, 500
#: Only what reached its recipient can be rated.
RATEABLE = (Status.DELIVERED, Status.COLLECTED)


@dataclass(frozen=True, slots=True)
class Rating:
    """``rated_at`` is when it was first given: from then on the day runs."""

    stars: int
    rated_at: datetime
    version: int
    comment: str = ""

    def may_change(self, now: datetime) -> bool:
        return now - self.rated_at < CHANGEABLE


def rate(uow: UnitOfWork, token: str, stars: int, comment: str) -> Rating:
    """Keep what the holder of a link says.

    Raises
    ------
    NotFound, LinkExpired
    Conflict
        If nothing was delivered, or the rating is older than a day.
    """
    delivery = delivery_of(uow, token)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    if delivery.status not in RATEABLE:
        raise Conflict("it has not been delivered")
    if comment and deliveries.load_recipient(uow, ref) is None:
        # Somebody asked us to forget: nothing personal comes in after that.
        comment = ""
    before = load(uow, ref)
    if before is None:
        before = Rating(0, uow.now, 0)
    elif not before.may_change(uow.now):
        raise Conflict("the rating can no longer be changed")
    if (before.stars, before.comment) == (stars, comment):
        return before
    after = Rating(stars, before.rated_at, before.version + 1, comment)
    _save(uow, delivery, after, has_new_stars=stars != before.stars)
    return after


def load(uow: UnitOfWork, ref: DeliveryRef) -> Rating | None:
    """A delivery's rating; None while there is none."""
    key = recipient_keys.rating(ref.merchant_id, ref.delivery_id)
    beside = recipient_keys.rating_comment(ref.merchant_id, ref.delivery_id)
    found = uow.get_many([key, beside])
    if key not in found:
        return None
    item = found[key]
    comment = found.get(beside, {}).get("comment", "")
    return Rating(item["stars"], read_instant(item["rated_at"]), item["version"], comment)


def _save(uow: UnitOfWork, delivery: Delivery, rating: Rating, *, has_new_stars: bool) -> None:
    # Of its own: a delivery's version counts its own life, which is over.
    subject = f"rat_{delivery.id.partition('_')[2]}"
    uow.put(
        recipient_keys.rating(delivery.merchant_id, delivery.id),
        {
            "stars": rating.stars,
            "rated_at": write_instant(rating.rated_at),
            "version": rating.version,
        },
        expect=rating.version - 1,
        subject=subject,
    )
    beside = recipient_keys.rating_comment(delivery.merchant_id, delivery.id)
    if rating.comment:
        uow.put(beside, {"comment": rating.comment}, expect=None)
    elif rating.version > 1:
        uow.delete(beside, expect=None)
    if has_new_stars:
        data = {
            "merchant_id": delivery.merchant_id,
            "hub_id": delivery.hub_id,
            "delivery_id": delivery.id,
            "external_id": delivery.external_id,
            "status": delivery.status.value,
            "route_id": delivery.route_id,
            "driver_id": delivery.driver_id,
            "attempts": len(delivery.attempts),
            "live": delivery.live,
            "stars": rating.stars,
        }
        uow.emit(Event("delivery.rated", subject, rating.version, uow.now, data))
