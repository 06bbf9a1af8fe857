"""Who takes part: three hubs, four brands on three platforms, twelve drivers.

Phones are from the ranges that Germany's regulator keeps free for films.
Source: Bundesnetzagentur, Mitteilung 148/2021 (0171 39200 00-99, 0176 040690 00-99).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from local.demo.doors import Door
from local.town.places import House, Hub, Town

RADIUS_M = 9_000
TIMEZONE = "Europe/Berlin"
#: Long enough for a driver who looks at the phone twice a minute of the day's own time.
OFFER_TTL_S = 2_400
WAVE_HORIZON_S = 2 * 3_600
PROMISE_S = 9 * 3_600
#: A tick each real minute is one every four hours of the day; and what takes seconds in truth, a
#: search, an offer that nobody answers, takes as many quarters of an hour.
WAVES = {"tick_s": 4 * 3_600, "safety_s": 9_000}

VEHICLES = {
    "cargo_bike": {"max_weight_g": 60_000, "max_volume_ml": 80_000},
    "car": {"max_weight_g": 200_000, "max_volume_ml": 150_000},
    "van": {"max_weight_g": 800_000, "max_volume_ml": 4_000_000},
}


@dataclass(slots=True)
class Brand:
    """A shop, and what it was given when it was set up."""

    name: str
    platform: str
    hub: int
    orders: int
    goods: tuple[tuple[str, int], ...]  # name, grams
    stores: tuple[House, ...] = ()
    merchant_id: str = ""
    api_key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class DriverSpec:
    """A driver and his or her ways: answers to the first offers, and pace."""

    name: str
    hub: int
    vehicle: str
    phone: str
    answers: tuple[str, ...] = ()
    pace: float = 1.0


#: What the hubs ask of their drivers, what they pay them, and the papers that everybody has.
CREW_RULES = {
    "required_documents": {
        "van": ["driving_licence", "insurance"],
        "car": ["driving_licence", "insurance"],
    },
    "most_minutes_a_day": 960,
}
PAY_RATES = {
    "currency": "EUR",
    "default": {
        "guarantee_minor": 700,
        "per_stop_minor": 60,
        "per_km_minor": 40,
        "per_minute_minor": 22,
        "wait_per_minute_minor": 22,
    },
    "by_vehicle": {
        "cargo_bike": {
            "guarantee_minor": 700,
            "per_stop_minor": 80,
            "per_km_minor": 30,
            "per_minute_minor": 22,
            "wait_per_minute_minor": 22,
        }
    },
}
#: A locker beside each hub; where parcels go that somebody wants there, or that nobody took.
LOCKER = {
    "kind": "locker",
    "timezone": TIMEZONE,
    "compartments": [
        {"size": "small", "count": 12, "max_weight_g": 5_000, "max_volume_ml": 12_000},
        {"size": "medium", "count": 8, "max_weight_g": 15_000, "max_volume_ml": 45_000},
    ],
}
PAPERS = {
    "documents": [
        {"kind": "driving_licence", "expires_on": "2036-06-30", "verified": True},
        {"kind": "insurance", "expires_on": "2036-06-30", "verified": True},
    ]
}


def brands() -> list[Brand]:
    flowers = (("Tulpenstrauß", 700), ("Orchidee im Topf", 1400), ("Rosen, 24 Stück", 1100))
    books = (("Roman, gebunden", 620), ("Bildband", 1900), ("Taschenbuch", 310))
    wine = (("Riesling 0,75 l", 1350), ("Spätburgunder 0,75 l", 1400), ("Saft 1 l", 1200))
    tools = (("Akkuschrauber", 1800), ("Schraubensatz", 900), ("Wasserwaage", 1200))
    return [
        Brand("Blumen Roth", "shopify", 0, 32, flowers),
        Brand("Buchladen am Wehr", "shopify", 1, 30, books),
        Brand("Weinhof Keller", "woocommerce", 2, 34, wine),
        Brand("Werkzeug Brandt", "generic", 0, 24, tools),
    ]


def drivers() -> list[DriverSpec]:
    names = [
        "Aylin Kaya",
        "Ben Vogt",
        "Chiara Rossi",
        "Deniz Arslan",
        "Emma Lange",
        "Farid Nasser",
        "Greta Holm",
        "Hugo Brandt",
        "Ines Pereira",
        "Jan Kowalski",
        "Kim Weber",
        "Leo Fuchs",
    ]
    vehicles = [
        "car",
        "cargo_bike",
        "cargo_bike",
        "van",
        "car",
        "cargo_bike",
        "car",
        "cargo_bike",
        "car",
        "cargo_bike",
        "car",
        "van",
    ]
    hubs = (0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2, 0)
    ways: dict[int, dict[str, Any]] = {
        1: {"answers": ("decline",)},
        6: {"answers": ("ignore",)},
        8: {"answers": ("decline",), "pace": 1.3},
        9: {"pace": 1.5},
    }
    return [
        DriverSpec(name, hub, vehicle, f"+49171392{number:04d}", **ways.get(number, {}))
        for number, (name, hub, vehicle) in enumerate(zip(names, hubs, vehicles, strict=True))
    ]


def recipient_phone(number: int) -> str:
    """One phone per order, so that texts tell orders apart."""
    if number < 80:
        return f"+49171392{number + 20:04d}"
    return f"+49176040690{number - 80:02d}"


def set_up(
    door: Door, operator_key: str, town: Town, wanted: Sequence[Brand], crew: Sequence[DriverSpec]
) -> tuple[list[str], list[str]]:
    """Make everything by the operator's routes; returns the hubs' and the drivers' ids."""
    hub_ids = [
        str(door.call("POST", "/v1/hubs", _hub(hub), operator_key)["id"]) for hub in town.hubs
    ]
    for hub_id in hub_ids:
        door.call("PUT", f"/v1/hubs/{hub_id}/crew-rules", CREW_RULES, operator_key)
        door.call("POST", f"/v1/hubs/{hub_id}/pay-rates", PAY_RATES, operator_key)
    for hub in town.hubs:
        door.call("POST", "/v1/pickup-points", _locker(hub), operator_key)
    for brand in wanted:
        first = 2 if brand.platform == "generic" else 0
        brand.stores = town.hubs[brand.hub].stores[first : first + 2]
        made = door.call("POST", "/v1/merchants", _merchant(brand, hub_ids), operator_key)
        brand.merchant_id, brand.api_key = made["id"], made["api_key"]
        brand.secret = made["webhook_secrets"][brand.platform]
    driver_ids = [
        str(
            door.call(
                "POST",
                "/v1/drivers",
                {
                    "name": one.name,
                    "phone_number": one.phone,
                    "hub_id": hub_ids[one.hub],
                    "skills": ["cash"],
                    "vehicle": {"kind": one.vehicle, **VEHICLES[one.vehicle]},
                },
                operator_key,
            )["id"]
        )
        for one in crew
    ]
    for driver_id in driver_ids:
        door.call("PUT", f"/v1/drivers/{driver_id}/documents", PAPERS, operator_key)
    return hub_ids, driver_ids


