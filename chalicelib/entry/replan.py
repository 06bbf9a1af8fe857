"""How does a plan that was asked for get solved, and committed? Steps for the solver and the desk.

Solving belongs to the solver's function; committing needs no solver, so that the desk's own request
does it, one transaction after the other. Both may come twice: what is done is left as it is.
"""

from functools import partial

from chalicelib.domain.dispatch.plans import proposal_commit, proposal_store, replanning
from chalicelib.domain.dispatch.plans.changes import Author
from chalicelib.domain.dispatch.plans.proposals import Ask, Progress
from chalicelib.domain.dispatch.waves.planning import Solve
from chalicelib.domain.merchants.model import Hub
from chalicelib.entry import work
from chalicelib.entry.observed import logger
from chalicelib.entry.roads import roads_of
from chalicelib.kit.desk_errors import PlanExpired
from chalicelib.kit.errors import NotFound

#: More than one worker solves in its time; such a hub has waves that many share.
TOO_LARGE = "too_large"


def propose(hub: Hub, plan_id: str, solve: Solve) -> None:
    """Solve a plan, keep it, and commit it at once if nobody wants to look at it first."""
    try:
        wanted = work.read(lambda uow: proposal_store.load(uow, plan_id))
    except (NotFound, PlanExpired):
        logger.info("nobody waits for the plan any more", plan_id=plan_id)
        return
    if wanted.proposal is None and wanted.failure is None:
        wanted = _solved(hub, plan_id, solve)
    if not wanted.dry_run and wanted.proposal is not None:
        commit(hub, wanted, Author(wanted.by, "planned anew"))


def commit(hub: Hub, wanted: Ask, author: Author) -> Progress:
    """Make every route of a proposal real, one by one; raise PlanNotReady without a proposal."""
    proposal = proposal_commit.must_be_ready(wanted)
    roads = roads_of(hub.id)
    for name in proposal_commit.steps_of(proposal):
        step = partial(
            proposal_commit.take_step,
            hub=hub,
            wanted=wanted,
            name=name,
            roads=roads,
            author=author,
        )
        work.run(step)
    return work.run(partial(proposal_commit.finish, wanted=wanted, author=author))


def _solved(hub: Hub, plan_id: str, solve: Solve) -> Ask:
    opened = work.read(lambda uow: replanning.open_plan(uow, hub))
    if len(opened.snapshot.due) > replanning.MOST_PLANNED:
        return work.run(lambda uow: proposal_store.answer(uow, plan_id, None, TOO_LARGE))
    new_id = work.begin().new_id
    proposal = replanning.propose(opened, plan_id, roads_of(hub.id), solve, new_id)
    answered = work.run(lambda uow: proposal_store.answer(uow, plan_id, proposal, None))
    logger.info(
        "plan proposed",
        hub_id=hub.id,
        plan_id=plan_id,
        engine=proposal.engine,
        due=len(opened.snapshot.due),
        routes=len(proposal.routes),
        moved=len(proposal.moved),
        left_out=len(proposal.left_out),
    )
    return answered
