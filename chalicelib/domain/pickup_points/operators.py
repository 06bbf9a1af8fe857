"""Whose lockers are there? The outside companies that operate pickup points of ours."""

from chalicelib.domain.pickup_points.model import LockerOperator
from chalicelib.kit.errors import NotFound
from chalicelib.storage import recipient_keys as keys
from chalicelib.storage.keys import TableName
from chalicelib.storage.table import Item
from chalicelib.storage.unit_of_work import UnitOfWork


def connect(uow: UnitOfWork, name: str, base_url: str) -> LockerOperator:
    operator = LockerOperator(uow.new_id("lop"), name, base_url)
    item = {"id": operator.id, "name": name, "base_url": base_url, "version": 1}
    uow.put(keys.locker_operator(operator.id), item, expect=0)
    return operator


def load(uow: UnitOfWork, operator_id: str) -> LockerOperator:
    """Raise NotFound."""
    item = uow.get(keys.locker_operator(operator_id))
    if item is None:
        raise NotFound("there is no such locker operator")
    return _from_item(item)


def list_all(uow: UnitOfWork) -> list[LockerOperator]:
    return [_from_item(item) for item in uow.query_all(TableName.CORE, *keys.LOCKER_OPERATORS)]


def _from_item(item: Item) -> LockerOperator:
    return LockerOperator(item["id"], item["name"], item["base_url"], item["version"])
