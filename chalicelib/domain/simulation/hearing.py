"""Who hears what on a simulated day? The product's own listeners that change what happens.

Those that only tell somebody something (texts, webhooks, shops, books, the desk's sheet, forecasts
of arrival) are left out, by name: ``UNHEARD``. A test compares both lists with ``listeners``, so
that a new listener is either played or knowingly not.
"""

from collections.abc import Callable, Mapping

from chalicelib.domain.dispatch import wages
from chalicelib.domain.dispatch.under_way import following, joining, rerouting, town_pace
from chalicelib.domain.recovery import carrying_out, deciding, wishes
from chalicelib.domain.recovery import following as recovery_following
from chalicelib.domain.tracking import whereabouts
from chalicelib.kit.events import Event
from chalicelib.storage.unit_of_work import UnitOfWork

Handle = Callable[[UnitOfWork, Event], object]

_FOLLOW = (recovery_following.follow,)
_CARRY_OUT = (carrying_out.carry_out_one,)

#: Played, in the order of ``listeners``.
HEARD: Mapping[str, tuple[Handle, ...]] = {
    "delivery.ready": (joining.join_if_pressing,),
    "delivery.redirected": (rerouting.follow_redirect, *_FOLLOW),
    "delivery.rescheduled": (rerouting.follow_reschedule, *_FOLLOW),
    "delivery.cancelled": (following.drop_cancelled, *_FOLLOW),
    "delivery.returning": (following.bring_back, *_FOLLOW),
    "delivery.updated": (following.move_stop,),
    "delivery.door_moved": (following.move_stop,),
    "delivery.delivered": _FOLLOW,
    "delivery.attempt_failed": (deciding.decide, *_FOLLOW),
    "delivery.at_pickup_point": _FOLLOW,
    "delivery.collected": _FOLLOW,
    "delivery.returned": _FOLLOW,
    "delivery.disposed": _FOLLOW,
    "delivery.lost": _FOLLOW,
    "delivery.damaged": _FOLLOW,
    "delivery.undone": _FOLLOW,
    "delivery.instructions_changed": (wishes.hear,),
    "recovery.parcel_back": _CARRY_OUT,
    "recovery.changed": _CARRY_OUT,
    "driver.off_duty": (whereabouts.forget,),
    "route.assigned": (following.tell_deliveries, following.end_other_offers),
    "route.handed_over": (following.hand_deliveries_over,),
    "route.cancelled": (following.end_other_offers,),
    "route.parcels_returned": (carrying_out.receive_parcels,),
    "route.completed": (town_pace.learn, wages.settle_ended),
}

#: News upon which a hub is matched again at once: those of the listener ``matching``.
MATCHES = frozenset(
    {
        *("driver.on_duty", "offer.declined", "offer.expired", "offer.withdrawn"),
        *("route.planned", "route.released", "route.handed_over", "route.completed"),
    }
)

#: Listeners that a simulated day has none of, by their names in ``listeners``, and why.
UNHEARD: Mapping[str, str] = {
    "texts": "tells people",
    "driver_texts": "tells people",
    "webhooks": "tells merchants",
    "shops": "tells shops",
    "lockers": "tells the lockers' operators; what is held is counted all the same",
    "another_point": "only operators' lockers refuse what they had room for",
    "redaction": "no personal data is there to forget",
    "drop_points": "learns doors for another day",
    "proof_check": "looks at pictures; there are none",
    "figures": "makes facts; here they are made of what is recorded",
    "attention": "tells the desk",
    "board": "tells the desk",
    "books": "posts to the journal; pay is settled with the route",
    "arrivals": "forecasts for people",
    "reordering": "follows forecasts of delay, which are not made",
    "day_sheet": "drawn when somebody reads it",
    "offer_watch": "the queue of events does it",
}
