"""What do we ask a locker's operator for? Words that the rooms and the gateway share."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WantedCompartment:
    """A compartment that is asked for: no word about whose parcel it is.

    ``reservation`` is our own name for it, ``point`` the operator's for its locker.
    """

    reservation: str
    point: str
    size: str
    weight_g: int
    volume_ml: int
    keep_days: int
    collect_code: str
