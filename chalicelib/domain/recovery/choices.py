"""What is best for a parcel that nobody took? The costed choice. Pure.

:func:`weigh` prices every remedy from the facts of one failed attempt, term by term, and says which
are out of the question and why; :func:`choose` takes what somebody wished, if it is allowed, and
else what costs least. Costs are expected ones: a visit that may fail costs what follows too, times
how likely that is. They follow from the hub's own pay rates, so they are of its currency.

What is not measured is a guess with a name, below: shares of a visit or of a driver's minute. They
decide close calls only; a merchant moves the balance by its rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.domain.deliveries.model import MOST_TRIES
from chalicelib.domain.deliveries.model import FailureReason as R
from chalicelib.domain.drivers.pay import PayRates
from chalicelib.domain.merchants.recovery_rules import RecoveryRules, Remedy
from chalicelib.domain.pricing.faults import is_ours, party_at_fault
from chalicelib.domain.recovery.chances import PERMILLE
from chalicelib.domain.recovery.model import Term, Weighed, WhyNot
from chalicelib.kit.timewindow import TimeWindow

#: What one more stop takes on a full tour: 38.5 h and 396 km for 440 visits, the steady-state day
#: of docs/benchmarks.md.
VISIT_S, VISIT_M = 315, 900
#: One stop at a point serves several parcels (guess: two).
SHARED_STOP_PERCENT = 50
#: What the operator of a locker or a counter takes, in per cent of a visit (guess).
POINT_FEE_PERCENT = 25
#: Parcels that nobody fetches from a point; buyers who give up per day of waiting (guesses).
NOT_COLLECTED_PERMILLE, GIVES_UP_PERMILLE = 50, 20
#: What is stolen from a safe place, and lost between neighbours (guesses).
STOLEN_PERMILLE, MISLAID_PERMILLE = 10, 2
#: A recipient's minute against a driver's; in minutes: another day without it, and being at home
#: again; being at home for some hours longer; ringing at the neighbour's (guesses).
MINUTE_PERCENT, DAY_MINUTES, TODAY_MINUTES, NEIGHBOUR_MINUTES = 40, 20, 5, 3
#: Metres a minute on foot, at the usual 1.3 m/s. Half of all who fetch something are on their way
#: to something else (guess), so of there and back one way counts.
WALK_M_PER_MINUTE = 80
#: What we or a driver caused is to trouble the recipient less than what happens anyway.
OURS_PERCENT = 200

#: Trying again mends none of these: an answer was given, or the thing itself is wrong.
POINTLESS = frozenset({R.CUSTOMER_REFUSED, R.PACKAGE_DAMAGED, R.WRONG_ITEM, R.ITEM_MISSING})
_AT_THE_DOOR = frozenset({Remedy.SAFE_PLACE, Remedy.NEIGHBOUR})
_BY_DOOR = frozenset({Remedy.AGAIN_TODAY, Remedy.ANOTHER_DAY})
_TO_POINT = frozenset({Remedy.POINT_ON_TOUR, Remedy.PICKUP_POINT})
_ON_TOUR = _AT_THE_DOOR | {Remedy.POINT_ON_TOUR}


@dataclass(frozen=True, slots=True)
class Rates:
    """What a hub's driving costs [minor units]."""

    per_stop: int
    per_km: int
    per_minute: int

    @classmethod
    def of(cls, pay: PayRates) -> "Rates":
        return cls(pay.per_stop_minor, pay.per_km_minor, pay.per_minute_minor)

    def drive(self, duration_s: int, distance_m: int) -> int:
        return (self.per_minute * duration_s) // 60 + (self.per_km * distance_m) // 1000

    @property
    def visit(self) -> int:
        return self.per_stop + self.drive(VISIT_S, VISIT_M)

    def minutes(self, minutes: int) -> int:
        """What so many of a recipient's minutes count."""
        return self.per_minute * MINUTE_PERCENT * minutes // 100


#: Of a hub whose currency nobody knows: those of a euro hub.
USUAL_RATES = Rates(per_stop=40, per_km=35, per_minute=25)


@dataclass(frozen=True, slots=True)
class Way:
    """What a place adds to the rest of the tour, and whether that makes a promise late."""

    extra_s: int
    extra_m: int
    makes_late: bool = False


