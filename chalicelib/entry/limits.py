"""How often may one key call? So many times in each minute of the clock, counted in one place.

Workers come and go, so the count stands in the table of passing things: one write a call. It limits
and bills nothing, so a call that counts twice does no harm. Header names as in most APIs of the
field and draft-ietf-httpapi-ratelimit-headers-06: limit, what is left, seconds until it is whole.
"""

from dataclasses import dataclass
from datetime import timedelta

from chalicelib import wiring
from chalicelib.domain.merchants.api_keys import Credential
from chalicelib.entry import work
from chalicelib.kit.errors import TooManyRequests
from chalicelib.storage import keys


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key has left in this minute."""

    limit: int
    left: int
    reset_s: int

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.left),
            "RateLimit-Reset": str(self.reset_s),
        }


def spend(key: Credential) -> Allowance:
    """Count one call of a key.

    Raises
    ------
    TooManyRequests
        If the minute's calls are used up.
    """
    limit = wiring.settings().calls_per_minute
    uow = work.begin()
    minute = uow.wall_now.replace(second=0, microsecond=0)
    over_at = minute + timedelta(minutes=1)
    counted = uow.count(keys.calls(key.key_id, f"{minute:%Y%m%d%H%M}"), over_at)
    reset_s = max(1, int((over_at - uow.wall_now).total_seconds()))
    if counted > limit:
        raise TooManyRequests(f"a key has {limit} calls a minute", retry_after_s=reset_s)
    return Allowance(limit, limit - counted, reset_s)
