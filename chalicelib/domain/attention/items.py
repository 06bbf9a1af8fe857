"""What does each kind look like, by when is it due, and what is suggested? Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.attention import calls
from chalicelib.domain.attention.flags import Flag
from chalicelib.domain.attention.model import Call, Item, Kind
from chalicelib.domain.billing.disputes import Dispute
from chalicelib.domain.deliveries.check_items import Check
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch.matching.releases import ReleaseReason
from chalicelib.domain.dispatch.model import Route, RouteStatus, StopKind, Unserved
from chalicelib.domain.dispatch.rules.desk_rules import Rule
from chalicelib.domain.intake.review import Review
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.recovery.model import Decision
from chalicelib.domain.routing.relax import Lever
from chalicelib.domain.support.model import Case
from chalicelib.domain.tracking.eta import Action, LateRisk

#: How long a driver on a route may say nothing of where he is.
SILENCE = timedelta(minutes=10)
#: A text that nobody knows the fate of: so long its recipient can do without the news.
UNTOLD = timedelta(minutes=15)
#: Webhooks of an endpoint that was switched off: so soon its merchant should know.
UNHEARD = timedelta(days=1)

_REASONS = {
    Action.WATCH: "may be late",
    Action.TELL_RECIPIENT: "will be late, and no change of plan helps any more",
    Action.CALL_DRIVER: "will be late",
    Action.ASK_FOR_ANOTHER_DRIVER: "will be late by more than half an hour",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A route that somebody drives; ``instead``: who else could take it over now."""

    route: Route
    instead: str | None = None


def untaken(route: Route) -> Item:
    """Due when it should begin."""
    why = "Nobody has taken this route, and its time has come."
    if route.alerted_at is None:
        why = "Its driver did not come or gave it back, and nobody has taken it since."
    about = {"route_id": route.id}
    first = calls.plan_anew(route.hub_id)
    return Item(
        f"untaken_route.{route.id}",
        Kind.UNTAKEN_ROUTE,
        route.starts_at,
        f"{why} {route.asked} were asked, {len(route.refused_by)} said no.",
        about,
        (first, calls.shifts(route.hub_id)),
    )


def no_show(taken: Taken, gives_up_at: datetime) -> Item:
    """Due when we stop waiting for its driver."""
    route = taken.route
    return Item(
        f"no_show.{route.id}.{route.version}",
        Kind.NO_SHOW,
        gives_up_at,
        "Its driver should have begun and is not at the first stop.",
        {"route_id": route.id, "driver_id": route.driver_id or ""},
        (
            calls.release(route.id, ReleaseReason.NO_SHOW),
            calls.ring(route.driver_id or ""),
            calls.watch(route.id),
        ),
    )


def silent(taken: Taken, heard_at: datetime) -> Item:
    """Due ten minutes after the last word of where the driver is."""
    route, driver_id = taken.route, taken.route.driver_id or ""
    todo = [calls.ring(driver_id)]
    if route.status is RouteStatus.ASSIGNED:
        todo.append(calls.release(route.id, ReleaseReason.DESK))
    elif taken.instead is not None:
        todo.append(calls.hand_over(route.id, taken.instead))
    return Item(
        f"silent_driver.{route.id}",
        Kind.SILENT_DRIVER,
        heard_at + SILENCE,
        "We have not heard where its driver is: no signal, an empty battery, or worse.",
        {"route_id": route.id, "driver_id": driver_id},
        (*todo, calls.watch(route.id)),
    )


def late(risk: LateRisk, taken: Taken | None) -> Item:
    """Due when the promise ends."""
    possible = {
        Action.WATCH: [calls.watch(risk.route_id)],
        Action.TELL_RECIPIENT: [calls.other_times(risk.delivery)],
        Action.CALL_DRIVER: [calls.ring(risk.driver_id)],
        Action.ASK_FOR_ANOTHER_DRIVER: [],
    }
    other = [] if taken is None else _other_ways(risk, taken)
    rest = [calls.ring(risk.driver_id), calls.watch(risk.route_id), calls.explain(risk.delivery)]
    todo = [*possible[risk.action], *other, *rest]
    return Item(
        f"late_risk.{risk.delivery.delivery_id}",
        Kind.LATE_RISK,
        risk.promised_until,
        f"It {_REASONS[risk.action]}: {risk.late_percent} in 100.",
        {**_of(risk.delivery), "route_id": risk.route_id, "stop_id": risk.stop_id},
        _once(todo),
    )


