"""How many texts may go where, and for how much? What stands between an attacker and a phone bill.

Whoever pumps texts needs many to one number, to one country, or by one merchant's stolen key: each
has a ceiling, countries must be allowed, and the month has a budget. The ceiling of a number is
strict: its tally is written in the same commit as the claim to the text. The others are counters
that many workers share; they may overshoot by as many texts as are on their way at once.
All of it goes by business time, like the texts themselves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

from chalicelib.domain.merchants import store as merchants
from chalicelib.kit import money
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.keys import Key
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
#: So often the carrier's own list of opt-outs is asked again.
CHECKED_EVERY = timedelta(days=7)
_KEPT = timedelta(days=8)
#: From so much of the budget on, what can wait is not sent any more.
SAVING_PERCENT = 80
_MICROS = 1_000_000


class Weight(IntEnum):
    """How much it matters; a dwindling budget stops the light ones first."""

    LIGHT = 0
    USUAL = 1
    #: Codes, and what became of a failed attempt: sent whatever the budget says.
    VITAL = 2


class Barred(StrEnum):
    """Why a text may not be sent; merchants read it as the text's note."""

    COUNTRY = "country_not_allowed"
    NUMBER = "number_ceiling"
    MERCHANT = "merchant_ceiling"
    COUNTRY_HOUR = "country_ceiling"
    BUDGET = "budget_spent"


@dataclass(frozen=True, slots=True)
class TextRules:
    """What the operator allows. ``countries``: None for those of the hubs.

    Prices are millionths of the currency's unit for one part: 6,450 is 0.00645 dollars.
    ``usual_price_micros`` counts for countries without a price.
    """

    countries: tuple[str, ...] | None = None
    per_number_hour: int = 3
    per_number_day: int = 10
    per_merchant_day: int = 5_000
    per_country_hour: int = 2_000
    currency: str = "USD"
    budget_minor: int | None = None
    prices_micros: Mapping[str, int] = field(default_factory=dict)
    usual_price_micros: int = 0
    version: int = 0

    def price_micros(self, country: str, parts: int) -> int:
        return self.prices_micros.get(country, self.usual_price_micros) * parts

    @property
    def budget_micros(self) -> int | None:
        if self.budget_minor is None:
            return None
        per_unit: int = 10 ** money.decimals(self.currency)
        return self.budget_minor * _MICROS // per_unit


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text that somebody would like to send. ``number`` is the phone's keyed hash.

    ``is_counted``: an earlier try of the same text, which surely was not sent, has been counted.
    """

    phone: Phone
    number: str
    weight: Weight
    merchant_id: str | None = None
    parts: int = 1
    is_counted: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """It may be sent, once :func:`take` has counted it."""

    wanted: Wanted
    country: str
    price_micros: int
    tally: "Tally"


@dataclass(frozen=True, slots=True)
class Tally:
    """When a number got texts in the last day, and when the carrier was asked about it."""

    sent_at: tuple[datetime, ...] = ()
    checked_at: datetime | None = None
    version: int = 0

    def since(self, at: datetime) -> int:
        return sum(one > at for one in self.sent_at)

    def is_unchecked(self, now: datetime) -> bool:
        return self.checked_at is None or self.checked_at + CHECKED_EVERY <= now


def look(uow: UnitOfWork, rules: TextRules, wanted: Wanted) -> Admitted | Barred:
    """Whether a text may be sent; nothing is counted yet."""
    country = wanted.phone.country
    if country not in _countries(uow, rules):
        return Barred.COUNTRY
    tally = load_tally(uow, wanted.number)
    if wanted.is_counted:
        # It has its place below every ceiling: tries that came to nothing must not use it up.
        return Admitted(wanted, country, 0, tally)
    if (
        tally.since(uow.now - _HOUR) >= rules.per_number_hour
        or tally.since(uow.now - _DAY) >= rules.per_number_day
    ):
        return Barred.NUMBER
    counted = _counted(uow, country, wanted.merchant_id)
    if counted.by_merchant >= rules.per_merchant_day:
        return Barred.MERCHANT
    if counted.to_country >= rules.per_country_hour:
        return Barred.COUNTRY_HOUR
    price = rules.price_micros(country, wanted.parts)
    if not _affordable(rules, counted.spent_micros + price, wanted.weight):
        return Barred.BUDGET
    return Admitted(wanted, country, price, tally)


def take(uow: UnitOfWork, admitted: Admitted, *, checked: bool = False) -> None:
    """Count a text: the number in this unit's commit, the rest at once."""
    is_counted = admitted.wanted.is_counted
    lately = [one for one in admitted.tally.sent_at if one > uow.now - _DAY]
    checked_at = uow.now if checked else admitted.tally.checked_at
    sent_at = (*lately, *(() if is_counted else (uow.now,)))
    tally = Tally(sent_at, checked_at, admitted.tally.version)
    uow.put(
        keys.number_tally(admitted.wanted.number),
        _to_item(tally),
        expect=tally.version,
        expires_at=uow.wall_now + _KEPT,
    )
    if is_counted:
        return
    if admitted.wanted.merchant_id is not None:
        by_merchant = keys.merchant_texts(admitted.wanted.merchant_id, uow.now)
        uow.count(by_merchant, uow.wall_now + 2 * _DAY)
    uow.count(keys.country_texts(admitted.country, uow.now), uow.wall_now + _DAY)
    if admitted.price_micros:
        until = uow.wall_now + timedelta(days=40)
        uow.count(keys.text_spend(uow.now), until, admitted.price_micros)


