"""Where do things stand that recipients and failed attempts bring about? A leaf of ``keys``."""

from chalicelib.storage.keys import Key, TableName


def recovery(merchant_id: str, delivery_id: str, failed_version: int) -> Key:
    """What was decided after the failed tap that made this version of the delivery."""
    return Key(TableName.CORE, f"D#{merchant_id}#{delivery_id}", f"RV#{failed_version:06d}")


def second_visits(hub_id: str) -> Key:
    """How visits after a failed one went at a hub."""
    return Key(TableName.CORE, f"SV#{hub_id}")


def open_recoveries(hub_id: str) -> str:
    """Partition of the attention index: decisions that are not carried out, by time."""
    return f"RV#{hub_id}"
