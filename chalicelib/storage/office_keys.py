"""Where do accounts stand, and what the desk has to see? A leaf of ``keys``, on its page.

Names, e-mail addresses and hashes of passwords stand in the table of people, which has no stream.
"""

from chalicelib.storage.keys import Key, TableName


def account(person_id: str) -> Key:
    return Key(TableName.CORE, f"AC#{person_id}")


def account_of_email(audience: str, hashed: str) -> Key:
    return Key(TableName.CORE, f"AE#{audience}#{hashed}")


def team_member(team: str, person_id: str) -> Key:
    return Key(TableName.CORE, f"TM#{team}", person_id)


def team(name: str) -> str:
    return f"TM#{name}"


def account_details(person_id: str) -> Key:
    return Key(TableName.PII, f"AC#{person_id}")


def password(person_id: str) -> Key:
    return Key(TableName.PII, f"AC#{person_id}", "PW")


def invite(hashed: str) -> Key:
    return Key(TableName.EPH, f"AI#{hashed}")


def ended_session(session_id: str) -> Key:
    return Key(TableName.EPH, f"ES#{session_id}")


def sign_in_tries(hashed: str, window: str) -> Key:
    return Key(TableName.EPH, f"ST#{hashed}#{window}")


def sign_in_step(hashed: str) -> Key:
    return Key(TableName.EPH, f"SI#{hashed}")


def flag(hub_id: str, flag_id: str) -> Key:
    return Key(TableName.CORE, f"AT#{hub_id}", f"F#{flag_id}")


def settled(hub_id: str, item_id: str) -> Key:
    return Key(TableName.CORE, f"AT#{hub_id}", f"S#{item_id}")


def attention(hub_id: str) -> str:
    """What was flagged at a hub, and what somebody has seen to."""
    return f"AT#{hub_id}"


def dead_letter_deed(at: str, deed_id: str) -> Key:
    return Key(TableName.CORE, "NET", f"DQ#{at}#{deed_id}")


DEAD_LETTER_DEEDS = ("NET", "DQ#")
