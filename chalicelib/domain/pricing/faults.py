"""Who pays when it goes wrong? The fault table.

Every reason for which an attempt fails, or a delivery is cancelled, names the party at fault, and
the party at fault decides who pays for what follows: what the recipient or the merchant caused is
on the merchant's account, what a driver or we caused is on ours. A reason that stands in no row is
ours too: nobody pays for what nobody explained. Source: the stage-fee policies of Uber Direct and
Jitsu; the reasons of CoopCycle and Jitsu.
"""

from collections.abc import Mapping
from enum import StrEnum


class Party(StrEnum):
    """Who is at fault; decides who pays."""

    RECIPIENT = "recipient"
    MERCHANT = "merchant"
    DRIVER = "driver"
    PLATFORM = "platform"


class Payer(StrEnum):
    """Whose account a fee is on."""

    MERCHANT = "merchant"
    PLATFORM = "platform"


AT_FAULT: Mapping[str, Party] = {
    # Why an attempt at the door fails.
    "customer_unavailable": Party.RECIPIENT,
    "customer_refused": Party.RECIPIENT,
    "wrong_address": Party.RECIPIENT,
    "address_unreachable": Party.RECIPIENT,
    "business_closed": Party.RECIPIENT,
    "no_safe_place": Party.RECIPIENT,
    "id_check_failed": Party.RECIPIENT,
    "wrong_pin": Party.RECIPIENT,
    "item_missing": Party.MERCHANT,
    "wrong_item": Party.MERCHANT,
    "data_error": Party.MERCHANT,
    "package_damaged": Party.DRIVER,
    "package_lost": Party.DRIVER,
    "vehicle_breakdown": Party.DRIVER,
    "out_of_shift_time": Party.DRIVER,
    "driver_emergency": Party.DRIVER,
    "weather": Party.PLATFORM,
    "traffic_delay": Party.PLATFORM,
    "holiday": Party.PLATFORM,
    "locker_full": Party.PLATFORM,
    "other": Party.PLATFORM,
    # Why a delivery is cancelled.
    "customer_request": Party.RECIPIENT,
    "payment_failed": Party.RECIPIENT,
    "fraud": Party.RECIPIENT,
    "merchant_request": Party.MERCHANT,
    "out_of_stock": Party.MERCHANT,
    "duplicate": Party.MERCHANT,
    "no_driver_found": Party.PLATFORM,
    "undeliverable_area": Party.PLATFORM,
}


class RefundReason(StrEnum):
    """Why some of a price is given back, or goods are paid for, after the delivery has ended."""

    LATE = "late"
    NOT_RECEIVED = "not_received"  # it was said to be delivered, and was not: false completion
    DAMAGED = "damaged"
    LOST = "lost"
    WRONG_PLACE = "wrong_place"
    OVERCHARGED = "overcharged"
    GOODWILL = "goodwill"
    #: What a merchant may say, and what is no fault of ours.
    RECIPIENT_ABSENT = "recipient_absent"
    WRONG_DETAILS = "wrong_details"


REFUND_FAULT: Mapping[RefundReason, Party] = {
    RefundReason.LATE: Party.PLATFORM,
    RefundReason.NOT_RECEIVED: Party.DRIVER,
    RefundReason.DAMAGED: Party.DRIVER,
    RefundReason.LOST: Party.DRIVER,
    RefundReason.WRONG_PLACE: Party.DRIVER,
    RefundReason.OVERCHARGED: Party.PLATFORM,
    RefundReason.GOODWILL: Party.PLATFORM,
    RefundReason.RECIPIENT_ABSENT: Party.RECIPIENT,
    RefundReason.WRONG_DETAILS: Party.MERCHANT,
}

PAYS: Mapping[Party, Payer] = {
    Party.RECIPIENT: Payer.MERCHANT,
    Party.MERCHANT: Payer.MERCHANT,
    Party.DRIVER: Payer.PLATFORM,
    Party.PLATFORM: Payer.PLATFORM,
}


def party_at_fault(reason: str | None) -> Party:
    return AT_FAULT.get(reason or "", Party.PLATFORM)


def is_ours(party: Party) -> bool:
    return PAYS[party] is Payer.PLATFORM
