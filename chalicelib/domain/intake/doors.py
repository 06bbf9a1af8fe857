"""Where is the door? An address through geocoder, witness and memory to one answer.

The geocoder is asked for every new address, because coordinates from shops are often wrong. When it
knows no door, it is asked once more for the postal code alone: the place to ask the recipient
about. Where parcels were handed over before counts more than any of it.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from chalicelib.domain.coverage.model import Covered, NotCovered
from chalicelib.domain.deliveries.model import Address, Confidence
from chalicelib.domain.intake import addresses
from chalicelib.domain.intake.addresses import Doubt, Verdict
from chalicelib.domain.intake.order import Refusal
from chalicelib.domain.merchants.model import Hub
from chalicelib.kit.errors import PlacesUnavailable
from chalicelib.kit.geo import LatLng
from chalicelib.kit.places import Extent, Found

#: Handovers at a street without a known number must agree so well to stand for its door.
SAME_DOORSTEP_M = 100


class Locate(Protocol):
    """What an address may mean, the best first; an empty ``line1`` asks for the area alone."""

    def __call__(self, address: Address, near: LatLng) -> tuple[Found, ...]: ...


class Memory(Protocol):
    """What is kept of doors: under which key, and where their parcels were handed over."""

    def key_of(self, address: Address) -> str: ...
    def handovers(self, key: str) -> tuple[LatLng, ...]: ...


class Ground(Protocol):
    """Where we deliver (see ``intake.ground``)."""

    def look_up(self, position: LatLng) -> Covered | NotCovered: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask the recipient: ``centre`` and ``areas`` bound what is believed as an answer."""

    doubt: Doubt
    centre: LatLng
    areas: tuple[Extent, ...]
    candidates: tuple[Found, ...]


@dataclass(frozen=True, slots=True)
class Door:
    """Where we would drive; ``question`` is set when somebody must be asked first."""

    address: Address
    position: LatLng
    confidence: Confidence
    key: str | None
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Finder:
    """Finds doors of one hub."""

    hub: Hub
    locate: Locate
    memory: Memory
    ground: Ground

    def find(self, given_address: Address, given: LatLng | None) -> Door | Refusal:
        """The door of an address, or why there is none to be promised.

        Raises
        ------
        PlacesUnavailable
            If the geocoder does not answer and nobody else knows the place.
        """
        address = addresses.normalise(given_address, self.hub.country)
        key = self.key_of(address)
        witness = given if given is not None and self.covers(given) else None
        answers = self._ask(address, witness)
        verdict = addresses.judge(address, answers, witness)
        areas: tuple[Found, ...] = ()
        if verdict is None or verdict.confidence is Confidence.ASK:
            areas = self._ask_for_area(address)
            if verdict is None and areas:
                verdict = Verdict(areas[0].position, Confidence.ASK, Doubt.AREA_ONLY)
        if verdict is None:
            return Refusal.UNKNOWN_LOCATION if given is None else Refusal.OUTSIDE_SERVICE_AREA
        verdict = _remembered(verdict, self.memory.handovers(key))
        if not self.covers(verdict.position):
            return Refusal.OUTSIDE_SERVICE_AREA
        question = None
        if verdict.confidence is Confidence.ASK:
            question = self._question(verdict, answers, areas)
        return Door(address, verdict.position, verdict.confidence, key, question)

    def key_of(self, address: Address) -> str:
        """The same for all spellings of one door."""
        return self.memory.key_of(addresses.normalise(address, self.hub.country))

    def covers(self, position: LatLng) -> bool:
        """Whether we deliver there."""
        return isinstance(self.ground.look_up(position), Covered)

    def _ask(self, address: Address, witness: LatLng | None) -> tuple[Found, ...]:
        try:
            return self.locate(address, witness or self.hub.position)
        except PlacesUnavailable:
            if witness is None:
                raise
            # The shop's coordinates are in our area: better to drive there than not to sell.
            return ()

    def _ask_for_area(self, address: Address) -> tuple[Found, ...]:
        if not (address.postal_code or address.city):
            return ()
        try:
            return self.locate(replace(address, line1="", line2=""), self.hub.position)[:1]
        except PlacesUnavailable:
            return ()

    def _question(
        self, verdict: Verdict, answers: tuple[Found, ...], areas: tuple[Found, ...]
    ) -> Question:
        near = [one for one in answers if self.covers(one.position)]
        extents = [one.extent for one in (*answers[:1], *areas) if one.extent is not None]
        doubt = verdict.doubt or Doubt.POOR_MATCH
        return Question(doubt, verdict.position, tuple(extents), tuple(near))


def _remembered(verdict: Verdict, handovers: tuple[LatLng, ...]) -> Verdict:
    """Two handovers know the door better than the geocoder; a door they prove need not be asked."""
    if verdict.confidence is not Confidence.ASK:
        place = addresses.learned(verdict.position, handovers, addresses.LEARNED_WITHIN_M)
        return verdict if place is None else replace(verdict, position=place)
    place = addresses.learned(verdict.position, handovers, addresses.NEIGHBOURHOOD_M)
    if place is None:
        return verdict
    together = [one for one in handovers if place.distance_m(one) <= SAME_DOORSTEP_M]
    if len(together) < addresses.LEARNED_FROM:
        return verdict
    return replace(verdict, position=place, confidence=Confidence.CHECK)
