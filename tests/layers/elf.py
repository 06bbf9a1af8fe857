"""Reads of a shared library what the loader does: processor, needed libraries, names.

Source: System V ABI, "Object Files" (ELF-64, little endian); enough for our own library.
"""

import struct
from dataclasses import dataclass
from pathlib import Path

_MACHINES = {62: "x86_64", 183: "aarch64"}
_DYNSYM, _DYNAMIC, _VERNEED = 11, 6, 0x6FFFFFFE
_NEEDED = 1


@dataclass(frozen=True)
class Library:
    """What a library asks of its machine, and offers."""

    architecture: str
    needed: frozenset[str]
    exported: frozenset[str]
    imported: frozenset[str]
    versions: frozenset[str]
    """The versions of its imported names, as `GLIBC_2.14`."""
    sections: frozenset[str]


@dataclass(frozen=True)
class _Section:
    name: int
    kind: int
    content: bytes
    link: int


def read(path: Path) -> Library:
    """The 64-bit little-endian ELF file at `path`; ValueError when it is none."""
    data = path.read_bytes()
    if data[:6] != b"\x7fELF\x02\x01":
        raise ValueError(f"{path} is no 64-bit little-endian ELF file")
    (machine,) = struct.unpack_from("<H", data, 18)
    sections = _sections(data)
    names = sections[struct.unpack_from("<H", data, 62)[0]].content
    symbols = [one for one in sections if one.kind == _DYNSYM]
    exported, imported = set(), set()
    for table in symbols:
        texts = sections[table.link].content
        for name, _, _, home, _, _ in struct.iter_unpack("<IBBHQQ", table.content):
            if name:
                (exported if home else imported).add(_text(texts, name))
    needed = {
        _text(sections[table.link].content, value)
        for table in sections
        if table.kind == _DYNAMIC
        for tag, value in struct.iter_unpack("<QQ", table.content)
        if tag == _NEEDED
    }
    return Library(
        _MACHINES[machine],
        frozenset(needed),
        frozenset(exported),
        frozenset(imported),
        frozenset(_versions(sections)),
        frozenset(_text(names, one.name) for one in sections),
    )


def _sections(data: bytes) -> list[_Section]:
    (start,) = struct.unpack_from("<Q", data, 40)
    size, count = struct.unpack_from("<HH", data, 58)
    found = []
    for number in range(count):
        header = struct.unpack_from("<IIQQQQIIQQ", data, start + number * size)
        name, kind, _, _, offset, length, link, *_ = header
        found.append(_Section(name, kind, data[offset : offset + length], link))
    return found


def _versions(sections: list[_Section]) -> set[str]:
    found = set()
    for table in (one for one in sections if one.kind == _VERNEED):
        texts, at = sections[table.link].content, 0
        while True:
            _, count, _, first, following = struct.unpack_from("<HHIII", table.content, at)
            entry = at + first
            for _ in range(count):
                _, _, _, name, step = struct.unpack_from("<IHHII", table.content, entry)
                found.add(_text(texts, name))
                entry += step
            if not following:
                return found
            at += following
    return found


def _text(table: bytes, offset: int) -> str:
    return table[offset : table.index(b"\0", offset)].decode()
