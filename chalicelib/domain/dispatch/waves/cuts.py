"""What do the workers of one round get, and what is made of their answers?

A cut is a plan so far (tours), and how it is parted for this round. An answer replaces its part's
tours only if every route of it passes the checker and the part costs no more than before; a part
without an answer keeps the tours it had. So every merged plan is feasible, and no round makes it
worse. Routes are checked one by one, each with its own few places: the matrix of the whole is never
built. Pure.
"""

from base64 import b85decode, b85encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain

from chalicelib.domain.dispatch.waves.snapshots import pack, unpack
from chalicelib.domain.routing.assemble import assemble, usable
from chalicelib.domain.routing.check import InfeasiblePlan, check
from chalicelib.domain.routing.decompose import angle_of, cluster_jobs, group_routes
from chalicelib.domain.routing.parts import Outline, Share, merge, tours_of
from chalicelib.domain.routing.plan import Plan
from chalicelib.domain.routing.problem import RELOAD, Problem, Tour, job_of
from chalicelib.domain.routing.travel import Roads
from chalicelib.domain.routing.wire import read_tours

#: Of a delivery that no worker looked at in time; not the optimizer's word, so not its ``Reason``.
OUT_OF_TIME = "out_of_time"

#: What ``solve`` calls the engine of a plan that is still the one it began with.
KEPT = "initial"


@dataclass(frozen=True, slots=True)
class Cut:
    """One round's parts.

    Parameters
    ----------
    shares
        Every job and vehicle of the outline once.
    tours
        The plan so far, one per vehicle of the outline.
    reasons
        Why jobs stay behind, by index, as far as somebody has looked.
    engines
        Whose routes these are.
    """

    shares: tuple[Share, ...]
    tours: tuple[Tour, ...]
    reasons: Mapping[int, str] = field(default_factory=dict)
    engines: frozenset[str] = frozenset()

    def unseen(self, part: int) -> bool:
        """True if the part has jobs that were never planned nor refused."""
        return any(job not in self.reasons for job in self._left(part))

    def left(self) -> dict[int, str]:
        """The jobs that stay behind, and why."""
        jobs = sorted(job for part in range(len(self.shares)) for job in self._left(part))
        return {job: self.reasons.get(job, OUT_OF_TIME) for job in jobs}

    def _left(self, part: int) -> Iterator[int]:
        share = self.shares[part]
        present = {job_of(task) for vehicle in share.vehicles for task in self.tours[vehicle]}
        return (job for job in share.jobs if job not in present)


@dataclass(frozen=True, slots=True)
class Answer:
    """What one worker made of its part: tours and reasons in the part's own numbers."""

    tours: tuple[Tour, ...]
    reasons: Mapping[int, str]
    engine: str


def first_cut(outline: Outline, most: int) -> Cut:
    """By geography: there are no tours yet."""
    shares = cluster_jobs(outline, most, angle_of(0))
    return Cut(tuple(shares), ((),) * len(outline.vehicles))


def next_cut(outline: Outline, merged: Cut, most: int, turn: int) -> Cut:
    """The same plan, parted along other lines."""
    shares = group_routes(outline, merged.tours, most, angle_of(turn))
    return Cut(tuple(shares), merged.tours, merged.reasons, merged.engines)


def answer_of(problem: Problem, plan: Plan) -> Answer:
    """A worker's plan of its part, as it is told."""
    job_at = {job.id: index for index, job in enumerate(problem.jobs)}
    reasons = {job_at[one.job_id]: one.reason.value for one in plan.unserved}
    return Answer(tuple(tours_of(problem, plan)), reasons, plan.engine)


def merge_answers(
    outline: Outline, cut: Cut, answers: Mapping[int, Answer], roads: Roads
) -> tuple[Cut, tuple[int, ...]]:
    """Join what came back.

    Parameters
    ----------
    answers
        By the number of the part; parts whose worker died or is late are missing.

    Returns
    -------
    The same parts with better tours, and the parts whose answer was refused.
    """
    tours, reasons, engines = list(cut.tours), dict(cut.reasons), set(cut.engines)
    refused = []
    for part, answer in sorted(answers.items()):
        share = cut.shares[part]
        if not _sound(outline, share, answer.tours):
            refused.append(part)
            continue
        offered = merge(tours, share, answer.tours)
        before, after = (_price(outline, share, some, roads) for some in (tours, offered))
        if after is None or (before is not None and after > before):
            refused.append(part)
            continue
        tours = offered
        if answer.engine != KEPT:
            engines.add(answer.engine)
        for job in share.jobs:
            reasons.pop(job, None)
        reasons |= {share.jobs[job]: why for job, why in answer.reasons.items()}
    return Cut(cut.shares, tuple(tours), reasons, frozenset(engines)), tuple(refused)


