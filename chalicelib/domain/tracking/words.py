"""How do people read a time? Days, clocks and spans in a place's own zone and habit.

English words; 24-hour clocks except where people count half days. Whole minutes, an en dash
between the ends of a span. Sources: CLDR ``timeData`` (preferred hour format of a country).
"""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.kit.languages import ENGLISH, Translator

#: Countries that write 2:30 pm. Source: CLDR 46 timeData, preferred "h", English-speaking part.
_HALF_DAYS = frozenset({"AU", "CA", "IN", "MY", "NZ", "PH", "PK", "SG", "US"})
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August"),
    *("September", "October", "November", "December"),
)


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
        if not self.half_days:
            return f"{local:%H:%M}"
        return f"{local.hour % 12 or 12}:{local:%M} {'am' if local.hour < 12 else 'pm'}"

    def span(self, start_at: datetime, end_at: datetime) -> str:
        """``14:00–16:00``, or ``2:00–4:00 pm``."""
        start, end = self.clock(start_at), self.clock(end_at)
        if self.half_days and start[-2:] == end[-2:]:
            start = start[:-3]
        return f"{start}–{end}"

    def day(self, at: datetime, now: datetime) -> str:
        """``Today``, ``Tomorrow``, ``Yesterday``, else ``Friday 27 November``."""
        local, today = at.astimezone(self.zone).date(), now.astimezone(self.zone).date()
        near = {0: "Today", 1: "Tomorrow", -1: "Yesterday"}.get((local - today).days)
        return near or f"{_DAYS[local.weekday()]} {local.day} {_MONTHS[local.month - 1]}"

    def moment(self, at: datetime, now: datetime) -> str:
        """``14:05`` today, else ``Fri 27 Nov, 14:05``: the label of a step."""
        local = at.astimezone(self.zone)
        if local.date() == now.astimezone(self.zone).date():
            return self.clock(at)
        day, month = _DAYS[local.weekday()][:3], _MONTHS[local.month - 1][:3]
        return f"{day} {local.day} {month}, {self.clock(at)}"
