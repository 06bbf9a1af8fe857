"""Where do facts and rollups stand? Part of the map of docs/keys.md, as ``keys`` is.

In ``eph``: its changes wake no relay, all of it can be worked out again, and it goes after a while.
"""

from datetime import date

from chalicelib.storage.keys import Key, TableName


def delivery_fact(hub_id: str, day: date, delivery: str) -> Key:
    """``delivery``: merchant and delivery, as ``DeliveryRef`` writes them."""
    return Key(TableName.EPH, f"FD#{hub_id}#{day:%Y%m%d}", f"D#{delivery}")


def route_fact(hub_id: str, day: date, route_id: str) -> Key:
    return Key(TableName.EPH, f"FD#{hub_id}#{day:%Y%m%d}", f"R#{route_id}")


def facts(hub_id: str, day: date) -> str:
    """Every fact of a hub's day: deliveries first, then routes."""
    return f"FD#{hub_id}#{day:%Y%m%d}"


def rollup(hub_id: str, day: date, scope: str) -> Key:
    """``scope``: ``H`` the hub, ``M#<mer>``, ``Z#<zon>``, ``V#<drv>``."""
    return Key(TableName.EPH, f"FG#{hub_id}", f"{day:%Y%m%d}#{scope}")


def rollups(hub_id: str, day: date, kind: str = "") -> tuple[str, str]:
    """Every rollup of a hub's day, or those of one kind of scope."""
    return f"FG#{hub_id}", f"{day:%Y%m%d}#{kind}"


def roll_due(hub_id: str, day: date) -> Key:
    """Until when a new rollup of this day is ordered already."""
    return Key(TableName.EPH, f"FU#{hub_id}#{day:%Y%m%d}")


def meter(day: date, worker: str) -> Key:
    """``worker``: the function and its instance."""
    return Key(TableName.EPH, f"MT#{day:%Y%m%d}", worker)


def meters(day: date) -> str:
    return f"MT#{day:%Y%m%d}"


def figure_rules() -> Key:
    """The operator's emission factors and cloud prices."""
    return Key(TableName.CORE, "NET", "FR")