def checked_routes(
    outline: Outline, tours: Sequence[Tour], roads: Roads
) -> Iterator[tuple[Problem, Plan]]:
    """Every route that is driven, as a plan of its own that has passed the checker.

    Raises
    ------
    InfeasiblePlan
        If a route breaks a rule; ``merge_answers`` lets none through.
    ValueError
        If a job is on two routes.
    """
    tasks = [task for task in chain.from_iterable(tours) if task != RELOAD]
    if len(set(tasks)) != len(tasks):
        raise ValueError("a job is on two routes")
    for vehicle, tour in enumerate(tours):
        if tour:
            yield _route(outline, vehicle, tours, roads)


def _sound(outline: Outline, share: Share, tours: Sequence[Tour]) -> bool:
    """True if the tours are of this part: its tasks, each once, companions together."""
    if len(tours) != len(share.vehicles):
        return False
    tasks = [task for tour in tours for task in tour if task != RELOAD]
    real = {task for index, job in enumerate(share.jobs) for task in outline.jobs[job].tasks(index)}
    if len(set(tasks)) != len(tasks) or not real.issuperset(tasks):
        return False
    on = {
        share.jobs[job_of(task)]: vehicle
        for vehicle, tour in enumerate(tours)
        for task in tour
        if task != RELOAD
    }
    groups = (group for group in outline.same_route if group[0] in share.jobs)
    return all(len({on.get(job) for job in group}) == 1 for group in groups)


def _price(outline: Outline, share: Share, tours: Sequence[Tour], roads: Roads) -> int | None:
    """What a part costs [points] with the penalties of what it leaves; None if it breaks a rule."""
    served: set[int] = set()
    cost = 0
    for vehicle in share.vehicles:
        if tours[vehicle]:
            served.update(job_of(task) for task in tours[vehicle] if task != RELOAD)
            try:
                _, plan = _route(outline, vehicle, tours, roads)
            except (InfeasiblePlan, KeyError):
                return None
            cost += plan.cost.total
    left = (job for job in share.jobs if job not in served)
    return cost + sum(outline.jobs[job].price_of_leaving_out for job in left)


def _route(
    outline: Outline, vehicle: int, tours: Sequence[Tour], roads: Roads
) -> tuple[Problem, Plan]:
    jobs = sorted({job_of(task) for task in tours[vehicle] if task != RELOAD})
    problem, alone = outline.part(Share(tuple(jobs), (vehicle,)), tours, roads)
    if not usable(problem, alone):
        raise InfeasiblePlan(())
    plan = assemble(problem, alone, engine="merged")
    check(problem, plan)
    return problem, plan


# -- as they travel --------------------------------------------------------------------------------


def write_cut(cut: Cut) -> bytes:
    return pack(
        {
            "shares": [[share.jobs, share.vehicles] for share in cut.shares],
            "tours": cut.tours,
            "reasons": list(cut.reasons.items()),
            "engines": sorted(cut.engines),
        }
    )


def read_cut(packed: bytes) -> Cut:
    document = unpack(packed)
    return Cut(
        tuple(Share(tuple(jobs), tuple(vehicles)) for jobs, vehicles in document["shares"]),
        tuple(map(tuple, document["tours"])),
        {job: reason for job, reason in document["reasons"]},
        frozenset(document["engines"]),
    )


def write_answer(answer: Answer) -> str:
    """As text: an item of the table is also read from its stream, which spells bytes otherwise."""
    packed = pack([answer.tours, list(answer.reasons.items()), answer.engine])
    return b85encode(packed).decode()


def read_answer(text: str) -> Answer | None:
    """What ``write_answer`` wrote; None if its tours are no tours."""
    tours, reasons, engine = unpack(b85decode(text))
    told = read_tours(tours)
    if told is None:
        return None
    return Answer(tuple(told), {job: why for job, why in reasons}, str(engine))
