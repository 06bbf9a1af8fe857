"""Which delivery is which part of an order that goes to several addresses?

Each address of such an order becomes a delivery: the first bears the order's own number, the others
the number and the address's (``250-252``). The lock of the order's number remembers which address
each of them went to, so a later version finds them again: an address that is gone has its delivery
cancelled (or brought back), a new one takes over what an old one left, or gets a delivery of its
own. A number whose address is gone is used no more.
"""

from collections.abc import Mapping
from dataclasses import replace

from chalicelib.domain.intake.order import Kind, Order

#: All of an order's parts are one commit, and each writes up to nine items.
MOST_PARTS = 10
#: The part that bears the order's own number.
PLAIN = ""
#: What is remembered of a part whose address is gone.
_GONE = "-"


def split(order: Order, known: Mapping[str, str] | None) -> tuple[list[Order], Mapping[str, str]]:
    """The orders of all parts, the plain one first, and what to remember of them.

    ``known``: what was remembered, part to address; None for an order that nobody knows yet.
    """
    versions = {one.part: one for one in (order, *order.further)}
    addresses = assign(known, tuple(versions))
    parts = []
    for part, address in addresses.items():
        version = versions.get(address)
        if version is None:
            if part and known and known.get(part) == _GONE:
                continue
            version = replace(order, kind=Kind.CANCELLED)
        parts.append(replace(version, order_id=_number(order.order_id, part), further=()))
    return parts, addresses


def assign(known: Mapping[str, str] | None, addresses: tuple[str, ...]) -> dict[str, str]:
    """Part to address, for what was known and what is there now."""
    before = {PLAIN: "?"} if known is None or not known else dict(known)
    kept = {part: address for part, address in before.items() if address in addresses}
    new = [address for address in addresses if address not in kept.values()]
    for part, address in before.items():
        if part in kept:
            continue
        kept[part] = new.pop(0) if new and address != _GONE else _GONE
    found = {part: kept[part] for part in before}
    return {**found, **{address: address for address in new}}


def _number(order_id: str, part: str) -> str:
    return f"{order_id}-{part}" if part else order_id
