"""What does a text know? Everything that it may say, read when it is sent and kept nowhere."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.model import Delivery, FailureReason, Recipient, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants.model import Hub, Merchant
from chalicelib.domain.messaging import composing
from chalicelib.domain.messaging.store import TextOrder
from chalicelib.domain.messaging.templates import Facts, Template
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.tracking import needs, outlook_store, words
from chalicelib.kit import tokens
from chalicelib.kit.languages import Translator
from chalicelib.storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Links:
    """Makes a recipient's link; of a short host where there is one that leads to the same pages."""

    public_base_url: str
    server_key: bytes
    short_base_url: str = ""

    def to(self, delivery_id: str) -> str:
        token = tokens.tracking_token(self.server_key, delivery_id)
        return f"{(self.short_base_url or self.public_base_url).rstrip('/')}/t/{token}"


@dataclass(frozen=True, slots=True)
class About:
    """Whom and what a text is about."""

    delivery: Delivery
    recipient: Recipient
    merchant: Merchant
    hub: Hub


def gather(uow: UnitOfWork, order: TextOrder, about: About, links: Links) -> tuple[Facts, ...]:
    """The facts in the recipient's language; then in the one to fall back to, if there is one."""
    language = about.recipient.language or about.merchant.language
    return tuple(_said(uow, order, about, links, t) for t in composing.spoken(language))


def _said(uow: UnitOfWork, order: TextOrder, about: About, links: Links, t: Translator) -> Facts:
    delivery, hub = about.delivery, about.hub
    reading = words.Reading(ZoneInfo(hub.timezone), words.uses_half_days(hub.country), t)
    until, window = delivery.collect_by, delivery.window
    due = reading.span(window.start_at, window.end_at)
    if order.template in (Template.ORDER_ACCEPTED, Template.RESCHEDULED):
        due = reading.brief_promise(window.start_at, window.end_at, uow.now)
    expected, stops = _arrival(uow, order, delivery, reading)
    failures = [entry for entry in delivery.history if entry.version == order.event_version]
    failed = order.template is Template.ATTEMPT_FAILED and failures and failures[0].reason
    return Facts(
        brand=about.merchant.name,
        name=about.recipient.name,
        link=links.to(delivery.id),
        due=due,
        reason=FailureReason(failed) if failed else None,
        ready=needs.in_brief(delivery.handover, t),
        place=_place(uow, delivery),
        code=tokens.collection_code(links.server_key, delivery.id),
        until="" if until is None else reading.moment(until, uow.now),
        expected=expected,
        stops=stops,
        t=t,
        tone=about.merchant.texts.tone,
    )


def _arrival(
    uow: UnitOfWork, order: TextOrder, delivery: Delivery, reading: words.Reading
) -> tuple[str, int | None]:
    """When the driver is expected, and after how many other doors; for texts that say so."""
    if order.template not in (Template.NEAR, Template.DELAYED) or delivery.route_id is None:
        return "", None
    outlook = outlook_store.load(uow, delivery.hub_id, delivery.route_id)
    found = outlook and outlook.of(DeliveryRef(delivery.merchant_id, delivery.id))
    if not found:
        return "", None
    shown = found.shown
    return reading.span(shown.start_at, shown.end_at), found.doors_before


def _place(uow: UnitOfWork, delivery: Delivery) -> str:
    if delivery.pickup_point_id is None or delivery.status is not Status.AT_PICKUP_POINT:
        return ""
    return pickup_points.load(uow, delivery.pickup_point_id).name
