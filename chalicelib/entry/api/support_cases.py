"""Support cases by API: a merchant's own, and the desk's list by when each is due."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.support import pictures, service, store
from chalicelib.domain.support.model import Case, Party, Terms
from chalicelib.domain.support.service import Report
from chalicelib.entry import rest, work
from chalicelib.entry.api import support_forms as forms
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict, Gone, Invalid, NotFound
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Support")

READ = (merchant(Scope.DELIVERIES_READ), OPERATOR)
WRITE = (merchant(Scope.DELIVERIES_WRITE), OPERATOR)
CaseId = Annotated[str, IdOf("sup", "case")]
HubId = Annotated[str, IdOf("hub", "hub")]


class CasesQuery(rest.Body):
    """The desk names its hub; a merchant's key says whose cases are listed."""

    hub_id: Annotated[str, Field(max_length=60)] | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


@doors.route(
    "POST",
    "/v1/support-cases",
    who=(merchant(Scope.DELIVERIES_WRITE),),
    answers={201: forms.WholeCase},
    errors=(NotFound, Conflict, Gone),
)
def open_case(merchant_id: str, body: forms.CaseForm) -> Mapping[str, Any]:
    """Report a problem with a delivery.

    A delivery has at most one case of its merchant: the next report of it is a message in that one,
    and opens it again where it was solved. The same text twice is one message.
    """
    ref = DeliveryRef(merchant_id, body.delivery_id)
    told = Report(body.kind, body.text)
    case = work.run(
        lambda uow: service.report(uow, deliveries.load(uow, ref), Party.MERCHANT, told)
    )
    return _whole(case, Party.MERCHANT)


@doors.route("GET", "/v1/support-cases", who=READ, answers={200: forms.CasePage})
def list_cases(caller: Caller, query: CasesQuery) -> Mapping[str, Any]:
    """List cases: a merchant's own, newest first; a hub's that wait for the desk, by when due."""
    uow = work.begin()
    if caller.role is Role.MERCHANT:
        found, cursor = store.list_own(uow, caller.id, limit=query.limit, after=query.cursor)
    elif query.hub_id is None:
        field = {"field": "hub_id", "error": "the operator names the hub"}
        raise Invalid("which hub's cases?", fields=[field])
    else:
        found, cursor = store.list_due(uow, query.hub_id, limit=query.limit, after=query.cursor)
    return {"support_cases": [forms.write_case(case) for case in found], "next_cursor": cursor}


@doors.route("GET", "/v1/support-cases/{case_id}", who=READ, answers={200: forms.WholeCase})
def show_case(caller: Caller, case_id: CaseId) -> Mapping[str, Any]:
    """Show a case: what was written, its pictures, the delivery's timeline and its proof.

    The `url` of a picture is good for 60 seconds.
    """
    return _whole(_load(work.begin(), caller, case_id), _party(caller))


@doors.route(
    "POST",
    "/v1/support-cases/{case_id}/messages",
    who=WRITE,
    answers={200: forms.WholeCase},
    errors=(Conflict, Gone),
    headers=(DESK_USER,),
)
def write_in_case(caller: Caller, case_id: CaseId, body: forms.MessageForm) -> Mapping[str, Any]:
    """Write in a case.

    The desk writes `to` the `recipient` or the `merchant`, who has the word then and for whom the
    clock stands still; `to` the `desk` is a note. With `resolves` it is solved. What a merchant
    writes is the desk's to answer. The same text twice in a row is one message.
    """
    by = _party(caller)
    if by is Party.MERCHANT and (body.to is not None or body.resolves):
        field = {"field": "to", "error": "only the desk says whose turn it is"}
        raise Invalid("a merchant writes to the desk", fields=[field])
    name = desk_user(caller) if by is Party.DESK else None

    def write(uow: UnitOfWork) -> Case:
        case = _load(uow, caller, case_id)
        return service.write(
            uow, case, by, body.text, to=body.to, resolves=body.resolves, name=name
        )

    return _whole(work.run(write), by)


@doors.route(
    "POST", "/v1/support-cases/{case_id}/resolve", who=WRITE, answers={200: forms.WholeCase}
)
def resolve_case(caller: Caller, case_id: CaseId) -> Mapping[str, Any]:
    """Say that the problem is solved. The same again changes nothing."""
    by = _party(caller)
    return _whole(work.run(lambda uow: service.resolve(uow, _load(uow, caller, case_id), by)), by)


@doors.route(
    "POST", "/v1/support-cases/{case_id}/reopen", who=WRITE, answers={200: forms.WholeCase}
)
def reopen_case(caller: Caller, case_id: CaseId) -> Mapping[str, Any]:
    """Say that it is not solved after all. The same again changes nothing."""
    by = _party(caller)
    return _whole(work.run(lambda uow: service.reopen(uow, _load(uow, caller, case_id), by)), by)


@doors.route("GET", "/v1/hubs/{hub_id}/support", who=(OPERATOR,), answers={200: forms.TermsAnswer})
def show_support_terms(hub_id: HubId) -> Mapping[str, Any]:
    """Show what a hub promises to whoever has a problem."""
    uow = work.begin()
    merchants.load_hub(uow, hub_id)
    return forms.write_terms(store.load_terms(uow, hub_id))


@doors.route("PUT", "/v1/hubs/{hub_id}/support", who=(OPERATOR,), answers={200: forms.TermsAnswer})
def set_support_terms(hub_id: HubId, body: forms.TermsForm) -> Mapping[str, Any]:
    """Set by when problems are answered and solved, in which hours, and how a person is reached.

    It counts for cases to come, and for the rest of a clock that goes on.
    """
    try:
        hours = body.hours.hours()
    except ValueError as error:
        field = {"field": "hours", "error": str(error)}
        raise Invalid("these are no hours", fields=[field]) from error
    if not any(hours.days):
        field = {"field": "hours", "error": "support is open on one day at least"}
        raise Invalid("nobody would ever answer", fields=[field])

    def change(uow: UnitOfWork) -> Terms:
        merchants.load_hub(uow, hub_id)
        terms = Terms(
            first_answer_min=body.first_answer_min,
            resolution_min=body.resolution_min,
            hours=hours,
            phone=body.phone,
            email=body.email,
            version=store.load_terms(uow, hub_id).version + 1,
        )
        store.save_terms(uow, hub_id, terms)
        return terms

    return forms.write_terms(work.run(change))


def _party(caller: Caller) -> Party:
    return Party.MERCHANT if caller.role is Role.MERCHANT else Party.DESK


def _load(uow: UnitOfWork, caller: Caller, case_id: str) -> Case:
    """Their own for a merchant, any for the desk; raise NotFound."""
    merchant_id = caller.id
    if caller.role is Role.OPERATOR:
        merchant_id = store.merchant_of(uow, case_id)
    return store.load(uow, merchant_id, case_id)


def _whole(case: Case, reader: Party) -> Mapping[str, Any]:
    uow = work.begin()
    delivery = deliveries.load(uow, DeliveryRef(case.merchant_id, case.delivery_id))
    seen = case if reader is Party.DESK else case.without_notes
    return forms.write_whole(seen, delivery, store.texts(uow, case), pictures.states(uow, case))
