"""Bodies that strangers write to break things; a form's own example is where they start from."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from chalicelib.entry.surface import Route

#: Whole bodies that no form can be.
WHOLE: dict[str, bytes] = {
    "nothing": b"",
    "not json": b"{",
    "a number": b"1e400",
    "NaN": b"NaN",
    "bad UTF-8": b'{"name":"\xff\xfe\xc0\xaf"}',
    "UTF-16": '{"name": "a"}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "NUL": b"\x00" * 50,
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 30_000,
    "a long number": b"9" * 5000,
    "as many keys as are read": b"{"
    + b",".join(b'"k%d":1' % number for number in range(15_000))
    + b"}",
    "as many items as are read": b'{"items":[' + b",".join([b"{}"] * 14_990) + b"]}",
    "many items": b'{"items":[' + b",".join([b"{}"] * 60_000) + b"]}",
    "10 MB of blanks": b" " * 10_000_000,
    "10 MB of text": b'"' + b"a" * 10_000_000 + b'"',
    "10 MB of nesting": b"[" * 10_000_000,
}

#: Values that stand in a form's field, as they are written.
VALUES: tuple[bytes, ...] = (
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"-0",
    b"9" * 5000,
    b"0." + b"1" * 5000,
    b"1" + b"0" * 400,
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\u0000"',
    b'"\xff\xfe"',
    b'"' + "\u202e\u200b".encode() * 200 + b'"',
    b'"' + b"a" * 200_000 + b'"',
    b'"' + "\U0001f4a9".encode() * 40_000 + b'"',
    b'"' + b"9" * 5000 + b'"',
    b'"2026-13-45T99:99:99Z"',
    b'"0000-00-00T00:00:00Z"',
    b'"9999-12-31T23:59:59.999999999+23:59"',
    b'"+' + b"1" * 60 + b'"',
    b'"../../etc/passwd"',
    b'"{{7*7}}${jndi:x}"',
    b"[" * 2000 + b"]" * 2000,
    b'{"a":' * 200 + b"1" + b"}" * 200,
    b"[]",
    b"{}",
    b"null",
    b"true",
    b"-1",
    b"1e-400",
    b"18446744073709551616",
)


def bodies(route: Route, random: Random, count: int) -> Iterator[tuple[str, bytes]]:
    """So many hostile bodies for a route, each with a name."""
    yield from WHOLE.items()
    example = _example(route)
    paths = list(_paths(example))
    for _ in range(max(0, count - len(WHOLE))):
        path = random.choice(paths)
        value = random.choice(VALUES)
        text = _with(example, path, value)
        kind = random.randrange(6)
        if kind == 0:
            text = text[: random.randrange(len(text) + 1)]
        elif kind == 1 and len(text) < 400_000:
            place = random.randrange(len(text) + 1)
            text = text[:place] + random.randbytes(random.randrange(1, 9)) + text[place:]
        elif kind == 2:
            # The same key again: the last one counts, or the body is refused.
            text = text.replace(b"{", b'{"%s":%s,' % (b"name", value[:1000]), 1)
        yield f"{'.'.join(map(str, path))} = {value[:24]!r}", text


def _example(route: Route) -> Any:
    if route.body is None:
        return {"type": "order.created", "data": {"external_id": "1", "items": [{}]}}
    extra: Any = route.body.model_config["json_schema_extra"]
    return extra["examples"][0]


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    steps: Any = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _with(example: Any, path: tuple[str | int, ...], value: bytes) -> bytes:
    """The example as JSON with a value written in at a path, whatever it is."""
    marker = "@@here@@"
    if not path:
        return value
    copied = json.loads(json.dumps(example))
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = marker
    return json.dumps(copied).encode().replace(f'"{marker}"'.encode(), value)
