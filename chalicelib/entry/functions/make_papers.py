"""The ``papers`` queue: make a handover's proof or an invoice, and put it where it is fetched.

A message names the delivery; what stands in the paper is what is true when it is made, so one that
comes twice makes the same paper, and one that comes late a newer one.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from chalice.app import Blueprint

from chalicelib import wiring
from chalicelib.domain.billing import invoices
from chalicelib.domain.billing import papers as billing_papers
from chalicelib.domain.deliveries import check_items, packages
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.check_items import Check
from chalicelib.domain.deliveries.model import Delivery, Recipient
from chalicelib.domain.deliveries.proofs import ProofState
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub
from chalicelib.entry import invoice_papers, work
from chalicelib.entry.observed import logger, per_record
from chalicelib.gateways.photos import invoice_key, paper_key, proof_key
from chalicelib.kit.errors import Conflict, NotFound
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)

_MADE = "application/pdf"
_FOOT = (
    "Each entry's hash is taken over the entry and the hash before it; the head was told to the "
    "merchant when the parcel was handed over. Checked with: python -m local.verify_proof FILE. "
    "It shows that nothing was changed since, and is no signature."
)


@bp.on_sqs_message(queue="papers", batch_size=1)
@per_record
def make_papers(message: Mapping[str, Any]) -> None:
    if message.get("paper") == billing_papers.INVOICE:
        _make_invoice(str(message["merchant_id"]), str(message["number"]))
        return
    ref = DeliveryRef.parse(str(message["delivery"]))
    uow = work.begin()
    delivery, check = deliveries.load(uow, ref), check_items.load(uow, ref)
    person = deliveries.load_recipient(uow, ref)
    if check is None or person is None:
        # The tap was taken back, or the recipient forgotten: there is nothing to be put on paper.
        logger.info("no paper", delivery_id=ref.delivery_id)
        return
    hub = merchants.load_hub(uow, delivery.hub_id)
    brand = merchants.load_merchant(uow, delivery.merchant_id).name
    made = _paper(uow, delivery, check, person, hub, brand)
    wiring.photos().keep(paper_key(ref.merchant_id, ref.delivery_id), made, _MADE)
    of = packages.of_versions(delivery, check)
    work.run(lambda uow: packages.note_made(uow, ref, of))
    logger.info("paper", delivery_id=ref.delivery_id, bytes=len(made))


def _make_invoice(merchant_id: str, number: str) -> None:
    uow = work.begin()
    made = invoices.load(uow, merchant_id, number)
    try:
        parties = billing_papers.parties(uow, made)
    except Conflict:
        # Asked for again once somebody has said who sells and who buys.
        logger.info("no invoice paper", merchant_id=merchant_id, number=number)
        return
    lines = invoices.lines_of(uow, made)
    corrects = billing_papers.corrected_by(uow, made, lines)
    for kind, body in invoice_papers.make(made, lines, parties, corrects).items():
        key = invoice_key(merchant_id, number, kind)
        wiring.photos().keep(key, body, invoice_papers.KINDS[kind])
    work.run(lambda uow: billing_papers.note_made(uow, merchant_id, number))
    logger.info("invoice paper", merchant_id=merchant_id, number=number, lines=len(lines))


def _paper(
    uow: UnitOfWork, delivery: Delivery, check: Check, person: Recipient, hub: Hub, brand: str
) -> bytes:
    # Here and not above: the web function, which registers this one too, has no fpdf2.
    from chalicelib.gateways import papers

    zone = ZoneInfo(hub.timezone)
    parts = [
        papers.Part("Handover", _handover(delivery, check, person, zone, brand)),
        *(
            papers.Part(kind.capitalize(), (("SHA-256", sha256),), picture)
            for kind, sha256, picture in _pictures(check)
        ),
        papers.Part("What happened", _steps(delivery, zone)),
        papers.Part("Chain", (("Head", check.head), ("Of version", str(check.head_version)))),
    ]
    paper = papers.Paper(
        title=f"Proof of delivery {delivery.order_name}",
        lead=f"{delivery.id}, {brand}; times in {hub.timezone}.",
        parts=parts,
        foot=_FOOT,
        facts=packages.facts(delivery, check),
        made_at=uow.now,
    )
    return papers.make(paper)


def _handover(
    delivery: Delivery, check: Check, person: Recipient, zone: ZoneInfo, brand: str
) -> list[tuple[str, str]]:
    door = delivery.dropoff
    away = "not known" if check.away_m is None else f"{check.away_m} m from the door"
    rows = [
        ("From", brand),
        ("To", person.name),
        ("Address", person.address.one_line()),
        ("Door", f"{door.latitude:.5f}, {door.longitude:.5f}"),
        ("Delivered", _time(check.tapped_at, zone)),
        ("Driver's phone", away),
        ("Taken by", person.handed_to),
        ("Shown", ", ".join(proof.kind.value for proof in delivery.proofs) or "nothing was asked"),
        ("Check", ", ".join((check.state.value.replace("_", " "), *check.reasons))),
    ]
    return [row for row in rows if row[1]]


def _pictures(check: Check) -> list[tuple[str, str, bytes]]:
    """The pictures that count, as they were kept."""
    found = []
    for shot in check.shots:
        if shot.status is ProofState.ANNOUNCED or not shot.sha256:
            continue
        try:
            kept = wiring.photos().fetch(proof_key(check.merchant_id, check.delivery_id, shot.id))
        except NotFound:
            # Photos go after 90 days; what they were stays in the chain's facts.
            continue
        found.append((shot.kind.value, shot.sha256, kept.body))
    return found


def _steps(delivery: Delivery, zone: ZoneInfo) -> list[tuple[str, str]]:
    return [
        (_time(entry.at, zone), entry.what.replace("_", " ") + _because(entry.reason))
        for entry in delivery.history
    ]


def _because(reason: str | None) -> str:
    return "" if reason is None else f" ({reason.replace('_', ' ')})"


def _time(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M:%S}"
