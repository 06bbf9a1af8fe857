"""What does a driver's phone read? The answers of entry.api.driver and stops, as documented."""

from typing import Any, Literal

from pydantic import AwareDatetime

from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.dispatch.model import RouteStatus, StopKind, StopStatus
from chalicelib.domain.pickup_points.model import PointKind
from chalicelib.entry import rest
from chalicelib.entry.api.door_forms import DoorRequirements
from chalicelib.entry.api.hours_forms import HoursOfWeek
from chalicelib.entry.api.instruction_answers import EXAMPLE_INSTRUCTIONS, InstructionsAnswer
from chalicelib.entry.api.pay_answers import EXAMPLE_PAY, PayAnswer
from chalicelib.entry.api.shift_forms import BreakAnswer
from chalicelib.entry.talk import OneMessage

_ROUTE_ID = "rte_01m83qqb5cfmsa2k3w3tegjase"
_STOP_ID = "stp_01m83qqb5c9x7v3k1t5r8w2y4z"
_OFFER_ID = "ofr_01m83qqb90cr2p41yqf9nf2920"
_PROOF_ID = "prf_01m83qqbhxz77qpged23k0bcqj"


class CodeSent(rest.Answer):
    """Sent, if anybody has this phone."""

    status: Literal["sent"]

    model_config = rest.example(status="sent")


class Tokens(rest.Answer):
    """An access token for 15 minutes, and a refresh token for one use."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    refresh_token: str

    model_config = rest.example(
        **{
            "access_token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJkcnYifQ.3vQk",
            "token_type": "Bearer",
            "expires_in": 900,
            "refresh_token": "qZHLu2Qe0vG9mX4tR7sB1nK8dF3hJ6pW5cY0aE2iO4U",
        }
    )


class OnDuty(rest.Answer):
    """Whether you are on duty, until when, on which shift, and when you rest."""

    on_duty: bool
    shift_ends_at: AwareDatetime | None
    shift_id: str | None
    breaks: list[BreakAnswer]
    vehicle_id: str

    model_config = rest.example(
        on_duty=True,
        shift_ends_at="2026-11-23T16:17:35.098Z",
        shift_id=None,
        breaks=[],
        vehicle_id="veh_01m83qpnbb853jczmpgmk52m8t",
    )


class Position(rest.Answer):
    latitude: float
    longitude: float


class OfferedRoute(rest.Answer):
    id: str
    route_id: str
    expires_at: AwareDatetime
    stops: int
    pickups: int
    deliveries: int
    distance_m: int
    duration_s: int
    approach_m: int
    pay: PayAnswer | None
    load_weight_g: int
    load_volume_ml: int
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    ends_near: Position


class Offers(rest.Answer):
    """What is on offer: one route or none; `now` is the time that all times are told by."""

    offers: list[OfferedRoute]
    suggest_pause: bool
    now: AwareDatetime

    model_config = rest.example(
        offers=[
            {
                "id": _OFFER_ID,
                "route_id": _ROUTE_ID,
                "expires_at": "2026-11-23T08:19:55.488Z",
                "stops": 2,
                "pickups": 1,
                "deliveries": 1,
                "distance_m": 1345,
                "duration_s": 581,
                "approach_m": 376,
                "pay": EXAMPLE_PAY,
                "load_weight_g": 800,
                "load_volume_ml": 4000,
                "starts_at": "2026-11-23T08:19:53.067Z",
                "ends_at": "2026-11-23T08:29:34.067Z",
                "ends_near": {"latitude": 52.53, "longitude": 13.4},
            }
        ],
        suggest_pause=False,
        now="2026-11-23T08:19:10.488Z",
    )


class AcceptedOffer(rest.Answer):
    """The route is yours."""

    offer_id: str
    status: Literal["accepted"]
    route_id: str

    model_config = rest.example(offer_id=_OFFER_ID, status="accepted", route_id=_ROUTE_ID)


class DeclinedOffer(rest.Answer):
    """The route is offered to somebody else."""

    offer_id: str
    status: Literal["declined"]

    model_config = rest.example(offer_id=_OFFER_ID, status="declined")


class DeliveryAtStop(rest.Answer):
    """A delivery; at doors that are still open its order, and what is asked of its handover."""

    id: str
    order_name: str | None = None
    requirements: DoorRequirements | None = None
    instructions: InstructionsAnswer | None = None


class PointOfStop(rest.Answer):
    """The pickup point that all parcels of a stop are handed over at.

    `open_codes`: what opens a compartment of an outside operator, by delivery.
    """

    id: str
    name: str
    kind: PointKind
    hours: HoursOfWeek
    open_codes: dict[str, str] | None = None


class MyStop(rest.Answer):
    """A stop; the recipient's name, phone and notes only at doors that are still open.

    `arrival_seen_at`: the phone was there and nobody tapped. `messages` and `can_write`: at the
    next stop only, what its recipient, the desk and you wrote to each other.
    """

    id: str
    kind: StopKind
    status: StopStatus
    position: Position
    address: str
    deliveries: list[DeliveryAtStop]
    planned_arrival_at: AwareDatetime
    arrival_seen_at: AwareDatetime | None = None
    name: str = ""
    phone_number: str | None = None
    notes: str = ""
    messages: tuple[OneMessage, ...] = ()
    can_write: bool = False
    pickup_point: PointOfStop | None = None


class RouteUnderWay(rest.Answer):
    """``version`` grows with every change, also of the desk's: read the stops again."""

    id: str
    status: RouteStatus
    version: int
    distance_m: int
    duration_s: int
    stops: list[MyStop]


