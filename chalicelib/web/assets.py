"""Which files do browsers load, and under which names? Each is named after what is in it.

``static/driver/outbox.js`` is served as ``s/driver-outbox.<hash>.js``: kept by browsers for ever,
because another content is another name. A file names the others as they lie here (``"./store.js"``)
and is rewritten to their served names, so the hash of a file changes with everything below it; two
files that name each other are an error. There is no build step: what lies here is what is served,
but for comments and indentation, which only we need. All of it is text: API Gateway hands bytes on
as bytes only to browsers whose first wish is just that type, and no browser's is.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from chalicelib.web import ONLY_FOR_US

_WEB = Path(__file__).parent
_FOLDERS = (
    "static/driver/words",
    "static/driver",
    "static/map",
    "static/ops",
    "static/track",
    "vendor",
)
_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".json": "application/json",
}
#: A text in quotes that names a file beside the one it stands in.
_NAMED = re.compile(r'"(\.{1,2}/[\w./-]+\.(?:js|json|css|svg))"')


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is served."""

    name: str
    content_type: str
    content: str


@cache
def by_name() -> Mapping[str, Asset]:
    """All of them, by the name that they are served under."""
    return {asset.name: asset for asset in _by_path().values()}


def served(path: str) -> str:
    """The name of a file, told by where it lies: ``static/driver/app.js``."""
    return _by_path()[_WEB / path].name


def below(path: str) -> list[str]:
    """The names of a module and of everything that it imports at once, the module first.

    What is imported later, by ``import("...")``, is left out.
    """
    found: dict[Path, None] = {}
    waiting = [_WEB / path]
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        found[file] = None
        text = file.read_text(encoding="utf-8")
        for match in re.finditer(r'^(?:import|export)\b[^"]*?"(\.[^"]+)";', text, re.M):
            waiting.append((file.parent / match[1]).resolve())
    return [_by_path()[file].name for file in found]


@cache
def _by_path() -> Mapping[Path, Asset]:
    made: dict[Path, Asset] = {}
    for folder in _FOLDERS:
        for file in sorted((_WEB / folder).iterdir()):
            if file.suffix in _TYPES:
                _make(file, made, ())
    return made


def _make(file: Path, made: dict[Path, Asset], above: tuple[Path, ...]) -> Asset:
    if file in above:
        raise ValueError(f"{file.name} and {above[-1].name} name each other")
    if file not in made:
        content = file.read_text(encoding="utf-8")
        if file.parent.name != "vendor" and file.suffix in (".js", ".css"):
            content = ONLY_FOR_US.sub("", content)
        if file.suffix == ".js":

            def name(match: re.Match[str]) -> str:
                other = (file.parent / match[1]).resolve()
                return f'"./{_make(other, made, (*above, file)).name}"'

            content = _NAMED.sub(name, content)
        stem = f"{file.parent.name}-{file.stem}"
        short = hashlib.sha256(content.encode()).hexdigest()[:12]
        made[file] = Asset(f"{stem}.{short}{file.suffix}", _TYPES[file.suffix], content)
    return made[file]
