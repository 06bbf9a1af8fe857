"""Where does what belongs to drivers stand: rules, rates, shifts, statements?

Part of the map of docs/keys.md, as ``keys`` is.
"""

from datetime import date

from chalicelib.storage.keys import Key, TableName

#: g3: shifts and drivers' papers that the clock must look at, by when.
CLOCK = "CREW"


def rules(hub_id: str) -> Key:
    return Key(TableName.CORE, f"HC#{hub_id}")


def pay_rates(hub_id: str) -> Key:
    return Key(TableName.CORE, f"HC#{hub_id}", "PR")


def pay_rates_version(hub_id: str, version: int) -> Key:
    return Key(TableName.CORE, f"HC#{hub_id}", f"PR#{version:08d}")


def pay_rates_versions(hub_id: str) -> tuple[str, str]:
    return f"HC#{hub_id}", "PR#"


def hub_drivers(hub_id: str) -> str:
    """g2: drivers of a hub."""
    return f"HV#{hub_id}"


def shift(driver_id: str, start: str, shift_id: str) -> Key:
    return Key(TableName.CORE, f"VS#{driver_id}", f"{start}#{shift_id}")


def shifts(driver_id: str) -> str:
    return f"VS#{driver_id}"


def shift_guard(driver_id: str) -> Key:
    return Key(TableName.CORE, f"VG#{driver_id}")


def hub_shifts(hub_id: str, day: date) -> str:
    """g2: shifts of a hub that begin on a day of its own, by start."""
    return f"HS#{hub_id}#{day:%Y%m%d}"


def statement(driver_id: str, route_id: str, revision: int) -> Key:
    return Key(TableName.CORE, f"V#{driver_id}", f"PS#{route_id}#{revision:04d}")


def statements_of_route(driver_id: str, route_id: str) -> tuple[str, str]:
    return f"V#{driver_id}", f"PS#{route_id}#"


def statements_by_end(driver_id: str) -> str:
    """g2: statements of a driver, by when the route ended."""
    return f"DE#{driver_id}"


def text_claim(driver_id: str, event_id: str) -> Key:
    return Key(TableName.CORE, f"V#{driver_id}", f"N#{event_id}")


def day_record(driver_id: str, day: date) -> Key:
    return Key(TableName.CORE, f"V#{driver_id}", f"D#{day:%Y%m%d}")
