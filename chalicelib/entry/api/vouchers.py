"""What passed besides the charges, as the desk notes it: payments, credits, cash.

The web function may not write to the books. It writes a voucher, which the function that keeps the
books posts a moment later; ``GET /v1/vouchers/{id}`` says what became of it.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any

from chalice.app import Blueprint
from pydantic import AwareDatetime, Field, StringConstraints

from chalicelib.domain.billing import periods, vouchers
from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.domain.billing.vouchers import Voucher, VoucherKind, VoucherState, Wanted
from chalicelib.domain.deliveries import store as deliveries
from chalicelib.domain.deliveries.store import DeliveryRef
from chalicelib.domain.drivers import store as drivers
from chalicelib.domain.merchants import store as merchants
from chalicelib.domain.pricing.faults import REFUND_FAULT, Party, RefundReason
from chalicelib.domain.support import store as cases
from chalicelib.entry import rest, work
from chalicelib.entry.auth import MANAGER, OPERATOR, Caller
from chalicelib.entry.desk import DESK_USER, desk_user
from chalicelib.entry.path_parts import IdOf
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict
from chalicelib.kit.money import Money
from chalicelib.kit.timewindow import write_instant
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Money")

MerchantId = Annotated[str, IdOf("mer", "merchant")]
DriverId = Annotated[str, IdOf("drv", "driver")]
VoucherId = Annotated[str, IdOf("vch", "voucher")]

AmountMinor = Annotated[int, Field(gt=0, le=100_000_000)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
#: As banks and cases write theirs; no spaces and no hash, it is a part of a key.
Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/+-]{0,59}$")]
_MERCHANT_ID = "mer_01m83qpn9gec8xh7wbacsaen6x"
_DELIVERY_ID = "del_01m83qpnc10y2w525st46371np"


class MoneyForm(rest.Body):
    """An amount with the reference that it has where it comes from: the bank, the slip."""

    amount_minor: AmountMinor
    currency: Currency
    reference: Reference

    model_config = rest.example(amount_minor=58_300, currency="EUR", reference="bank-2026-11-30-17")


class CreditForm(MoneyForm):
    """What is given back for a delivery, tax included; ``goods``: it pays for what was lost or
    broke, which is no price and has no tax."""

    delivery_id: Annotated[str, StringConstraints(pattern=r"^del_[0-9a-hjkmnp-tv-z]{26}$")]
    reason: RefundReason
    goods: bool = False
    case_id: Annotated[str, StringConstraints(pattern=r"^sup_[0-9a-hjkmnp-tv-z]{26}$")] | None = (
        None
    )

    model_config = rest.example(
        amount_minor=583,
        currency="EUR",
        reference="late-1042",
        delivery_id=_DELIVERY_ID,
        reason="late",
    )


_VOUCHER: dict[str, Any] = {
    "id": "vch_01m83qpnc10y2w525st46371np",
    "kind": "credit",
    "owner_id": _MERCHANT_ID,
    "amount_minor": 583,
    "currency": "EUR",
    "reference": "late-1042",
    "delivery_id": _DELIVERY_ID,
    "reason": "late",
    "party_at_fault": "platform",
    "because": None,
    "by": "marta",
    "asked_at": "2026-11-30T10:15:00.000Z",
    "state": "posted",
    "entry_id": f"credit#{_MERCHANT_ID}/{_DELIVERY_ID}#0001",
    "refusal": None,
}


class VoucherAnswer(rest.Answer):
    """What was asked for, by whom, and what became of it: ``asked``, then ``posted`` or
    ``refused`` (``refusal`` says why) within seconds."""

    id: str
    kind: VoucherKind
    owner_id: str
    amount_minor: int
    currency: Currency
    reference: str
    delivery_id: str | None
    reason: RefundReason | None
    party_at_fault: Party | None
    because: str | None
    by: str
    asked_at: AwareDatetime
    state: VoucherState
    entry_id: str | None
    refusal: str | None

    model_config = rest.example(**_VOUCHER)


class VoucherList(rest.Answer):
    vouchers: list[VoucherAnswer]

    model_config = rest.example(vouchers=[_VOUCHER])


@doors.route(
    "POST",
    "/v1/merchants/{merchant_id}/payments",
    who=(MANAGER,),
    answers={202: VoucherAnswer},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def note_payment(merchant_id: MerchantId, body: MoneyForm, caller: Caller) -> Mapping[str, Any]:
    """Note that a merchant paid. The same reference again is the same payment."""
    wanted = _wanted(VoucherKind.PAYMENT, merchant_id, body)
    return _ask(wanted, caller, lambda uow: merchants.load_merchant(uow, merchant_id))


@doors.route(
    "POST",
    "/v1/merchants/{merchant_id}/remittances",
    who=(MANAGER,),
    answers={202: VoucherAnswer},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def note_remittance(merchant_id: MerchantId, body: MoneyForm, caller: Caller) -> Mapping[str, Any]:
    """Note that collected cash was sent to its merchant: at most what we owe by now."""

    def check(uow: UnitOfWork) -> None:
        merchants.load_merchant(uow, merchant_id)
        account = Account(AccountKind.COLLECTED, body.currency, merchant_id)
        _must_hold(-_held(uow, account), body, "more than was collected for this merchant")

    return _ask(_wanted(VoucherKind.REMITTANCE, merchant_id, body), caller, check)


@doors.route(
    "POST",
    "/v1/merchants/{merchant_id}/credits",
    who=(MANAGER,),
    answers={202: VoucherAnswer},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def give_credit(merchant_id: MerchantId, body: CreditForm, caller: Caller) -> Mapping[str, Any]:
    """Give a merchant back some of what a delivery cost, or pay for its goods.

    At most what the delivery was charged and is not given back yet; with `goods` there is no such
    bound, because what the goods were worth is not ours to know. `reason` says whose fault it was
    by the fault table. It stands on the credit note of the period.
    """
    ref = DeliveryRef(merchant_id, body.delivery_id)

    def check(uow: UnitOfWork) -> None:
        deliveries.load(uow, ref)
        if body.case_id is not None:
            cases.load(uow, merchant_id, body.case_id)
        if not body.goods:
            left = vouchers.creditable_minor(uow, ref, body.currency)
            _must_hold(left, body, "more than the delivery was charged")

    kind = VoucherKind.COMPENSATION if body.goods else VoucherKind.CREDIT
    wanted = Wanted(
        kind=kind,
        owner=merchant_id,
        money=Money(body.amount_minor, body.currency),
        reference=body.reference,
        delivery_id=body.delivery_id,
        reason=body.reason,
        because=body.case_id or "",
    )
    return _ask(wanted, caller, check)


@doors.route(
    "POST",
    "/v1/drivers/{driver_id}/handovers",
    who=(MANAGER,),
    answers={202: VoucherAnswer},
    errors=(Conflict,),
    headers=(DESK_USER,),
)
def note_handover(driver_id: DriverId, body: MoneyForm, caller: Caller) -> Mapping[str, Any]:
    """Note that a driver handed cash over at the hub: at most what he or she has by now."""

    def check(uow: UnitOfWork) -> None:
        drivers.load(uow, driver_id)
        account = Account(AccountKind.CASH, body.currency, driver_id)
        _must_hold(_held(uow, account), body, "more cash than the driver has")

    return _ask(_wanted(VoucherKind.HANDOVER, driver_id, body), caller, check)


@doors.route("GET", "/v1/vouchers/{voucher_id}", who=(OPERATOR,), answers={200: VoucherAnswer})
def show_voucher(voucher_id: VoucherId) -> Mapping[str, Any]:
    """Show what was asked of the books, and what became of it."""
    return write_voucher(work.read(lambda uow: vouchers.load(uow, voucher_id)))


@doors.route(
    "GET", "/v1/merchants/{merchant_id}/vouchers", who=(OPERATOR,), answers={200: VoucherList}
)
def list_vouchers_of_merchant(merchant_id: MerchantId) -> Mapping[str, Any]:
    """List what was noted about a merchant, by kind and reference."""
    return _list(merchant_id)


@doors.route("GET", "/v1/drivers/{driver_id}/vouchers", who=(OPERATOR,), answers={200: VoucherList})
def list_vouchers_of_driver(driver_id: DriverId) -> Mapping[str, Any]:
    """List what was noted about a driver, by kind and reference."""
    return _list(driver_id)


def _wanted(kind: VoucherKind, owner: str, body: MoneyForm) -> Wanted:
    return Wanted(kind, owner, Money(body.amount_minor, body.currency), body.reference)


def _ask(
    wanted: Wanted, caller: Caller, check: Callable[[UnitOfWork], object]
) -> Mapping[str, Any]:
    """Check what can be known beforehand, unless it was asked for before, and write the voucher."""
    by = desk_user(caller)

    def ask(uow: UnitOfWork) -> Voucher:
        if vouchers.find(uow, wanted) is None:
            check(uow)
        return vouchers.ask(uow, wanted, by)

    return write_voucher(work.run(ask))


def _list(owner: str) -> Mapping[str, Any]:
    found = work.read(lambda uow: vouchers.list_of(uow, owner))
    return {"vouchers": [write_voucher(one) for one in found]}


def _held(uow: UnitOfWork, account: Account) -> int:
    return periods.held(uow, account, periods.behind_all(uow.now))


def _must_hold(held_minor: int, body: MoneyForm, what: str) -> None:
    if body.amount_minor > held_minor:
        raise Conflict(what, extra={"most_minor": max(0, held_minor)})


def write_voucher(one: Voucher) -> dict[str, Any]:
    wanted = one.wanted
    fault = None if wanted.reason is None else REFUND_FAULT[wanted.reason].value
    return {
        "id": one.id,
        "kind": wanted.kind.value,
        "owner_id": wanted.owner,
        "amount_minor": wanted.money.amount_minor,
        "currency": wanted.money.currency,
        "reference": wanted.reference,
        "delivery_id": wanted.delivery_id or None,
        "reason": None if wanted.reason is None else wanted.reason.value,
        "party_at_fault": fault,
        "because": wanted.because or None,
        "by": one.by,
        "asked_at": write_instant(one.asked_at),
        "state": one.state.value,
        "entry_id": one.entry_id or None,
        "refusal": one.refusal or None,
    }
