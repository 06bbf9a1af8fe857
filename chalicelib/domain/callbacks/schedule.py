"""When is a webhook tried again? Ten tries over 75 hours, a little earlier or later each.

The delays are those of the standard's example. Each is stretched or shrunk by up to a tenth, so
that what failed together does not come back together; by how much follows from the message and the
try, so asking twice gives the same answer. Source: Standard Webhooks 1.0.0, "Deliverability and
reliability" (schedule, jitter, Retry-After on 429 and 503, 410 ends it).
"""

import zlib
from datetime import datetime, timedelta

#: Seconds before each try, counted from the failure before it; the first one goes at once.
DELAYS_S = (0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)
MOST_TRIES = len(DELAYS_S)
#: A tenth in each direction, in thousandths.
JITTER_PERMILLE = 100
#: An endpoint may ask for silence for a day, no longer: the next one may be up again.
LONGEST_WISH_S = 86_400


def next_try_at(
    message_id: str, tries: int, failed_at: datetime, wished_delay_s: int | None = None
) -> datetime | None:
    """When to try again after ``tries`` failed tries; None when that was the last one.

    Parameters
    ----------
    wished_delay_s
        The endpoint's Retry-After: waited for where it is longer than the schedule.
    """
    if tries >= MOST_TRIES:
        return None
    delay_ms = DELAYS_S[tries] * (1000 + _jitter_permille(message_id, tries))
    if wished_delay_s is not None:
        delay_ms = max(delay_ms, min(wished_delay_s, LONGEST_WISH_S) * 1000)
    return failed_at + timedelta(milliseconds=delay_ms)


def _jitter_permille(message_id: str, tries: int) -> int:
    spread = 2 * JITTER_PERMILLE + 1
    return zlib.crc32(f"{message_id}#{tries}".encode()) % spread - JITTER_PERMILLE
