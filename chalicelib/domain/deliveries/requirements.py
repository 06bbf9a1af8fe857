"""What is asked of the handover at the door, and what shows that it was done?

Whoever orders says what is wished (:class:`Wishes`), the merchant's usual ways stand in where
nothing is said, and both together are the :class:`Requirements` of one delivery. Some wishes
exclude each other: nobody reads out a PIN, signs, shows an ID or pays when the parcel is left at
the door. Those are refused before anything is promised, never resolved in silence.
Source: Uber Direct's rules for ``deliverable_action`` (no PIN, signature or ID with leave_at_door,
which always takes a photo).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum

from chalicelib.domain.merchants.model import DoorPolicy
from chalicelib.kit.geo import LatLng

OLDEST_AGE = 99
#: Skills of a driver without which a handover cannot be done; the first is the law's.
AGE_CHECK, CASH = "age_check", "cash"
#: Nearer than a phone can tell in a street of houses would send every tap to review; further away
#: than this it shows nothing.
LEAST_GEOFENCE_M, MOST_GEOFENCE_M = 25, 2_000
#: A million of most currencies: more than anybody hands over at a door.
MOST_CASH_MINOR = 100_000_000


class DoorAction(StrEnum):
    MEET_AT_DOOR = "meet_at_door"
    LEAVE_AT_DOOR = "leave_at_door"


class ProofKind(StrEnum):
    PHOTO = "photo"
    PIN = "pin"
    SIGNATURE = "signature"
    NAME = "name"
    BARCODE = "barcode"
    ID_AGE = "id_age"
    CASH = "cash"


@dataclass(frozen=True, slots=True)
class Proof:
    """What shows that it was handed over, and where the driver's phone was.

    Photos and signatures are named by their id. ``min_age``: the recipient's ID showed so many
    years at least; no date of birth is kept. A name is personal data and stands in the recipient's
    item, not here.
    """

    kind: ProofKind
    proof_id: str | None = None
    position: LatLng | None = None
    min_age: int | None = None
    cash_minor: int | None = None
    barcode: str | None = None


class Conflict(StrEnum):
    """Why wishes cannot be kept together; stable codes that integrators read."""

    LEAVE_WITH_PIN = "leave_at_door_with_pin"
    LEAVE_WITH_SIGNATURE = "leave_at_door_with_signature"
    LEAVE_WITH_ID = "leave_at_door_with_id"
    LEAVE_WITH_CASH = "leave_at_door_with_cash"
    CASH_CURRENCY = "cash_currency_mismatch"
    CASH_OUT_OF_BOUNDS = "cash_out_of_bounds"
    AGE_OUT_OF_BOUNDS = "age_out_of_bounds"
    GEOFENCE_OUT_OF_BOUNDS = "geofence_out_of_bounds"


@dataclass(frozen=True, slots=True)
class Requirements:
    """What one handover needs. ``id_min_age``: the recipient shows an ID and is so old at least;
    ``cash_minor`` of ``currency`` is collected, 0 for none. ``barcode``: the parcel is scanned at
    the door. ``geofence_m``: a tap further from the door goes to review; it stops nobody."""

    action: DoorAction = DoorAction.MEET_AT_DOOR
    pin: bool = False
    signature: bool = False
    photo: bool = False
    id_min_age: int | None = None
    cash_minor: int = 0
    currency: str | None = None
    barcode: bool = False
    geofence_m: int | None = None

    @property
    def proofs(self) -> tuple[ProofKind, ...]:
        """The kinds of proof without which the handover does not count."""
        asked = {
            ProofKind.PIN: self.pin,
            ProofKind.SIGNATURE: self.signature,
            ProofKind.PHOTO: self.photo,
            ProofKind.BARCODE: self.barcode,
            ProofKind.ID_AGE: self.id_min_age is not None,
            ProofKind.CASH: self.cash_minor > 0,
        }
        return tuple(kind for kind, is_asked in asked.items() if is_asked)

    @property
    def skills(self) -> frozenset[str]:
        """What a driver has to be able to do at this door."""
        asked = {AGE_CHECK: self.id_min_age is not None, CASH: self.cash_minor > 0}
        return frozenset(skill for skill, is_asked in asked.items() if is_asked)

    def missing(self, shown: Iterable[Proof]) -> tuple[ProofKind, ...]:
        """What was asked for and is not shown, or not as it was asked for."""
        given = {proof.kind: proof for proof in shown}
        return tuple(kind for kind in self.proofs if not self._is_met(given.get(kind)))

    def _is_met(self, proof: Proof | None) -> bool:
        if proof is None:
            return False
        if proof.kind is ProofKind.ID_AGE:
            return (proof.min_age or 0) >= (self.id_min_age or 0)
        # Too much in the driver's pocket is as wrong as too little.
        return proof.kind is not ProofKind.CASH or proof.cash_minor == self.cash_minor

    @property
    def conflict(self) -> Conflict | None:
        """The first reason why these cannot stand together."""
        if self.id_min_age is not None and not 0 < self.id_min_age <= OLDEST_AGE:
            return Conflict.AGE_OUT_OF_BOUNDS
        if not 0 <= self.cash_minor <= MOST_CASH_MINOR:
            return Conflict.CASH_OUT_OF_BOUNDS
        if self.geofence_m and not LEAST_GEOFENCE_M <= self.geofence_m <= MOST_GEOFENCE_M:
            return Conflict.GEOFENCE_OUT_OF_BOUNDS
        if self.action is not DoorAction.LEAVE_AT_DOOR:
            return None
        excluded = {
            Conflict.LEAVE_WITH_PIN: self.pin,
            Conflict.LEAVE_WITH_SIGNATURE: self.signature,
            Conflict.LEAVE_WITH_ID: self.id_min_age is not None,
            Conflict.LEAVE_WITH_CASH: self.cash_minor > 0,
        }
        return next((reason for reason, is_asked in excluded.items() if is_asked), None)


#: Somebody is there, and nothing more is asked.
NOTHING = Requirements()


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an order says of the door; None is "nothing said".

    ``id_min_age`` 0 asks for no ID where the merchant usually does, ``geofence_m`` 0 for no fence.
    ``is_customers``: the wish to have it left at the door comes from the shop's customer, who
    cannot waive what the merchant insists on.
    """

    action: DoorAction | None = None
    pin: bool | None = None
    signature: bool | None = None
    photo: bool | None = None
    id_min_age: int | None = None
    cash_minor: int | None = None
    currency: str | None = None
    is_customers: bool = False
    barcode: bool | None = None
    geofence_m: int | None = None

    @property
    def needs_a_door(self) -> bool:
        """Whether anything is wished that only a door has."""
        asked = (self.pin, self.signature, self.photo, self.id_min_age, self.cash_minor)
        watched = self.barcode or self.geofence_m
        return any(asked) or bool(watched) or self.action is DoorAction.LEAVE_AT_DOOR

    @property
    def has_cash(self) -> bool:
        return bool(self.cash_minor)


