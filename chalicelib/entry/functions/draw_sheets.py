"""The ``sheets`` queue: draw a hub's day sheet anew, because something changed there.

The message comes fifteen seconds after the first news (see ``dispatch.today.sheet_store``). One
that comes twice, or late, draws what is true by then.
"""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.dispatch.today import sheet_store
from chalicelib.domain.merchants import store as merchants
from chalicelib.entry import work
from chalicelib.entry.observed import logger, per_record

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="sheets", batch_size=5)
@per_record
def draw_sheets(message: Mapping[str, Any]) -> None:
    hub = work.read(lambda uow: merchants.load_hub(uow, message["hub_id"]))
    sheet = work.run(lambda uow: sheet_store.redraw(uow, hub))
    logger.info(
        "day sheet drawn",
        hub_id=hub.id,
        drivers=len(sheet.rows),
        stops=len(sheet.columns.x_m),
        waiting=sheet.waiting.count,
    )
