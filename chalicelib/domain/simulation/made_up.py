"""What would a day be like that nobody has recorded? A seeded one, in the form of a recording.

For a hub that has not opened yet, for trying the tool, and for tests: shops and doors around a hub,
orders through the day, drivers with shifts. It has no routes, so nothing is known of its roads and
doors: legs take what the model says, and one visit in ten finds nobody unless a scenario says
otherwise. All from one seed; nothing else enters.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from hashlib import blake2b

from chalicelib.domain.deliveries.model import Delivery, HistoryEntry, Place, Status
from chalicelib.domain.drivers.model import Vehicle, VehicleKind, Work
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Hub, Merchant, Store
from chalicelib.domain.merchants.wave_rules import SCHEDULE_S, WaveRules
from chalicelib.domain.simulation.recorded import CrewMember, RecordedDay
from chalicelib.kit.geo import LatLng
from chalicelib.kit.hours import instant
from chalicelib.kit.ids import named_id
from chalicelib.kit.parcel import Parcel
from chalicelib.kit.timewindow import TimeWindow
from chalicelib.storage import keys

#: Metres of a degree of latitude.
_DEGREE_M = 111_195
_FIRST_MIN, _LAST_MIN = 8 * 60, 15 * 60
_SHIFT_FROM_MIN, _SHIFT_TO_MIN = 8 * 60, 20 * 60
_SERVICE_S = 180
_VAN = Vehicle(VehicleKind.VAN, 600_000, 3_000_000, "veh_van")
_BIKE = Vehicle(VehicleKind.CARGO_BIKE, 80_000, 300_000, "veh_bike")


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a made-up day has.

    ``promise_h``: a delivery may come so long after it was ordered. ``bikes``: of the drivers.
    ``tick_s``: how often the hub forms waves.
    """

    parcels: int = 120
    drivers: int = 8
    brands: int = 6
    bikes: int = 0
    disc_m: int = 6_000
    promise_h: int = 4
    latitude: float = 50.11
    longitude: float = 8.68
    timezone: str = "Europe/Berlin"
    country: str = "DE"
    seed: int = 1
    tick_s: int = SCHEDULE_S

    def told(self) -> dict[str, object]:
        return asdict(self)


def make(recipe: Recipe, day: date, at: datetime, hub: Hub | None = None) -> RecordedDay:
    """A day as the recipe has it, at a hub of its own unless one is given."""
    luck = _Luck(recipe.seed)
    place = hub or _hub(recipe, at)
    brands = [_brand(recipe, place, number, luck, at) for number in range(recipe.brands)]
    return RecordedDay(
        hub_id=place.id,
        day=day,
        recorded_at=at,
        deliveries=tuple(_deliveries(recipe, place, brands, day, luck)),
        routes=(),
        offers=(),
        waves=(),
        crew=tuple(_crew(recipe, place, day, at)),
        kept=(
            (keys.hub(place.id), merchants.hub_to_item(place)),
            *((keys.merchant(one.id), merchants.merchant_to_item(one)) for one in brands),
        ),
    )


class _Luck:
    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, *names: object) -> float:
        text = f"made up {self._seed} {' '.join(map(str, names))}"
        return int.from_bytes(blake2b(text.encode(), digest_size=6).digest()) / 2**48


def _hub(recipe: Recipe, at: datetime) -> Hub:
    return Hub(
        id=named_id("hub", at, f"made up {recipe.seed}"),
        name="Made-up hub",
        address="",
        position=LatLng(recipe.latitude, recipe.longitude),
        radius_m=2 * recipe.disc_m,
        timezone=recipe.timezone,
        country=recipe.country,
        offer_ttl_s=120,
        wave_horizon_s=4 * 3600,
        waves=WaveRules(tick_s=recipe.tick_s),
    )


def _brand(recipe: Recipe, hub: Hub, number: int, luck: _Luck, at: datetime) -> Merchant:
    """A shop in the inner third of the disc, as shops are."""
    name = f"Brand {number + 1}"
    shop = _somewhere(hub.position, recipe.disc_m / 3, luck, "shop", number)
    merchant_id = named_id("mer", at, f"{hub.id} {name}")
    store = Store(named_id("sto", at, merchant_id), str(number), f"{name}, shop", "", shop)
    return Merchant(
        id=merchant_id,
        name=name,
        hub_id=hub.id,
        stores=(store,),
        sealed_secrets={},
        default_weight_g=2_000,
        promise_s=recipe.promise_h * 3600,
    )


def _deliveries(
    recipe: Recipe, hub: Hub, brands: list[Merchant], day: date, luck: _Luck
) -> Iterator[Delivery]:
    """Orders come evenly from morning to afternoon, with a bulge at noon; doors in districts."""
    districts = [_somewhere(hub.position, recipe.disc_m, luck, "district", n) for n in range(8)]
    for number in range(recipe.parcels):
        share = (luck.of("when", number) + luck.of("when too", number)) / 2
        minute = _FIRST_MIN + int(share * (_LAST_MIN - _FIRST_MIN))
        ordered_at = instant(day, minute, hub.timezone)
        # A few brands have most of the orders.
        brand = brands[int(len(brands) * luck.of("brand", number) ** 2)]
        middle, within_m = districts[int(8 * luck.of("which", number))], recipe.disc_m / 5
        if luck.of("anywhere", number) < 0.35:
            middle, within_m = hub.position, recipe.disc_m
        store = brand.stores[0]
        weight_g = 500 + int(7_500 * luck.of("weight", number) ** 2)
        created = HistoryEntry(1, "created", Status.CREATED, ordered_at)
        yield Delivery(
            id=named_id("del", ordered_at, f"{brand.id} {number}"),
            merchant_id=brand.id,
            hub_id=hub.id,
            platform="generic",
            external_id="",
            order_name="",
            status=Status.READY,
            version=2,
            created_at=ordered_at,
            pickup=Place(store.id, store.name, store.position),
            dropoff=_somewhere(middle, within_m, luck, "door", number),
            window=TimeWindow(ordered_at, ordered_at + timedelta(hours=recipe.promise_h)),
            parcel=Parcel(weight_g, 6 * weight_g, 1),
            service_s=_SERVICE_S,
            source_updated_at=ordered_at,
            history=(created, replace(created, version=2, what="ready", status=Status.READY)),
        )


def _crew(recipe: Recipe, hub: Hub, day: date, at: datetime) -> Iterator[CrewMember]:
    zone = hub.timezone
    shift = TimeWindow(instant(day, _SHIFT_FROM_MIN, zone), instant(day, _SHIFT_TO_MIN, zone))
    for number in range(recipe.drivers):
        vehicle = _BIKE if number < recipe.bikes else _VAN
        driver_id = named_id("drv", at, f"{hub.id} driver {number}")
        work = Work(driver_id, hub.id, vehicle, version=1, position=hub.position)
        yield CrewMember(work, (shift,))


def _somewhere(middle: LatLng, within_m: float, luck: _Luck, what: str, number: int) -> LatLng:
    far_m = within_m * math.sqrt(luck.of(what, number, "far"))
    angle = 2 * math.pi * luck.of(what, number, "angle")
    narrow = math.cos(math.radians(middle.latitude))
    return LatLng(
        round(middle.latitude + far_m * math.cos(angle) / _DEGREE_M, 6),
        round(middle.longitude + far_m * math.sin(angle) / _DEGREE_M / narrow, 6),
    )