def take_address(uow: UnitOfWork, rules: TextRules, hashed: str) -> bool:
    """Count an e-mail to an address, by its hash; False when it had as many as a number may."""
    tally = load_tally(uow, hashed)
    if tally.since(uow.now - _HOUR) >= rules.per_number_hour:
        return False
    lately = [one for one in tally.sent_at if one > uow.now - _DAY]
    after = Tally((*lately, uow.now), None, tally.version)
    until = uow.wall_now + _KEPT
    uow.put(keys.number_tally(hashed), _to_item(after), expect=tally.version, expires_at=until)
    return True


def spent_micros(uow: UnitOfWork) -> int:
    """What this month's texts cost so far, by the operator's prices."""
    return _count_of(uow.get(keys.text_spend(uow.now)))


def load_tally(uow: UnitOfWork, number: str) -> Tally:
    item = uow.get(keys.number_tally(number))
    if item is None:
        return Tally()
    checked = item["checked_at"]
    sent_at = tuple(read_instant(one) for one in item["sent_at"])
    return Tally(sent_at, checked and read_instant(checked), item["version"])


@dataclass(frozen=True, slots=True)
class _Counted:
    by_merchant: int
    to_country: int
    spent_micros: int


def _counted(uow: UnitOfWork, country: str, merchant_id: str | None) -> _Counted:
    places: dict[str, Key] = {
        "country": keys.country_texts(country, uow.now),
        "spend": keys.text_spend(uow.now),
    }
    if merchant_id is not None:
        places["merchant"] = keys.merchant_texts(merchant_id, uow.now)
    found = uow.get_many(places.values())
    of = {name: _count_of(found.get(key)) for name, key in places.items()}
    return _Counted(of.get("merchant", 0), of["country"], of["spend"])


def _count_of(item: Item | None) -> int:
    return 0 if item is None else int(item["counted"])


def _countries(uow: UnitOfWork, rules: TextRules) -> frozenset[str]:
    if rules.countries is not None:
        return frozenset(rules.countries)
    return frozenset(hub.country for hub in merchants.list_hubs(uow))


def _affordable(rules: TextRules, spent: int, weight: Weight) -> bool:
    budget = rules.budget_micros
    if budget is None or weight is Weight.VITAL:
        return True
    percent = 100 if weight is Weight.USUAL else SAVING_PERCENT
    return spent * 100 <= budget * percent


def _to_item(tally: Tally) -> Item:
    return {
        "sent_at": [write_instant(one) for one in tally.sent_at],
        "checked_at": tally.checked_at and write_instant(tally.checked_at),
    }
