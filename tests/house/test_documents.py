"""The documents say what the code does: tables are compared, commands looked up, links followed."""

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

from chalicelib.domain.deliveries.lifecycle import TRANSITIONS
from chalicelib.domain.dispatch.model import OfferStatus
from chalicelib.domain.intake.order import Refusal
from chalicelib.domain.messaging.store import Fate
from chalicelib.domain.quotes.model import NoQuote
from chalicelib.domain.routing.plan import Reason
from chalicelib.kit.errors import LastmileError, all_errors
from chalicelib.listeners import SUBSCRIBERS
from infra.template.parameters import PARAMETERS
from infra.template.watch import watch_resources
from tests.house import sources

PAGES = sources.tracked(".md")
DECISIONS = [path for path in PAGES if "decisions" in path.parts]
#: A kind of event, as it stands in the code: ``route.planned``.
EVENT = re.compile(
    r"(delivery|recovery|proof|support_case|route|offer|driver|shift|wave|webhook_endpoint"
    r"|notification|conversation|locker|voucher|books|dispute)\.[a-z_]+"
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.M | re.S)


def cells(page: str, *, columns: int) -> list[list[str]]:
    """The rows of a page's tables with so many columns, code marks left out."""
    rows = sources.table_rows(sources.read(page))
    return [[cell.replace("`", "") for cell in row] for row in rows if len(row) == columns]


def events_in_the_code() -> set[str]:
    """Every type of event that some line can emit.

    Those with a fixed name are found as texts; the three places that put a name together are told
    apart by what they put in.
    """
    told = {f"delivery.{what}" for _, _, what in TRANSITIONS.values()}
    # Beside the table: the creation, the forks of Cancel and Redirect, Undo, the shop's changes.
    beside = ("created", "cancelled", "undone", "updated", "handed_over", "redirected")
    told |= {f"delivery.{what}" for what in beside}
    told |= {
        f"offer.{status}" for status in set(OfferStatus) - {OfferStatus.MADE, OfferStatus.ACCEPTED}
    }
    told |= {f"route.{what}" for what in news_of_settling()}
    for path in sources.tracked(".py"):
        if path.parts[0] == "chalicelib" and path.name != "listeners.py":
            told |= fixed_names(path)
    return told


def fixed_names(path: Path) -> set[str]:
    texts = [node.value for node in ast.walk(sources.tree(path)) if isinstance(node, ast.Constant)]
    return {text for text in texts if isinstance(text, str) and EVENT.fullmatch(text)}


def news_of_settling() -> set[str]:
    """What ``itinerary.settle`` can tell: the names in its pairs, and the two ends of a route."""
    path = Path("chalicelib/domain/dispatch/itinerary.py")
    settle = next(one for one in sources.functions(path) if one.name == "settle")
    named = {
        node.elts[0].value
        for node in ast.walk(settle)
        if isinstance(node, ast.Tuple) and node.elts and isinstance(node.elts[0], ast.Constant)
    }
    assert named == {"started", "parcels_returned", "updated"}
    return named | {"completed", "cancelled"}


def own_errors() -> list[type[LastmileError]]:
    """The tree of the kit; an error that only adds data to one of them has no code of its own."""
    for path in sources.tracked(".py"):
        if path.parent == Path("chalicelib/kit") and path.stem.endswith("errors"):
            import_module(f"chalicelib.kit.{path.stem}")
    return [one for one in all_errors() if one.__module__.startswith("chalicelib.kit.")]


def test_every_error_has_its_row_and_every_row_its_error() -> None:
    documented = [row[:3] for row in cells("docs/errors.md", columns=4)]
    raised = [[one.code, str(one.status), "yes" if one.retry else "no"] for one in own_errors()]
    assert sorted(documented) == sorted(raised)


def test_the_drawn_tree_of_errors_is_the_tree() -> None:
    drawn = {
        (name, int(status), code, bool(retry))
        for name, status, code, retry in re.findall(
            r"(\w+) +(\d{3}) (\w+)(?: +(retry))?",
            "".join(
                sources.read(path)
                for path in sources.tracked(".py")
                if path.parent == Path("chalicelib/kit") and path.stem.endswith("errors")
            ),
        )
    }
    assert drawn == {(one.__name__, one.status, one.code, one.retry) for one in own_errors()}


@pytest.mark.parametrize("codes", [Refusal, Reason, NoQuote], ids=lambda codes: codes.__name__)
def test_every_reason_that_people_read_is_documented(
    codes: type[Refusal] | type[Reason] | type[NoQuote],
) -> None:
    page = sources.read("docs/errors.md")
    assert [code.value for code in codes if f"`{code.value}`" not in page] == []


def test_no_two_errors_share_a_code() -> None:
    codes = [one.code for one in own_errors()]
    assert len(codes) == len(set(codes))


def test_every_event_has_its_row_and_every_row_its_event() -> None:
    rows = cells("docs/events.md", columns=3) + cells("docs/events.md", columns=4)
    documented = [row[0] for row in rows]
    assert sorted(documented) == sorted(events_in_the_code())


def test_who_listens_is_who_is_subscribed() -> None:
    rows = cells("docs/events.md", columns=3) + cells("docs/events.md", columns=4)
    documented = {row[0]: set(filter(None, re.split(r"[,\s]+", row[-1]))) for row in rows}
    subscribed = {name: {one.name for one in heard} for name, heard in SUBSCRIBERS.items()}
    assert {name: heard for name, heard in documented.items() if heard} == subscribed


