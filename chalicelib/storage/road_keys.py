"""Where do things of the road stand? The part of the key map for positions, devices, arrivals.

See ``keys``, whose rules hold here too.
"""

from chalicelib.storage.keys import Key, TableName


def driver_cell(hub_id: str, wide_cell: str, cell: str, driver_id: str) -> Key:
    return Key(TableName.LIVE, f"GC#{hub_id}#{wide_cell}", f"{cell}#{driver_id}")


def drivers_in(hub_id: str, wide_cell: str) -> str:
    return f"GC#{hub_id}#{wide_cell}"


def trail(route_id: str, at: str) -> Key:
    return Key(TableName.LIVE, f"GT#{route_id}", at)


def trail_of(route_id: str) -> str:
    return f"GT#{route_id}"


def arrivals(hub_id: str, route_id: str) -> Key:
    return Key(TableName.LIVE, f"ET#{hub_id}", route_id)


def arrivals_of(hub_id: str) -> str:
    return f"ET#{hub_id}"


def lessons(hub_id: str) -> Key:
    return Key(TableName.CORE, f"LS#{hub_id}")


def lesson_taken(route_id: str) -> Key:
    return Key(TableName.CORE, f"R#{route_id}", "LS")


def device(key_hash: str) -> Key:
    return Key(TableName.CORE, f"DK#{key_hash}")


def device_shown(driver_id: str, device_id: str) -> Key:
    return Key(TableName.CORE, f"V#{driver_id}", f"DV#{device_id}")


def devices(driver_id: str) -> tuple[str, str]:
    return f"V#{driver_id}", "DV#"
