"""The desk's list of handovers whose proof does not hold, and its word on them."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.domain.deliveries import proof_checks
from chalicelib.entry import rest, work
from chalicelib.entry.api import proof_answers as answers
from chalicelib.entry.auth import OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict

bp = Blueprint(__name__)
doors = Doors(bp, tag="Operator")

CheckId = Annotated[str, IdOf("prc", "proof")]


class ReviewsQuery(rest.Body):
    hub_id: Annotated[str, Field(max_length=60)]
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


@doors.route("GET", "/v1/proof-reviews", who=(OPERATOR,), answers={200: answers.ProofReviewPage})
def list_proof_reviews(query: ReviewsQuery) -> Mapping[str, Any]:
    """List the handovers of a hub whose proof needs a look, oldest first.

    `reasons` says why: a tap far from the door, a picture that shows nothing, was taken elsewhere
    or at another time, or never came within two hours. Every `url` is good for 60 seconds.
    """
    uow = work.begin()
    found, cursor = proof_checks.list_reviews(
        uow, query.hub_id, limit=query.limit, after=query.cursor
    )
    rows = [answers.write_review(check, uow.now) for check in found]
    return {"proof_reviews": rows, "next_cursor": cursor}


@doors.route(
    "POST",
    "/v1/proof-reviews/{check_id}/accept",
    who=(OPERATOR,),
    answers={200: answers.ProofReview},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def accept_proof(check_id: CheckId, caller: Caller) -> Mapping[str, Any]:
    """Let a proof count: its pictures are shown from now on. The same again changes nothing."""
    return _decide(check_id, caller, is_good=True)


@doors.route(
    "POST",
    "/v1/proof-reviews/{check_id}/reject",
    who=(OPERATOR,),
    answers={200: answers.ProofReview},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def reject_proof(check_id: CheckId, caller: Caller) -> Mapping[str, Any]:
    """Say that a proof does not count. The delivery stays delivered; its pictures are not shown."""
    return _decide(check_id, caller, is_good=False)


def _decide(check_id: str, caller: Caller, *, is_good: bool) -> Mapping[str, Any]:
    by = desk_user(caller)
    check = work.run(lambda uow: proof_checks.decide(uow, check_id, is_good=is_good, by=by))
    return answers.write_review(check, work.begin().now)