def _other_ways(risk: LateRisk, taken: Taken) -> list[Call]:
    """Off the route while it is not on board; the whole route to somebody else."""
    todo = []
    pickups = (one for one in taken.route.stops if one.kind is StopKind.PICKUP)
    on_board = any(risk.delivery in one.deliveries and one.status.is_over for one in pickups)
    coming = taken.route.next_stop()
    if not on_board and (coming is None or coming.id != risk.stop_id):
        todo.append(calls.take_off(risk.route_id, risk.stop_id))
    if taken.instead is not None:
        todo.append(calls.hand_over(risk.route_id, taken.instead))
    return todo


def unserved(
    hub_id: str,
    left: Unserved,
    delivery: Delivery,
    route_of: Mapping[str, str],
    rules: Iterable[Rule],
) -> Item:
    """Due when its window ends. ``route_of``: the route that a driver has."""
    ref, blocking = left.delivery, left.blocking
    relaxed = None if blocking is None else blocking.relaxed
    why = f"No wave could take it along: {left.reason}."
    todo: list[Call] = []
    if blocking is not None:
        why += f" In the way stands {blocking.constraint}."
    if relaxed is not None:
        why += f" Cheapest way around: {relaxed.lever} by {relaxed.amount}."
        todo += _around(hub_id, ref, relaxed.lever, relaxed.vehicle_id, route_of)
    todo += [calls.lift_rule(hub_id, one.id) for one in rules if ref in one.deliveries]
    todo += [calls.explain(ref), calls.plan_anew(hub_id)]
    return Item(
        f"unserved.{ref.delivery_id}",
        Kind.UNSERVED,
        delivery.window.end_at,
        why,
        _of(ref),
        _once(todo),
    )


def _around(
    hub_id: str,
    ref: DeliveryRef,
    lever: str,
    driver_id: str | None,
    route_of: Mapping[str, str],
) -> list[Call]:
    if lever in (Lever.DROPOFF_LATER, Lever.DROPOFF_EARLIER):
        return [calls.other_times(ref)]
    if driver_id is not None and driver_id in route_of and lever != Lever.PERMISSION:
        return [calls.put_on(route_of[driver_id], ref)]
    if lever in (Lever.VEHICLE, Lever.SHIFT_LATER, Lever.SHIFT_EARLIER, Lever.SKILLS):
        return [calls.shifts(hub_id)]
    return []


def address(delivery: Delivery, asked: Review | None) -> Item:
    """Due when the address is needed."""
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    todo: list[Call] = []
    if asked is not None:
        doors = [number for number, one in enumerate(asked.candidates) if one.is_door]
        if asked.proposed is not None:
            todo.append(calls.take_place(ref, asked.proposed))
        elif len(doors) == 1:
            todo.append(calls.take_candidate(ref, doors[0]))
    return Item(
        f"address_review.{delivery.id}",
        Kind.ADDRESS_REVIEW,
        delivery.address_due_at,
        f"We do not know its door: {delivery.reason}. It is in no wave until somebody says.",
        _of(ref),
        (*todo, calls.look_at_address(ref)),
    )


def proof(check: Check) -> Item:
    """Due from when on the desk has to look."""
    reasons = ", ".join(check.reasons) or "it never came"
    return Item(
        f"proof_review.{check.id}",
        Kind.PROOF_REVIEW,
        check.due_at,
        f"Its proof of delivery does not hold: {reasons}.",
        {"merchant_id": check.merchant_id, "delivery_id": check.delivery_id, "check_id": check.id},
        (
            calls.look_at_proofs(check.hub_id),
            calls.judge(check.id, is_good=True),
            calls.judge(check.id, is_good=False),
        ),
    )


