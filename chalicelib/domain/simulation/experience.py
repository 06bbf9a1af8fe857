"""How did the day go on the road? What drivers and doors did, as inputs for a day like it.

Legs that were driven take what they took; others take what the model says, times a ratio drawn
from those of the day. The same for handling at doors and at pickups, for how drivers answer, and
for which visits find nobody. Each draw has a name of its own (which leg, which door, which try), so
that every scenario meets the same weather: what differs between two of them follows from the
choice.
"""

import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

from chalicelib.domain.deliveries.model import Delivery, FailureReason
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.model import Offer, OfferStatus, Route, Stop, StopKind, StopStatus
from chalicelib.domain.dispatch.under_way.town_pace import samples_of
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.simulation.recorded import RecordedDay
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import zone

#: A ratio beyond these is a forgotten tap or a tap on the way.
LEAST_RATIO, MOST_RATIO = 0.3, 3.0
#: A leg that took longer had a break in it [s].
_LONGEST_LEG_S = 2 * 3600
#: Where a day tells nothing: an answer within a minute; one visit in ten in vain.
USUAL_ANSWER_S = 40
USUAL_SHUT_PERMILLE = 100
#: Fewer samples than this tell no distribution.
_FEW = 5
_HANDLED = (StopKind.PICKUP, StopKind.DROPOFF)
_SHUT = FailureReason.CUSTOMER_UNAVAILABLE

type _Leg = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Experience:
    """What is drawn from.

    ``legs``: seconds by where from and where to. ``paces``, ``handling``: ratios to what the model
    and the plan say, sorted. ``doors``: per delivery the tries that failed on the day, in order;
    None where no door was visited, and ``shut_permille`` of the visits fail.
    ``early_s``: how long before the plan drivers come to their first stop. ``waits``: whether they
    wait at a door for its window to open. ``answer_s``, ``declines_permille``: how offers fare.
    """

    legs: Mapping[_Leg, int]
    paces: tuple[float, ...]
    handling: Mapping[StopKind, tuple[float, ...]]
    door_s: Mapping[DeliveryRef, int]
    doors: Mapping[DeliveryRef, tuple[FailureReason, ...]] | None
    early_s: int
    waits: bool
    answer_s: int
    declines_permille: int
    shut_permille: int


def of(day: RecordedDay, hub: Hub) -> Experience:
    """What a recorded day tells; the same day tells the same."""
    where = zone(hub.timezone)
    samples = [one for route in day.routes for one in samples_of(route, where)]
    paces = [_ratio(one.actual_s, one.predicted_s) for one in samples if one.actual_s > 0]
    begins = min((one.planned_at for one in day.routes), default=day.recorded_at)
    visits = sum(1 for route in day.routes for stop in route.stops if _was_tried(stop))
    doors = {
        DeliveryRef(one.merchant_id, one.id): tuple(
            attempt.reason for attempt in one.attempts if attempt.at >= begins
        )
        for one in day.deliveries
    }
    shut = sum(len(reasons) for reasons in doors.values())
    return Experience(
        legs=_legs(day.routes),
        paces=_spread(paces),
        handling={kind: _spread(_handled(day.routes, kind)) for kind in _HANDLED},
        door_s=_at_doors(day.routes),
        doors=doors if day.routes else None,
        early_s=_early_s(day.routes),
        waits=_waits(day.routes),
        answer_s=_answer_s(day),
        declines_permille=_declines(day.offers),
        shut_permille=round(1000 * shut / visits) if visits else USUAL_SHUT_PERMILLE,
    )


@dataclass(frozen=True, slots=True)
class Weather:
    """An experience, and a seed: what one run meets. Asked twice, it says the same."""

    experience: Experience
    seed: int
    travel_percent: int = 100
    shut_door_permille: int | None = None

    def leg_s(self, origin: LatLng, goal: LatLng, model_s: int) -> int:
        """How long a leg takes for which the model says so much."""
        known = self.experience.legs.get((str(origin), str(goal)))
        if known is None:
            ratio = _drawn(self.experience.paces, self._luck("leg", origin, goal))
            known = round(model_s * ratio)
        return known * self.travel_percent // 100

    def handling_s(self, stop: Stop, planned_s: int) -> int:
        if stop.kind is StopKind.RETURN:
            return planned_s
        ref = stop.deliveries[0]
        if stop.kind is StopKind.DROPOFF and len(stop.deliveries) == 1:
            known = self.experience.door_s.get(ref)
            if known is not None and stop.pickup_point_id is None:
                return known
        ratios = self.experience.handling.get(stop.kind, ())
        return round(planned_s * _drawn(ratios, self._luck("handling", stop.kind, ref)))

    def failure(self, delivery: Delivery) -> FailureReason | None:
        """Why the next visit to a door is in vain; None: somebody is there."""
        ref = DeliveryRef(delivery.merchant_id, delivery.id)
        number = len(delivery.attempts)
        doors, permille = self.experience.doors, self.shut_door_permille
        if permille is None and doors is not None:
            failed = doors.get(ref, ())
            return failed[number] if number < len(failed) else None
        if permille is None:
            permille = self.experience.shut_permille
        return _SHUT if self._luck("door", ref, number) * 1000 < permille else None

    def answers_yes(self, driver_id: str, route_of: DeliveryRef, asked: int) -> bool:
        luck = self._luck("answer", driver_id, route_of, asked)
        return luck * 1000 >= self.experience.declines_permille

    def answer_s(self, driver_id: str, route_of: DeliveryRef) -> int:
        """Between half and one and a half of what answers took."""
        share = 0.5 + self._luck("thinking", driver_id, route_of)
        return max(1, round(self.experience.answer_s * share))

    def chooses_a_point(self, ref: DeliveryRef, percent: int) -> bool:
        return self._luck("locker", ref) * 100 < percent

    def _luck(self, *names: object) -> float:
        """From 0 up to 1, by the seed and the names alone."""
        text = f"{self.seed} {' '.join(map(str, names))}"
        return int.from_bytes(blake2b(text.encode(), digest_size=6).digest()) / 2**48


