"""Are the vendored libraries what their makers published? Fetched from npm, made again, compared.

For developers only: it needs `npm`. Nothing else does: the files are served as they lie in
chalicelib/web/vendor, and the tests compare them with the sums in VENDOR.toml.
"""

import argparse
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "chalicelib/web/vendor"
LIST = FOLDER / "VENDOR.toml"


def fetch(package: str, workplace: Path) -> None:
    """Put a package where a bundler looks for it, by the ordinary client of the registry."""
    done = subprocess.run(
        ["npm", "pack", "--silent", package],
        cwd=workplace,
        check=True,
        capture_output=True,
        text=True,
    )
    name = package.rpartition("@")[0]
    target = workplace / "node_modules" / name
    target.mkdir(parents=True, exist_ok=True)
    with tarfile.open(workplace / done.stdout.split()[-1]) as archive:
        for member in archive.getmembers():
            member.name = member.name.partition("/")[2]
            if member.isfile() and member.name:
                archive.extract(member, target, filter="data")


def make(file: dict[str, Any], workplace: Path) -> bytes:
    """One file, from the packages of its list."""
    if "copy" in file:
        return (workplace / "node_modules" / file["copy"]).read_bytes()
    entry = workplace / "entry.js"
    entry.write_text(file["entry"])
    bundle = ["npx", "--no-install", "esbuild", entry.name, "--bundle", "--minify"]
    options = ["--format=esm", "--target=es2022", "--legal-comments=none", "--log-level=warning"]
    done = subprocess.run([*bundle, *options], cwd=workplace, check=True, capture_output=True)
    return done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the vendored libraries with npm's.")
    parser.add_argument("--write", action="store_true", help="renew the files and their sums")
    write = parser.parse_args().write
    text = LIST.read_text()
    listed = tomllib.loads(text)
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        workplace = Path(folder)
        bundler = ["npm", "install", "--silent", "--no-audit", "--no-fund", listed["bundler"]]
        subprocess.run(bundler, cwd=workplace, check=True)
        for package in {name for file in listed["file"] for name in file["packages"]}:
            fetch(package, workplace)
        for file in listed["file"]:
            made = make(file, workplace)
            digest = hashlib.sha256(made).hexdigest()
            if write:
                (FOLDER / file["name"]).write_bytes(made)
                part = re.compile(rf'(name = "{re.escape(file["name"])}".*?sha256 = ")[^"]*', re.S)
                text = part.sub(rf"\g<1>{digest}", text, count=1)
            elif digest != file["sha256"]:
                wrong.append(file["name"])
    if write:
        LIST.write_text(text)
    print(f"not what npm has: {', '.join(wrong)}" if wrong else "all vendored files are npm's")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
