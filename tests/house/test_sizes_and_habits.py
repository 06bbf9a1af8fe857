"""The house keeps its own rules: sizes, names, what may be imported where."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import sources

MOST_LINES, MOST_FUNCTION_LINES = 400, 60
PRODUCT = [path for path in sources.tracked(".py") if path.parts[0] == "chalicelib"]
CODE = [path for path in sources.tracked(".py") if path.parts[0] != "tests"]
TESTS = [path for path in sources.tracked(".py") if path.parts[0] == "tests"]
FUNCTIONS = sorted((sources.ROOT / "chalicelib/entry/functions").glob("[a-z]*.py"))


@pytest.mark.parametrize("path", sources.tracked(".py"), ids=str)
def test_no_file_grows_past_what_a_reader_can_hold(path: Path) -> None:
    assert len(sources.read(path).splitlines()) <= MOST_LINES


def test_no_function_is_longer_than_a_page() -> None:
    long = [
        f"{path}:{function.lineno} {function.name}"
        for path in sources.tracked(".py")
        for function in sources.functions(path)
        if function.end_lineno - function.lineno + 1 > MOST_FUNCTION_LINES
    ]
    assert long == []


def test_every_module_says_which_question_it_answers() -> None:
    silent = [str(path) for path in CODE if ast.get_docstring(sources.tree(path)) is None]
    assert silent == []


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "helpers", "manager", "base", "common"}
    assert [str(path) for path in CODE if path.stem in drawers] == []


def test_nothing_is_patched() -> None:
    """Fakes stand at gateways; a patched module is a seam that the design lacks."""
    banned = ("unittest.mock", "mock", "pytest_mock")
    patched = [str(path) for path in TESTS if sources.imports(path) & set(banned)]
    assert patched == []


def test_only_the_edge_and_who_opens_strangers_files_catch_everything() -> None:
    allowed = {
        *(f"chalicelib/entry/{edge}.py" for edge in ("observed", "relay", "each_hub")),
        # A decoder may stumble in any way over what a stranger made up.
        "chalicelib/gateways/pictures.py",
    }
    catching = {
        str(path)
        for path in PRODUCT
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id == "Exception"))
    }
    assert catching <= allowed


def test_the_environment_is_read_in_one_place() -> None:
    readers = {
        str(path)
        for path in PRODUCT
        for node in ast.walk(sources.tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "environ"
    }
    assert readers <= {"chalicelib/wiring.py", "chalicelib/entry/observed.py"}


def test_the_local_stage_and_the_demo_stand_outside() -> None:
    """They reach the product as any client does, by its public doors; the simulator is no stage."""
    outside = [path for path in CODE if path.parts[0] == "local" and path.parts[1] != "simulate"]
    insiders = [
        str(path)
        for path in outside
        if any(name.partition(".")[0] in ("chalicelib", "app") for name in sources.imports(path))
    ]
    assert insiders == []


def test_app_py_only_registers() -> None:
    names = sources.imports(Path("app.py"))
    assert all(name.startswith(("chalice.", "chalicelib.entry")) for name in names)
    assert len(sources.read("app.py").splitlines()) <= 60


def test_importing_the_app_loads_no_solver() -> None:
    """The web function must start fast, and has no layer."""
    code = (
        "import sys, app; "
        "print([m for m in ('ortools', 'numpy', 'pandas', 'moto') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=sources.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", FUNCTIONS, ids=lambda path: path.stem)
def test_a_function_starts_alone_as_lambda_starts_it(path: Path) -> None:
    code = (
        f"import sys, chalicelib.entry.functions.{path.stem}; "
        "print([m for m in ('app', 'ortools', 'numpy', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=sources.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_function_is_one_file_named_after_it() -> None:
    for path in FUNCTIONS:
        tree = ast.parse(path.read_text())
        decorated = [
            node.name
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.decorator_list
        ]
        assert decorated == [path.stem]


def test_the_import_order_holds() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool], cwd=sources.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_repository_names_nothing_of_where_it_was_written() -> None:
    banned = (
        "/work" + "/",
        ".lib" + "rary",
        "../sha" + "red",
        "/opt/" + "pypi",
    )
    here = Path("tests/house/test_sizes_and_habits.py")
    texts = [path for path in sources.tracked() if path.suffix not in (".jpg", ".png", ".lock")]
    named = [
        f"{path}: {word}"
        for path in texts
        if path != here
        for word in banned
        if word in (sources.ROOT / path).read_text(encoding="utf-8", errors="replace")
    ]
    assert named == []
