"""How do the sentences of the driver's app come to its phones? Part of ``local.catalogues``.

Its English stands in ``kit/catalogues/driver/en.toml`` by names; the modules say ``words.offDuty``,
``say(words.hello, { name })`` or ``count(words.left, n)``. The other languages are ``.po`` files
beside it, one entry for each name. Of each language one JSON file is made, and of English one in
brackets as well: a phone fetches the one that it speaks. What no module says, what is nowhere
written, values that differ and text that stands in a module are faults.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from local import catalogues
from local.catalogues import Message

ROOT = Path(__file__).resolve().parents[1]
CATALOGUES = ROOT / "chalicelib/kit/catalogues/driver"
MODULES = ROOT / "chalicelib/web/static/driver"
#: As ``kit.languages`` has it for pages; a test compares the two.
_PSEUDO = "en-XA"
_TABLE = str.maketrans(
    {
        **{plain: 2 * accented for plain, accented in zip("aeiouAEIOU", "åéîöûÅÉÎÖÛ", strict=True)},
        **dict(zip("cnsyzCNSYZ", "çñšýžÇÑŠÝŽ", strict=True)),
    }
)
_PLACEHOLDER = re.compile(r"{(\w+)}")
_USE = re.compile(r"(?:\b(say|count)\(\s*)?(?<!/)\bwords\.(\w+)(?:\.(\w+))?")
_HEARD = re.compile(r'(?:aria-label|alt|title|placeholder)="([^"]*)"')
_COMMENT = re.compile(r"^\s*(?://.*|/\*[\s\S]*?\*/)$", re.M)


def messages(source: Path = CATALOGUES, modules: Path = MODULES) -> list[Message]:
    """Every sentence of the app, with the modules that say it."""
    places: dict[str, set[str]] = {}
    for module, _, name in _uses(modules):
        places.setdefault(name, set()).add(module)
    found = []
    for name, text in _texts(_english(source)):
        group = name.partition(".")[0]
        said_in = sorted(places.get(name, set()) | places.get(group, set()))
        one, many = (text["one"], text["other"]) if isinstance(text, dict) else (text, None)
        found.append(Message(one, many, tuple(said_in), context=name))
    return found


def _english(source: Path) -> dict[str, Any]:
    return tomllib.loads((source / "en.toml").read_text(encoding="utf-8"))


def _texts(tree: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in tree.items():
        if isinstance(value, str) or set(value) == {"one", "other"}:
            yield above + name, value
        else:
            yield from _texts(value, f"{name}.")


def _modules(modules: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(modules.glob("*.js")):
        yield path.name, _COMMENT.sub("", path.read_text(encoding="utf-8"))


def _uses(modules: Path) -> Iterator[tuple[str, str, str]]:
    """Module, how it is said (``say``, ``count`` or nothing), and the name of a text or a group."""
    for module, text in _modules(modules):
        for match in _USE.finditer(text):
            how, name, member = match.groups()
            yield module, how or "", f"{name}.{member}" if member else name


def faults(source: Path = CATALOGUES, modules: Path = MODULES) -> list[str]:
    """Everything that is amiss, one line each."""
    said = messages(source, modules)
    told = [*_faults_of_uses(said, modules), *_faults_of_text(modules)]
    for path in sorted(source.glob("*.po")):
        told += catalogues.faults_of(path, said)
    for tag, compiled in _compiled(source).items():
        path = modules / f"words/{tag}.json"
        if not path.exists() or path.read_text(encoding="utf-8") != compiled:
            told.append(f"words/{tag}.json: not compiled; run python -m local.catalogues")
    return told


def _faults_of_uses(said: list[Message], modules: Path) -> Iterator[str]:
    by_name = {one.context: one for one in said}
    groups: dict[str, list[Message]] = {}
    for one in said:
        groups.setdefault(one.context.partition(".")[0], []).append(one)
    yield from (f"en: nobody says {one.context}" for one in said if not one.places)
    filled = set()
    for module, how, name in _uses(modules):
        meant = [by_name[name]] if name in by_name else groups.get(name, [])
        if not meant:
            yield f"{module}: {name} is written nowhere"
        if how:
            filled |= {one.context for one in meant}
        if any((how == "count") != (one.plural is not None) for one in meant if how):
            yield f"{module}: {name} is a sentence for {'one' if how == 'count' else 'several'}"
    for one in said:
        if (one.plural or _PLACEHOLDER.search(one.singular)) and one.context not in filled:
            yield f"en: nobody says the values of {one.context}"
    yield from _faults_of_values(by_name, groups, modules)


def _faults_of_values(
    by_name: Mapping[str, Message], groups: Mapping[str, list[Message]], modules: Path
) -> Iterator[str]:
    for module, text in _modules(modules):
        for match in re.finditer(r"\bsay\(\s*words\.(\w+)(?:\.(\w+))?", text):
            name = ".".join(filter(None, match.groups()))
            meant = [by_name[name]] if name in by_name else groups.get(name, [])
            wanted = {one for each in meant for one in _PLACEHOLDER.findall(each.singular)}
            given = _names(text[match.end() :])
            if given is not None and given != wanted:
                yield f"{module}: {name} wants {sorted(wanted)} and gets {sorted(given)}"


def _names(text: str) -> set[str] | None:
    """The names in the object that is the next value of a call: ``, { n: 1, time: time(at) })``.

    None if the object was made elsewhere: a look at the screen has to show it.
    """
    found = re.match(r"(?:\[[^\]]*\])?\s*,\s*{([^{}]*)}", text)
    if found is None:
        return None
    inner, before = found[1], ""
    while before != inner:
        before, inner = inner, re.sub(r"\([^()]*\)", "", inner)
    return {part.partition(":")[0].strip() for part in inner.split(",")} - {""}


def _faults_of_text(modules: Path) -> Iterator[str]:
    """Text that stands in a template of a module, where no language reaches it."""
    for module, text in _modules(modules):
        for template in _templates(text):
            shown = [*re.split(r"<[^>]*>", template), *_HEARD.findall(template)]
            for one in shown:
                if re.search(r"[^\W\d_]{2}", re.sub(r"&\w+;", "", one)):
                    yield f"{module}: {' '.join(one.split())} stands in the module"


def _templates(text: str) -> list[str]:
    """What stands in ``html`...```, each without what is computed inside of it."""
    found: list[str] = []
    _read_code(text, 0, found)
    return found


def _read_code(text: str, at: int, found: list[str]) -> int:
    """Read to the brace that ends this piece of code, or to the end; gather templates."""
    depth = 0
    while at < len(text):
        letter = text[at]
        if letter in "\"'":
            at = re.compile(rf"(?:[^{letter}\\\n]|\\.)*").match(text, at + 1).end()  # type: ignore[union-attr]
        elif letter == "`":
            at = _read_template(text, at + 1, found, is_html=text[:at].endswith("html"))
        elif letter == "{":
            depth += 1
        elif letter == "}":
            if depth == 0:
                return at
            depth -= 1
        at += 1
    return at


def _read_template(text: str, at: int, found: list[str], *, is_html: bool) -> int:
    own = ""
    while text[at] != "`":
        if text.startswith("${", at):
            at = _read_code(text, at + 2, found)
        elif text[at] == "\\":
            at += 1
        else:
            own += text[at]
        at += 1
    if is_html:
        found.append(own)
    return at


def _compiled(source: Path) -> dict[str, str]:
    """What each language's phones fetch, by its tag."""
    english = dict(_texts(_english(source)))
    spoken: dict[str, dict[str, Any]] = {"en": {}, _PSEUDO: {}}
    for name, text in english.items():
        forms = [text["one"], text["other"]] if isinstance(text, dict) else text
        _put(spoken["en"], name, forms)
        bracketed = [_bracketed(one) for one in forms] if isinstance(text, dict) else None
        _put(spoken[_PSEUDO], name, bracketed or _bracketed(text))
    for path in sorted(source.glob("*.po")):
        tree: dict[str, Any] = {}
        for entry in catalogues.parse(path.read_text(encoding="utf-8")).entries:
            said = list(entry.said) if entry.message.plural is not None else entry.said[0]
            _put(tree, entry.message.context, said)
        spoken[path.stem] = tree
    return {
        tag: json.dumps(tree, ensure_ascii=False, separators=(",", ":")) + "\n"
        for tag, tree in spoken.items()
    }


def _bracketed(text: str) -> str:
    pieces = re.split(r"({\w+})", text)
    accented = (one if one.startswith("{") else one.translate(_TABLE) for one in pieces)
    return f"[{''.join(accented)}]"


def _put(tree: dict[str, Any], name: str, said: object) -> None:
    group, _, member = name.rpartition(".")
    (tree.setdefault(group, {}) if group else tree)[member] = said


def update(source: Path = CATALOGUES, modules: Path = MODULES) -> None:
    said = messages(source, modules)
    for path in sorted(source.glob("*.po")):
        catalogues.bring_up_to_date(path, said)
    for tag, compiled in _compiled(source).items():
        (modules / "words").mkdir(exist_ok=True)
        (modules / f"words/{tag}.json").write_text(compiled, encoding="utf-8")
