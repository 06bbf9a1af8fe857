"""How is it kept? One thin layer over DynamoDB: get, query, commit.

A commit is all or nothing. Its conditions are versions: every guarded item carries an integer
``version``, absent meaning 0. Every written item also carries the ``writer`` token of its commit,
because an SDK retry after a lost reply turns a success into a refusal: when a refused item already
bears our token, the commit had happened, and we believe it.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from chalicelib.kit.errors import StaleVersion, Upstream
from chalicelib.storage.cursors import Cursor, read_cursor, write_cursor
from chalicelib.storage.keys import Index, Key, TableName

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]

#: Limits of TransactWriteItems and BatchGetItem. Source: DynamoDB quotas.
MOST_WRITES = 100
MOST_GETS = 100

#: Two commits that touch the same item at the same instant cancel each other; neither is stale yet.
_CONFLICT_TRIES = 4
_CONFLICT_PAUSE_S = 0.03


@dataclass(frozen=True, slots=True)
class Put:
    """Write a whole item. ``expect``: the version that must stand there now, 0 for none at all,
    None for whatever is there."""

    key: Key
    item: Item
    expect: int | None


@dataclass(frozen=True, slots=True)
class Delete:
    key: Key
    expect: int | None


@dataclass(frozen=True, slots=True)
class Check:
    """Refuse the commit unless this version stands there."""

    key: Key
    expect: int


Write = Put | Delete | Check


class Refused(StaleVersion):
    """A commit was refused as a whole; ``keys`` are the items that were not as expected."""

    def __init__(self, keys: Sequence[Key]) -> None:
        super().__init__("it was changed by somebody else")
        self.keys = tuple(keys)


@dataclass(frozen=True, slots=True)
class Page:
    items: tuple[Item, ...]
    cursor: Cursor | None


class _Integers(TypeDeserializer):
    """Numbers are integers here; boto3 would make them Decimals."""

    def _deserialize_n(self, value: str) -> int:
        return int(value)


_SERIALIZE = TypeSerializer().serialize
_DESERIALIZE = _Integers().deserialize


class Tables:
    """The five tables, by one client."""

    def __init__(self, client: "DynamoDBClient", names: Mapping[TableName, str]) -> None:
        self._client = client
        self._names = dict(names)

    def get(self, key: Key) -> Item | None:
        """Read one item, strongly consistent."""
        reply = self._client.get_item(
            TableName=self._names[key.table], Key=_address(key), ConsistentRead=True
        )
        return from_wire(reply["Item"]) if "Item" in reply else None

    def get_many(self, keys: Iterable[Key]) -> dict[Key, Item]:
        """Read many items, strongly consistent; what does not exist is left out."""
        wanted = list(dict.fromkeys(keys))
        found: dict[Key, Item] = {}
        for start in range(0, len(wanted), MOST_GETS):
            found.update(self._get_batch(wanted[start : start + MOST_GETS]))
        return found

    def query(
        self,
        source: TableName | Index,
        pk: str,
        sk_prefix: str = "",
        *,
        sk_from: str = "",
        limit: int = 100,
        after: Cursor | None = None,
        newest_first: bool = False,
    ) -> Page:
        """Read one partition of a table or of an index of core, in the order of its sort key.

        ``sk_from`` leaves out what sorts before it; a prefix cannot be asked for as well. A table
        is read strongly consistent; an index cannot be, and may lag.

        Raises
        ------
        Malformed
            If the cursor was not made for this very query.
        """
        index = source if isinstance(source, Index) else None
        prefix = index.value if index else ""
        names = {"#pk": f"{prefix}pk"}
        values = {":pk": _SERIALIZE(pk)}
        condition = "#pk = :pk"
        if sk_prefix or sk_from:
            names["#sk"] = f"{prefix}sk"
            values[":sk"] = _SERIALIZE(sk_prefix or sk_from)
            condition += " AND begins_with(#sk, :sk)" if sk_prefix else " AND #sk >= :sk"
        arguments: dict[str, Any] = {
            "TableName": self._names[TableName.CORE if index else TableName(source)],
            "KeyConditionExpression": condition,
            "ExpressionAttributeNames": names,
            "ExpressionAttributeValues": values,
            "Limit": limit,
            "ScanIndexForward": not newest_first,
        }
        if index:
            arguments["IndexName"] = index.index_name
        else:
            arguments["ConsistentRead"] = True
        if after is not None:
            start = read_cursor(after, names["#pk"], pk)
            arguments["ExclusiveStartKey"] = {k: _SERIALIZE(v) for k, v in start.items()}
        reply = self._client.query(**arguments)
        last = reply.get("LastEvaluatedKey")
        return Page(
            items=tuple(from_wire(item) for item in reply["Items"]),
            cursor=write_cursor(from_wire(last)) if last else None,
        )

    def count(self, key: Key, expires_at: datetime, by: int = 1) -> int:
        """Add to a counter, and tell how many that makes.

        For limits only: an SDK retry after a lost reply counts twice.
        """
        reply = self._client.update_item(
            TableName=self._names[key.table],
            Key=_address(key),
            UpdateExpression="ADD #counted :by SET expires = :expires",
            ExpressionAttributeNames={"#counted": "counted"},
            ExpressionAttributeValues={
                ":by": _SERIALIZE(by),
                ":expires": _SERIALIZE(int(expires_at.timestamp())),
            },
            ReturnValues="UPDATED_NEW",
        )
        return int(from_wire(reply["Attributes"])["counted"])

    def commit(self, writes: Sequence[Write], writer: str) -> None:
        """Apply all writes or none.

        Parameters
        ----------
        writes
            At most 100, no key twice.
        writer
            Token of this commit, used by no other.

        Raises
        ------
        Refused
            If an item was not at the expected version; nothing was written.
        Upstream
            If other commits kept getting in the way.
        """
        if not writes:
            return
        if len(writes) > MOST_WRITES:
            raise ValueError(f"{len(writes)} writes in one commit; {MOST_WRITES} is the most")
        for attempt in range(_CONFLICT_TRIES):
            try:
                if len(writes) == 1 and isinstance(writes[0], Put):
                    self._put(writes[0], writer)
                else:
                    self._transact(writes, writer)
                return
            except _Conflicted:
                time.sleep(_CONFLICT_PAUSE_S * 2**attempt)
        raise Upstream("the same items kept being written")

    def _put(self, write: Put, writer: str) -> None:
        # Half the price of a transaction, and the commonest commit by far.
        try:
            self._client.put_item(**self._put_arguments(write, writer))
        except self._client.exceptions.ConditionalCheckFailedException as error:
            old: Any = error.response.get("Item")
            if old is None or from_wire(old).get("writer") != writer:
                raise Refused([write.key]) from error
        except self._client.exceptions.TransactionConflictException as error:
            raise _Conflicted from error

    def _transact(self, writes: Sequence[Write], writer: str) -> None:
        actions = [self._action(write, writer) for write in writes]
        try:
            # The token makes DynamoDB itself recognise an SDK retry, for ten minutes.
            self._client.transact_write_items(
                TransactItems=actions, ClientRequestToken=writer[-36:]
            )
        except self._client.exceptions.TransactionCanceledException as error:
            _explain(error, writes, writer)

    def _action(self, write: Write, writer: str) -> Any:
        if isinstance(write, Put):
            return {"Put": self._put_arguments(write, writer)}
        arguments: dict[str, Any] = {
            "TableName": self._names[write.key.table],
            "Key": _address(write.key),
            **_condition(write.expect),
        }
        return {"Delete" if isinstance(write, Delete) else "ConditionCheck": arguments}

    def _put_arguments(self, write: Put, writer: str) -> dict[str, Any]:
        item = {**write.item, "pk": write.key.pk, "sk": write.key.sk, "writer": writer}
        return {
            "TableName": self._names[write.key.table],
            "Item": {name: _SERIALIZE(value) for name, value in item.items()},
            **_condition(write.expect),
        }

    def _get_batch(self, keys: Sequence[Key]) -> dict[Key, Item]:
        by_name = {self._names[table]: table for table in {key.table for key in keys}}
        request: dict[str, Any] = {
            name: {
                "Keys": [_address(key) for key in keys if key.table is table],
                "ConsistentRead": True,
            }
            for name, table in by_name.items()
        }
        found: dict[Key, Item] = {}
        for attempt in range(_CONFLICT_TRIES * 2):
            reply = self._client.batch_get_item(RequestItems=request)
            for name, items in reply["Responses"].items():
                for wire in items:
                    item = from_wire(wire)
                    found[Key(by_name[name], item["pk"], item["sk"])] = item
            request = reply.get("UnprocessedKeys") or {}
            if not request:
                return found
            time.sleep(_CONFLICT_PAUSE_S * 2**attempt)
        raise Upstream("the table kept throttling")


class _Conflicted(Exception):
    """Two commits met at one item; ours may be tried again as it is."""


def _address(key: Key) -> dict[str, Any]:
    return {"pk": _SERIALIZE(key.pk), "sk": _SERIALIZE(key.sk)}


def _condition(expect: int | None) -> dict[str, Any]:
    if expect is None:
        return {}
    returning = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    if expect == 0:
        return {
            "ConditionExpression": "attribute_not_exists(pk)",
            **returning,
        }
    return {
        "ConditionExpression": "#version = :version",
        "ExpressionAttributeNames": {"#version": "version"},
        "ExpressionAttributeValues": {":version": _SERIALIZE(expect)},
        **returning,
    }


def from_wire(wire: Mapping[str, Any]) -> Item:
    """Read an item as DynamoDB spells it, here and in the records of a stream."""
    return {name: _DESERIALIZE(value) for name, value in wire.items()}


def _explain(error: ClientError, writes: Sequence[Write], writer: str) -> None:
    """Turn a cancelled transaction into our words, or into nothing if it had been applied."""
    reasons: Sequence[Any] = error.response.get("CancellationReasons", [])
    for reason in reasons:
        # All or nothing: one item that bears our token proves that the whole commit happened.
        if "Item" in reason and from_wire(reason["Item"]).get("writer") == writer:
            return
    codes = [reason.get("Code", "None") for reason in reasons]
    failed = [
        write.key
        for write, code in zip(writes, codes, strict=False)
        if code == "ConditionalCheckFailed"
    ]
    if failed:
        raise Refused(failed) from error
    if any(code in ("TransactionConflict", "ThrottlingError") for code in codes):
        raise _Conflicted from error
    raise error
