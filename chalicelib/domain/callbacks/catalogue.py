"""Which events can a merchant hear of, and which of them does an endpoint want?

Offers, drivers and waves are the courier's own business and are told to nobody outside.
What ``route.updated`` and ``route.parcels_returned`` tell, ``delivery.*`` tells better.
"""

from collections.abc import Iterable

DELIVERY_EVENTS = (
    "delivery.created",
    "delivery.address_review",
    "delivery.address_referred",
    "delivery.ready",
    "delivery.updated",
    "delivery.instructions_changed",
    "delivery.door_moved",
    "delivery.planned",
    "delivery.unplanned",
    "delivery.moved",
    "delivery.assigned",
    "delivery.unassigned",
    "delivery.en_route_to_pickup",
    "delivery.arrived_at_pickup",
    "delivery.picked_up",
    "delivery.en_route_to_dropoff",
    "delivery.announced",
    "delivery.delayed",
    "delivery.arrived_at_dropoff",
    "delivery.delivered",
    "delivery.attempt_failed",
    "delivery.redirected",
    "delivery.rescheduled",
    "delivery.resumed",
    "delivery.at_pickup_point",
    "delivery.collection_due",
    "delivery.collection_extended",
    "delivery.collected",
    "delivery.returning",
    "delivery.returned",
    "delivery.cancelled",
    "delivery.disposed",
    "delivery.lost",
    "delivery.damaged",
    "delivery.undone",
    "delivery.rated",
)
#: What was decided about a delivery that nobody took, and what came of it.
RECOVERY_EVENTS = (
    "recovery.decided",
    "recovery.changed",
    "recovery.carried_out",
    "recovery.ended",
    "recovery.taken_back",
)
ROUTE_EVENTS = (
    "route.planned",
    "route.assigned",
    "route.started",
    "route.completed",
    "route.cancelled",
)
#: Whether a recipient wants texts: for whoever writes to them, too.
NOTIFICATION_EVENTS = ("notification.opted_out", "notification.opted_in")
#: What became of the proof of a handover.
PROOF_EVENTS = ("proof.created", "proof.needs_review", "proof.accepted", "proof.rejected")
CASE_EVENTS = (
    "support_case.opened",
    "support_case.answered",
    "support_case.escalated",
    "support_case.reopened",
    "support_case.resolved",
    "support_case.breached",
)
#: A charge that the merchant disputes.
DISPUTE_EVENTS = (
    "dispute.opened",
    "dispute.accepted",
    "dispute.refused",
    "dispute.withdrawn",
    "dispute.overdue",
)
ENDPOINT_DISABLED = "webhook_endpoint.disabled"
#: What is asked for by hand; it goes to the one endpoint, whatever that wants.
TEST = "webhook_endpoint.test"

EVENTS = (
    *DELIVERY_EVENTS,
    *RECOVERY_EVENTS,
    *ROUTE_EVENTS,
    *NOTIFICATION_EVENTS,
    *PROOF_EVENTS,
    *CASE_EVENTS,
    *DISPUTE_EVENTS,
    ENDPOINT_DISABLED,
)

EVERYTHING = "*"
FAMILIES = tuple(dict.fromkeys(f"{name.partition('.')[0]}.*" for name in EVENTS))
PATTERNS = frozenset({EVERYTHING, *FAMILIES, *EVENTS})


def wants(patterns: Iterable[str], event_type: str) -> bool:
    """Whether one of an endpoint's patterns fits: an exact name, ``delivery.*``, or ``*``."""
    family = f"{event_type.partition('.')[0]}.*"
    return any(pattern in (EVERYTHING, family, event_type) for pattern in patterns)


def unknown(patterns: Iterable[str]) -> list[str]:
    """Patterns that could never fit: misspelt ones."""
    return [pattern for pattern in patterns if pattern not in PATTERNS]
