"""Where do the books stand? Part of the map of docs/keys.md, as ``keys`` is.

All in the table of money, which nobody may update or delete: an entry is put where none stood.
"""

from chalicelib.storage.keys import Key, TableName


def entry(book: str, revision: int) -> Key:
    return Key(TableName.MONEY, f"J#{book}", f"{revision:04d}")


def entries(book: str) -> str:
    return f"J#{book}"


def account_line(account: str, month: str, at: str, entry_id: str) -> Key:
    return Key(TableName.MONEY, f"AC#{account}#{month}", f"{at}#{entry_id}")


def account_lines(account: str, month: str) -> str:
    return f"AC#{account}#{month}"
