"""Every minute: offer waiting routes to drivers, and sweep what messages may have missed.

Correctness never depends on this being punctual: declines and expiries are answered at once by
``rematch_routes``.
"""

from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import rounds, work
from chalicelib.entry.observed import observed

bp = Blueprint(__name__)


@bp.schedule("rate(1 minute)")
@observed
def match_drivers(event: Any) -> dict[str, int]:
    hubs = work.read(merchants.list_hubs)
    return {"offers": sum(rounds.match_hub(hub) for hub in hubs)}