def _drawn(ratios: Sequence[float], luck: float) -> float:
    return 1.0 if len(ratios) < _FEW else ratios[int(luck * len(ratios))]


def _legs(routes: Iterable[Route]) -> dict[_Leg, int]:
    """What each leg took; of one that was driven twice, the middle."""
    took: dict[_Leg, list[int]] = {}
    for route in routes:
        visited = sorted(
            (one for one in route.stops if one.arrived_at and one.done_at),
            key=lambda one: (one.arrived_at, one.done_at),
        )
        for before, after in pairwise(visited):
            assert before.done_at is not None
            assert after.arrived_at is not None
            spent_s = int((after.arrived_at - before.done_at).total_seconds())
            if 0 < spent_s < _LONGEST_LEG_S and after.done_at != after.arrived_at:
                leg = (str(before.position), str(after.position))
                took.setdefault(leg, []).append(spent_s)
    return {leg: int(statistics.median(times)) for leg, times in took.items()}


def _handled(routes: Iterable[Route], kind: StopKind) -> list[float]:
    return [
        _ratio(spent_s, stop.service_s)
        for route in routes
        for stop in route.stops
        if stop.kind is kind and stop.service_s and (spent_s := _spent_s(stop))
    ]


def _at_doors(routes: Iterable[Route]) -> dict[DeliveryRef, int]:
    """How long the last visit at each door took."""
    found = {}
    for route in routes:
        for stop in route.stops:
            if stop.kind is StopKind.DROPOFF and stop.pickup_point_id is None:
                spent_s = _spent_s(stop)
                if spent_s and len(stop.deliveries) == 1:
                    most_s = MOST_RATIO * max(stop.service_s, 60)
                    found[stop.deliveries[0]] = min(spent_s, round(most_s))
    return found


def _spent_s(stop: Stop) -> int:
    """From one tap to the other; nothing where there was but one, or the window was waited for."""
    if stop.arrived_at is None or stop.done_at is None:
        return 0
    begins = stop.arrived_at
    if stop.window is not None:
        begins = max(begins, min(stop.window.start_at, stop.done_at))
    return int((stop.done_at - begins).total_seconds())


def _early_s(routes: Iterable[Route]) -> int:
    early = [
        int((first.planned_arrival_at - first.arrived_at).total_seconds())
        for route in routes
        for first in route.stops[:1]
        if first.arrived_at is not None
    ]
    return max(0, int(statistics.median(early))) if early else 0


def _waits(routes: Iterable[Route]) -> bool:
    """Whether doors were waited for: nine in ten were handed over after their window had opened."""
    opened = [
        stop.done_at >= stop.window.start_at
        for route in routes
        for stop in route.stops
        if stop.kind is StopKind.DROPOFF and stop.done_at is not None and stop.window is not None
    ]
    return not opened or sum(opened) >= 0.9 * len(opened)


def _answer_s(day: RecordedDay) -> int:
    made = {one.route_id: one.made_at for one in day.offers if one.status is OfferStatus.ACCEPTED}
    spans = [
        (entry.at - made[one.route_id]).total_seconds()
        for one in day.deliveries
        for entry in one.history
        if entry.what == "assigned" and one.route_id in made and entry.at >= made[one.route_id]
    ]
    return max(1, int(statistics.median(spans))) if spans else USUAL_ANSWER_S


def _declines(offers: Iterable[Offer]) -> int:
    """Of a thousand answers: those that were no, or none at all."""
    counted = (OfferStatus.ACCEPTED, OfferStatus.DECLINED, OfferStatus.EXPIRED)
    answers = [one.status for one in offers if one.status in counted]
    noes = sum(one is not OfferStatus.ACCEPTED for one in answers)
    return round(1000 * noes / len(answers)) if answers else 0


def _was_tried(stop: Stop) -> bool:
    return stop.kind is StopKind.DROPOFF and stop.status in (StopStatus.DONE, StopStatus.FAILED)


def _ratio(actual_s: int, predicted_s: int) -> float:
    return min(MOST_RATIO, max(LEAST_RATIO, actual_s / max(1, predicted_s)))


def _spread(ratios: Iterable[float]) -> tuple[float, ...]:
    return tuple(sorted(ratios))
