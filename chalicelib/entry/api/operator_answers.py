"""What does the operations desk read? The answers of entry.api.operator, as they are documented."""

from pydantic import AwareDatetime

from chalicelib.domain.dispatch.model import RouteStatus, StopKind, StopStatus
from chalicelib.domain.drivers.model import VehicleKind
from chalicelib.domain.merchants.model import Platform
from chalicelib.entry import rest
from chalicelib.entry.api.wave_forms import SHOWN, WaveSettingsShown


class Asking(rest.Answer):
    """How patiently drivers are sought; docs/matching.md explains each."""

    ask_ahead_s: int
    pair_after_s: int
    pair_before_s: int
    broadcast_before_s: int
    broadcast_to: int
    bonus_minor: int
    no_show_after_s: int


class OpenedHub(rest.Answer):
    """The hub as it was opened."""

    id: str
    name: str
    address: str
    latitude: float
    longitude: float
    radius_m: int
    timezone: str
    country: str
    offer_ttl_s: int
    wave_horizon_s: int
    waves: WaveSettingsShown
    asking: Asking

    model_config = rest.example(
        id="hub_01m83qpn8tsfztk8g4j2we32hb",
        name="Mitte",
        address="Alexanderplatz 1, 10178 Berlin",
        latitude=52.5208,
        longitude=13.4094,
        radius_m=8000,
        timezone="Europe/Berlin",
        country="DE",
        offer_ttl_s=60,
        wave_horizon_s=14400,
        waves=SHOWN,
        asking={
            "ask_ahead_s": 900,
            "pair_after_s": 180,
            "pair_before_s": 900,
            "broadcast_before_s": 300,
            "broadcast_to": 5,
            "bonus_minor": 200,
            "no_show_after_s": 600,
        },
    )


class OpenedStore(rest.Answer):
    id: str
    external_id: str


class OpenedMerchant(rest.Answer):
    """The merchant, its key and its secrets; they are shown this once."""

    id: str
    api_key: str
    webhook_secrets: dict[Platform, str]
    stores: list[OpenedStore]

    model_config = rest.example(
        id="mer_01m83qpn9gec8xh7wbacsaen6x",
        api_key="lm_live_GwxeXIZ2mKcGsl3C3EoGZkBtdV7Y1uP0wq4rN9aJhTs",
        webhook_secrets={"shopify": "whsec_d3teIFKTyCiYM+iIaDm6lR2s5nXb4E0v"},
        stores=[{"id": "str_01m83qpn9g3kyfap0qjtyjyzv2", "external_id": "1"}],
    )


class NewSecret(rest.Answer):
    """The new secret, shown this once."""

    platform: Platform
    secret: str

    model_config = rest.example(
        **{"platform": "shopify", "secret": "whsec_d3teIFKTyCiYM+iIaDm6lR2s5nXb4E0v"}
    )


class Position(rest.Answer):
    latitude: float
    longitude: float


class PlannedStop(rest.Answer):
    id: str
    kind: StopKind
    status: StopStatus
    place_name: str
    position: Position
    deliveries: list[str]
    merchants: list[str]
    planned_arrival_at: AwareDatetime


class PlannedRoute(rest.Answer):
    """``merchants`` of a stop: whose its deliveries are, in their order."""

    id: str
    status: RouteStatus
    version: int
    wave_id: str
    driver_id: str | None
    vehicle_kind: VehicleKind
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    distance_m: int
    duration_s: int
    asked: int
    offered_to: list[str]
    refused_by: list[str]
    released: int
    alerted_at: AwareDatetime | None
    stops: list[PlannedStop]


class RoutePage(rest.Answer):
    """A page of routes."""

    routes: list[PlannedRoute]
    next_cursor: str | None

    model_config = rest.example(
        routes=[
            {
                "id": "rte_01m83qqb5cfmsa2k3w3tegjase",
                "status": "completed",
                "version": 5,
                "wave_id": "wav_01m83qq7j8f2rgbdknvarh78vb",
                "driver_id": "drv_01m83qpnbb853jczmpgmk52m8t",
                "vehicle_kind": "van",
                "starts_at": "2026-11-23T08:19:53.067Z",
                "ends_at": "2026-11-23T08:29:34.067Z",
                "distance_m": 1345,
                "duration_s": 581,
                "asked": 2,
                "offered_to": [],
                "refused_by": ["drv_01m83qpnbb853jczmpgmk52m8v"],
                "released": 0,
                "alerted_at": None,
                "stops": [
                    {
                        "id": "stp_01m83qqb5c9x7v3k1t5r8w2y4z",
                        "kind": "pickup",
                        "status": "done",
                        "place_name": "Papeterie Sommer",
                        "position": {"latitude": 52.5286, "longitude": 13.4102},
                        "deliveries": ["del_01m83qpnc10y2w525st46371np"],
                        "merchants": ["mer_01m83qpn9gec8xh7wbacsaen6x"],
                        "planned_arrival_at": "2026-11-23T08:19:53.067Z",
                    }
                ],
            }
        ],
        next_cursor=None,
    )
