"""Where does what recipients see, are told and say, and what failed, stand? See docs/keys.md.

Phones stand in keys as keyed hashes only: they can be enumerated.
"""

from datetime import datetime

from chalicelib.storage.keys import Key, TableName


def text_rules() -> Key:
    return Key(TableName.CORE, "NET", "TX")


def text_tally(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", "TX")


def suppressed(phone_hash: str) -> Key:
    return Key(TableName.CORE, f"SU#{phone_hash}")


def suppressed_for(phone_hash: str, merchant_id: str) -> Key:
    return Key(TableName.CORE, f"SU#{phone_hash}", f"M#{merchant_id}")


def suppressions(phone_hash: str) -> tuple[str, str]:
    return f"SU#{phone_hash}", "M#"


def number_tally(phone_hash: str) -> Key:
    return Key(TableName.EPH, f"TN#{phone_hash}")


def texted_about(phone_hash: str, merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.EPH, f"TP#{phone_hash}", f"{merchant_id}#{delivery_id}")


def texted(phone_hash: str) -> str:
    return f"TP#{phone_hash}"


def merchant_texts(merchant_id: str, at: datetime) -> Key:
    return Key(TableName.EPH, f"TD#{merchant_id}#{at:%Y%m%d}")


def country_texts(country: str, at: datetime) -> Key:
    return Key(TableName.EPH, f"TC#{country}#{at:%Y%m%d%H}")


def text_spend(at: datetime) -> Key:
    return Key(TableName.EPH, f"TS#{at:%Y%m}")


#: Texts that wait for the morning, by when.
HELD_TEXTS = "TH"


def held_text(due: str, merchant_id: str, delivery_id: str, event_id: str, template: str) -> Key:
    place = f"{due}#{merchant_id}#{delivery_id}#{event_id}#{template}"
    return Key(TableName.EPH, HELD_TEXTS, place)


#: Every company that operates lockers for us.
LOCKER_OPERATORS = ("LOP", "lop_")


def locker_operator(operator_id: str) -> Key:
    return Key(TableName.CORE, "LOP", operator_id)


def locker_hold(merchant_id: str, delivery_id: str, point_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", f"LK#{point_id}")


def locker_holds(merchant_id: str, delivery_id: str) -> tuple[str, str]:
    return f"D#{merchant_id}#{delivery_id}", "LK#"


def conversation(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", "CV")


def message(merchant_id: str, delivery_id: str, number: int) -> Key:
    return Key(TableName.PII, f"D#{merchant_id}#{delivery_id}", f"CM#{number:04d}")


def messages(merchant_id: str, delivery_id: str) -> tuple[str, str]:
    return f"D#{merchant_id}#{delivery_id}", "CM#"


def inbound_text(message_id: str) -> Key:
    return Key(TableName.EPH, f"IT#{message_id}")


def rating(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", "RG")


def rating_comment(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.PII, f"D#{merchant_id}#{delivery_id}", "RG")


def looked_up(order_hash: str, merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"LU#{order_hash}", f"{merchant_id}#{delivery_id}")


def looked_up_by(order_hash: str) -> str:
    return f"LU#{order_hash}"


def glance(token_hash: str) -> Key:
    return Key(TableName.EPH, f"GL#{token_hash}")


def look_ups(counted: str, hour: str) -> Key:
    """``counted``: the hash of an address in the net, or of an order's number."""
    return Key(TableName.EPH, f"LQ#{counted}#{hour}")


def recovery(merchant_id: str, delivery_id: str, failed_version: int) -> Key:
    """What was decided after the failed tap that made this version of the delivery."""
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", f"RV#{failed_version:06d}")


def second_visits(hub_id: str) -> Key:
    """How visits after a failed one went at a hub."""
    return Key(TableName.CORE, f"SV#{hub_id}")


def open_recoveries(hub_id: str) -> str:
    """Partition of the attention index: decisions that are not carried out, by time."""
    return f"RV#{hub_id}"
