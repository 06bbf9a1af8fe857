"""Nobody took it: what can the recipient choose to happen next, and what happens without a choice?

Everything that the room of recovery offers for this parcel now, in the recipient's words: again
today, another day, a pickup point, a safe place, a neighbour, back to the shop. What is chosen is
checked there once more; the same choice twice is one.
"""

from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.recipients.options import Option, read_window, write_window
from chalicelib.domain.recovery import store as recovery
from chalicelib.domain.recovery import wishes
from chalicelib.domain.recovery.model import Chosen, Weighed, Wish
from chalicelib.domain.tracking.service import delivery_of
from chalicelib.domain.tracking.words import Reading, uses_half_days
from chalicelib.kit.errors import NotFound
from chalicelib.kit.languages import Translator, mark
from chalicelib.storage.unit_of_work import UnitOfWork

_LABELS = {
    Remedy.SAFE_PLACE: mark("Leave it in my safe place"),
    Remedy.NEIGHBOUR: mark("Give it to my neighbour"),
    Remedy.POINT_ON_TOUR: mark("Bring it to a pickup point"),
    Remedy.PICKUP_POINT: mark("Bring it to a pickup point"),
    Remedy.AGAIN_TODAY: mark("Come again today"),
    Remedy.ANOTHER_DAY: mark("Bring it another day"),
    Remedy.RETURN: mark("Send it back to the shop"),
}


def options(uow: UnitOfWork, delivery: Delivery, t: Translator) -> tuple[Option, ...]:
    """What can be chosen now, the usual first; nothing when it is settled."""
    choice = wishes.options(uow, delivery)
    if choice is None:
        return ()
    # Two ways to the same kind of place are one to the recipient: the cheaper, which comes first.
    offered: dict[str, Weighed] = {}
    for one in choice.options:
        if one.remedy in _LABELS:
            offered.setdefault(_LABELS[one.remedy], one)
    reading = _reading(uow, delivery, t)
    chosen = choice.decision.chosen
    return tuple(
        Option(
            _value(one),
            t.say(label),
            _note(uow, delivery, one, reading),
            _is_chosen(one, chosen),
        )
        for label, one in offered.items()
    )


def planned(uow: UnitOfWork, delivery: Delivery, t: Translator) -> str:
    """What happens without a choice, or by the last one; empty when nothing is open."""
    decision = recovery.find_for(uow, delivery)
    if decision is None or not decision.is_open or decision.chosen.remedy not in _LABELS:
        return ""
    chosen = decision.chosen
    where = _note(uow, delivery, chosen, _reading(uow, delivery, t))
    label = t.say(_LABELS[chosen.remedy])
    return f"{label} ({where})" if where else label


def read(value: str) -> Wish:
    """What a form says; raise ValueError when that can be no choice."""
    remedy, _, rest = value.partition(" ")
    if rest.startswith("pup_"):
        return Wish(Remedy(remedy), point_id=rest)
    return Wish(Remedy(remedy), window=read_window(rest) if rest else None)


def choose(uow: UnitOfWork, token: str, wanted: Wish) -> None:
    """Choose one of them; raise NothingFailed, RecoverySettled or RemedyNotAllowed."""
    wishes.wish(uow, delivery_of(uow, token), wanted)


def _value(one: Weighed) -> str:
    where = one.point_id or ("" if one.window is None else write_window(one.window))
    return f"{one.remedy.value} {where}".strip()


def _note(uow: UnitOfWork, delivery: Delivery, one: Weighed | Chosen, reading: Reading) -> str:
    """Where or when that would be."""
    if one.point_id is not None:
        try:
            point = pickup_points.load(uow, one.point_id)
        except NotFound:
            return ""
        return f"{point.name}, {point.line1}"
    if one.window is None:
        return ""
    day = reading.day(one.window.start_at, uow.now)
    return f"{day}, {reading.span(one.window.start_at, one.window.end_at)}"


def _is_chosen(one: Weighed, chosen: Chosen) -> bool:
    return _LABELS[one.remedy] == _LABELS.get(chosen.remedy)


def _reading(uow: UnitOfWork, delivery: Delivery, t: Translator) -> Reading:
    hub = merchants.load_hub(uow, delivery.hub_id)
    return Reading(ZoneInfo(hub.timezone), uses_half_days(hub.country), t)
