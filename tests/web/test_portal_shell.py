"""The frame of the portal's pages: links that climb, what it may load, how much it weighs."""

import gzip
from types import SimpleNamespace

import pytest

from chalicelib.web import portal
from tests.web.test_recipient_page import Outline

PERSON = SimpleNamespace(name="Ada Sommer", email="ada@example.com")
SHOP = SimpleNamespace(name="Papeterie <Sommer>")


def a_page(depth: int = 1, section: str = "overview") -> str:
    return portal.page(
        "portal/problem.html",
        section=section,
        title="Orders",
        person=PERSON,
        merchant=SHOP,
        depth=depth,
        lead="",
        fields=(),
    )


@pytest.mark.parametrize(("depth", "up"), [(1, ""), (2, "../"), (3, "../../")])
def test_links_climb_from_where_the_page_is(depth: int, up: str) -> None:
    outline = Outline(a_page(depth))
    assert outline.all("form")[0]["action"] == f"{up}m/sign-out"
    assert not any(link["href"].startswith("/") for link in outline.all("a"))
    assert {link["href"] for link in outline.all("a")} >= {f"{up}m", f"{up}docs", "#main"}


def test_the_page_one_is_on_is_marked_once() -> None:
    marked = [one for one in Outline(a_page()).all("a") if "aria-current" in one]
    assert [one["href"] for one in marked] == ["m"]
    assert not [one for one in Outline(a_page(section="")).all("a") if "aria-current" in one]


def test_every_section_has_a_key_and_a_path_of_its_own() -> None:
    lines = [one for _, chapter in portal.CHAPTERS for one in chapter]
    assert len({one.key for one in lines}) == len({one.path for one in lines}) == len(lines)
    assert all(one.path.startswith("m") for one in lines)


def test_a_name_is_no_markup() -> None:
    assert "Papeterie &lt;Sommer&gt;" in a_page()


def test_the_frame_is_small_and_its_forms_prove_where_they_come_from() -> None:
    html = a_page()
    assert len(gzip.compress(html.encode(), 9)) < 8_000
    headers = portal.headers(html)
    assert headers["Referrer-Policy"] == "same-origin"
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]
    assert headers["Cache-Control"] == "no-store"
