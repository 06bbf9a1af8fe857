"""How does a proposal become real? Route by route, each in one transaction with its conditions.

A step makes one new route: it takes each delivery from where the proposal saw it, the old routes
lose them in the same commit, and what changed meanwhile is dropped and named. Which steps are done
stands in the plan's progress, written with each step; so a commit that comes twice, or again after
it died halfway, is one commit. A delivery is on exactly one route at every moment.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.dispatch import itinerary, store
from chalicelib.domain.dispatch.model import Route, RouteStatus, Stop, StopKind
from chalicelib.domain.dispatch.plans import arranging, changes, journal, proposal_store, undoing
from chalicelib.domain.dispatch.plans.arranging import Cargo
from chalicelib.domain.dispatch.plans.changes import Author
from chalicelib.domain.dispatch.plans.effects import Arrangement, Effect
from chalicelib.domain.dispatch.plans.journal import Change, ChangeKind, Went
from chalicelib.domain.dispatch.plans.proposals import Ask, Done, Dropped, Loss, Progress, Proposal
from chalicelib.domain.dispatch.plans.wishes import Bench
from chalicelib.domain.merchants.model import Hub
from chalicelib.domain.routing.travel import Roads
from chalicelib.kit.desk_errors import PlanNotReady, UndoRefused
from chalicelib.storage import keys
from chalicelib.storage.table import MOST_WRITES
from chalicelib.storage.unit_of_work import UnitOfWork


def must_be_ready(wanted: Ask) -> Proposal:
    """The proposal; raise PlanNotReady where there is none."""
    if wanted.proposal is None:
        status = "failed" if wanted.failure else "queued"
        extra = {"plan_status": status}
        raise PlanNotReady(f"the plan is {status}", extra=extra)
    return wanted.proposal


def steps_of(proposal: Proposal) -> list[str]:
    """What a commit does, one transaction each: new routes, then old ones that let go."""
    made = [one.route.id for one in proposal.routes if not one.is_kept]
    let_go = dict.fromkeys(one.was_on for one in proposal.left_out if one.was_on is not None)
    return [*made, *let_go]


def take_step(
    uow: UnitOfWork, hub: Hub, wanted: Ask, name: str, roads: Roads, author: Author
) -> Progress:
    """Make one step real; a step that is done is left as it is."""
    progress = proposal_store.load_progress(uow, wanted.id)
    if name in progress.steps or progress.is_done:
        return progress
    proposal = must_be_ready(wanted)
    bench = Bench(uow, hub, roads)
    proposed = next((one.route for one in proposal.routes if one.route.id == name), None)
    if proposed is not None:
        done = _make(bench, wanted, proposal, proposed, author)
    else:
        done = _let_go(bench, wanted, proposal, name, author)
    return _save(uow, wanted.id, progress, {**progress.steps, name: done}, author)


def finish(uow: UnitOfWork, wanted: Ask, author: Author) -> Progress:
    """All steps are done: the plan is committed."""
    progress = proposal_store.load_progress(uow, wanted.id)
    if progress.is_done:
        return progress
    return _save(uow, wanted.id, progress, progress.steps, author, is_done=True)


def stale(uow: UnitOfWork, proposal: Proposal) -> list[Dropped]:
    """What a commit would drop by now; nothing is written."""
    refs = {ref for one in proposal.routes if not one.is_kept for ref in one.route.deliveries()}
    refs |= {one.ref for one in proposal.left_out if one.was_on is not None}
    found = _Facts.read(uow, proposal, sorted(refs, key=str))
    return list(found.dropped)


def _save(
    uow: UnitOfWork,
    plan_id: str,
    progress: Progress,
    steps: Mapping[str, Done],
    author: Author,
    *,
    is_done: bool = False,
) -> Progress:
    after = Progress(steps, is_done, progress.by or author.by, progress.version + 1)
    proposal_store.save_progress(uow, plan_id, after)
    return after


# -- steps -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Facts:
    """What of a step still holds: deliveries as they were seen, on routes that wait."""

    fresh: Mapping[DeliveryRef, Delivery]
    sources: Mapping[str, Route]
    dropped: tuple[Dropped, ...]

    @classmethod
    def read(cls, uow: UnitOfWork, proposal: Proposal, refs: list[DeliveryRef]) -> "_Facts":
        found = delivery_store.load_many(uow, refs)
        on = {proposal.was_on[ref] for ref in refs if ref in proposal.was_on}
        items = uow.get_many(keys.route(route_id) for route_id in on)
        sources = {item["id"]: store.route_from_item(item) for item in items.values()}
        fresh, dropped = {}, []
        for ref in refs:
            delivery, source_id = found.get(ref), proposal.was_on.get(ref)
            if delivery is None:
                dropped.append(Dropped(ref, Loss.CHANGED, "gone"))
            elif delivery.version != proposal.versions[ref]:
                dropped.append(Dropped(ref, Loss.CHANGED, delivery.status.value))
            elif source_id is not None and not _waits(sources.get(source_id)):
                now = sources[source_id].status.value if source_id in sources else "gone"
                dropped.append(Dropped(ref, Loss.ROUTE_TAKEN, now))
            else:
                fresh[ref] = delivery
        return cls(fresh, sources, tuple(dropped))


def _within_one_commit(facts: _Facts, proposal: Proposal) -> _Facts:
    """Beside the deliveries a commit has room for so many old routes; the smallest shares stay."""
    shares = Counter(proposal.was_on[ref] for ref in facts.fresh if ref in proposal.was_on)
    # The new route, the journal's entry, the progress.
    most = MOST_WRITES - 3 - len(facts.fresh)
    kept = {route_id for route_id, _ in shares.most_common(most)}
    far = [ref for ref in facts.fresh if proposal.was_on.get(ref, "") in shares.keys() - kept]
    if not far:
        return facts
    return _Facts(
        {ref: one for ref, one in facts.fresh.items() if ref not in far},
        facts.sources,
        (*facts.dropped, *(Dropped(ref, Loss.SCATTERED, "planned") for ref in far)),
    )


def _waits(route: Route | None) -> bool:
    return route is not None and route.status is RouteStatus.PLANNED


def _make(bench: Bench, wanted: Ask, proposal: Proposal, proposed: Route, author: Author) -> Done:
    facts = _Facts.read(bench.uow, proposal, list(proposed.deliveries()))
    bench.loaded |= facts.fresh
    if not facts.fresh:
        return Done(None, None, facts.dropped)
    facts = _within_one_commit(facts, proposal)
    doors = {ref: stop for stop in arranging.open_doors(proposed) for ref in stop.deliveries}
    lost = [one.ref for one in facts.dropped]
    route = _trimmed(proposed, lost)
    # What kind of door it is, planning does not ask.
    route = replace(route, stops=tuple(_with_door(stop, facts.fresh) for stop in route.stops))
    by_source: dict[str, list[Cargo]] = {}
    went = []
    for ref, delivery in facts.fresh.items():
        source = proposal.was_on.get(ref)
        went.append(Went(ref, source, route.id))
        if source is not None:
            cargo = Cargo.of(delivery, doors[ref], bench.stop_id)
            by_source.setdefault(source, []).append(cargo)
    pairs: list[tuple[Route | None, Route]] = [
        (facts.sources[source], arranging.without(facts.sources[source], cargo))
        for source, cargo in by_source.items()
    ]
    change = _write(bench, [*pairs, (None, route)], went, wanted, author)
    return Done(route.id, change.id, facts.dropped)


def _with_door(stop: Stop, fresh: Mapping[DeliveryRef, Delivery]) -> Stop:
    is_door = stop.kind is StopKind.DROPOFF
    return replace(stop, door=fresh[stop.deliveries[0]].door) if is_door else stop


def _let_go(bench: Bench, wanted: Ask, proposal: Proposal, route_id: str, author: Author) -> Done:
    """Deliveries that the plan leaves out wait again."""
    refs = [one.ref for one in proposal.left_out if one.was_on == route_id]
    facts = _Facts.read(bench.uow, proposal, refs)
    bench.loaded |= facts.fresh
    if not facts.fresh:
        return Done(None, None, facts.dropped)
    source = facts.sources[route_id]
    cargo = [Cargo.of(one, None, bench.stop_id) for one in facts.fresh.values()]
    went = [Went(ref, route_id, None) for ref in facts.fresh]
    change = _write(bench, [(source, arranging.without(source, cargo))], went, wanted, author)
    return Done(None, change.id, facts.dropped)


def _write(
    bench: Bench,
    pairs: list[tuple[Route | None, Route]],
    went: list[Went],
    wanted: Ask,
    author: Author,
) -> Change:
    scales = bench.scales([after for _, after in pairs])
    effect: Effect = scales.weigh(Arrangement(ChangeKind.PLAN, tuple(pairs), tuple(went)))
    return changes.write(bench, effect, author, wanted.id)


def _trimmed(route: Route, lost: list[DeliveryRef]) -> Route:
    """The route without what was dropped; stops that are left empty are no stops."""
    gone = set(lost)
    weights = itinerary.loads_at(arranging.open_doors(route))
    stops: list[Stop] = []
    for stop in route.stops:
        left = tuple(ref for ref in stop.deliveries if ref not in gone)
        if left == stop.deliveries:
            stops.append(stop)
        elif left:
            # How many pieces the others are is not known here: their share of the handling is.
            service_s = stop.service_s * len(left) // len(stop.deliveries)
            weight_g = sum(weights[ref][0] for ref in left)
            volume_ml = sum(weights[ref][1] for ref in left)
            stops.append(
                replace(
                    stop,
                    deliveries=left,
                    service_s=service_s,
                    weight_g=weight_g,
                    volume_ml=volume_ml,
                )
            )
    return replace(route, stops=tuple(stops))


# -- undoing ---------------------------------------------------------------------------------------


def undo_steps(uow: UnitOfWork, wanted_hub: str, progress: Progress) -> list[str]:
    """The changes of a commit, in the order in which they are taken back.

    Raises
    ------
    UndoRefused
        If one of them cannot be: then none is.
    """
    ids = [done.change_id for done in progress.steps.values() if done.change_id is not None]
    found = [journal.load(uow, wanted_hub, change_id) for change_id in reversed(ids)]
    latest: dict[str, journal.Touched] = {}
    for change in found:
        if change.undone_by is None and not undoing.is_open(uow, change):
            raise UndoRefused(
                "it is more than a quarter of an hour old", extra={"reason": "too_late"}
            )
        for touched in change.routes:
            latest.setdefault(touched.after.id, touched)
    if not any(change.undone_by for change in found):
        for route_id, touched in latest.items():
            now = store.load_route(uow, route_id)
            if now.stops != touched.after.stops or now.status is not touched.after.status:
                extra = {"reason": "changed_since", "route_id": route_id}
                raise UndoRefused(f"route {route_id} has moved on", extra=extra)
    return [change.id for change in found]
