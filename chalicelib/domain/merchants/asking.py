"""How patiently does a hub seek drivers? Its settings for ``matching.escalation``.

How long a single offer lives is the hub's ``offer_ttl_s``.
"""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Asking:
    """Times [s], and what urgency is worth. Source of the defaults: the field's reference figures.

    Parameters
    ----------
    ask_ahead_s
        A driver is asked this long before having to set out; before that others may come who suit
        better.
    pair_after_s, pair_before_s
        Two drivers are asked at once when a route has waited so long, or starts so soon.
    broadcast_before_s, broadcast_to, bonus_minor
        When it starts so soon, so many are asked at once, with so much on top of the pay.
    no_show_after_s
        A driver who has not come so long after the time is not waited for any longer.
    """

    ask_ahead_s: int = 900
    pair_after_s: int = 180
    pair_before_s: int = 900
    broadcast_before_s: int = 300
    broadcast_to: int = 5
    bonus_minor: int = 200
    no_show_after_s: int = 600


def to_item(asking: Asking) -> dict[str, Any]:
    return asdict(asking)


def from_item(item: dict[str, Any] | None) -> Asking:
    """A hub from before there were such settings has the defaults."""
    return Asking(**(item or {}))
