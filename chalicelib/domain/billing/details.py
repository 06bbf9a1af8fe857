"""Who sells, and who buys? The names and addresses that stand on invoices, as settings.

Versioned: an invoice shows those that counted when it was issued (or the first ones ever, where it
was issued before anybody set any), so its papers are the same whenever they are made. They may name
a person, so they stand beside people (pii).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from chalicelib.kit.timewindow import read_instant, write_instant
from chalicelib.storage import money_keys
from chalicelib.storage.unit_of_work import UnitOfWork

#: Whose details the seller's are.
SELLER = "NET"


@dataclass(frozen=True, slots=True)
class Details:
    """One version. ``endpoint``: where electronic invoices go, with the scheme of its id, as
    ``company_id`` may have one; ``tax_number`` (where there is no ``vat_id``), ``payment_days`` and
    ``iban`` are the seller's."""

    legal_name: str
    line1: str
    postal_code: str
    city: str
    country: str
    line2: str = ""
    vat_id: str = ""
    company_id: str = ""
    company_id_scheme: str = ""
    tax_number: str = ""
    contact: str = ""
    phone: str = ""
    email: str = ""
    endpoint_scheme: str = ""
    endpoint: str = ""
    iban: str = ""
    payment_days: int = 14
    version: int = 0


def load(uow: UnitOfWork, owner: str) -> Details | None:
    """What counts now; None while nobody has set any."""
    versions = _versions(uow, owner)
    return _from_item(versions[-1]) if versions else None


def load_at(uow: UnitOfWork, owner: str, at: datetime) -> Details | None:
    """What counted at an instant, else the first ones."""
    versions = _versions(uow, owner)
    counted = [one for one in versions if read_instant(one["since"]) <= at]
    return _from_item((counted[-1:] or versions[:1])[0]) if versions else None


def save(uow: UnitOfWork, owner: str, wanted: Details) -> Details:
    """The next version; the same again is the one that there is."""
    versions = _versions(uow, owner)
    last = _from_item(versions[-1]) if versions else None
    made = Details(**{**asdict(wanted), "version": len(versions) + 1})
    if last is not None and asdict(last) == {**asdict(made), "version": last.version}:
        return last
    item = {**asdict(made), "since": write_instant(uow.now)}
    key = money_keys.billing_details(owner)
    known = uow.get(key)
    uow.put(key, {"versions": [*versions, item]}, expect=known["version"] if known else 0)
    return made


def _versions(uow: UnitOfWork, owner: str) -> list[dict[str, Any]]:
    item = uow.get(money_keys.billing_details(owner))
    return [] if item is None else list(item["versions"])


def _from_item(item: Mapping[str, Any]) -> Details:
    return Details(**{name: value for name, value in item.items() if name != "since"})
