"""How do our sentences come into the catalogues? ``python -m local.catalogues [--check]``.

Finds every sentence that Python says (``t.say``, ``t.count``, ``mark``) and every one that a
template says, brings ``chalicelib/kit/catalogues/*.po`` up to date and compiles them for gettext.
What is new has no translation yet; what was slightly changed keeps its old one, marked fuzzy; what
is gone is dropped. With ``--check`` it changes nothing and fails on whatever is amiss.
"""

import argparse
import ast
import difflib
import re
import struct
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parents[1]
SOURCES = ROOT / "chalicelib"
CATALOGUES = ROOT / "chalicelib/kit/catalogues"
_PLACEHOLDER = re.compile(r"{(\w+)}")
_ALIKE = 0.8
_MO_MAGIC = 0x950412DE


@dataclass(frozen=True, slots=True)
class Message:
    """An English sentence, what it is for more than one, and the files that say it.

    ``context``: its name, where the same English may be said in two ways.
    """

    singular: str
    plural: str | None
    places: tuple[str, ...] = ()
    context: str = ""

    @property
    def key(self) -> str:
        return self.context or self.singular


@dataclass(frozen=True, slots=True)
class Entry:
    """A sentence in a catalogue; ``said`` has one text, or one for each plural form."""

    message: Message
    said: tuple[str, ...]
    is_fuzzy: bool = False

    @property
    def is_done(self) -> bool:
        return not self.is_fuzzy and all(self.said)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """``header``: what gettext has to know of the language, its plural rule among it."""

    header: str
    entries: tuple[Entry, ...]

    @property
    def forms(self) -> int:
        found = re.search(r"nplurals=(\d)", self.header)
        if found is None:
            raise ValueError("the header has no Plural-Forms")
        return int(found[1])


def extract(sources: Path = SOURCES) -> list[Message]:
    """Every sentence of ours, in the order of files.

    Raises
    ------
    ValueError
        If a sentence is put together where it is said: no catalogue could have it.
    """
    found: dict[str, Message] = {}
    for path in sorted([*sources.rglob("*.py"), *sources.rglob("*.html")]):
        place = path.relative_to(sources.parent).as_posix()
        text = path.read_text(encoding="utf-8")
        said = _said_in_python(text, place) if path.suffix == ".py" else _said_in_page(text)
        for singular, plural in said:
            before = found.get(singular, Message(singular, plural))
            places = before.places if place in before.places else (*before.places, place)
            found[singular] = Message(singular, before.plural or plural, places)
    return list(found.values())


def _said_in_python(text: str, place: str) -> Iterator[tuple[str, str | None]]:
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in ("say", "mark") and isinstance(node.args[0], ast.JoinedStr):
            raise ValueError(f"{place}:{node.lineno}: say the sentence whole, with {{names}} in it")
        texts = [one.value if isinstance(one, ast.Constant) else None for one in node.args[:2]]
        if name in ("say", "mark") and isinstance(texts[0], str):
            yield texts[0], None
        if name == "count" and len(node.args) > 2 and all(isinstance(one, str) for one in texts):
            yield str(texts[0]), str(texts[1])


def _said_in_page(text: str) -> Iterator[tuple[str, str | None]]:
    for call in Environment(autoescape=True).parse(text).find_all(nodes.Call):
        if not isinstance(call.node, nodes.Getattr):
            continue
        texts = [one.value for one in call.args if isinstance(one, nodes.Const)]
        if call.node.attr == "say" and texts and isinstance(texts[0], str):
            yield texts[0], None
        if call.node.attr == "count" and len(texts) >= 2:
            yield texts[0], texts[1]


def merge(before: Catalogue, messages: Iterable[Message]) -> Catalogue:
    """The catalogue with exactly these messages; translations are kept where they still fit."""
    known = {entry.message.key: entry for entry in before.entries}
    wanted = list(messages)
    gone = {text: known[text] for text in set(known) - {one.key for one in wanted}}
    merged = []
    for message in wanted:
        forms = 1 if message.plural is None else before.forms
        entry = known.get(message.key)
        if entry is not None and len(entry.said) == forms:
            old_text = (entry.message.singular, entry.message.plural)
            is_changed = bool(message.context) and old_text != (message.singular, message.plural)
            merged.append(replace(entry, message=message, is_fuzzy=entry.is_fuzzy or is_changed))
            continue
        close = difflib.get_close_matches(message.key, sorted(gone), 1, _ALIKE)
        old = gone[close[0]].said if close else ()
        if len(old) == forms:
            merged.append(Entry(message, old, is_fuzzy=True))
        else:
            merged.append(Entry(message, ("",) * forms))
    return Catalogue(before.header, tuple(merged))


def parse(text: str) -> Catalogue:
    """Read a .po file: what we write, and what the usual editors make of it."""
    header, entries = "", []
    for block in re.split(r"\n\s*\n", text.strip()):
        fields, places, is_fuzzy = _fields(block)
        if not fields:
            continue
        said = tuple(one for name, one in fields.items() if name.startswith("msgstr"))
        if fields["msgid"] == "":
            header = said[0]
            continue
        plural, context = fields.get("msgid_plural"), fields.get("msgctxt", "")
        message = Message(fields["msgid"], plural, places, context)
        entries.append(Entry(message, said, is_fuzzy))
    return Catalogue(header, tuple(entries))


