"""How are areas and promises written and read? Forms of entry.api.service_areas and coverage."""

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, Field, StringConstraints, model_validator

from chalicelib.domain.coverage import geojson
from chalicelib.domain.coverage.model import Area, ClassRule, PromiseClass, Rules, Use
from chalicelib.domain.coverage.promises import WhyNot
from chalicelib.domain.coverage.service import Drawing
from chalicelib.entry import rest
from chalicelib.entry.api.hours_forms import (
    ClockTime,
    HoursOfWeek,
    minutes,
    reading,
    write_hours,
)
from chalicelib.entry.api.operator import Country, Timezone
from chalicelib.kit.geo import LatLng

#: Days of lead and of horizon where a class leaves them out.
_USUAL = {
    PromiseClass.SAME_DAY: (0, 0),
    PromiseClass.NEXT_DAY: (1, 7),
    PromiseClass.SCHEDULED: (1, 14),
    PromiseClass.PICKUP_POINT: (1, 7),
}
_CLASS = {"service": "same_day", "cut_off": "14:00", "window_s": 7200, "capacity_per_window": 40}
_SQUARE = [[13.37, 52.5], [13.43, 52.5], [13.43, 52.55], [13.37, 52.55], [13.37, 52.5]]
_AREA = {"type": "Polygon", "coordinates": [_SQUARE]}

Zone = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,39}$")]
#: A form with a field called ``date`` cannot name the class.
Day = date
Count = Annotated[int, Field(ge=0, le=1_000_000)]


class PromiseClassForm(rest.Body):
    """One class of delivery. ``lead_days``: the cut-off counts so many working days before the day
    of delivery. ``notice_s``: how long before a window ends the order is needed."""

    service: PromiseClass
    cut_off: ClockTime
    lead_days: Annotated[int, Field(ge=0, le=30)] | None = None
    horizon_days: Annotated[int, Field(ge=0, le=30)] | None = None
    window_s: Annotated[int, Field(ge=900, le=86_400, multiple_of=60)] | None = None
    notice_s: Annotated[int, Field(ge=0, le=86_400)] = 0
    capacity_per_window: Count | None = None

    model_config = rest.example(**_CLASS)

    @model_validator(mode="after")
    def _is_same_day(self) -> "PromiseClassForm":
        if self.service is PromiseClass.SAME_DAY and self.lead_days:
            raise ValueError("same_day has no lead_days")
        return self

    def rule(self) -> ClassRule:
        lead_days, horizon_days = _USUAL[self.service]
        return ClassRule(
            kind=self.service,
            cut_off_min=minutes(self.cut_off),
            lead_days=lead_days if self.lead_days is None else self.lead_days,
            horizon_days=horizon_days if self.horizon_days is None else self.horizon_days,
            window_s=self.window_s,
            notice_s=self.notice_s,
            capacity_per_window=self.capacity_per_window,
        )


class PromisesForm(rest.Body):
    """What a hub or an area promises; what an area leaves out is its hub's."""

    classes: Annotated[list[PromiseClassForm], Field(max_length=8, default_factory=list)]
    timezone: Timezone | None = None
    hours: HoursOfWeek | None = None
    holidays: Annotated[list[date], Field(max_length=400, default_factory=list)]
    capacity_per_day: Count | None = None

    model_config = rest.example(classes=[_CLASS], holidays=["2026-12-25"], capacity_per_day=400)

    @model_validator(mode="after")
    def _hours_are_possible(self) -> "PromisesForm":
        self.rules()
        return self

    def rules(self) -> Rules:
        return Rules(
            classes=tuple(one.rule() for one in self.classes),
            timezone=self.timezone,
            hours=None if self.hours is None else self.hours.hours(),
            holidays=frozenset(self.holidays),
            capacity_per_day=self.capacity_per_day,
        )


class AreaForm(rest.Body):
    """A service area. ``area`` is GeoJSON (RFC 7946): a Polygon or MultiPolygon, alone, in a
    Feature or in a FeatureCollection. Of ``hub_id`` and ``merchant_id`` an operator names one."""

    name: rest.Name
    area: dict[str, Any]
    hub_id: rest.Name | None = None
    merchant_id: rest.Name | None = None
    use: Use = Use.DELIVERY
    zone: Zone | None = None
    priority: Annotated[int, Field(ge=-1000, le=1000)] = 0
    promises: PromisesForm | None = None

    model_config = rest.example(
        name="Mitte", area=_AREA, hub_id="hub_01m83qpn8tsfztk8g4j2we32hb", zone="inner"
    )

    def drawing(self) -> Drawing:
        """The area in our words; raise UnusableArea."""
        return Drawing(
            name=self.name,
            use=self.use,
            shape=geojson.read_shape(self.area),
            zone=self.zone,
            priority=self.priority,
            rules=None if self.promises is None else self.promises.rules(),
        )


