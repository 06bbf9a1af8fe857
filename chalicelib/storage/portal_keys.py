"""Where does what a merchant's people look for and foretell stand? See docs/keys.md."""

from chalicelib.storage.keys import Key, TableName


def order_number(merchant_id: str, number: str, delivery_id: str) -> Key:
    return Key(TableName.CORE, f"ON#{merchant_id}#{number}", delivery_id)


def order_numbers(merchant_id: str, number: str) -> str:
    return f"ON#{merchant_id}#{number}"


def forecast(hub_id: str, merchant_id: str, day: str) -> Key:
    return Key(TableName.CORE, f"FC#{hub_id}", f"{day}#{merchant_id}")


def forecasts(hub_id: str) -> str:
    return f"FC#{hub_id}"
