"""How are hours of the day written? ``"08:00"`` to ``"24:00"``, day by day."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints

from chalicelib.entry import rest
from chalicelib.kit.hours import WEEKDAYS, Span, WeekHours

#: A reading of a clock; 24:00 is the end of the day.
ClockTime = Annotated[str, StringConstraints(pattern=r"^(?:[01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$")]


class HoursOfDay(rest.Body):
    opens: ClockTime
    closes: ClockTime

    model_config = rest.example(opens="08:00", closes="21:00")


_Day = Annotated[list[HoursOfDay], Field(max_length=4, default_factory=list)]


class HoursOfWeek(rest.Body):
    """The hours of each weekday; a day that is left out is closed."""

    monday: _Day
    tuesday: _Day
    wednesday: _Day
    thursday: _Day
    friday: _Day
    saturday: _Day
    sunday: _Day

    model_config = rest.example(
        monday=[{"opens": "08:00", "closes": "12:00"}, {"opens": "14:00", "closes": "21:00"}]
    )

    def hours(self) -> WeekHours:
        """The hours in our words; raise ValueError when they overlap or end before they begin."""
        return WeekHours(
            tuple(
                tuple(Span(minutes(one.opens), minutes(one.closes)) for one in getattr(self, day))
                for day in WEEKDAYS
            )
        )


def minutes(reading: str) -> int:
    hour, _, minute = reading.partition(":")
    return int(hour) * 60 + int(minute)


def reading(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def write_hours(hours: WeekHours) -> dict[str, Any]:
    return {
        day: [
            {"opens": reading(span.opens_min), "closes": reading(span.closes_min)} for span in spans
        ]
        for day, spans in zip(WEEKDAYS, hours.days, strict=True)
        if spans
    }