def _hub(hub: Hub) -> dict[str, Any]:
    return {
        "name": hub.name,
        "address": f"{hub.house.line1}, {hub.house.postal_code} {hub.house.city}",
        "latitude": hub.house.latitude,
        "longitude": hub.house.longitude,
        "radius_m": RADIUS_M,
        "timezone": TIMEZONE,
        "country": hub.house.country,
        "offer_ttl_s": OFFER_TTL_S,
        "wave_horizon_s": WAVE_HORIZON_S,
        "waves": WAVES,
    }


def _locker(hub: Hub) -> dict[str, Any]:
    house = hub.doors[len(hub.doors) // 2]
    return {
        **LOCKER,
        "name": f"Paketschrank {house.street}",
        "line1": house.line1,
        "city": house.city,
        "postal_code": house.postal_code,
        "country": house.country,
        "latitude": house.latitude,
        "longitude": house.longitude,
    }


def _merchant(brand: Brand, hub_ids: Sequence[str]) -> dict[str, Any]:
    return {
        "name": brand.name,
        "hub_id": hub_ids[brand.hub],
        "platforms": [brand.platform],
        "stores": [
            {
                "external_id": str(700_000_000_000_000_000 + number),
                "name": f"{brand.name}, {store.street}",
                "address": f"{store.line1}, {store.postal_code} {store.city}",
                "latitude": store.latitude,
                "longitude": store.longitude,
            }
            for number, store in enumerate(brand.stores)
        ],
        "default_weight_g": 1200,
        "promise_s": PROMISE_S,
    }
