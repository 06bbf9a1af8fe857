"""Will this driver say yes? What he or she answered before, with a prior for whom we hardly know.

A Beta prior of five offers, three of them taken; each answer adds one, and counts half after two
weeks, so that a change of habits shows. The counts are part of the driver's work item: they change
in the very transaction that ends an offer, so none is counted twice and none is lost. An offer that
somebody else took first tells nothing about the driver and counts for nothing.

Somebody who misses three offers within half an hour is asked whether a pause would help; asking is
all that follows.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: Yes and no of the prior, in offers: three in five are taken. An assumption, to be set from data.
PRIOR_YES, PRIOR_NO = 3.0, 2.0
HALF_LIFE = timedelta(days=14)
#: So many offers missed within so long make us ask.
MISSES_BEFORE_PAUSE = 3
MISSES_WITHIN = timedelta(minutes=30)
#: What a no costs: nobody was found in this time, and somebody else is asked.
#: Source: the field's reference figures, 12 minutes x -ln P / 2.
_REFUSAL_S = 720


class Answer(StrEnum):
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Habits:
    """How often a driver answered how: thousandths of offers, as they weighed at ``as_of``.

    ``missed_at``: when the last few offers were declined or not answered, oldest first.
    """

    accepted_milli: int = 0
    declined_milli: int = 0
    expired_milli: int = 0
    as_of: datetime | None = None
    missed_at: tuple[datetime, ...] = ()


def after(habits: Habits, answer: Answer, at: datetime) -> Habits:
    """The habits after one more answer."""
    kept = _kept(habits, at)
    counts = {
        Answer.ACCEPTED: round(habits.accepted_milli * kept),
        Answer.DECLINED: round(habits.declined_milli * kept),
        Answer.EXPIRED: round(habits.expired_milli * kept),
    }
    counts[answer] += 1000
    missed_at = habits.missed_at
    if answer is not Answer.ACCEPTED:
        missed_at = (*missed_at, at)[-MISSES_BEFORE_PAUSE:]
    return Habits(
        accepted_milli=counts[Answer.ACCEPTED],
        declined_milli=counts[Answer.DECLINED],
        expired_milli=counts[Answer.EXPIRED],
        as_of=at if habits.as_of is None else max(at, habits.as_of),
        missed_at=missed_at,
    )


def chance(habits: Habits, now: datetime) -> float:
    """P(accept), the mean of the posterior: always between 0 and 1, never either."""
    kept = _kept(habits, now) / 1000
    yes = PRIOR_YES + kept * habits.accepted_milli
    no = PRIOR_NO + kept * (habits.declined_milli + habits.expired_milli)
    return yes / (yes + no)


def price_s(habits: Habits, now: datetime) -> int:
    """What it costs to ask somebody who may say no [s]."""
    return round(_REFUSAL_S * -math.log(chance(habits, now)) / 2)


def should_pause(habits: Habits, now: datetime) -> bool:
    """Whether to ask the driver if a pause would help."""
    recent = [at for at in habits.missed_at if at > now - MISSES_WITHIN]
    return len(recent) >= MISSES_BEFORE_PAUSE


def _kept(habits: Habits, now: datetime) -> float:
    """What the counts still weigh."""
    if habits.as_of is None:
        return 1.0
    halvings = max(timedelta(0), now - habits.as_of) / HALF_LIFE
    return math.pow(0.5, halvings)
