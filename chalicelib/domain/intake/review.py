"""What was asked about an address, and what came of it? The review's item, and what to believe.

It stands beside the recipient in ``pii``, because candidates are addresses. An answer is believed
when it lies where the address can be (near its geocode or in its postal area); anything else is for
the desk. A dispatcher is believed anywhere in the hub's area.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from chalicelib.domain.deliveries.model import Address
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake.addresses import Doubt, is_in_reach
from chalicelib.domain.intake.doors import Question
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork


class Stage(StrEnum):
    """Waiting for the recipient; waiting for the desk; over."""

    ASKED = "asked"
    REFERRED = "referred"
    SETTLED = "settled"


class Who(StrEnum):
    RECIPIENT = "recipient"
    MERCHANT = "merchant"
    OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place that the address may mean. Only a door can be chosen; others help to find the way."""

    line1: str
    postal_code: str
    city: str
    position: LatLng
    is_door: bool

    @property
    def label(self) -> str:
        town = f"{self.postal_code} {self.city}".strip()
        return ", ".join(part for part in (self.line1, town) if part)


@dataclass(frozen=True, slots=True)
class Review:
    """One doubtful address. ``proposed``: an answer that the desk has to look at."""

    doubt: Doubt
    stage: Stage
    asked_at: datetime
    centre: LatLng
    areas: tuple[Extent, ...]
    candidates: tuple[Candidate, ...]
    proposed: LatLng | None = None
    proposed_address: Address | None = None
    settled_by: Who | None = None
    settled_at: datetime | None = None
    version: int = 0

    def believes(self, position: LatLng) -> bool:
        return is_in_reach(position, self.centre, self.areas)


def asked(question: Question, now: datetime, before: Review | None = None) -> Review:
    """A new question, in place of an earlier one of the same delivery."""
    return Review(
        doubt=question.doubt,
        stage=Stage.ASKED,
        asked_at=now,
        centre=question.centre,
        areas=question.areas,
        candidates=tuple(_candidate(found) for found in question.candidates),
        version=0 if before is None else before.version,
    )


def asked_again(before: Review, question: Question) -> Review:
    """What was answered led to doubts again: new candidates, the old bounds."""
    return replace(
        before,
        doubt=question.doubt,
        candidates=tuple(_candidate(found) for found in question.candidates),
    )


def load(uow: UnitOfWork, ref: DeliveryRef) -> Review | None:
    item = uow.get(keys.address_review(ref.merchant_id, ref.delivery_id))
    return None if item is None else _from_item(item)


def load_many(uow: UnitOfWork, refs: Iterable[DeliveryRef]) -> dict[DeliveryRef, Review]:
    """Those that there are."""
    places = {keys.address_review(ref.merchant_id, ref.delivery_id): ref for ref in refs}
    return {places[key]: _from_item(item) for key, item in uow.get_many(places).items()}


def save(uow: UnitOfWork, ref: DeliveryRef, review: Review) -> None:
    """Save a review that still carries the version it was loaded with (0 when it is new)."""
    uow.put(
        keys.address_review(ref.merchant_id, ref.delivery_id),
        _to_item(review) | {"version": review.version + 1},
        expect=review.version,
    )


def _candidate(found: Found) -> Candidate:
    return Candidate(
        line1=found.line1,
        postal_code=found.postal_code,
        city=found.city,
        position=found.position,
        is_door=found.kind.is_door,
    )


def _to_item(review: Review) -> dict[str, Any]:
    address = review.proposed_address
    return {
        "doubt": review.doubt.value,
        "stage": review.stage.value,
        "asked_at": write_instant(review.asked_at),
        "centre": str(review.centre),
        "areas": [str(area) for area in review.areas],
        "candidates": [
            {
                "line1": one.line1,
                "postal_code": one.postal_code,
                "city": one.city,
                "at": str(one.position),
                "is_door": one.is_door,
            }
            for one in review.candidates
        ],
        "proposed": None if review.proposed is None else str(review.proposed),
        "proposed_address": None
        if address is None
        else {
            "line1": address.line1,
            "line2": address.line2,
            "city": address.city,
            "postal_code": address.postal_code,
            "country": address.country,
        },
        "settled_by": review.settled_by and review.settled_by.value,
        "settled_at": None if review.settled_at is None else write_instant(review.settled_at),
    }


def _from_item(item: dict[str, Any]) -> Review:
    address, proposed, settled_at = item["proposed_address"], item["proposed"], item["settled_at"]
    return Review(
        doubt=Doubt(item["doubt"]),
        stage=Stage(item["stage"]),
        asked_at=read_instant(item["asked_at"]),
        centre=LatLng.parse(item["centre"]),
        areas=tuple(Extent.parse(text) for text in item["areas"]),
        candidates=tuple(
            Candidate(
                one["line1"],
                one["postal_code"],
                one["city"],
                LatLng.parse(one["at"]),
                one["is_door"],
            )
            for one in item["candidates"]
        ),
        proposed=None if proposed is None else LatLng.parse(proposed),
        proposed_address=None if address is None else Address(**address),
        settled_by=None if item["settled_by"] is None else Who(item["settled_by"]),
        settled_at=None if settled_at is None else read_instant(settled_at),
        version=item["version"],
    )
