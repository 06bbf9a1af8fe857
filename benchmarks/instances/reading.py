"""Which reader is it for? A file is known by its content, never by its name."""

import gzip
import re
from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from benchmarks.instances.model import Instance, NotRead
from benchmarks.instances.pairs import read_lilim, read_sartori
from benchmarks.instances.references import entry, stem
from benchmarks.instances.solomon import read_solomon
from benchmarks.instances.vrplib import read_vrplib

_SUFFIXES = (".txt", ".vrp", ".txt.gz", ".vrp.gz")


def read(path: Path, objective: str = "distance") -> Instance:
    """Read a file, also a gzipped one, with the rounding that the objective's reference has.

    Raises
    ------
    NotRead
        If it is no instance of a family that is known.
    """
    text = text_of(path)
    family, name = path.parent.name, stem(path)
    if "NODE_COORD_SECTION" in text or "EDGE_WEIGHT_SECTION" in text:
        return read_vrplib(family, name, text)
    if "NODES" in text and "EDGES" in text:
        return read_sartori(family, name, text)
    if "CUSTOMER" in text and "VEHICLE" in text:
        dimacs = objective == "distance" and "distance_dimacs" in entry(path)
        return read_solomon(family, name, text, dimacs)
    first = text.split("\n", 1)[0].split()
    if len(first) == 3 and all(re.fullmatch(r"\d+", word) for word in first):
        return read_lilim(family, name, text, exact=objective == "hierarchical")
    raise NotRead(f"{path.name} is of no family that is known")


def text_of(path: Path) -> str:
    """A file's text, unpacked if need be."""
    return gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()


def find(folder: Path, patterns: Sequence[str] = ("*",)) -> list[Path]:
    """Instance files in a folder of families, or of one family.

    Parameters
    ----------
    patterns
        Of names, or of family/name; a file that fits one of them is found.

    Returns
    -------
    Sorted by family and name.
    """
    files = [path for path in folder.rglob("*") if path.name.endswith(_SUFFIXES)]
    listed = [path for path in files if (path.parent / "bks.json").exists()]
    fitting = (path for path in listed or files if any(_fits(path, one) for one in patterns))
    return sorted(fitting, key=lambda path: (path.parent.name, stem(path)))


def _fits(path: Path, pattern: str) -> bool:
    name = stem(path)
    return fnmatchcase(f"{path.parent.name}/{name}" if "/" in pattern else name, pattern)