def _fields(block: str) -> tuple[dict[str, str], tuple[str, ...], bool]:
    fields: dict[str, str] = {}
    places: list[str] = []
    is_fuzzy, name = False, ""
    for line in block.splitlines():
        if line.startswith("#:"):
            places += line[2:].split()
        elif line.startswith("#,"):
            is_fuzzy = is_fuzzy or "fuzzy" in line
        elif line and not line.startswith("#"):
            word, _, quoted = line.partition('"')
            name = word.strip() or name
            fields[name] = fields.get(name, "") + ast.literal_eval(f'"{quoted}')
    return fields, tuple(places), is_fuzzy


def write(catalogue: Catalogue) -> str:
    header = "".join(f'\n"{line}\\n"' for line in catalogue.header.splitlines())
    blocks = [f'msgid ""\nmsgstr ""{header}']
    for entry in catalogue.entries:
        lines = [f"#: {place}" for place in entry.message.places]
        lines += ["#, fuzzy"] if entry.is_fuzzy else []
        context = entry.message.context
        lines += [f"msgctxt {_quoted(context)}"] if context else []
        lines.append(f"msgid {_quoted(entry.message.singular)}")
        if entry.message.plural is None:
            lines.append(f"msgstr {_quoted(entry.said[0])}")
        else:
            lines.append(f"msgid_plural {_quoted(entry.message.plural)}")
            lines += [f"msgstr[{n}] {_quoted(one)}" for n, one in enumerate(entry.said)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def compile_mo(catalogue: Catalogue) -> bytes:
    """What gettext reads. Source: GNU gettext manual, "The Format of GNU MO Files"."""
    pairs = {"": catalogue.header}
    for entry in catalogue.entries:
        if entry.is_done:
            plural = entry.message.plural
            key = entry.message.singular + ("" if plural is None else f"\0{plural}")
            pairs[key] = "\0".join(entry.said)
    rows = sorted((key.encode(), value.encode()) for key, value in pairs.items())
    keys_at = 28
    values_at = keys_at + 8 * len(rows)
    offset = values_at + 8 * len(rows)
    tables, pool = [], b""
    for column in (0, 1):
        for row in rows:
            tables.append(struct.pack("<2I", len(row[column]), offset + len(pool)))
            pool += row[column] + b"\0"
    head = struct.pack("<7I", _MO_MAGIC, 0, len(rows), keys_at, values_at, 0, 0)
    return head + b"".join(tables) + pool


def faults(directory: Path = CATALOGUES, sources: Path = SOURCES) -> list[str]:
    """Everything that is amiss, one line each."""
    told = []
    messages = extract(sources)
    for path in sorted(directory.glob("*.po")):
        catalogue = parse(path.read_text(encoding="utf-8"))
        told += faults_of(path, messages)
        compiled = path.with_suffix(".mo")
        if not compiled.exists() or compiled.read_bytes() != compile_mo(catalogue):
            told.append(f"{path.stem}: not compiled; run python -m local.catalogues")
    return told


def faults_of(path: Path, messages: Iterable[Message]) -> Iterator[str]:
    """What is amiss with one catalogue that has to say these messages."""
    text = path.read_text(encoding="utf-8")
    catalogue = parse(text)
    if write(merge(catalogue, messages)) != text:
        yield f"{path.stem}: out of date; run python -m local.catalogues"
    for entry in catalogue.entries:
        yield from (f"{path.stem}: {one}" for one in _faults_of(entry, catalogue.forms))


def _faults_of(entry: Entry, forms: int) -> Iterator[str]:
    message = entry.message
    if not entry.is_done:
        yield f"{'fuzzy' if entry.is_fuzzy else 'missing'}: {message.singular}"
        return
    if len(entry.said) != (1 if message.plural is None else forms):
        yield f"not every plural form: {message.singular}"
    wanted = set(_PLACEHOLDER.findall(message.plural or message.singular))
    for said in entry.said:
        # Who says "one stop" or "two stops" in words leaves the number out.
        free = {"n"} if message.plural is not None else set()
        given = set(_PLACEHOLDER.findall(said))
        if not wanted - free <= given <= wanted or re.search(r"[{}]", _PLACEHOLDER.sub("", said)):
            yield f"other names than in: {message.singular}"


def update(directory: Path = CATALOGUES, sources: Path = SOURCES) -> None:
    messages = extract(sources)
    for path in sorted(directory.glob("*.po")):
        path.with_suffix(".mo").write_bytes(compile_mo(bring_up_to_date(path, messages)))


def bring_up_to_date(path: Path, messages: Iterable[Message]) -> Catalogue:
    """Rewrite one catalogue with these messages, and say what is left to translate."""
    catalogue = merge(parse(path.read_text(encoding="utf-8")), messages)
    path.write_text(write(catalogue), encoding="utf-8")
    todo = sum(not entry.is_done for entry in catalogue.entries)
    print(f"{path.stem}: {len(catalogue.entries)} messages, {todo} to translate")
    return catalogue


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail on faults")
    # It reads and writes as this module does.
    from local import driver_words

    if not parser.parse_args().check:
        update()
        driver_words.update()
        return 0
    found = [*faults(), *driver_words.faults()]
    print("\n".join(found) or "every catalogue is complete")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
