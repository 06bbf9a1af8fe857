"""Where does it stand, what recipients do and see? The part of the key map for their pages.

See ``keys``, whose rules hold here too.
"""

from chalicelib.storage.keys import Key, TableName


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
