"""How does a recipient show us the door? The page's content, and what its form says.

Everything works as a plain form: choose a candidate, correct the lines, ask a person to look. With
a script there is a pin as well, on a sketch that is honest about having no streets: it shows the
places that we know, where north is, and how far things are. An answer counts once; twenty answers
an hour are taken from one link, because each may cost a question to the geocoder.
"""

import math
from dataclasses import dataclass
from datetime import timedelta

from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.model import Address, Status
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.intake import answers, review
from chalicelib.domain.intake import service as intake
from chalicelib.domain.intake.answers import Reply, Verdict
from chalicelib.domain.intake.doors import Locate
from chalicelib.domain.intake.review import Review, Who
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.tracking.links import delivery_of
from chalicelib.kit import tokens
from chalicelib.kit.geo import LatLng
from chalicelib.kit.languages import ENGLISH, UNASKED, Asked, Translator, mark
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import keys
from chalicelib.storage.unit_of_work import UnitOfWork

MOST_ANSWERS, PER = 20, timedelta(hours=1)
#: Half of the sketch's side [m]: a few houses at least, the neighbourhood at most.
LEAST_HALF_M, MOST_HALF_M = 250, 2_000
_RINGS_M = (100, 200, 500, 1_000, 2_000)
_LETTERS = "ABCDEFGH"
_WINDS = (
    *(mark("north"), mark("north-east"), mark("east"), mark("south-east")),
    *(mark("south"), mark("south-west"), mark("west"), mark("north-west")),
)


@dataclass(frozen=True, slots=True)
class Spot:
    """A known place on the sketch; ``x`` and ``y`` are metres east and south of its middle."""

    number: int
    letter: str
    label: str
    away: str
    x: int
    y: int
    is_door: bool


@dataclass(frozen=True, slots=True)
class Sketch:
    """Half of its side, the rings that fit, and its middle."""

    half_m: int
    rings_m: tuple[int, ...]
    middle: LatLng


@dataclass(frozen=True, slots=True)
class DoorPage:
    """What the page shows. ``spots`` holds doors to choose and streets to find one's way by."""

    brand: str
    order_name: str
    address: Address
    spots: tuple[Spot, ...]
    sketch: Sketch
    is_with_the_desk: bool
    t: Translator = ENGLISH


def open_page(uow: UnitOfWork, token: str, asked: Asked = UNASKED) -> DoorPage | None:
    """The question behind a link; None when nothing is asked (any more).

    Raises
    ------
    NotFound, LinkExpired
    """
    delivery = delivery_of(uow, token)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    doubt, person = review.load(uow, ref), deliveries.load_recipient(uow, ref)
    if delivery.status is not Status.ADDRESS_REVIEW or doubt is None or person is None:
        return None
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    t, sketch = asked.translator(merchant.language), _sketch(doubt)
    return DoorPage(
        brand=merchant.name,
        order_name=delivery.order_name,
        address=person.address,
        spots=_spots(doubt, sketch, t),
        sketch=sketch,
        is_with_the_desk=doubt.stage is review.Stage.REFERRED,
        t=t,
    )


def answer(
    uow: UnitOfWork, token: str, reply: Reply, locate: Locate, server_key: bytes
) -> Verdict | None:
    """Take in what the holder of a link says; None when the link has answered too often.

    Raises
    ------
    NotFound, LinkExpired, Invalid, PlacesUnavailable
    """
    delivery = delivery_of(uow, token)
    if delivery.status is not Status.ADDRESS_REVIEW:
        return Verdict.OVER
    if not _may_answer(uow, tokens.hash_secret(token)):
        return None
    hub = merchants.load_hub(uow, delivery.hub_id)
    ref = DeliveryRef(delivery.merchant_id, delivery.id)
    finder = intake.finder(uow, ref.merchant_id, hub, locate, server_key)
    return answers.answer(uow, ref, finder, Who.RECIPIENT, reply)


def _may_answer(uow: UnitOfWork, token_hash: str) -> bool:
    """Count this answer within the hour that began with the first; False when it is one too many.

    What is refused writes nothing, so a flood costs reads only.
    """
    key = keys.link_answers(token_hash)
    item = uow.get(key)
    version = 0 if item is None else item["version"]
    count, ends_at = 0, uow.wall_now + PER
    if item is not None and read_instant(item["ends_at"]) > uow.wall_now:
        count, ends_at = item["count"], read_instant(item["ends_at"])
    if count >= MOST_ANSWERS:
        return False
    counted = {"count": count + 1, "ends_at": write_instant(ends_at), "version": version + 1}
    uow.put(key, counted, expect=version, expires_at=ends_at)
    return True


def _sketch(asked: Review) -> Sketch:
    far_m = max((asked.centre.distance_m(one.position) for one in asked.candidates), default=0)
    half_m = min(MOST_HALF_M, max(LEAST_HALF_M, math.ceil(far_m * 1.25 / 50) * 50))
    rings = tuple(ring for ring in _RINGS_M if ring < half_m)
    return Sketch(half_m, rings, asked.centre)


def _spots(asked: Review, sketch: Sketch, t: Translator) -> tuple[Spot, ...]:
    spots = []
    for number, one in enumerate(asked.candidates[: len(_LETTERS)]):
        x, y = asked.centre.offset_m(one.position)
        if max(abs(x), abs(y)) > sketch.half_m:
            continue
        away_m = asked.centre.distance_m(one.position)
        spots.append(
            Spot(
                number=number,
                letter=_LETTERS[number],
                label=one.label,
                away="" if away_m < 10 else _away(away_m, _wind(x, y), t),
                x=x,
                y=y,
                is_door=one.is_door,
            )
        )
    return tuple(spots)


def _away(metres: int, wind: str, t: Translator) -> str:
    distance, there = _rounded(metres, t), t.say("where we looked")
    return t.say("{distance} {wind} of {name}", distance=distance, wind=t.say(wind), name=there)


def _rounded(metres: int, t: Translator) -> str:
    if metres < 1_000:
        return t.say("{n} m", n=round(metres, -1))
    return t.say("{n} km", n=f"{metres / 1_000:.1f}")


def words_of_pin(t: Translator) -> dict[str, str | list[str]]:
    """What the page's module says, with the names of its values left in."""
    return {
        "metres": t.say("{n} m"),
        "kilometres": t.say("{n} km"),
        "winds": [t.say(wind) for wind in _WINDS],
        "there": t.say("where we looked"),
        "at": t.say("Your pin is at {name}."),
        "away": t.say("Your pin is {distance} {wind} of {name}."),
        "far": t.say("That is far off: one of us will look at it first."),
        "asking": t.say("Asking your phone where it is …"),
        "vague": t.say("Your phone knows this only to {distance}; move the pin if you can."),
        "silent": t.say(
            "Your phone did not tell. Tap on the sketch instead, or correct the address above."
        ),
    }


def _wind(x: int, y: int) -> str:
    degrees = math.degrees(math.atan2(x, -y)) % 360
    return _WINDS[round(degrees / 45) % 8]
