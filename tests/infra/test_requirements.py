"""What is packaged is what the lock file says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from infra.requirements_export import (
    FUNCTION_REQUIREMENTS,
    LAYER_REQUIREMENTS,
    PICTURES_REQUIREMENTS,
    expected_files,
)

# Brought by Lambda's runtime, by the layer, or needed at no time on Lambda.
NEVER_IN_THE_FUNCTION = {
    *("boto3", "botocore", "ortools", "numpy", "pandas", "moto", "protobuf"),
    *("pillow", "fpdf2", "fonttools", "uharfbuzz"),
    *("chalice", "pip", "setuptools", "wheel", "click", "inquirer", "pyyaml"),
}

FILES = (FUNCTION_REQUIREMENTS, LAYER_REQUIREMENTS, PICTURES_REQUIREMENTS)


def _names(path: Path) -> set[str]:
    return set(re.findall(r"^([a-z0-9-]+)==", path.read_text(), re.MULTILINE))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.name)
def test_the_checked_in_pins_follow_from_the_lock(path: Path) -> None:
    """Otherwise run `python -m infra.requirements_export`."""
    assert path.read_text() == expected_files()[path]


def test_the_function_carries_no_tool_and_nothing_lambda_already_has() -> None:
    assert _names(FUNCTION_REQUIREMENTS) & NEVER_IN_THE_FUNCTION == set()


def test_the_layer_carries_the_solver_alone() -> None:
    assert _names(LAYER_REQUIREMENTS) == {"ortools", "protobuf"}


def test_the_pictures_layer_carries_what_opens_photos_and_makes_papers() -> None:
    wanted = {"defusedxml", "fonttools", "fpdf2", "pillow", "uharfbuzz"}
    assert _names(PICTURES_REQUIREMENTS) == wanted
