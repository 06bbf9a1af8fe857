"""Which texts does a merchant choose for an ordinary delivery, and how many at most?

Names are those of ``messaging.templates``; the first that happen are sent, until it is enough.
"""

from dataclasses import dataclass

ORDINARY = ("order_accepted", "out_for_delivery", "near", "arrived", "delivered")
MOST = 4


@dataclass(frozen=True, slots=True)
class TextChoice:
    ordinary: tuple[str, ...] = ("out_for_delivery", "near", "delivered")
    most: int = 2


USUAL_TEXTS = TextChoice()
