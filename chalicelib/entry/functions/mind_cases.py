"""Every five minutes: support cases and disputes whose answer or decision has become late.

Each is told once, in a commit of its own. A tick that is missed is made up for by the next.
"""

from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.billing import disputes, disputing
from chalicelib.domain.billing.disputes import Dispute
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.support import model, service, store
from chalicelib.domain.support.model import Case
from chalicelib.entry import work
from chalicelib.entry.observed import logger, observed
from chalicelib.kit.errors import LastmileError
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)

#: Of a hub in one tick; the others are still late at the next.
MOST_CASES = 200


@bp.schedule("rate(5 minutes)")
@observed
def mind_cases(event: Any) -> dict[str, int]:
    late = failed = 0
    for case in work.read(_late):
        note = partial(service.note_late, merchant_id=case.merchant_id, case_id=case.id)
        try:
            late += work.run(note) is not None
        except LastmileError as error:
            logger.warning("a case was not minded", case_id=case.id, code=error.code)
            failed += 1
    for dispute in work.read(_overdue):
        tell = partial(
            disputing.tell_overdue, merchant_id=dispute.merchant_id, dispute_id=dispute.id
        )
        try:
            late += work.run(tell) is not None
        except LastmileError as error:
            logger.warning("a dispute was not minded", dispute_id=dispute.id, code=error.code)
            failed += 1
    logger.info("cases minded", late=late, failed=failed)
    return {"late": late, "failed": failed}


def _overdue(uow: UnitOfWork) -> list[Dispute]:
    return [
        one
        for hub in merchants.list_hubs(uow)
        for one in disputes.list_due(uow, hub.id, limit=MOST_CASES, after=None)[0]
        if disputing.is_newly_overdue(uow, one)
    ]


def _late(uow: UnitOfWork) -> list[Case]:
    return [
        case
        for hub in merchants.list_hubs(uow)
        for case in store.list_due(uow, hub.id, limit=MOST_CASES, after=None)[0]
        if model.newly_late(case, uow.now) is not None
    ]
