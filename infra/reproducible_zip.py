"""How do we write a zip whose bytes depend on its content alone?

Lambda takes new code only when the object it is given differs, so two builds of the same
sources must give the same bytes: entries are sorted, carry one fixed time and one of two
modes (readable by everybody, executable where the file is).
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Iterable
from pathlib import Path

# The earliest time a zip can hold; any constant would do.
EPOCH = (1980, 1, 1, 0, 0, 0)

SKIPPED_PARTS = frozenset({"__pycache__", ".mypy_cache", ".ruff_cache"})

Entry = tuple[str, Path]


def entries_below(folder: Path, prefix: str = "", *, with_bytecode: bool = False) -> list[Entry]:
    """Every file below `folder` as (name in the zip, path), caches left out."""
    skipped = frozenset() if with_bytecode else SKIPPED_PARTS
    return [
        (prefix + path.relative_to(folder).as_posix(), path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not skipped.intersection(path.relative_to(folder).parts)
    ]


def write_zip(target: Path, entries: Iterable[Entry], level: int = 6) -> None:
    """Write `entries` to `target` in the order of their names, replacing it whole at the end."""
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, path in sorted(entries):
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, path.read_bytes())
    unfinished.replace(target)


def unpacked_bytes(archive: Path) -> int:
    """What the zip weighs once unpacked: Lambda allows 250 MB with all layers."""
    with zipfile.ZipFile(archive) as content:
        return sum(info.file_size for info in content.infolist())


def digest(paths: Iterable[Path], *facts: str, root: Path) -> str:
    """A fingerprint of files (their names below `root` and bytes) and of plain facts."""
    result = hashlib.sha256()
    for fact in facts:
        result.update(fact.encode() + b"\0")
    for path in sorted(paths):
        result.update(path.relative_to(root).as_posix().encode() + b"\0")
        result.update(hashlib.sha256(path.read_bytes()).digest())
    return result.hexdigest()
