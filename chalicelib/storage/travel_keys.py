"""Where does what we know of travel times stand? Paces, cell pairs, and what those cost.

Part of the map of docs/keys.md, as ``keys`` is.
"""

from datetime import date

from chalicelib.storage.keys import Key, TableName


def town_pace(hub_id: str, kind: str) -> Key:
    return Key(TableName.CORE, town_paces(hub_id), kind)


def town_paces(hub_id: str) -> str:
    return f"TP#{hub_id}"


def pace_learned(route_id: str) -> Key:
    return Key(TableName.EPH, f"TL#{route_id}")


def cell_row(hours: str, cell: str) -> Key:
    return Key(TableName.EPH, f"RC#{hours}#{cell}")


def roads_asked(day: date) -> Key:
    return Key(TableName.EPH, f"RS#{day:%Y%m%d}")