def recovery(decision: Decision) -> Item:
    """Due when the recipient's time is over and it can no longer be changed."""
    gentler = sorted(
        (one for one in decision.options if one.is_allowed and one.remedy in _GENTLER),
        key=lambda one: one.cost_minor,
    )
    todo = [calls.remedy(decision.ref, one.remedy) for one in gentler[:1]]
    chosen = decision.chosen.remedy
    if chosen is Remedy.RETURN:
        todo.append(calls.remedy(decision.ref, chosen))
    return Item(
        f"recovery.{decision.id}",
        Kind.RECOVERY,
        decision.until,
        f"Attempt {decision.attempt} failed ({decision.reason}): unless somebody chooses something "
        f"else, what follows is {chosen}, for good.",
        {**_of(decision.ref), "recovery_id": decision.id},
        (*todo, calls.look_at_recovery(decision.ref)),
    )


_GENTLER = frozenset({Remedy.AGAIN_TODAY, Remedy.ANOTHER_DAY, Remedy.PICKUP_POINT})


def case(one: Case) -> Item:
    """Due by the hub's terms of support."""
    kinds = ", ".join(kind.value for kind in one.kinds)
    who = "A person was asked for" if one.escalated_at is not None else "An answer is owed"
    return Item(
        f"support_case.{one.id}",
        Kind.SUPPORT_CASE,
        one.due_at,
        f"{who} to the {one.opened_by}: {kinds}.",
        {"merchant_id": one.merchant_id, "delivery_id": one.delivery_id, "case_id": one.id},
        (calls.look_at_case(one.id),),
    )


def dispute(one: Dispute) -> Item:
    """Due within the days that the desk has to decide."""
    owed = one.finding.owed_minor
    todo = [calls.give_back(one.id, owed)] if owed > 0 else []
    return Item(
        f"dispute.{one.id}",
        Kind.DISPUTE,
        one.due_at,
        f"A merchant disputes a charge: {one.reason}. The facts say {one.finding.because}.",
        {"merchant_id": one.merchant_id, "delivery_id": one.delivery_id, "dispute_id": one.id},
        (*todo, calls.look_at_dispute(one.id)),
    )


def lost_text(flag: Flag) -> Item:
    """Due a quarter of an hour after it was lost."""
    ref = DeliveryRef(flag.about["merchant_id"], flag.about["delivery_id"])
    template = flag.about.get("template", "")
    return Item(
        flag.id,
        Kind.LOST_TEXT,
        flag.at + UNTOLD,
        f"Nobody knows whether the text {template} reached its recipient; it is not sent twice.",
        flag.about,
        (calls.settle(flag.hub_id, flag.id), calls.explain(ref)),
    )


def locker_refused(flag: Flag, delivery: Delivery) -> Item:
    """Due when its window ends."""
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    first = calls.send_back(ref) if delivery.home is None else calls.home(ref)
    return Item(
        flag.id,
        Kind.LOCKER_REFUSED,
        delivery.window.end_at,
        "The locker has no room for it, and no other point near it fits.",
        flag.about,
        (first, calls.explain(ref)),
    )


def webhook_off(flag: Flag) -> Item:
    """Due a day after it was switched off."""
    return Item(
        flag.id,
        Kind.WEBHOOK_OFF,
        flag.at + UNHEARD,
        f"A merchant's webhook endpoint was switched off ({flag.about.get('reason', '')}): tell "
        "them; what it missed can be asked for again for 30 days.",
        flag.about,
        (calls.settle(flag.hub_id, flag.id),),
    )


def dead_letters(queue: str, depth: int, *, redrivable: bool) -> Item:
    """Due at once: it is work that nobody does."""
    todo = [calls.look_at_dead_letters(queue)]
    return Item(
        f"dead_letters.{queue}",
        Kind.DEAD_LETTERS,
        None,
        f"Given up after five tries: {depth} of the queue {queue}.",
        {"queue": queue},
        (calls.redrive(queue), *todo) if redrivable else tuple(todo),
    )


def _of(ref: DeliveryRef) -> dict[str, str]:
    return {"merchant_id": ref.merchant_id, "delivery_id": ref.delivery_id}


def _once(todo: Iterable[Call]) -> tuple[Call, ...]:
    """Each call once, by where it goes, in their order."""
    return tuple({(one.method, one.path): one for one in todo}.values())
