"""Plans on request: asked for, looked at, committed, taken back.

The web function never solves: it asks the solver's function, and reads what that wrote down.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.dispatch.plans import proposal_commit, proposal_store, undoing
from chalicelib.domain.dispatch.plans.changes import Author
from chalicelib.domain.dispatch.plans.proposals import Ask
from chalicelib.domain.merchants import store as merchant_store
from chalicelib.entry import replan, rest, work
from chalicelib.entry.api.plan_answers import PlanAnswer, UndonePlan, write_plan
from chalicelib.entry.auth import OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import PlanId
from chalicelib.entry.surface import Doors
from chalicelib.gateways.queues import Queue
from chalicelib.kit.desk_errors import PlanExpired, PlanNotReady, UndoRefused
from chalicelib.kit.errors import NotFound
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Plans")


class PlanForm(rest.Body):
    """With ``dry_run`` (the default) nothing changes before somebody commits it."""

    hub_id: rest.Name
    dry_run: bool = True

    model_config = rest.example(hub_id="hub_01m83qpn8tsfztk8g4j2we32hb", dry_run=True)


class CommitForm(rest.Body):
    reason: rest.Text = ""

    model_config = rest.example(reason="two vans more")


@doors.route(
    "POST",
    "/v1/plans",
    who=(OPERATOR,),
    answers={202: PlanAnswer},
    errors=(NotFound,),
    headers=(DESK_USER,),
)
def ask_plan(body: PlanForm, caller: Caller) -> Mapping[str, Any]:
    """Ask for a new plan of what waits at a hub and of the routes that no driver has.

    It is solved elsewhere: read it again at `GET /v1/plans/{plan_id}`. Routes on offer, with a
    driver, or with something pinned to them are not touched. Without `dry_run` it is committed as
    soon as it is solved.
    """
    by = desk_user(caller)

    def ask(uow: UnitOfWork) -> Ask:
        merchant_store.load_hub(uow, body.hub_id)
        return proposal_store.ask(uow, body.hub_id, by, dry_run=body.dry_run)

    wanted = work.run(ask)
    wiring.queues().send(Queue.WAVES, {"hub_id": wanted.hub_id, "plan_id": wanted.id})
    return _write(wanted)


@doors.route(
    "GET", "/v1/plans/{plan_id}", who=(OPERATOR,), answers={200: PlanAnswer}, errors=(PlanExpired,)
)
def show_plan(plan_id: PlanId) -> Mapping[str, Any]:
    """Show a plan: how far it is, what it would change and why, and what has gone stale.

    `moved` names every delivery that changes its driver, with what it costs by itself here and
    there; `unserved` what stays behind, with the rule that stands in the way and the cheapest way
    around it; `stale` what a commit would drop by now.
    """
    return _write(work.read(lambda uow: proposal_store.load(uow, plan_id)))


@doors.route(
    "POST",
    "/v1/plans/{plan_id}/commit",
    who=(OPERATOR,),
    answers={200: PlanAnswer},
    errors=(PlanExpired, PlanNotReady),
    headers=(DESK_USER,),
)
def commit_plan(plan_id: PlanId, body: CommitForm, caller: Caller) -> Mapping[str, Any]:
    """Make a proposal real, route by route; what changed meanwhile is dropped and named.

    The same commit twice is one.
    """
    wanted = work.read(lambda uow: proposal_store.load(uow, plan_id))
    hub = work.read(lambda uow: merchant_store.load_hub(uow, wanted.hub_id))
    replan.commit(hub, wanted, Author(desk_user(caller), body.reason))
    return _write(wanted)


@doors.route(
    "POST",
    "/v1/plans/{plan_id}/undo",
    who=(OPERATOR,),
    answers={200: UndonePlan},
    errors=(PlanExpired, PlanNotReady, UndoRefused),
    headers=(DESK_USER,),
)
def undo_plan(plan_id: PlanId, body: CommitForm, caller: Caller) -> Mapping[str, Any]:
    """Take a committed plan back, within 15 minutes, if none of its routes has moved on.

    All of it or nothing; the same undo twice is one.
    """
    wanted = work.read(lambda uow: proposal_store.load(uow, plan_id))
    progress = work.read(lambda uow: proposal_store.load_progress(uow, plan_id))
    if not progress.is_done:
        raise PlanNotReady("it was not committed", extra={"plan_status": "proposed"})
    author = Author(desk_user(caller), body.reason)
    ids = work.read(lambda uow: proposal_commit.undo_steps(uow, wanted.hub_id, progress))
    undone = [
        work.run(partial(undoing.undo, hub_id=wanted.hub_id, change_id=change_id, author=author)).id
        for change_id in ids
    ]
    return {"plan_id": plan_id, "changes": undone}


def _write(wanted: Ask) -> Mapping[str, Any]:
    uow = work.begin()
    progress = proposal_store.load_progress(uow, wanted.id)
    stale = []
    if wanted.proposal is not None and not progress.steps and not progress.is_done:
        stale = proposal_commit.stale(uow, wanted.proposal)
    return write_plan(wanted, progress, stale)
