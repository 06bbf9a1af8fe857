"""What does the page of an action show: the form with what is chosen now, or why there is none?"""

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from chalicelib.domain.deliveries import rescheduling
from chalicelib.domain.deliveries.instructions import NO_INSTRUCTIONS, Instructions
from chalicelib.domain.deliveries.model import Delivery, Recipient
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.recipient_actions import RecipientAction as Action
from chalicelib.domain.pickup_points import store as pickup_points
from chalicelib.domain.pickup_points.model import Wanted
from chalicelib.domain.recipients import factor, mending, words
from chalicelib.domain.recipients.choices import GUARDED, choice_of, choices
from chalicelib.domain.recipients.options import Option, write_window
from chalicelib.domain.recipients.service import recipient_of, wishes_for
from chalicelib.domain.tracking.service import delivery_of
from chalicelib.domain.tracking.words import Reading, uses_half_days
from chalicelib.kit.languages import Asked, Translator
from chalicelib.storage.unit_of_work import UnitOfWork

POINTS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the menu; ``note`` says why it cannot be chosen."""

    action: str
    label: str
    note: str
    is_possible: bool


@dataclass(frozen=True, slots=True)
class ActionPage:
    """``asks``: what the second factor is, empty for none. ``pin``: where our map has the door."""

    t: Translator
    action: str
    brand: str
    order_name: str
    label: str
    lead: str
    button: str
    why_not: str
    asks: str
    said: Instructions
    options: tuple[Option, ...] = ()
    pin: str = ""
    is_elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """What the recipient's page offers, and what became of the last choice.

    ``planned``: after a failed attempt, what happens unless the recipient chooses.
    """

    items: tuple[Item, ...]
    said: str
    planned: str = ""


def menu(uow: UnitOfWork, token: str, t: Translator, said: str | None) -> Menu:
    """``said``: the action that was carried out just now, as the page's address has it."""
    delivery = delivery_of(uow, token)
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    told = next((t.say(text) for action, text in words.SAID.items() if action == said), "")
    items = tuple(
        Item(
            one.action.value,
            t.say(words.LABELS[one.action]),
            "" if one.why_not is None else t.say(words.WHY_NOT[one.why_not]),
            one.why_not is None,
        )
        for one in choices(delivery, merchant)
    )
    return Menu(items, told, mending.planned(uow, delivery, t))


def open_page(uow: UnitOfWork, token: str, action: Action, asked: Asked) -> ActionPage:
    """The form of one action; raise NotFound or LinkExpired."""
    delivery = delivery_of(uow, token)
    merchant = merchants.load_merchant(uow, delivery.merchant_id)
    person = recipient_of(uow, delivery)
    t = asked.translator(merchant.language)
    why = choice_of(action, delivery, merchant).why_not
    shown = ActionPage(
        t=t,
        action=action.value,
        brand=merchant.name,
        order_name=delivery.order_name,
        label=t.say(words.LABELS[action]),
        lead=t.say(words.LEADS[action]),
        button=t.say(words.BUTTONS[action]) if action in words.BUTTONS else "",
        why_not="" if why is None else t.say(words.WHY_NOT[why]),
        asks=factor.asked_of(person).value if action in GUARDED else "",
        said=person.instructions if person else NO_INSTRUCTIONS,
        pin=str(delivery.dropoff),
        is_elsewhere=delivery.home is not None,
    )
    if why is not None or person is None:
        return shown
    return replace(shown, options=_options(uow, delivery, person, action, t))


def _options(
    uow: UnitOfWork, delivery: Delivery, person: Recipient, action: Action, t: Translator
) -> tuple[Option, ...]:
    if action is Action.IF_MISSED:
        return tuple(
            Option(one.value, t.say(words.WISHES[one]), "", one is delivery.if_missed)
            for one in wishes_for(person)
        )
    if action is Action.WINDOW:
        hub = merchants.load_hub(uow, delivery.hub_id)
        reading = Reading(ZoneInfo(hub.timezone), uses_half_days(hub.country), t)
        return tuple(
            Option(
                write_window(one.window),
                reading.span(one.window.start_at, one.window.end_at),
                reading.day(one.window.start_at, uow.now),
            )
            for one in rescheduling.windows(uow, delivery)
        )
    if action is Action.RECOVERY:
        return mending.options(uow, delivery, t)
    if action is Action.PICKUP_POINT:
        return _points(uow, delivery, t)
    return ()


def _points(uow: UnitOfWork, delivery: Delivery, t: Translator) -> tuple[Option, ...]:
    home = delivery.dropoff if delivery.home is None else delivery.home.dropoff
    wanted = Wanted(delivery.parcel.weight_g, delivery.parcel.volume_ml)
    return tuple(
        Option(
            near.point.id,
            near.point.name,
            t.say(
                "{address}, {distance} from your door",
                address=f"{near.point.line1}, {near.point.city}",
                distance=_away(near.distance_m),
            ),
            near.point.id == delivery.pickup_point_id,
        )
        for near in pickup_points.nearest(uow, home, wanted, POINTS_SHOWN)
    )


def _away(metres: int) -> str:
    return f"{round(metres, -1)} m" if metres < 950 else f"{metres / 1_000:.1f} km"