#: Nothing is said of the door.
SILENCE = Wishes()


def resolve(wishes: Wishes, policy: DoorPolicy, currency: str | None) -> Requirements | Conflict:
    """What is agreed on, or why it cannot be.

    Parameters
    ----------
    currency
        The merchant's; needed only where cash is wished.
    """
    fence = policy.geofence_m if wishes.geofence_m is None else wishes.geofence_m or None
    age = policy.id_min_age if wishes.id_min_age is None else wishes.id_min_age or None
    wanted = Requirements(
        pin=policy.pin if wishes.pin is None else wishes.pin,
        signature=policy.signature if wishes.signature is None else wishes.signature,
        photo=policy.photo if wishes.photo is None else wishes.photo,
        id_min_age=age,
        cash_minor=wishes.cash_minor or 0,
        currency=currency if wishes.has_cash else None,
        barcode=policy.barcode if wishes.barcode is None else wishes.barcode,
        geofence_m=fence,
    )
    if wishes.has_cash and wishes.currency not in (None, currency):
        return Conflict.CASH_CURRENCY
    wanted = replace(wanted, action=_action(wishes, policy, wanted))
    if wanted.conflict is not None:
        return wanted.conflict
    # Nobody is there to say that it came: the photo does.
    return replace(wanted, photo=wanted.photo or wanted.action is DoorAction.LEAVE_AT_DOOR)


def _action(wishes: Wishes, policy: DoorPolicy, wanted: Requirements) -> DoorAction:
    left = replace(wanted, action=DoorAction.LEAVE_AT_DOOR)
    if wishes.action is None:
        usual = policy.leaves_at_door and left.conflict is None
        return DoorAction.LEAVE_AT_DOOR if usual else DoorAction.MEET_AT_DOOR
    if wishes.action is DoorAction.LEAVE_AT_DOOR and wishes.is_customers:
        own = Requirements(pin=policy.pin, signature=policy.signature, id_min_age=policy.id_min_age)
        insists = replace(own, action=DoorAction.LEAVE_AT_DOOR).conflict is not None
        said = wishes.pin or wishes.signature or wishes.id_min_age or wishes.has_cash
        if insists and not said:
            return DoorAction.MEET_AT_DOOR
    return wishes.action


def wishes_of(agreed: Requirements) -> Wishes:
    """The same, said explicitly: so that nothing of it is left to what is usual by now."""
    return Wishes(
        action=agreed.action,
        pin=agreed.pin,
        signature=agreed.signature,
        photo=agreed.photo,
        id_min_age=agreed.id_min_age or 0,
        cash_minor=agreed.cash_minor,
        currency=agreed.currency,
        barcode=agreed.barcode,
        geofence_m=agreed.geofence_m or 0,
    )


def overlaid(under: Wishes, over: Wishes) -> Wishes:
    """Wishes where ``over`` speaks before ``under``."""
    return Wishes(
        action=over.action or under.action,
        pin=under.pin if over.pin is None else over.pin,
        signature=under.signature if over.signature is None else over.signature,
        photo=under.photo if over.photo is None else over.photo,
        id_min_age=under.id_min_age if over.id_min_age is None else over.id_min_age,
        cash_minor=under.cash_minor if over.cash_minor is None else over.cash_minor,
        currency=under.currency if over.cash_minor is None else over.currency,
        barcode=under.barcode if over.barcode is None else over.barcode,
        geofence_m=under.geofence_m if over.geofence_m is None else over.geofence_m,
    )
