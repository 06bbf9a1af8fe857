"""The native core as a library: what it offers, what it asks of a machine, how it is rebuilt."""

import ctypes
import re
import shutil
from pathlib import Path

import pytest

from layers.solver import build_core
from tests.layers import elf

HEADER = build_core.SOURCES / "lm.h"


@pytest.fixture(scope="module", params=["x86_64", "aarch64"])
def architecture(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def library(architecture: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library as the layer of this architecture has it, whatever machine this is."""
    made = tmp_path_factory.mktemp("core") / "libcore.so"
    build_core.compile_core(made, build_core.lambda_target(architecture))
    return made


def test_either_processor_gets_its_library_from_this_machine(
    library: Path, architecture: str
) -> None:
    assert elf.read(library).architecture == architecture


def test_what_the_header_declares_is_all_that_can_be_seen(library: Path) -> None:
    declared = set(re.findall(r"^\w.*?\b(lm_\w+)\(", HEADER.read_text(), re.M))
    assert "lm_solve" in declared
    assert elf.read(library).exported == declared


def test_it_needs_the_c_library_and_nothing_else(library: Path) -> None:
    assert elf.read(library).needed == {"libc.so.6"}


def test_it_runs_with_the_oldest_glibc_that_it_was_built_for(library: Path) -> None:
    oldest = tuple(map(int, build_core.GLIBC.split(".")))
    asked = [name.removeprefix("GLIBC_") for name in elf.read(library).versions]
    assert asked
    assert max(tuple(map(int, name.split("."))) for name in asked) <= oldest


def test_it_carries_no_symbols_beyond_those_for_the_loader(library: Path) -> None:
    useless = {".symtab", ".debug_info", ".debug_line"}
    assert elf.read(library).sections.isdisjoint(useless)
    assert library.stat().st_size < 200_000


def test_the_same_sources_elsewhere_give_the_same_bytes(
    library: Path, architecture: str, tmp_path: Path
) -> None:
    """Another folder, another time, nothing kept by the compiler from before."""
    sources = shutil.copytree(
        build_core.SOURCES, tmp_path / "a" / "core", copy_function=shutil.copyfile
    )
    again = tmp_path / "b" / "libcore.so"
    target = build_core.lambda_target(architecture)
    build_core.compile_core(again, target, sources=sources, cache=tmp_path / "c")
    assert again.read_bytes() == library.read_bytes()


def test_a_changed_header_and_another_processor_ask_for_a_new_library(tmp_path: Path) -> None:
    sources = shutil.copytree(build_core.SOURCES, tmp_path / "core")
    target = build_core.lambda_target("x86_64")
    before = build_core.stamp(target, sources)
    assert before == build_core.stamp(target)
    assert before != build_core.stamp(build_core.lambda_target("aarch64"), sources)
    with (sources / "lm.h").open("a") as header:
        header.write("/* one more line */\n")
    assert before != build_core.stamp(target, sources)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("int lm_one(int a) { int unused; return a; }\n", "unused"),
        (
            '#include "lm.h"\nint other(void);\n'
            "void lm_release(lm_problem *p) { if (p) other(); }\n",
            "undefined.*: other",
        ),
    ],
    ids=["a warning", "a function that is nowhere"],
)
def test_a_careless_source_stops_the_build(source: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "one.c").write_text(source)
    for name in ("lm.h", "exports.map"):
        shutil.copy(build_core.SOURCES / name, tmp_path)
    made = tmp_path / "out" / "libcore.so"
    with pytest.raises(SystemExit, match=said):
        build_core.compile_core(made, build_core.lambda_target("x86_64"), sources=tmp_path)
    assert list(made.parent.iterdir()) == []


def test_this_environment_has_the_core_of_these_sources() -> None:
    """`make setup` puts it there; pytest alone, after a change to the sources, would not."""
    stamp = build_core.installed_library().with_suffix(".stamp")
    assert stamp.read_text() == build_core.stamp(build_core.native_target()), "run `make setup`"
    assert ctypes.CDLL(str(build_core.installed_library())).lm_solve


def test_installing_it_again_compiles_nothing() -> None:
    before = build_core.install().stat().st_mtime_ns
    assert build_core.install().stat().st_mtime_ns == before
