"""Send texts: one message of the queue is one text for one recipient or driver, at most once."""

from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit, single_metric
from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.messaging import crew_texts, store
from chalicelib.domain.messaging import service as messaging
from chalicelib.domain.messaging.facts import Links
from chalicelib.domain.messaging.limits import Barred
from chalicelib.domain.messaging.store import Fate, TextOrder
from chalicelib.entry import work
from chalicelib.entry.observed import logger, per_record

bp = Blueprint(__name__)


@bp.on_sqs_message(queue="messages", batch_size=10)
@per_record
def send_messages(message: Mapping[str, Any]) -> None:
    """Claim, publish, mark; only a text that surely was not sent comes back to the queue."""
    if "driver_text" in message:
        server_key = wiring.vault().server_key()
        told = crew_texts.send_text(work.run, wiring.sms(), server_key, message)
        logger.info("driver's text", template=message["driver_text"], fate=_name(told))
        return
    order = messaging.read_order(message)
    chosen = wiring.settings()
    server_key = wiring.vault().server_key()
    links = Links(chosen.public_base_url, server_key, chosen.short_base_url)
    fate = messaging.send_text(work.run, wiring.sms(), links, order)
    emails = wiring.emails()
    by_email = None
    if fate is not None and emails is not None:
        by_email = messaging.send_by_email(work.run, emails, links, order)
    if fate is Fate.SKIPPED:
        _tell_if_barred(order)
    logger.info(
        "text",
        delivery_id=order.delivery_id,
        template=order.template.value,
        fate=_name(fate),
        by_email=by_email and by_email.value,
    )


def _tell_if_barred(order: TextOrder) -> None:
    """Count what a ceiling or the budget has stopped: a hint at an attack, or at a tight one."""
    claim = work.read(lambda uow: store.find(uow, order))
    if claim is None or claim.note not in set(Barred):
        return
    logger.warning("text barred", merchant_id=order.merchant_id, reason=claim.note)
    name = "TextBudgetSpent" if claim.note == Barred.BUDGET else "TextsBarred"
    with single_metric(name=name, unit=MetricUnit.Count, value=1, namespace="Lastmile") as metric:
        # Both are the alarms' dimensions; see infra/template/watch.py.
        metric.add_dimension("stage", wiring.settings().stage)
        metric.add_dimension("service", "lastmile")


def _name(fate: Fate | None) -> str:
    return "claimed_before" if fate is None else fate.value
