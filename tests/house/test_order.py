"""What a newcomer could break without noticing: a room without a place, a foreign package host."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house import sources

#: Where the lock file may send a stranger's machine.
PACKAGE_HOSTS = {"pypi.org", "files.pythonhosted.org"}
PINS = ("uv.lock", "requirements.txt", "local/ministack-requirements.txt")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A copy of the package with its contracts, to be built on."""
    shutil.copytree(
        sources.ROOT / "chalicelib",
        tmp_path / "chalicelib",
        ignore=shutil.ignore_patterns("__pycache__", "vendor"),
    )
    shutil.copy(sources.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def add(house: Path, path: str, text: str) -> None:
    place = house / "chalicelib" / path
    place.parent.mkdir(exist_ok=True)
    place.write_text(text, encoding="utf-8")


def contracts_of(house: Path) -> subprocess.CompletedProcess[str]:
    tool = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [tool, "--no-cache"], cwd=house, capture_output=True, text=True, check=False
    )


def test_a_room_without_a_place_fails_the_build(house: Path) -> None:
    add(house, "domain/gossip/__init__.py", '"""Gossip: nobody said where it belongs."""\n')
    checked = contracts_of(house)
    assert checked.returncode != 0
    assert "gossip" in checked.stdout


def test_a_call_upwards_fails_the_build(house: Path) -> None:
    add(house, "domain/drivers/up.py", "from chalicelib.domain.messaging import service\n")
    checked = contracts_of(house)
    assert checked.returncode != 0
    assert "chalicelib.domain.drivers.up" in checked.stdout


def test_a_gateway_in_the_domain_fails_the_build(house: Path) -> None:
    add(house, "domain/drivers/up.py", "from chalicelib.gateways import sms\n")
    assert contracts_of(house).returncode != 0


@pytest.mark.parametrize("path", PINS)
def test_packages_come_from_where_everybody_gets_them(path: str) -> None:
    hosts = set(re.findall(r"https?://([^/\"'\s]+)", sources.read(path)))
    assert hosts <= PACKAGE_HOSTS
