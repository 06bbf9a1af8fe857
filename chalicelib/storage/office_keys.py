"""Where does it stand what the desk has to see? A leaf of ``keys``, on the same page."""

from chalicelib.storage.keys import Key, TableName


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
