"""Which texts does a merchant choose for an ordinary delivery, and how many at most?

Names are those of ``messaging.templates``; the first that happen are sent, until it is enough.
"""

from dataclasses import dataclass
from enum import StrEnum

ORDINARY = ("order_accepted", "out_for_delivery", "near", "arrived", "delivered")
MOST = 4


class Tone(StrEnum):
    """``PLAIN`` greets nobody by name."""

    KIND = "kind"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class TextChoice:
    ordinary: tuple[str, ...] = ("out_for_delivery", "near", "delivered")
    most: int = 2
    tone: Tone = Tone.KIND


USUAL_TEXTS = TextChoice()
