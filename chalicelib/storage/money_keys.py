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


def account(name: str) -> Key:
    """Which accounts there are, and since when."""
    return Key(TableName.MONEY, "AC", name)


ACCOUNTS = "AC"


def closing(name: str, month: str) -> Key:
    return Key(TableName.MONEY, f"CL#{name}", month)


def closings(name: str) -> str:
    return f"CL#{name}"


def invoice(merchant_id: str, name: str) -> Key:
    return Key(TableName.MONEY, f"IV#{merchant_id}", name)


def invoices(merchant_id: str) -> str:
    return f"IV#{merchant_id}"


def invoice_numbers(year: str) -> Key:
    """The last number of a year."""
    return Key(TableName.MONEY, "IN", year)


def payout(driver_id: str, name: str) -> Key:
    return Key(TableName.MONEY, f"PO#{driver_id}", name)


def payouts(driver_id: str) -> str:
    return f"PO#{driver_id}"
