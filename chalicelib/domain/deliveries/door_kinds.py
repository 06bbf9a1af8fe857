"""What kind of door is it? House, apartment, business, pickup point: how long handing over takes.

Told from the address as the shop wrote it and from the parcels; a guess is enough, for the minutes
of each kind are learned from what its doors really took. The address itself is personal data and
goes no further than this word.
"""

import re

from chalicelib.domain.deliveries.model import DoorKind, Recipient
from chalicelib.kit.parcel import Parcel

#: So many parcels for one door are seldom somebody's home.
_PARCELS_OF_A_BUSINESS = 4
_FIRM = re.compile(
    r"\b(gmbh|ag|kg|ohg|ug|ltd|limited|llc|inc|plc|corp|company|bv|nv|sarl|sas|spa|srl"
    r"|office|b[uü]ro|praxis|clinic|hotel|school|schule|kanzlei|studio|store|shop)\b",
    re.IGNORECASE,
)
_FLAT = re.compile(
    r"\b(apt|apartment|flat|unit|suite|floor|etage|stock|og|whg|wohnung|wohneinheit|top|piso"
    r"|bell|klingel|hinterhaus|hh|vh|[0-9]+\s*\.?\s*(og|stock|floor|etage))\b|#\s*[0-9]+",
    re.IGNORECASE,
)


def kind_of(recipient: Recipient, parcel: Parcel) -> DoorKind:
    """The kind of a recipient's door."""
    second_line = recipient.address.line2
    if _FIRM.search(recipient.name) or _FIRM.search(second_line):
        return DoorKind.BUSINESS
    if parcel.count >= _PARCELS_OF_A_BUSINESS:
        return DoorKind.BUSINESS
    # A second line that names no firm says where in a building the door is.
    if second_line.strip() or _FLAT.search(recipient.notes):
        return DoorKind.APARTMENT
    return DoorKind.HOUSE
