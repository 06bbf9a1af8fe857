"""Which tables remember what, and for how long?

Tables are cut by access, retention and heat; one key scheme (pk, sk) serves all, and chalicelib's
storage/keys.py is its map. Core's stream carries the events written with each change; its indexes
are sparse: g1 holds what waits for a plan (with all the planner needs in `pending`), g2 a
merchant's day, g3 what needs attention, g4 a merchant's deliveries by their last change.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.storage.projections import COPIED
from infra.template.intrinsics import Json


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    # Holds what cannot be made again: restorable to any second of the last 35 days.
    restorable: bool = False
    # Items carry `expires` (epoch seconds) after which they go.
    forgets: bool = False
    streams: bool = False
    # Index name -> attributes copied into it beside the keys.
    indexes: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def resource(self) -> str:
        return f"{self.name.capitalize()}Table"


TABLES = (
    Table(
        "core",
        restorable=True,
        forgets=True,
        streams=True,
        indexes=tuple((one.value, copied) for one, copied in COPIED.items()),
    ),
    Table("pii", restorable=True, forgets=True),
    Table("money", restorable=True),
    Table("live", forgets=True),
    Table("eph", forgets=True),
)


def _key_schema(partition: str, sort: str) -> list[Json]:
    return [
        {"AttributeName": partition, "KeyType": "HASH"},
        {"AttributeName": sort, "KeyType": "RANGE"},
    ]


def _index(name: str, copied: tuple[str, ...]) -> Json:
    projection: Json = {"ProjectionType": "KEYS_ONLY"}
    if copied:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": list(copied)}
    return {
        # At least three characters, or DynamoDB refuses the name.
        "IndexName": f"{name}-index",
        "KeySchema": _key_schema(f"{name}pk", f"{name}sk"),
        "Projection": projection,
    }


def schema(table: Table) -> Json:
    """What a table is made with, here and in the tests."""
    keys = ["pk", "sk"]
    keys += [f"{name}{part}" for name, _ in table.indexes for part in ("pk", "sk")]
    made: Json = {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": key, "AttributeType": "S"} for key in keys],
        "KeySchema": _key_schema("pk", "sk"),
    }
    if table.indexes:
        made["GlobalSecondaryIndexes"] = [_index(*index) for index in table.indexes]
    return made


def _table(table: Table) -> Json:
    properties: Json = {
        **schema(table),
        "DeletionProtectionEnabled": {"Fn::If": ["KeepsData", True, False]},
        # Encrypted at rest with the key that AWS owns: it costs nothing.
        "SSESpecification": {"SSEEnabled": False},
        "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": table.restorable},
    }
    if table.forgets:
        properties["TimeToLiveSpecification"] = {"AttributeName": "expires", "Enabled": True}
    if table.streams:
        properties["StreamSpecification"] = {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    # Explicit, so that the linter sees that losing these tables with the stack is meant on a
    # stage without KeepData; DeletionProtectionEnabled guards the others.
    return {
        "Type": "AWS::DynamoDB::Table",
        "DeletionPolicy": "Delete",
        "UpdateReplacePolicy": "Retain",
        "Properties": properties,
    }


def table_resources() -> Json:
    return {table.resource: _table(table) for table in TABLES}
