"""Where do the marks stand by which a console hears what has changed? See ``keys``."""

from chalicelib.storage.keys import Key, TableName


def board_mark(hub_id: str, at_ms: int, subject: str) -> Key:
    return Key(TableName.LIVE, f"BM#{hub_id}", f"{at_ms:013d}#{subject}")


def board_marks(hub_id: str) -> str:
    return f"BM#{hub_id}"


def marked_from(at_ms: int) -> str:
    return f"{at_ms:013d}"
