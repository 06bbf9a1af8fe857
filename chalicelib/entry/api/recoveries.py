"""What becomes of a delivery that nobody took: why, and something else instead."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from chalice.app import Blueprint
from pydantic import Field, model_validator

from chalicelib.domain.deliveries import store as delivery_store
from chalicelib.domain.deliveries.model import Delivery
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.merchants.model import Scope
from chalicelib.domain.merchants.recovery_rules import Remedy
from chalicelib.domain.recovery import store, wishes
from chalicelib.domain.recovery.model import By, Wish
from chalicelib.domain.recovery.wishes import Author
from chalicelib.entry import rest, work
from chalicelib.entry.api import recovery_answers as answers
from chalicelib.entry.api.naming import named
from chalicelib.entry.auth import OPERATOR, Caller, Role, merchant
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import DeliveryId
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid
from chalicelib.kit.recovery_errors import NothingFailed, RecoverySettled, RemedyNotAllowed
from chalicelib.kit.timewindow import TimeWindow, as_utc
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Recovery")

_READ = (merchant(Scope.DELIVERIES_READ), OPERATOR)
_WRITE = (merchant(Scope.DELIVERIES_WRITE), OPERATOR)


class WhoseQuery(rest.Body):
    """The operator names the merchant; a merchant's key does."""

    merchant_id: Annotated[str, Field(max_length=120)] | None = None


class OpenQuery(rest.Body):
    """Of which hub."""

    hub_id: rest.Name
    limit: Annotated[int, Field(ge=1, le=100)] = 50
    cursor: Annotated[str, Field(max_length=1024)] | None = None


class WindowForm(rest.Body):
    start_at: rest.Instant
    end_at: rest.Instant

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "WindowForm":
        if self.end_at <= self.start_at:
            raise ValueError("a window ends after it starts")
        return self


class RemedyForm(rest.Body):
    """What shall become of it. ``window``: of `another_day`, one of those that can be booked;
    ``pickup_point_id``: which point. Without them the best is taken."""

    remedy: Literal[
        "safe_place",
        "neighbour",
        "point_on_tour",
        "again_today",
        "another_day",
        "pickup_point",
        "return",
        "dispose",
    ]
    window: WindowForm | None = None
    pickup_point_id: Annotated[str, Field(max_length=60)] | None = None
    reason: rest.Name | None = None

    model_config = rest.example(remedy="return", reason="the customer cancelled by phone")

    @model_validator(mode="after")
    def _has_what_belongs_to_it(self) -> "RemedyForm":
        if self.window is not None and self.remedy != "another_day":
            raise ValueError("only another_day has a window")
        if self.pickup_point_id is not None and self.remedy not in (
            "pickup_point",
            "point_on_tour",
        ):
            raise ValueError("only pickup_point and point_on_tour have a pickup_point_id")
        return self

    @property
    def wish(self) -> Wish:
        window = None
        if self.window is not None:
            window = TimeWindow(as_utc(self.window.start_at), as_utc(self.window.end_at))
        return Wish(Remedy(self.remedy), window, self.pickup_point_id)


@doors.route(
    "GET",
    "/v1/deliveries/{delivery_id}/recovery",
    who=_READ,
    answers={200: answers.ShownRecovery},
    errors=(Invalid, NothingFailed),
)
def show_recovery(caller: Caller, delivery_id: DeliveryId, query: WhoseQuery) -> Mapping[str, Any]:
    """Explain what becomes of a delivery after its last failed attempt.

    Every remedy with its expected cost, term by term, or why it was out of the question when the
    attempt failed; what was chosen, by whom and until when the recipient may choose otherwise; what
    came of it. `open_options` are what this caller could choose now. A delivery of which no attempt
    failed, or whose failed tap was taken back, is `nothing_failed`.
    """
    uow = work.begin()
    delivery = _load(uow, caller, delivery_id, query)
    choice = wishes.options(uow, delivery, _author(caller))
    if choice is None:
        raise NothingFailed
    return answers.write(choice.decision, choice.options)


@doors.route(
    "POST",
    "/v1/deliveries/{delivery_id}/recovery",
    who=_WRITE,
    answers={200: answers.ShownRecovery},
    errors=(Invalid, NothingFailed, RecoverySettled, RemedyNotAllowed),
    headers=(DESK_USER,),
)
def choose_recovery(
    caller: Caller, delivery_id: DeliveryId, body: RemedyForm, query: WhoseQuery
) -> Mapping[str, Any]:
    """Choose what becomes of a failed delivery; the same choice twice is one.

    Until it is carried out, and for what lies ready at the hub again until a wave takes it. The
    desk's choice overrules the merchant's, the merchant's the recipient's, and that the system's.
    What follows is charged by the fault of the failed attempt, whoever chooses.
    """
    who = desk_user(caller) if caller.role is Role.OPERATOR else None
    author = Author(_author(caller).by, who, body.reason)

    def choose(uow: UnitOfWork) -> Mapping[str, Any]:
        delivery = _load(uow, caller, delivery_id, query)
        return answers.write(wishes.wish(uow, delivery, body.wish, author), ())

    return work.run(choose)


@doors.route("GET", "/v1/recoveries", who=(OPERATOR,), answers={200: answers.OpenRecoveries})
def list_recoveries(query: OpenQuery) -> Mapping[str, Any]:
    """List the decisions of a hub that are not carried out yet, the most pressing first.

    `waiting`: for the parcel to be back (`back_at` null) or for the recipient's time to be over
    (`until`); `on_tour`: the driver is at it. What somebody changed names its author.
    """
    uow = work.begin()
    merchants.load_hub(uow, query.hub_id)
    found, cursor = store.page_of_open(uow, query.hub_id, limit=query.limit, after=query.cursor)
    return {"recoveries": [answers.write_line(one) for one in found], "next_cursor": cursor}


def _load(uow: UnitOfWork, caller: Caller, delivery_id: str, query: WhoseQuery) -> Delivery:
    owner = query.merchant_id if caller.role is Role.OPERATOR else caller.id
    if owner is None:
        field = {"field": "merchant_id", "error": "the operator names the merchant"}
        raise Invalid("whose delivery is it?", fields=[field])
    return delivery_store.load(uow, named(owner, delivery_id))


def _author(caller: Caller) -> Author:
    return Author(By.DESK if caller.role is Role.OPERATOR else By.MERCHANT)
