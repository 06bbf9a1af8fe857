"""The page of the API: every operation is there, escaped, linked, and asks nobody for anything."""

import html
import re
from typing import Any

from app import app
from chalicelib import web
from chalicelib.entry import openapi, reference
from chalicelib.entry.surface import routes_of

ROUTES = list(routes_of(app))
DOCUMENT = openapi.document(ROUTES, "https://api.example.com")


def page(document: dict[str, Any] = DOCUMENT) -> str:
    return web.render("reference.html", reference=reference.reference(document))


def test_every_operation_and_every_error_has_its_place_on_the_page() -> None:
    text = page()
    for route in ROUTES:
        assert f'<article id="{route.name}"' in text
        assert f"<code>{html.escape(route.path)}</code>" in text
    for code in DOCUMENT["components"]["examples"]:
        assert f'id="error-{code}"' in text


def test_every_link_inside_of_the_page_leads_somewhere() -> None:
    text = page()
    places = set(re.findall(r'id="([^"]+)"', text))
    links = set(re.findall(r'href="#([^"]+)"', text))
    assert len(links) > 50
    assert links <= places


def test_the_page_asks_nobody_for_anything() -> None:
    text = page()
    assert "<script" not in text
    assert re.findall(r'(?:src|href)="(?!#|data:|openapi\.json")[^"]*"', text) == []


def test_what_a_form_says_cannot_break_the_page() -> None:
    hostile = "</pre><script>alert(1)</script>"
    schema = {"type": "object", "examples": [{"a": hostile}], "description": hostile}
    document = {
        **DOCUMENT,
        "components": {
            **DOCUMENT["components"],
            "schemas": {**DOCUMENT["components"]["schemas"], "DeliveryForm": schema},
        },
    }
    text = page(document)
    assert hostile not in text
    assert html.escape(hostile) in text


def test_the_style_sheets_of_both_kinds_of_pages_are_named_by_their_hashes() -> None:
    text = page()
    policy = web.headers(text, sheet="reference")["Content-Security-Policy"]
    assert web.style_hash("reference") in policy
    assert web.style_hash() != web.style_hash("reference")
    assert f"<style>{web.style('reference')}</style>" in text
