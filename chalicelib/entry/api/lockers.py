"""Lockers of outside operators: connect one, and hear what it tells of its compartments."""

from collections.abc import Mapping
from typing import Annotated, Any

from chalice.app import Blueprint, Request
from pydantic import AwareDatetime, Field

from chalicelib import wiring
from chalicelib.domain.lockers import news
from chalicelib.domain.lockers.news import Became, Told, Word
from chalicelib.domain.pickup_points import operators
from chalicelib.domain.pickup_points.model import LockerOperator
from chalicelib.entry import rest, work
from chalicelib.entry.auth import MANAGER, signed
from chalicelib.entry.path_parts import Word as AnyWord
from chalicelib.entry.surface import Doors
from chalicelib.gateways.guarded_http import shop_address
from chalicelib.kit import tokens
from chalicelib.kit.errors import BadSignature, IllegalTransition, Invalid, NotFound
from chalicelib.kit.ids import is_id
from chalicelib.kit.shop_errors import ShopAddressRefused
from chalicelib.kit.signing import verify_standard_webhook

bp = Blueprint(__name__)
doors = Doors(bp, tag="Pickup points")

#: Not read as an id: an unknown operator is answered like a wrong signature.
OperatorName = Annotated[str, AnyWord("operator", "lop_01m83qpnc10y2w525st46371np")]
_OPERATOR = {
    "id": "lop_01m83qpnc10y2w525st46371np",
    "name": "Schließfach AG",
    "base_url": "https://lockers.example.com/api",
}
_SECRET = "whsec_bGFzdG1pbGUtZXhhbXBsZS1vZi1hLXNlY3JldA=="  # noqa: S105 - an example


class OperatorForm(rest.Body):
    """A company that operates lockers, and where it answers (docs/lockers.md)."""

    name: rest.Name
    base_url: Annotated[str, Field(min_length=8, max_length=300)]

    model_config = rest.example(name=_OPERATOR["name"], base_url=_OPERATOR["base_url"])


class Operator(rest.Answer):
    id: str
    name: str
    base_url: str

    model_config = rest.example(**_OPERATOR)


class ConnectedOperator(Operator):
    """The operator with the secret that both sides sign with; it can be asked for again."""

    secret: str

    model_config = rest.example(**_OPERATOR, secret=_SECRET)


class OperatorList(rest.Answer):
    operators: list[ConnectedOperator]

    model_config = rest.example(operators=[{**_OPERATOR, "secret": _SECRET}])


class ToldData(rest.Body):
    reservation: Annotated[str, Field(min_length=1, max_length=120)]


class ToldForm(rest.Body):
    """One word of an operator about one reservation."""

    type: Word
    timestamp: AwareDatetime
    data: ToldData

    model_config = rest.example(
        type="parcel.collected",
        timestamp="2026-11-24T16:02:11Z",
        data={
            "reservation": "del_01m83qpnc10y2w525st46371np.pup_01m83qpnc10y2w525st46371np",
        },
    )


class Heard(rest.Answer):
    """``taken``, ``known`` when it changes nothing any more, ``unknown`` for no reservation."""

    outcome: Became

    model_config = rest.example(outcome="taken")


@doors.route("POST", "/v1/locker-operators", who=(MANAGER,), answers={201: ConnectedOperator})
def connect_locker_operator(body: OperatorForm) -> Mapping[str, Any]:
    """Connect a company that operates lockers.

    Points of it name it as their `operator`; it is called at `base_url`, and both sides sign with
    the `secret`.
    """
    loopback = wiring.settings().shops_allow_loopback
    try:
        base_url = shop_address(body.base_url, may_be_loopback=loopback)
    except ShopAddressRefused as error:
        field = {"field": "base_url", "error": "not an address that we call"}
        raise Invalid("base_url cannot be called", fields=[field]) from error
    return _write(work.run(lambda uow: operators.connect(uow, body.name, base_url)))


@doors.route("GET", "/v1/locker-operators", who=(MANAGER,), answers={200: OperatorList})
def list_locker_operators() -> Mapping[str, Any]:
    """List the companies that operate lockers."""
    return {"operators": [_write(one) for one in work.read(operators.list_all)]}


def _sender(request: Request, parts: Mapping[str, str]) -> LockerOperator:
    """The operator, if its secret signed these bytes; raise BadSignature."""
    if not is_id(parts["operator_id"], "lop"):
        raise BadSignature
    try:
        operator = work.read(lambda uow: operators.load(uow, parts["operator_id"]))
    except NotFound as error:
        raise BadSignature from error
    headers = {name.lower(): value for name, value in request.headers.items()}
    is_theirs = verify_standard_webhook(
        [tokens.locker_secret(wiring.vault().server_key(), operator.id)],
        message_id=headers.get("webhook-id", ""),
        timestamp=headers.get("webhook-timestamp", ""),
        signatures=headers.get("webhook-signature", ""),
        body=rest.raw_body(request),
        wall_now=work.begin().wall_now,
    )
    if not is_theirs:
        raise BadSignature
    return operator


@doors.route(
    "POST",
    "/lockers/{operator_id}/events",
    who=(signed(_sender),),
    answers={200: Heard},
    errors=(IllegalTransition,),
)
def receive_locker_event(
    sender: LockerOperator, operator_id: OperatorName, body: ToldForm
) -> Mapping[str, Any]:
    """Hear of a compartment: put in, collected, expired, fetched back, a door left open.

    Signed as Standard Webhooks are. Twice, late and in another order are fine.
    """
    told = Told(body.type, body.data.reservation, body.timestamp)
    became = work.run(lambda uow: news.take_in(uow, sender.id, told))
    return {"outcome": became.value}


def _write(operator: LockerOperator) -> dict[str, Any]:
    secret = tokens.locker_secret(wiring.vault().server_key(), operator.id)
    return {
        "id": operator.id,
        "name": operator.name,
        "base_url": operator.base_url,
        "secret": secret,
    }