@dataclass(frozen=True, slots=True)
class Point:
    """A pickup point with room for the parcel; ``way`` None: it is not on this tour."""

    id: str
    walk_m: int
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Again:
    """A window for the next visit, and how likely that one fails."""

    window: TimeWindow
    fails_permille: int


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known when an attempt has failed.

    Parameters
    ----------
    attempts_left
        Tries that remain, by the merchant's rules and by the hard limit.
    wished, point_id
        What the recipient, the merchant or the desk asked for, and which pickup point.
    tries_left, tried_on_tour
        Visits of any kind that remain; whether this tour had a second chance already.
    is_on_road, door
        Whether a driver has it on a tour that goes on; the way back to the door on that.
    leaves_alone, needs_a_check
        Whether somebody has to be met in person (a PIN, a signature); whether what is checked
        there cannot be checked at a pickup point either (an age, cash).
    """

    reason: R
    attempts_left: int
    rules: RecoveryRules
    rates: Rates
    wished: Remedy | None = None
    point_id: str | None = None
    tries_left: int = MOST_TRIES
    tried_on_tour: bool = False
    is_on_road: bool = False
    door: Way | None = None
    leaves_alone: bool = True
    needs_a_check: bool = False
    points: tuple[Point, ...] = ()
    today: Again | None = None
    another: Again | None = None
    days_away: int = 1

    @property
    def is_ours(self) -> bool:
        return is_ours(party_at_fault(self.reason))


def weigh(facts: Facts) -> tuple[Weighed, ...]:
    """Every remedy, in the order of the enumeration."""
    return tuple(_weighed(facts, remedy) for remedy in Remedy)


def choose(options: Sequence[Weighed], wished: Remedy | None = None) -> Weighed:
    """What was wished, if it is allowed; else the cheapest, and of equals the first.

    Whoever wishes for a pickup point does not mind how the parcel comes there.
    """
    allowed = [one for one in options if one.is_allowed]
    meant = _TO_POINT if wished in _TO_POINT else {wished}
    found = [one for one in allowed if one.remedy in meant]
    return min(found or allowed, key=lambda one: one.cost_minor)


def _weighed(facts: Facts, remedy: Remedy) -> Weighed:
    point = _point(facts, remedy)
    again = {Remedy.AGAIN_TODAY: facts.today, Remedy.ANOTHER_DAY: facts.another}.get(remedy)
    why_not = _why_not(facts, remedy, point, again)
    return Weighed(
        remedy,
        _terms(facts, remedy, point, again),
        why_not,
        None if again is None else again.window,
        None if point is None else point.id,
    )


def _point(facts: Facts, remedy: Remedy) -> Point | None:
    """The one that was asked for; else the least driving and walking."""
    points = [one for one in facts.points if facts.point_id in (None, one.id)]
    if remedy is Remedy.PICKUP_POINT:
        return min(points, key=lambda one: one.walk_m, default=None)
    if remedy is not Remedy.POINT_ON_TOUR:
        return None

    def burden(one: Point) -> tuple[bool, int]:
        assert one.way is not None
        driving = facts.rates.drive(one.way.extra_s, one.way.extra_m)
        return one.way.makes_late, driving + _walk(facts, one)

    return min((one for one in points if one.way is not None), key=burden, default=None)


def _why_not(
    facts: Facts, remedy: Remedy, point: Point | None, again: Again | None
) -> WhyNot | None:
    """The first reason against it: what is so, then what is forbidden, then what does not fit."""
    is_lost = facts.reason is R.PACKAGE_LOST
    if (remedy is Remedy.WRITE_OFF) is not is_lost:
        return WhyNot.LOST if is_lost else WhyNot.NOT_LOST
    if remedy in (Remedy.RETURN, Remedy.WRITE_OFF):
        return None
    if not facts.rules.allow(remedy):
        return WhyNot.FORBIDDEN
    if remedy is Remedy.DISPOSE:
        is_cheap = facts.rules.goods_minor < facts.rules.dispose_below_minor
        return None if is_cheap else WhyNot.WORTH_TOO_MUCH
    if facts.rules.always_returns:
        return WhyNot.ALWAYS_RETURNS
    if facts.reason in POINTLESS:
        return WhyNot.REASON
    if remedy in _BY_DOOR:
        return _why_not_again(facts, again)
    return _why_not_on_tour(facts, remedy) or _why_not_left(facts, remedy, point)


def _why_not_on_tour(facts: Facts, remedy: Remedy) -> WhyNot | None:
    if remedy not in _ON_TOUR:
        return None
    if not facts.is_on_road or (remedy in _AT_THE_DOOR and facts.door is None):
        return WhyNot.NOT_ON_THE_ROAD
    return WhyNot.TRIED if facts.tried_on_tour else None


def _why_not_again(facts: Facts, again: Again | None) -> WhyNot | None:
    if facts.attempts_left < 1:
        return WhyNot.NO_ATTEMPTS_LEFT
    return WhyNot.NO_WINDOW if again is None else None


def _why_not_left(facts: Facts, remedy: Remedy, point: Point | None) -> WhyNot | None:
    """Why it cannot be left with somebody or somewhere else."""
    if facts.needs_a_check or (remedy in _AT_THE_DOOR and not facts.leaves_alone):
        return WhyNot.NEEDS_RECIPIENT
    if remedy is Remedy.SAFE_PLACE and facts.reason is R.NO_SAFE_PLACE:
        return WhyNot.REASON
    if facts.tries_left < 1:
        return WhyNot.NO_ATTEMPTS_LEFT
    if remedy in _AT_THE_DOOR:
        if remedy is not facts.wished:
            return WhyNot.NOT_WISHED
        return WhyNot.LATE if facts.door is not None and facts.door.makes_late else None
    if point is None:
        return WhyNot.NO_POINT
    # Whoever asks for it is ready to walk.
    asked = facts.wished in _TO_POINT
    if point.walk_m > facts.rules.most_walk_m and not asked:
        return WhyNot.TOO_FAR
    on_tour = remedy is Remedy.POINT_ON_TOUR
    return WhyNot.LATE if on_tour and point.way is not None and point.way.makes_late else None


def _terms(
    facts: Facts, remedy: Remedy, point: Point | None, again: Again | None
) -> dict[Term, int]:
    """What it would cost; nothing where there is nothing to reckon with."""
    rules, rates = facts.rules, facts.rates
    match remedy:
        case Remedy.SAFE_PLACE | Remedy.NEIGHBOUR if facts.door is not None:
            is_safe = remedy is Remedy.SAFE_PLACE
            risk = STOLEN_PERMILLE if is_safe else MISLAID_PERMILLE
            return _without_zeros(
                {
                    Term.DRIVING: rates.drive(facts.door.extra_s, facts.door.extra_m),
                    Term.GOODS: rules.goods_minor * risk // PERMILLE,
                    Term.TROUBLE: 0 if is_safe else _trouble(facts, NEIGHBOUR_MINUTES),
                }
            )
        case Remedy.POINT_ON_TOUR | Remedy.PICKUP_POINT if point is not None:
            return _at_point(facts, remedy, point)
        case Remedy.AGAIN_TODAY | Remedy.ANOTHER_DAY if again is not None:
            return _again(facts, again, 0 if remedy is Remedy.AGAIN_TODAY else facts.days_away)
        case Remedy.RETURN:
            return {Term.RETURN: _way_back(facts), Term.LOST_SALE: rules.lost_sale_minor}
        case Remedy.DISPOSE | Remedy.WRITE_OFF:
            return {Term.GOODS: rules.goods_minor, Term.LOST_SALE: rules.lost_sale_minor}
    return {}


def _at_point(facts: Facts, remedy: Remedy, point: Point) -> dict[Term, int]:
    rates = facts.rates
    driving, days = rates.visit * SHARED_STOP_PERCENT // 100, 1
    if remedy is Remedy.POINT_ON_TOUR and point.way is not None:
        driving, days = rates.per_stop + rates.drive(point.way.extra_s, point.way.extra_m), 0
    return _without_zeros(
        {
            Term.DRIVING: driving,
            Term.POINT_FEE: rates.visit * POINT_FEE_PERCENT // 100,
            Term.NOT_COLLECTED: _end(facts) * NOT_COLLECTED_PERMILLE // PERMILLE,
            Term.TROUBLE: _walk(facts, point) + _trouble(facts, DAY_MINUTES * days // 2),
        }
    )


def _again(facts: Facts, again: Again, days: int) -> dict[Term, int]:
    gives_up = facts.rules.lost_sale_minor * GIVES_UP_PERMILLE * days // PERMILLE
    rest = _rest(facts, again.fails_permille, facts.attempts_left - 1)
    return _without_zeros(
        {
            Term.ANOTHER_VISIT: facts.rates.visit,
            Term.FAILS_AGAIN: rest * again.fails_permille // PERMILLE,
            Term.LOST_SALE: gives_up,
            Term.TROUBLE: _trouble(facts, DAY_MINUTES * days or TODAY_MINUTES),
        }
    )


def _rest(facts: Facts, fails_permille: int, visits_left: int) -> int:
    """What follows a visit that fails: another one while there are any, and it is worth it."""
    end = cost = _end(facts)
    for _ in range(visits_left):
        cost = min(end, facts.rates.visit + cost * fails_permille // PERMILLE)
    return cost


def _end(facts: Facts) -> int:
    return _way_back(facts) + facts.rules.lost_sale_minor


def _way_back(facts: Facts) -> int:
    return facts.rates.visit * SHARED_STOP_PERCENT // 100


def _walk(facts: Facts, point: Point) -> int:
    return _trouble(facts, point.walk_m // WALK_M_PER_MINUTE)


def _trouble(facts: Facts, minutes: int) -> int:
    percent = facts.rules.trouble_percent * (OURS_PERCENT if facts.is_ours else 100) // 100
    return facts.rates.minutes(minutes) * percent // 100


def _without_zeros(terms: dict[Term, int]) -> dict[Term, int]:
    return {term: amount for term, amount in terms.items() if amount}
