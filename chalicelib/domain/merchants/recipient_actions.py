"""What may a merchant's recipients ask for by their link? All, unless the merchant says less."""

from enum import StrEnum


class RecipientAction(StrEnum):
    RECOVERY = "recovery"
    NOTE = "note"
    SAFE_PLACE = "safe_place"
    NEIGHBOUR = "neighbour"
    IF_MISSED = "if_missed"
    WINDOW = "window"
    PICKUP_POINT = "pickup_point"
    DOOR = "door"
    CANCEL = "cancel"
    TEXTS = "texts"


#: Nobody may be kept from wanting no more texts.
ALWAYS = frozenset({RecipientAction.TEXTS})
ALL_ACTIONS = frozenset(RecipientAction)
