"""How is the optimizer's native core compiled, here and for Lambda?

`python -m layers.solver.build_core` compiles `core/*.c` for this machine and puts the library into
the running environment, as `lastmile_core/libcore.so`: chalicelib finds it on `sys.path`, just as
it does below /opt/python on Lambda, where the layer's build puts it. Nothing is compiled when
neither the sources nor the compiler has changed.
The compiler is the pinned `ziglang` package alone, never the machine's own: it carries clang, a
linker and every glibc's symbols, so one machine makes both processors' libraries, and the same
sources give the same bytes anywhere.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import sysconfig
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from infra.reproducible_zip import digest
from infra.wheels import canonical_architecture

ROOT = Path(__file__).resolve().parent.parent.parent
SOURCES = Path(__file__).with_name("core")
CACHE = ROOT / "build" / "compiler"
LIBRARY = "lastmile_core/libcore.so"

ZIG = (sys.executable, "-m", "ziglang", "cc")
# No contraction: a fused multiply-add rounds once, so plans would differ between processors.
LANGUAGE = ("-std=c11", "-ffp-contract=off", "-Wall", "-Wextra", "-Werror")
LANGUAGE += ("-fPIC", "-fvisibility=hidden", "-shared")
FLAGS = (*LANGUAGE, "-O3", "-flto", "-DNDEBUG", "-s")

# Only the public functions are visible: `accept`, for one, is also a name of the C library's.
LINKING = ("-Wl,--version-script=exports.map", "-Wl,-z,defs")

# Lambda's Python runs on glibc 2.34; the older one also suits most machines that develop.
GLIBC = "2.26"

# What every machine behind Lambda has: AVX2 on x86_64, Graviton2 or newer on arm64.
# Source: AWS Lambda developer guide, "Selecting and configuring an instruction set architecture".
LAMBDA_PROCESSORS = {"x86_64": "x86_64_v3", "aarch64": "neoverse_n1"}

# What those two ask of a processor, as /proc/cpuinfo spells it.
ASKED_OF_PROCESSOR = {
    "x86_64": {"abm", "avx2", "bmi1", "bmi2", "f16c", "fma", "movbe"},
    "aarch64": {"asimddp", "asimdhp", "asimdrdm", "atomics", "crc32", "fphp", "lrcpc"},
}


def compiler_version() -> str:
    """The installed `ziglang` package's version.

    Raises
    ------
    SystemExit
        When it is missing.
    """
    try:
        return metadata.version("ziglang")
    except metadata.PackageNotFoundError:
        raise SystemExit("The compiler (ziglang) is missing: `make setup` installs it.") from None


def stamp(target: Sequence[str], sources: Path = SOURCES) -> str:
    """What the library for `target` is made from; equal stamps mean an equal library."""
    files = [path for path in sources.iterdir() if path.suffix in (".c", ".h", ".map")]
    return digest(files, compiler_version(), *FLAGS, *target, root=sources)


def lambda_target(architecture: str) -> list[str]:
    """The compiler's flags for Lambda's machines of `architecture`."""
    return _linux_target(architecture, LAMBDA_PROCESSORS[architecture])


def native_target() -> list[str]:
    """The compiler's flags for this machine: Lambda's where its processor can run that."""
    if platform.system() != "Linux":
        return []  # the compiler then finds out by itself
    architecture = canonical_architecture(None)
    has = set(Path("/proc/cpuinfo").read_text().split())
    fits = ASKED_OF_PROCESSOR[architecture] <= has
    return _linux_target(architecture, LAMBDA_PROCESSORS[architecture] if fits else "baseline")


def _linux_target(architecture: str, processor: str) -> list[str]:
    return ["-target", f"{architecture}-linux-gnu.{GLIBC}", f"-mcpu={processor}", *LINKING]


def compile_core(
    library: Path,
    target: Sequence[str],
    *,
    sources: Path = SOURCES,
    flags: Sequence[str] = FLAGS,
    compiler: Sequence[str] = ZIG,
    cache: Path = CACHE,
) -> None:
    """Compile every C file of `sources` into `library`, replacing it whole at the end.

    Parameters
    ----------
    library : Path
        The file to write; its folder is made.
    target : Sequence[str]
        The machine to compile for, from `lambda_target` or `native_target`.
    flags, compiler : Sequence[str], optional
        For the builds that look for faults (tests/layers).
    cache : Path, optional
        Where the compiler keeps parts for the next time.

    Raises
    ------
    SystemExit
        With the compiler's words when it refuses.
    """
    library.parent.mkdir(parents=True, exist_ok=True)
    unfinished = library.with_suffix(f".{os.getpid()}.part")
    # Names without folders, in a fixed order: nothing of this machine gets into the bytes.
    names = sorted(path.name for path in sources.glob("*.c"))
    command = [*compiler, *target, *flags, *names, "-o", str(unfinished)]
    folders = {"ZIG_GLOBAL_CACHE_DIR": str(cache), "ZIG_LOCAL_CACHE_DIR": str(cache)}
    done = subprocess.run(
        command,
        cwd=sources,
        env={**os.environ, **folders},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        unfinished.unlink(missing_ok=True)
        raise SystemExit(f"The core does not compile:\n{done.stdout}{done.stderr}")
    unfinished.replace(library)


def installed_library() -> Path:
    """Where the running environment has the core, or would have it."""
    return Path(sysconfig.get_path("platlib")) / LIBRARY


def install() -> Path:
    """Compile the core for this machine into the running environment when it has changed."""
    library, target = installed_library(), native_target()
    stamp_file = library.with_suffix(".stamp")
    wanted = stamp(target)
    if library.exists() and stamp_file.exists() and stamp_file.read_text() == wanted:
        return library
    compile_core(library, target)
    stamp_file.write_text(wanted)
    return library


def main() -> int:
    parser = argparse.ArgumentParser(description="Compile the native core for this machine.")
    parser.parse_args()
    install()
    return 0


if __name__ == "__main__":
    sys.exit(main())
