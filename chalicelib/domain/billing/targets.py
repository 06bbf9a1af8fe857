"""What should stand in the books for it, by all that has happened? Pure.

A delivery is booked when it has come to its end: what its merchant owes by the rate card and the
fault table (``pricing.charges``), the cash that its driver took at the door, and the tip that goes
on to the driver. A route is booked by its last statement. What was taken back should stand there
with nothing.
"""

from chalicelib.domain.billing.model import Account, AccountKind
from chalicelib.domain.deliveries.model import Delivery, Status
from chalicelib.domain.deliveries.requirements import ProofKind
from chalicelib.domain.drivers.pay import LineKind
from chalicelib.domain.drivers.statements import Statement
from chalicelib.domain.pricing.charges import Charges

_Amounts = dict[Account, int]


def of_delivery(delivery: Delivery, due: Charges | None) -> _Amounts:
    """What a delivery should have moved by now.

    Parameters
    ----------
    due
        Its charges by now; None where no price was ever agreed.

    Returns
    -------
    By account; empty for one that is still on its way, and for a rehearsal.
    """
    if not delivery.live or not delivery.status.is_final:
        return {}
    wanted: _Amounts = {}
    if due is not None:
        _move(wanted, _merchants(AccountKind.RECEIVABLE, due.currency, delivery), due.total_minor)
        _move(wanted, Account(AccountKind.TAX, due.currency), -due.tax_minor)
        net_minor = due.total_minor - due.tax_minor
        _move(wanted, Account(AccountKind.REVENUE, due.currency), -net_minor)
    if delivery.tip is not None and delivery.status is Status.DELIVERED:
        # Its shop has it from the customer, its driver gets it with the route's pay.
        tip = delivery.tip
        _move(wanted, _merchants(AccountKind.RECEIVABLE, tip.currency, delivery), tip.amount_minor)
        _move(wanted, Account(AccountKind.TIPS, tip.currency), -tip.amount_minor)
    cash_minor = _cash_of(delivery)
    if cash_minor and delivery.driver_id and delivery.requirements.currency:
        currency = delivery.requirements.currency
        pocket = Account(AccountKind.CASH, currency, delivery.driver_id)
        _move(wanted, pocket, cash_minor)
        _move(wanted, _merchants(AccountKind.COLLECTED, currency, delivery), -cash_minor)
    return wanted


def of_late_refund(delivery: Delivery, plain: Charges, due: Charges, left_minor: int) -> _Amounts:
    """What is given back because it came late, beside what the delivery was charged without it.

    Parameters
    ----------
    plain, due
        Its charges without and with what is given back.
    left_minor
        What of the charge no credit has given back yet: never more than that.
    """
    if not delivery.live or not delivery.status.is_final:
        return {}
    back_minor, tax_minor = plain.total_minor - due.total_minor, plain.tax_minor - due.tax_minor
    if back_minor > left_minor:
        tax_minor = tax_minor * max(0, left_minor) // back_minor
        back_minor = max(0, left_minor)
    wanted: _Amounts = {}
    _move(wanted, _merchants(AccountKind.RECEIVABLE, due.currency, delivery), -back_minor)
    _move(wanted, Account(AccountKind.TAX, due.currency), tax_minor)
    _move(wanted, Account(AccountKind.REVENUE, due.currency), back_minor - tax_minor)
    return wanted


def of_route(last: Statement | None) -> _Amounts:
    """What a route's pay should have moved: by the statement that counts.

    A tip is no wage: it comes from the merchant whose customer gave it, through ``tips``. What the
    time is worth by the hourly floor is noted beside it, and owed to nobody (see ``hourly_floor``).
    """
    if last is None or last.reopened:
        return {}
    pay = last.pay
    tips_minor = pay.amount_of(LineKind.TIPS)
    wanted: _Amounts = {}
    _move(wanted, Account(AccountKind.WAGES, pay.currency), pay.total_minor - tips_minor)
    _move(wanted, Account(AccountKind.TIPS, pay.currency), tips_minor)
    _move(wanted, Account(AccountKind.EARNINGS, pay.currency, last.driver_id), -pay.total_minor)
    _move(wanted, Account(AccountKind.ENGAGED, pay.currency, last.driver_id), last.floor_minor)
    _move(wanted, Account(AccountKind.FLOOR, pay.currency), -last.floor_minor)
    return wanted


def _merchants(kind: AccountKind, currency: str, delivery: Delivery) -> Account:
    return Account(kind, currency, delivery.merchant_id)


def _cash_of(delivery: Delivery) -> int:
    proof = delivery.proof(ProofKind.CASH)
    if delivery.status is not Status.DELIVERED or proof is None:
        return 0
    return proof.cash_minor or 0


def _move(wanted: _Amounts, account: Account, amount_minor: int) -> None:
    if amount_minor:
        wanted[account] = wanted.get(account, 0) + amount_minor