def shapes_in_the_code() -> set[tuple[str, str, str]]:
    """Table, pk and sk of every Key that the key map makes; ``<>`` is what is filled in."""
    return {
        (call.args[0].attr.lower(), *(_shape(part) for part in call.args[1:]), "A")[:3]
        for path in sources.tracked(".py")
        if path.parent == Path("chalicelib/storage") and path.stem.endswith("keys")
        for call in ast.walk(sources.tree(path))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Key"
        if call.args and isinstance(call.args[0], ast.Attribute)
    }


def _shape(part: ast.expr) -> str:
    match part:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=pieces):
            return "".join(_shape(piece) for piece in pieces)
    return "<>"


def test_every_kind_of_item_stands_in_the_key_map() -> None:
    rows = [" ".join(row[:3]) for row in cells("docs/keys.md", columns=4)]
    shapes = [re.escape(" ".join(one)).replace("<>", ".+") for one in shapes_in_the_code()]
    assert [row for row in rows if not any(re.fullmatch(one, row) for one in shapes)] == []
    assert [one for one in shapes if not any(re.fullmatch(one, row) for row in rows)] == []


def test_every_fate_of_a_text_is_explained_to_whoever_runs_it() -> None:
    page = sources.read("docs/operations.md")
    assert [fate.value for fate in Fate if f"`{fate.value}`" not in page] == []


def test_every_alarm_is_explained_to_whoever_is_woken() -> None:
    alarms = [
        name
        for name, resource in watch_resources().items()
        if resource["Type"] == "AWS::CloudWatch::Alarm"
    ]
    page = sources.read("docs/operations.md")
    assert [name for name in alarms if f"`{name}`" not in page] == []


def test_every_parameter_of_the_template_is_explained() -> None:
    page = sources.read("docs/deploy.md")
    assert [name for name in PARAMETERS if f"`{name}`" not in page] == []


def test_the_readme_is_short_and_shows_the_two_commands() -> None:
    readme = sources.read("README.md")
    assert len(readme.splitlines()) <= 150
    assert "make demo" in readme
    assert "make test" in readme


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_command_that_a_page_names_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+(?: [a-z-]+)*):", sources.read("Makefile"), re.M))
    known = {name for names in targets for name in names.split()}
    page = sources.read(path)
    shown = set(re.findall(r"`(?:[A-Z_]+=\S+ )*make ([a-z-]+)", page))
    shown |= set(re.findall(r"^(?:[A-Z_]+=\S+ )*make ([a-z-]+)", page, re.M))
    assert shown - known == set()


def quoted(page: str) -> list[tuple[str, str]]:
    """File and line of every line of code that stands below a comment with a file's name."""
    lines, place = [], ""
    for block in re.findall(r"^```text\n(.*?)^```", page, re.M | re.S):
        for line in block.splitlines():
            named = re.fullmatch(r"(?:#|/\*) ([\w/]+\.(?:py|c|h))(?: \*/)?", line)
            if named:
                place = named[1]
            else:
                lines.append((place, line))
    return lines


def test_the_worked_example_of_a_rule_quotes_the_code() -> None:
    """A newcomer follows it from file to file: lines that moved on would lead nowhere."""
    lines = quoted(sources.read("docs/optimizer.md"))
    assert len(lines) > 10
    missing = [
        (place, line)
        for place, line in lines
        if line not in map(str.strip, sources.read(place).splitlines())
    ]
    assert missing == []


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_link_leads_somewhere(path: Path) -> None:
    page = FENCE.sub("", sources.read(path))
    dead = []
    for link in LINK.findall(page):
        target, _, anchor = link.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        place = sources.ROOT / path.parent / target if target else sources.ROOT / path
        if not place.exists() or (anchor and anchor not in anchors(place)):
            dead.append(link)
    assert dead == []


def anchors(place: Path) -> set[str]:
    """The fragments of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", place.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).strip().replace(" ", "-") for one in headings}


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_every_file_that_a_page_names_exists(path: Path) -> None:
    """Paths in code marks that begin with a folder of ours; ``build/`` is made by commands."""
    folders = ("chalicelib", "docs", "infra", "layers", "local", "tests", "benchmarks")
    pattern = rf"`((?:{'|'.join(folders)})/[\w./-]*)`"
    named = re.findall(pattern, sources.read(path))
    assert [name for name in named if not (sources.ROOT / name).exists()] == []


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.stem)
def test_every_decision_has_its_parts(path: Path) -> None:
    page = sources.read(path)
    parts = ("Context.", "Decision.", "Consequences.", "Alternatives.", "Enforced by")
    assert [part for part in parts if f"**{part}**" not in page] == []


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = sorted(int(path.stem[:4]) for path in DECISIONS)
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_room_has_a_page_of_its_own() -> None:
    """The docstring of a room's ``__init__``: what it owns, what it tells, who may call it."""
    rooms = (sources.ROOT / "chalicelib/domain").glob("*/__init__.py")
    pages = {
        path.parent.name: ast.get_docstring(ast.parse(path.read_text())) or "" for path in rooms
    }
    assert [room for room, page in pages.items() if len(page.splitlines()) < 3] == []


def test_the_house_order_is_told_as_it_is_kept() -> None:
    """The floors and rooms of docs/architecture.md are those of the import contract."""
    contract = sources.read("pyproject.toml")
    page = sources.read("docs/architecture.md")
    rooms = re.search(r'containers = \["chalicelib.domain"\].*?layers = \[(.*?)\]', contract, re.S)
    assert rooms is not None
    drawn = "\n".join(re.findall(r'"([^"]+)"', rooms[1]))
    assert drawn in page
