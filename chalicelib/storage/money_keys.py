"""Where do the books stand? Part of the map of docs/keys.md, as ``keys`` is.

What was posted stands in the table of money, which nobody may update or delete: an entry is put
where none stood. What people ask the books for stands in core, with the events that carry it there.
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


def closing(name: str, until: str) -> Key:
    return Key(TableName.MONEY, f"CL#{name}", until)


def closings(name: str) -> str:
    return f"CL#{name}"


def closed_until(name: str) -> Key:
    """Up to when an account is closed: one close after the other."""
    return Key(TableName.MONEY, f"CU#{name}", "A")


def invoice(merchant_id: str, name: str) -> Key:
    return Key(TableName.MONEY, f"IV#{merchant_id}", name)


def invoices(merchant_id: str) -> str:
    return f"IV#{merchant_id}"


def invoice_numbers(series: str) -> Key:
    """The last number of a series."""
    return Key(TableName.MONEY, "IN", series)


INVOICE_NUMBERS = "IN"


def payout(driver_id: str, name: str) -> Key:
    return Key(TableName.MONEY, f"PO#{driver_id}", name)


def payouts(driver_id: str) -> str:
    return f"PO#{driver_id}"


def voucher_outcome(voucher_id: str) -> Key:
    """What became of a voucher, written with its entry."""
    return Key(TableName.MONEY, f"VO#{voucher_id}", "A")


def voucher(owner: str, name: str) -> Key:
    return Key(TableName.CORE, f"VC#{owner}", name)


def vouchers(owner: str) -> str:
    return f"VC#{owner}"


def voucher_owner(voucher_id: str) -> Key:
    """Whose voucher, and under which name: the desk asks by id alone."""
    return Key(TableName.CORE, f"VI#{voucher_id}", "A")


def close_order(until: str) -> Key:
    """That somebody asked for a close up to an instant."""
    return Key(TableName.CORE, "BC", until)


def dispute(merchant_id: str, dispute_id: str) -> Key:
    return Key(TableName.CORE, f"DP#{merchant_id}", dispute_id)


def disputes(merchant_id: str) -> str:
    return f"DP#{merchant_id}"


def dispute_owner(dispute_id: str) -> Key:
    return Key(TableName.CORE, f"DO#{dispute_id}", "A")


def dispute_of_delivery(merchant_id: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", "DP")


def disputes_due(hub_id: str) -> str:
    """g3: open disputes about a hub's deliveries, by when somebody has to decide."""
    return f"DP#{hub_id}"


def dispute_text(merchant_id: str, delivery_id: str, dispute_id: str) -> Key:
    return Key(TableName.PII, f"D#{merchant_id}#{delivery_id}", f"DP#{dispute_id}")


def billing_details(owner: str) -> Key:
    """Names and addresses on invoices; ``NET`` is the seller."""
    return Key(TableName.PII, f"BD#{owner}", "A")


def invoice_papers(merchant_id: str, number: str) -> Key:
    """That the papers of an invoice are made."""
    return Key(TableName.CORE, f"IP#{merchant_id}", number)
