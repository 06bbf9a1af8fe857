"""Where do the desk's rules, changes and plans stand? A leaf of ``keys``, on the same page."""

from chalicelib.storage.keys import Key, TableName


def desk_rule(hub_id: str, rule_id: str) -> Key:
    return Key(TableName.CORE, f"DR#{hub_id}", rule_id)


def desk_rules(hub_id: str) -> tuple[str, str]:
    return f"DR#{hub_id}", "rul_"


def change(hub_id: str, change_id: str) -> Key:
    return Key(TableName.CORE, f"CG#{hub_id}", change_id)


def changes(hub_id: str) -> tuple[str, str]:
    return f"CG#{hub_id}", "chg_"


def proposal(plan_id: str) -> Key:
    return Key(TableName.EPH, f"PL#{plan_id}")


def plan_progress(plan_id: str) -> Key:
    return Key(TableName.EPH, f"PL#{plan_id}", "C")
