"""``python -m local.simulate day``: a day is played with other choices, and told in one file."""

from dataclasses import fields
from pathlib import Path

from chalicelib.domain.simulation.choices import Choices
from chalicelib.entry import what_if_report
from local.simulate.__main__ import main


def test_a_made_up_day_is_played_and_its_report_kept(tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    small = ["--generated", "parcels=3", "drivers=1", "brands=1", "--engine", "construct"]
    asked = ["day", *small, "--scenario", "slow: travel_percent=150", "--workers", "1"]
    assert main([*asked, "--out", str(out)]) == 0
    html = out.read_text()
    assert "driving takes 150 % of the time" in html
    assert html.count('<svg class="city"') == 2


def test_every_choice_has_words_in_the_report() -> None:
    assert set(what_if_report.SAID) == {one.name for one in fields(Choices)}
