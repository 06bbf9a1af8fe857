"""The driver's routes: sign in, duty, positions, offers."""

from typing import Annotated, Any

from chalice.app import Blueprint, Request, Response
from pydantic import AwareDatetime, Field

from chalicelib import wiring
from chalicelib.domain.dispatch import offers
from chalicelib.domain.dispatch.model import Offer, Route, StopKind
from chalicelib.domain.drivers import service as drivers
from chalicelib.domain.drivers import sessions
from chalicelib.domain.messaging import templates
from chalicelib.domain.tracking import positions
from chalicelib.entry import auth, rest, work
from chalicelib.entry.observed import answered, logger
from chalicelib.kit.errors import Invalid, Unauthenticated
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)


class PhoneNumber(rest.Body):
    phone_number: Annotated[str, Field(max_length=40)]


class SignIn(PhoneNumber):
    code: Annotated[str, Field(pattern=r"^\d{6}$")]


class Refresh(rest.Body):
    refresh_token: Annotated[str, Field(min_length=20, max_length=200)]


class Duty(rest.Positioned):
    on_duty: bool
    shift_ends_at: AwareDatetime | None = None


class PingBody(rest.Positioned):
    at: AwareDatetime
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, allow_inf_nan=False)] = 10.0
    speed_mps: Annotated[float, Field(ge=0, le=1_000, allow_inf_nan=False)] = 0.0


class Pings(rest.Body):
    pings: Annotated[list[PingBody], Field(min_length=1, max_length=200)]


class Decline(rest.Body):
    reason: Annotated[str, Field(max_length=60)] = "other"


@bp.route("/v1/driver/codes", methods=["POST"])
@answered(bp)
def send_code(request: Request) -> Response:
    """Text a code; the answer is the same whether or not anybody has this phone."""
    phone = _phone(rest.parse(PhoneNumber, request).phone_number)
    server_key = wiring.vault().server_key()
    code = work.run(lambda uow: sessions.start_sign_in(uow, phone, server_key))
    if code is not None:
        wiring.sms().send(phone.e164, templates.sign_in_code(code), "sign_in_code")
    return rest.answer({"status": "sent"}, 202)


@bp.route("/v1/driver/tokens", methods=["POST"])
@answered(bp)
def sign_in(request: Request) -> Response:
    wanted = rest.parse(SignIn, request)
    phone = _phone(wanted.phone_number)
    server_key = wiring.vault().server_key()
    # Two commits on purpose: the try is spent before the code is looked at.
    work.run(lambda uow: sessions.spend_try(uow, phone, server_key))
    opened = work.run(lambda uow: sessions.finish_sign_in(uow, phone, wanted.code, server_key))
    return _tokens(opened)


@bp.route("/v1/driver/tokens/refresh", methods=["POST"])
@answered(bp)
def refresh(request: Request) -> Response:
    token = rest.parse(Refresh, request).refresh_token
    server_key = wiring.vault().server_key()
    opened = work.run(lambda uow: sessions.refresh(uow, token, server_key))
    if opened is None:
        logger.warning("a used refresh token came back; its family was ended")
        raise Unauthenticated
    return _tokens(opened)


@bp.route("/v1/driver/duty", methods=["POST"])
@answered(bp)
def set_duty(request: Request) -> Response:
    driver_id = auth.driver(request)
    wanted = rest.parse(Duty, request)
    if wanted.on_duty:
        duty = work.run(
            lambda uow: drivers.go_on_duty(uow, driver_id, wanted.position, wanted.shift_ends_at)
        )
    else:
        duty = work.run(lambda uow: drivers.go_off_duty(uow, driver_id))
    ends_at = duty.shift_ends_at
    return rest.answer(
        {"on_duty": duty.on_duty, "shift_ends_at": ends_at and write_instant(ends_at)}
    )


@bp.route("/v1/driver/location", methods=["POST"])
@answered(bp)
def record_pings(request: Request) -> Response:
    driver_id = auth.driver(request)
    pings = [
        positions.Ping(one.position, one.at, one.accuracy_m, one.speed_mps)
        for one in rest.parse(Pings, request).pings
    ]
    kept = work.run(lambda uow: positions.record_pings(uow, driver_id, pings))
    return rest.answer({"kept": bool(kept)}, 202)


@bp.route("/v1/driver/offers", methods=["GET"])
@answered(bp)
def list_offers(request: Request) -> Response:
    driver_id = auth.driver(request)
    found = work.read(lambda uow: offers.find(uow, driver_id))
    return rest.answer({"offers": [] if found is None else [_offer(*found)]})


@bp.route("/v1/offers/{offer_id}/accept", methods=["POST"])
@answered(bp)
def accept_offer(request: Request, offer_id: str) -> Response:
    driver_id = auth.driver(request)
    route = work.run(lambda uow: offers.accept(uow, driver_id, offer_id))
    return rest.answer({"offer_id": offer_id, "status": "accepted", "route_id": route.id})


@bp.route("/v1/offers/{offer_id}/decline", methods=["POST"])
@answered(bp)
def decline_offer(request: Request, offer_id: str) -> Response:
    driver_id = auth.driver(request)
    reason = rest.parse(Decline, request).reason
    work.run(lambda uow: offers.decline(uow, driver_id, offer_id, reason))
    return rest.answer({"offer_id": offer_id, "status": "declined"})


def _phone(text: str) -> Phone:
    """Drivers sign in with the whole number: no country is guessed."""
    try:
        return Phone.parse(text, "")
    except ValueError as error:
        field = {"field": "phone_number", "error": "a number with its country code, +..."}
        raise Invalid("the phone number is wrong", fields=[field]) from error


def _tokens(opened: sessions.Tokens) -> Response:
    return rest.answer(
        {
            "access_token": opened.access_token,
            "token_type": "Bearer",
            "expires_in": opened.expires_in,
            "refresh_token": opened.refresh_token,
        }
    )


def _offer(offer: Offer, route: Route) -> dict[str, Any]:
    """What a driver wants to know before saying yes: how much, how far, how long, until when."""
    last = route.stops[-1]
    return {
        "id": offer.id,
        "route_id": route.id,
        "expires_at": write_instant(offer.expires_at),
        "stops": len(route.stops),
        "pickups": sum(stop.kind is StopKind.PICKUP for stop in route.stops),
        "deliveries": sum(1 for _ in route.deliveries()),
        "distance_m": route.distance_m,
        "duration_s": route.duration_s,
        "approach_m": offer.approach_m,
        "load_weight_g": route.load_weight_g,
        "load_volume_ml": route.load_volume_ml,
        "starts_at": write_instant(route.starts_at),
        "ends_at": write_instant(route.ends_at),
        "ends_near": {
            # About a kilometre: enough to judge the way home, not to know a recipient's door.
            "latitude": round(last.position.latitude, 2),
            "longitude": round(last.position.longitude, 2),
        },
    }
