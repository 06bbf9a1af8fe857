"""What time is it? The only module that reads a clock.

Two times exist. *Business time* (:meth:`Clock.now`) is what promises, shifts and waves run on; a
local stage may start it elsewhere and run it fast, so that a day can be played in minutes.
*Wall time* (:meth:`Clock.wall_now`) is what outside parties compare with their own clocks:
signatures, one-time codes, token lives. In production the two are the same.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(frozen=True, slots=True)
class Clock:
    """``now = start_at + rate * (wall - anchor_at)``; the plain clock when rate is 1 and no start.

    Parameters
    ----------
    rate
        Business seconds per real second.
    anchor_at, start_at
        At the real instant ``anchor_at`` business time was ``start_at``.
    """

    rate: float = 1.0
    anchor_at: datetime | None = None
    start_at: datetime | None = None

    def wall_now(self) -> datetime:
        return datetime.fromtimestamp(time.time(), UTC)

    def now(self) -> datetime:
        wall = self.wall_now()
        if self.anchor_at is None or self.start_at is None:
            return wall
        return self.start_at + (wall - self.anchor_at) * self.rate

    def real_seconds(self, virtual_s: float) -> float:
        """How long [real s] until that much business time has passed: for delays of queues."""
        return virtual_s / self.rate


@dataclass(slots=True)
class FrozenClock:
    """A clock for tests and simulations that moves only when told."""

    at: datetime
    rate: float = 1.0

    def now(self) -> datetime:
        return self.at

    def wall_now(self) -> datetime:
        return self.at

    def real_seconds(self, virtual_s: float) -> float:
        return virtual_s / self.rate

    def advance(self, **duration: float) -> None:
        self.at += timedelta(**duration)