class AreaAnswer(rest.Answer):
    """A service area as it is kept: to six decimals, outlines counterclockwise."""

    id: str
    name: str
    hub_id: str | None
    merchant_id: str | None
    use: Use
    zone_id: str
    priority: int
    area: dict[str, Any]
    area_m2: int
    promises: PromisesForm | None

    model_config = rest.example(
        id="zon_01m83qpnc10y2w525st46371np",
        name="Mitte",
        hub_id="hub_01m83qpn8tsfztk8g4j2we32hb",
        merchant_id=None,
        use="delivery",
        zone_id="inner",
        priority=0,
        area=_AREA,
        area_m2=22564000,
        promises=None,
    )


class AreaList(rest.Answer):
    """A page of areas."""

    service_areas: list[AreaAnswer]
    next_cursor: str | None

    model_config = rest.example(service_areas=[], next_cursor=None)


class OwnerQuery(rest.Body):
    """Whose areas: an operator names a hub or a merchant; a merchant's own, or those of its hub."""

    hub_id: rest.Name | None = None
    merchant_id: rest.Name | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class PlaceQuery(rest.Body):
    """A door by ``lat`` and ``lng``, or the middle of a ``postal_code``; ``country`` is the hub's
    when left out."""

    lat: rest.Latitude | None = None
    lng: rest.Longitude | None = None
    postal_code: Annotated[str, Field(min_length=2, max_length=20)] | None = None
    country: Country | None = None

    @model_validator(mode="after")
    def _names_one_place(self) -> "PlaceQuery":
        if (self.lat is None) != (self.lng is None) or (self.lat is None) == (
            self.postal_code is None
        ):
            raise ValueError("give lat and lng, or postal_code")
        return self

    @property
    def position(self) -> LatLng | None:
        return None if self.lat is None or self.lng is None else LatLng(self.lat, self.lng)


class WindowsQuery(PlaceQuery):
    """``date`` is a day of the place's own calendar; today when left out."""

    date: Day | None = None


class CoverageAnswer(rest.Answer):
    """Whether we deliver there, or the reason why not."""

    covered: bool
    reason: str | None
    latitude: float | None
    longitude: float | None
    zone_id: str | None
    area_ids: list[str]
    services: list[PromiseClass]

    model_config = rest.example(
        covered=True,
        reason=None,
        latitude=52.5286,
        longitude=13.4102,
        zone_id="inner",
        area_ids=["zon_01m83qpnc10y2w525st46371np"],
        services=["same_day", "scheduled"],
    )


class WindowAnswer(rest.Answer):
    """``service`` is ``standard`` where only the merchant's own promise counts; ``left`` null means
    that nobody counts."""

    service: str
    start_time: AwareDatetime
    end_time: AwareDatetime
    order_by: AwareDatetime | None
    left: int | None
    bookable: bool
    reason: WhyNot | None


class NothingOffered(rest.Answer):
    service: str
    reason: WhyNot


class WindowsAnswer(rest.Answer):
    """The windows of a day, bookable or not, and the services that offer none; each says why."""

    covered: bool
    reason: str | None
    day: date
    windows: list[WindowAnswer]
    not_offered: list[NothingOffered]

    model_config = rest.example(
        covered=True,
        reason=None,
        day="2026-11-27",
        windows=[
            {
                "service": "same_day",
                "start_time": "2026-11-27T15:00:00.000Z",
                "end_time": "2026-11-27T17:00:00.000Z",
                "order_by": "2026-11-27T13:00:00.000Z",
                "left": 12,
                "bookable": True,
                "reason": None,
            }
        ],
        not_offered=[{"service": "next_day", "reason": "not_offered"}],
    )


def write_area(area: Area) -> dict[str, Any]:
    is_of_hub = area.owner.startswith("hub_")
    return {
        "id": area.id,
        "name": area.name,
        "hub_id": area.owner if is_of_hub else None,
        "merchant_id": None if is_of_hub else area.owner,
        "use": area.use.value,
        "zone_id": area.zone or area.id,
        "priority": area.priority,
        "area": geojson.write_shape(area.shape),
        "area_m2": area.shape.area_m2,
        "promises": None if area.rules is None else write_rules(area.rules),
    }


def write_rules(rules: Rules) -> dict[str, Any]:
    return {
        "classes": [
            {
                "service": rule.kind.value,
                "cut_off": reading(rule.cut_off_min),
                "lead_days": rule.lead_days,
                "horizon_days": rule.horizon_days,
                "window_s": rule.window_s,
                "notice_s": rule.notice_s,
                "capacity_per_window": rule.capacity_per_window,
            }
            for rule in rules.classes
        ],
        "timezone": rules.timezone,
        "hours": None if rules.hours is None else write_hours(rules.hours),
        "holidays": [day.isoformat() for day in sorted(rules.holidays)],
        "capacity_per_day": rules.capacity_per_day,
    }
