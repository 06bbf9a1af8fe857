"""What does a shop's order say of the door? Attributes, tags, and cash to be collected.

No platform has fields for these; shops and their plugins write attributes (``Leave-At-Door: yes``)
and tags (``leave-at-door``). Free texts are left to people. Who pays the driver is told by the
payment method, never by a note.
"""

import re
from collections.abc import Iterable, Mapping

from chalicelib.domain.deliveries.requirements import DoorAction, Wishes
from chalicelib.domain.intake.order import MOST_TIP_MINOR
from chalicelib.kit.money import minor_units

_YES = frozenset({"yes", "true", "1", "on", "required", "x"})
_NO = frozenset({"no", "false", "0", "off"})
_AGE_TAG = re.compile(r"(?:id-check|id-min-age|age)-([0-9]{1,3})")
#: An age that was meant and cannot be read must not mean none.
_UNREADABLE_AGE = -1
#: How shops call it when the driver collects the money.
_ON_DELIVERY = ("cash on delivery", "(cod)")


def door_wishes(
    named: Mapping[str, str], tags: Iterable[str] = (), cash: tuple[int, str] | None = None
) -> Wishes:
    """What is wished, by attributes under their normalised names (see ``wishes``) and by tags.

    Parameters
    ----------
    cash
        The amount to be collected and its currency.
    """
    marks = {"-".join(tag.strip().lower().replace("_", " ").split()) for tag in tags}
    cash_minor, currency = cash or (None, None)
    return Wishes(
        action=_action(named, marks),
        pin=_flag("pin-required", named, marks),
        signature=_flag("signature-required", named, marks),
        photo=_flag("photo-required", named, marks),
        id_min_age=_age(named, marks),
        cash_minor=cash_minor,
        currency=currency,
        is_customers=True,
        barcode=_flag("barcode-required", named, marks),
    )


def is_paid_on_delivery(methods: Iterable[str]) -> bool:
    """Whether a shop's names of its payment methods mean that the driver collects the money."""
    told = " ".join(methods).lower()
    return any(name in told for name in _ON_DELIVERY)


def cash_of(amount: str | None, currency: str | None) -> tuple[int, str] | None:
    """What is to be collected, of an amount as shops write it; None when nothing is.

    An amount that cannot be read is one that nobody can collect: below zero, it is refused.
    """
    code = (currency or "").strip().upper()
    minor = minor_units(amount or "", code)
    if minor is None:
        return -1, code
    return (minor, code) if minor else None


def tip_of(amount: str | None, currency: str | None) -> int | None:
    """A tip as shops write it; None where none can be read: nobody loses an order over it."""
    code = (currency or "").strip().upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        return None
    minor = minor_units(amount or "", code)
    return minor if minor is not None and minor <= MOST_TIP_MINOR else None


def _action(named: Mapping[str, str], marks: set[str]) -> DoorAction | None:
    told = named.get("delivery-action", "").lower().replace("-", "_").replace(" ", "_")
    if told in set(DoorAction):
        return DoorAction(told)
    leaves = _flag("leave-at-door", named, marks)
    if leaves is None:
        return None
    return DoorAction.LEAVE_AT_DOOR if leaves else DoorAction.MEET_AT_DOOR


def _flag(name: str, named: Mapping[str, str], marks: set[str]) -> bool | None:
    """A yes by attribute or tag; a no by attribute; None when nothing is said."""
    told = named.get(name, "").lower()
    if told in _YES or name in marks:
        return True
    return False if told in _NO else None


def _age(named: Mapping[str, str], marks: set[str]) -> int | None:
    told = named.get("id-min-age") or named.get("minimum-age")
    if told is not None:
        return int(told) if told.isascii() and told.isdigit() and len(told) < 4 else _UNREADABLE_AGE
    ages = [int(found[1]) for mark in marks if (found := _AGE_TAG.fullmatch(mark))]
    return max(ages, default=None)
