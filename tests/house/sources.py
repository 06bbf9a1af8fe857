"""What the house tests look at: the repository's own files."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def tracked(suffix: str = "") -> list[Path]:
    """Files that git tracks, or would: relative to the root."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    found = [Path(name) for name in listed if name.endswith(suffix)]
    return [path for path in found if (ROOT / path).is_file() and "vendor" not in path.parts]


def read(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def tree(path: Path) -> ast.Module:
    return ast.parse(read(path), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(path: Path) -> set[str]:
    """Every module that a file imports, at the top or inside."""
    names: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def table_rows(markdown: str) -> list[list[str]]:
    """The cells of every table row of a document, without headings and rules."""
    rows = []
    lines = markdown.splitlines()
    for number, line in enumerate(lines):
        is_rule = set(line) <= set("|-: ") and "-" in line
        heads = number + 1 < len(lines) and set(lines[number + 1]) <= set("|-: ")
        if line.startswith("|") and not is_rule and not (heads and "-" in lines[number + 1]):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])])
    return rows