class Retake(rest.Answer):
    """A picture of a moment ago that shows nothing: another one is wanted, under the same id."""

    stop_id: str
    proof_id: str
    kind: ProofKind
    fault: str
    address: str


class MyRoute(rest.Answer):
    """The route under way, or null; `now` is the time that taps are compared with."""

    route: RouteUnderWay | None
    on_duty: bool
    shift_ends_at: AwareDatetime | None
    now: AwareDatetime
    retakes: list[Retake] | None = None

    model_config = rest.example(
        on_duty=True,
        shift_ends_at="2026-11-23T16:17:35.098Z",
        now="2026-11-23T08:19:53.067Z",
        route={
            "id": _ROUTE_ID,
            "status": "assigned",
            "version": 3,
            "distance_m": 1345,
            "duration_s": 581,
            "stops": [
                {
                    "id": _STOP_ID,
                    "kind": "dropoff",
                    "status": "pending",
                    "position": {"latitude": 52.527471, "longitude": 13.397757},
                    "address": "Auguststraße 40, 10117 Berlin",
                    "deliveries": [
                        {
                            "id": "del_01m83qpnc10y2w525st46371np",
                            "requirements": {
                                "action": "meet_at_door",
                                "pin": True,
                                "signature": False,
                                "photo": False,
                                "id_min_age": None,
                                "cash_on_delivery": {"amount_minor": 4590, "currency": "EUR"},
                            },
                            "instructions": EXAMPLE_INSTRUCTIONS,
                        }
                    ],
                    "planned_arrival_at": "2026-11-23T08:26:34.067Z",
                    "name": "Ada Sommer",
                    "phone_number": "+491713920050",
                    "notes": "Ring twice",
                }
            ],
        },
    )


class StopNow(rest.Answer):
    id: str
    status: StopStatus


class RouteNow(rest.Answer):
    id: str
    status: RouteStatus
    version: int


class AfterTap(rest.Answer):
    """The stop as it is now, and where to go next."""

    stop: StopNow | None
    route: RouteNow
    next_stop_id: str | None

    model_config = rest.example(
        stop={"id": _STOP_ID, "status": "arrived"},
        route={"id": _ROUTE_ID, "status": "under_way", "version": 4},
        next_stop_id=_STOP_ID,
    )


class TapResult(rest.Answer):
    """What became of one tap: `after` or `problem`, as alone; `status` is the one alone."""

    index: int
    status: int
    after: AfterTap | None = None
    problem: dict[str, Any] | None = None


class AfterTaps(rest.Answer):
    """All taps in their order."""

    results: list[TapResult]
    now: AwareDatetime

    model_config = rest.example(
        results=[
            {
                "index": 0,
                "status": 404,
                "problem": {"code": "not_found", "status": 404, "retry": False},
            }
        ],
        now="2026-11-23T08:19:53.067Z",
    )


class Upload(rest.Answer):
    url: str
    fields: dict[str, str]


class PhotoUpload(rest.Answer):
    """The photo's id, and the form to send it with."""

    proof_id: str
    upload: Upload

    model_config = rest.example(
        proof_id=_PROOF_ID,
        upload={
            "url": "https://example-proofs.s3.amazonaws.com/",
            "fields": {"Content-Type": "image/jpeg", "key": f"proofs/{_PROOF_ID}"},
        },
    )
