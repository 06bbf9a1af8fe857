"""How do people read a time? Days, clocks and spans in a place's own zone and habit.

Whether hours are counted to 12 or to 24 is the place's habit; the words are the reader's. Western
digits in every language, as phones in Arabic show them as well. Whole minutes. Source: CLDR 44
``timeData`` (preferred hour format of a country).
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from chalicelib.kit.languages import ENGLISH, Translator, mark

#: Countries that write 2:30 pm. Source: CLDR 44 timeData, preferred "h", where one of our languages
#: is spoken.
_HALF_DAYS = frozenset(
    (
        *("AU", "CA", "IN", "MY", "NZ", "PH", "PK", "SG", "US"),
        *("AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN"),
        *("MX", "NI", "PA", "PE", "PR", "PY", "SV", "UY", "VE"),
        *("AE", "BH", "DZ", "EG", "IQ", "JO", "KW", "LB", "LY", "MR"),
        *("OM", "PS", "QA", "SA", "SD", "SY", "TN", "YE"),
    )
)
_DAYS = (
    *(mark("Monday"), mark("Tuesday"), mark("Wednesday"), mark("Thursday")),
    *(mark("Friday"), mark("Saturday"), mark("Sunday")),
)
_SHORT_DAYS = (
    *(mark("Mon"), mark("Tue"), mark("Wed"), mark("Thu")),
    *(mark("Fri"), mark("Sat"), mark("Sun")),
)
_MONTHS = (
    *(mark("January"), mark("February"), mark("March"), mark("April"), mark("May"), mark("June")),
    *(mark("July"), mark("August"), mark("September"), mark("October"), mark("November")),
    mark("December"),
)
_SHORT_MONTHS = (
    *(mark("Jan"), mark("Feb"), mark("Mar"), mark("Apr"), mark("May"), mark("Jun")),
    *(mark("Jul"), mark("Aug"), mark("Sep"), mark("Oct"), mark("Nov"), mark("Dec")),
)
_NEAR = {0: mark("today"), 1: mark("tomorrow"), -1: mark("yesterday")}


def uses_half_days(country: str) -> bool:
    """Whether people there write am and pm."""
    return country.upper() in _HALF_DAYS


@dataclass(frozen=True, slots=True)
class Reading:
    """How times are read at one place, by whom ``t`` speaks to."""

    zone: ZoneInfo
    half_days: bool = False
    t: Translator = ENGLISH

    def clock(self, at: datetime) -> str:
        """``14:05``, or ``2:05 pm``."""
        local = at.astimezone(self.zone)
        return self._half(local, self._digits(local)) if self.half_days else self._digits(local)

    def span(self, start_at: datetime, end_at: datetime) -> str:
        """``14:00–16:00``, or ``2:00–4:00 pm``."""
        start, end = start_at.astimezone(self.zone), end_at.astimezone(self.zone)
        if self.half_days and (start.hour < 12) == (end.hour < 12):
            return self._half(start, self._between(self._digits(start), self._digits(end)))
        return self._between(self.clock(start_at), self.clock(end_at))

    def day(self, at: datetime, now: datetime) -> str:
        """``Today``, ``Tomorrow``, ``Yesterday``, else ``Friday 27 November``."""
        day = self.inner_day(at, now)
        return day[:1].upper() + day[1:]

    def inner_day(self, at: datetime, now: datetime) -> str:
        """The same inside of a sentence: ``today``."""
        local = at.astimezone(self.zone).date()
        near = _NEAR.get((local - now.astimezone(self.zone).date()).days)
        if near is not None:
            return self.t.say(near)
        return self.t.say(
            "{weekday} {day} {month}",
            weekday=self.t.say(_DAYS[local.weekday()]),
            day=local.day,
            month=self.t.say(_MONTHS[local.month - 1]),
        )

    def promise(self, start_at: datetime, end_at: datetime, now: datetime) -> str:
        """``today, 14:00–16:00``, as it stands inside of a sentence."""
        day, hours = self.inner_day(start_at, now), self.span(start_at, end_at)
        return self.t.say("{day}, {hours}", day=day, hours=hours)

    def brief_promise(self, start_at: datetime, end_at: datetime, now: datetime) -> str:
        """``tomorrow, 14:00–16:00``, or ``Fri 27 Nov, 14:00–16:00``: for a text."""
        local = start_at.astimezone(self.zone).date()
        near = (local - now.astimezone(self.zone).date()).days in _NEAR
        day = self.inner_day(start_at, now) if near else self.short_day(local)
        return self.t.say("{day}, {hours}", day=day, hours=self.span(start_at, end_at))

    def moment(self, at: datetime, now: datetime) -> str:
        """``14:05`` today, else ``Fri 27 Nov, 14:05``: the label of a step."""
        local = at.astimezone(self.zone)
        if local.date() == now.astimezone(self.zone).date():
            return self.clock(at)
        return self.t.say("{day}, {hours}", day=self.short_day(local.date()), hours=self.clock(at))

    def short_day(self, day: date) -> str:
        """``Fri 27 Nov``."""
        return self.t.say(
            "{weekday} {day} {month}",
            weekday=self.t.say(_SHORT_DAYS[day.weekday()]),
            day=day.day,
            month=self.t.say(_SHORT_MONTHS[day.month - 1]),
        )

    def _digits(self, local: datetime) -> str:
        return f"{local.hour % 12 or 12}:{local:%M}" if self.half_days else f"{local:%H:%M}"

    def _half(self, local: datetime, clock: str) -> str:
        if local.hour < 12:
            return self.t.say("{clock} am", clock=clock)
        return self.t.say("{clock} pm", clock=clock)

    def _between(self, start: str, end: str) -> str:
        return self.t.say("{start}–{end}", start=start, end=end)
