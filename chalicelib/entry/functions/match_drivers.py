"""Every minute: offer waiting routes to drivers, and sweep what messages may have missed.

Correctness never depends on this being punctual: declines and expiries are answered at once by
``rematch_routes``.
"""

from typing import Any

from chalice.app import Blueprint

from chalicelib.entry import rounds
from chalicelib.entry.each_hub import each_hub
from chalicelib.entry.observed import observed

bp = Blueprint(__name__)


@bp.schedule("rate(1 minute)")
@observed
def match_drivers(event: Any) -> dict[str, int]:
    return {"offers": sum(each_hub(rounds.match_hub))}
