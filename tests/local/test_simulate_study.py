"""``python -m local.simulate study``: rows and one file that opens without network and script."""

import json
import re
from pathlib import Path

import pytest

from local.simulate.__main__ import main


def test_the_command_writes_rows_and_the_same_report_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, first, second = tmp_path / "rows.json", tmp_path / "one.html", tmp_path / "two.html"
    asked = ["study", "--quick", "--parcels", "24", "--workers", "1", "--json", str(rows)]
    assert main([*asked, "--out", str(first)]) == 0
    told = capsys.readouterr()
    assert "| fewer km than D fixed territories, 2-opt |" in told.out
    assert "5 of 5 done" in told.err
    again = ["study", "--quick", "--parcels", "24", "--rows", str(rows), "--out", str(second)]
    assert main(again) == 0
    assert first.read_bytes() == second.read_bytes()
    assert {row["group"] for row in json.loads(rows.read_text())} >= {"driving", "waves", "doors"}

    page = first.read_text(encoding="utf-8")
    assert "<script" not in page
    assert re.findall(r"(?:src|href)=\"(?!#)", page) == []
    assert "default-src 'none'" in page
    assert page.count('class="routes"') == 2
    # Every chart has its table.
    assert page.count('<svg class="chart"') <= page.count('<details class="chart-table"')


def test_an_input_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "--set", "luck=7"]) == 2
    assert "there is no input luck" in capsys.readouterr().err


def test_a_group_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["study", "--only", "luck"]) == 2
    assert "there is no group luck" in capsys.readouterr().err
