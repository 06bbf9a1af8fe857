"""The driver's routes: sign in, duty, offers."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import Field

from chalicelib import wiring
from chalicelib.domain.dispatch.matching import offers
from chalicelib.domain.dispatch.model import Offer, Route, StopKind
from chalicelib.domain.drivers import service as drivers
from chalicelib.domain.drivers import sessions
from chalicelib.domain.messaging import crew_wordings, signing_in
from chalicelib.entry import rest, work
from chalicelib.entry.api import driver_answers as answers
from chalicelib.entry.api.crew_forms import VehicleKey
from chalicelib.entry.api.pay_answers import write_pay
from chalicelib.entry.api.shift_forms import write_breaks
from chalicelib.entry.api.spoken import SpokenLanguage
from chalicelib.entry.auth import DRIVER, public
from chalicelib.entry.observed import logger
from chalicelib.entry.path_parts import OfferId
from chalicelib.entry.surface import Doors
from chalicelib.kit.crew_errors import DocumentExpired, DocumentMissing
from chalicelib.kit.errors import (
    DriverBusy,
    Invalid,
    OfferExpired,
    OfferTaken,
    TextNotSent,
    Unauthenticated,
    WrongCode,
)
from chalicelib.kit.languages import Language
from chalicelib.kit.phone import Phone
from chalicelib.kit.timewindow import write_instant

bp = Blueprint(__name__)
doors = Doors(bp, tag="Driver")

SIGNING_IN = public("a driver who signs in has no token yet")


class PhoneNumber(rest.Body):
    phone_number: Annotated[str, Field(max_length=40)]

    model_config = rest.example(phone_number="+491713920001")


class WantedCode(PhoneNumber):
    """``language``: what the text is written in; English if it is left out."""

    language: SpokenLanguage = "en"

    model_config = rest.example(phone_number="+491713920001", language="es")


class SignIn(PhoneNumber):
    code: Annotated[str, Field(pattern=r"^\d{6}$")]

    model_config = rest.example(phone_number="+491713920001", code="493732")


class Refresh(rest.Body):
    refresh_token: Annotated[str, Field(min_length=20, max_length=200)]

    model_config = rest.example(**{"refresh_token": "qZHLu2Qe0vG9mX4tR7sB1nK8dF3hJ6pW5cY0aE2iO4U"})


class Duty(rest.Positioned):
    on_duty: bool
    shift_ends_at: rest.Instant | None = None
    vehicle_id: VehicleKey | None = None

    model_config = rest.example(on_duty=True, latitude=52.5253, longitude=13.409)


class Decline(rest.Body):
    reason: Annotated[str, Field(max_length=60)] = "other"

    model_config = rest.example(reason="too_far")


@doors.route(
    "POST",
    "/v1/driver/codes",
    who=(SIGNING_IN,),
    answers={202: answers.CodeSent},
    errors=(TextNotSent,),
)
def send_code(body: WantedCode) -> Mapping[str, Any]:
    """Text a sign-in code.

    The answer is the same whether or not anybody has this phone. One code in 20 seconds; three
    texts in an hour, unless the operator set another ceiling.
    """
    phone = _phone(body.phone_number)
    server_key = wiring.vault().server_key()
    code = work.run(lambda uow: signing_in.start(uow, phone, server_key))
    if code is not None:
        text = crew_wordings.sign_in_code(code, Language(body.language))
        wiring.sms().send(phone.e164, text, "sign_in_code")
    return {"status": "sent"}


@doors.route(
    "POST",
    "/v1/driver/tokens",
    who=(SIGNING_IN,),
    answers={200: answers.Tokens},
    errors=(WrongCode,),
)
def sign_in(body: SignIn) -> Mapping[str, Any]:
    """Sign in with a code, which lives ten minutes and takes five tries."""
    phone = _phone(body.phone_number)
    server_key = wiring.vault().server_key()
    # Two commits on purpose: the try is spent before the code is looked at.
    work.run(lambda uow: sessions.spend_try(uow, phone, server_key))
    return _tokens(work.run(lambda uow: sessions.finish_sign_in(uow, phone, body.code, server_key)))


@doors.route(
    "POST",
    "/v1/driver/tokens/refresh",
    who=(SIGNING_IN,),
    answers={200: answers.Tokens},
    errors=(Unauthenticated,),
)
def refresh(body: Refresh) -> Mapping[str, Any]:
    """Exchange a refresh token for new tokens.

    It is good for 30 days and for one use; one that comes back ends all of its family.
    """
    server_key = wiring.vault().server_key()
    opened = work.run(lambda uow: sessions.refresh(uow, body.refresh_token, server_key))
    if opened is None:
        logger.warning("a used refresh token came back; its family was ended")
        raise Unauthenticated
    return _tokens(opened)


@doors.route(
    "POST",
    "/v1/driver/duty",
    who=(DRIVER,),
    answers={200: answers.OnDuty},
    errors=(DriverBusy, DocumentMissing, DocumentExpired),
)
def set_duty(driver_id: str, body: Duty) -> Mapping[str, Any]:
    """Go on duty, for eight hours unless `shift_ends_at` says otherwise; or off duty.

    Within a planned shift (from half an hour before it) the shift's end, vehicle and breaks count.
    `vehicle_id` chooses among your vehicles; without it, it is the one of the last time. A paper
    that the hub asks for with that vehicle and that is not good stops you: `document_missing`,
    `document_expired`.
    """
    if body.on_duty:
        duty = work.run(
            lambda uow: drivers.go_on_duty(
                uow, driver_id, body.position, body.shift_ends_at, body.vehicle_id
            )
        )
    else:
        duty = work.run(lambda uow: drivers.go_off_duty(uow, driver_id))
    ends_at = duty.shift_ends_at
    return {
        "on_duty": duty.on_duty,
        "shift_ends_at": ends_at and write_instant(ends_at),
        "shift_id": duty.shift_id,
        "breaks": write_breaks(duty.breaks),
        "vehicle_id": duty.vehicle.id,
    }


@doors.route("GET", "/v1/driver/offers", who=(DRIVER,), answers={200: answers.Offers})
def list_offers(driver_id: str) -> Mapping[str, Any]:
    """Show the route that is on offer to you, if there is one.

    `pay` is what it pays, line by line; it is fixed when the offer is made, and null where the hub
    has no rates. `suggest_pause` is true after three offers in half an hour that you declined or
    let pass.
    """
    uow = work.begin()
    found, tired = offers.look(uow, driver_id)
    shown = [] if found is None else [_offer(*found)]
    return {"offers": shown, "suggest_pause": tired, "now": write_instant(uow.now)}


@doors.route(
    "POST",
    "/v1/offers/{offer_id}/accept",
    who=(DRIVER,),
    answers={200: answers.AcceptedOffer},
    errors=(OfferExpired, OfferTaken, DriverBusy),
)
def accept_offer(driver_id: str, offer_id: OfferId) -> Mapping[str, Any]:
    """Take a route; the same yes again gets the same answer."""
    route = work.run(lambda uow: offers.accept(uow, driver_id, offer_id))
    return {"offer_id": offer_id, "status": "accepted", "route_id": route.id}


@doors.route(
    "POST",
    "/v1/offers/{offer_id}/decline",
    who=(DRIVER,),
    answers={200: answers.DeclinedOffer},
    errors=(OfferExpired, OfferTaken),
)
def decline_offer(driver_id: str, offer_id: OfferId, body: Decline) -> Mapping[str, Any]:
    """Say no to a route, in your own words."""
    work.run(lambda uow: offers.decline(uow, driver_id, offer_id, body.reason))
    return {"offer_id": offer_id, "status": "declined"}


def _phone(text: str) -> Phone:
    """Drivers sign in with the whole number: no country is guessed."""
    try:
        return Phone.parse(text, "")
    except ValueError as error:
        field = {"field": "phone_number", "error": "a number with its country code, +..."}
        raise Invalid("the phone number is wrong", fields=[field]) from error


def _tokens(opened: sessions.Tokens) -> dict[str, Any]:
    return {
        "access_token": opened.access_token,
        "token_type": "Bearer",
        "expires_in": opened.expires_in,
        "refresh_token": opened.refresh_token,
    }


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
        "pay": None if offer.pay is None else write_pay(offer.pay),
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
