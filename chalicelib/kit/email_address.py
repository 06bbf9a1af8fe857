"""Is that an e-mail address that we would write to? The plain kind, as shops hand it over."""

import re

LONGEST = 254
_PLAIN = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})+"
)


def read(text: str | None) -> str:
    """The address, its domain in small letters; empty for whatever is none."""
    given = (text or "").strip()
    if len(given) > LONGEST or not _PLAIN.fullmatch(given):
        return ""
    name, _, domain = given.rpartition("@")
    return f"{name}@{domain.lower()}"
