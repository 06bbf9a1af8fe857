"""The driver's app says every sentence in every language, and none that stands in a module."""

import json
import re

import pytest

from chalicelib.domain.drivers.documents import DocumentKind
from chalicelib.domain.drivers.shifts import Refusal as ShiftReason
from chalicelib.kit.languages import NAMES, Language, pseudo
from local import driver_words
from tests.house import sources

ENGLISH = """
hello = "Hello {name}"
stops.one = "{n} stop"
stops.other = "{n} stops"
why.late = "Too late"
why.other = "Something else"
"""
MODULE = """
const Said = () => html`<p>${say(words.hello, { name: first(one, 2) })}</p>
  ${count(words.stops, 3)}<b class="note">${words.why[code]}</b>`;
"""


def test_the_words_of_the_app_are_complete_and_compiled() -> None:
    assert driver_words.faults() == []


def test_the_app_speaks_what_recipients_are_spoken_to() -> None:
    text = (driver_words.MODULES / "words.js").read_text(encoding="utf-8")
    offered = dict(re.findall(r'(\w+): "([^"./]+)"', text.partition("};")[0]))
    assert offered == {language.value: name for language, name in NAMES.items()}
    files = set(re.findall(r'"\./words/([\w-]+)\.json"', text))
    assert files == {language.value for language in Language}


def test_what_stands_in_brackets_is_what_pages_say_in_brackets() -> None:
    english = [one.singular for one in driver_words.messages()]
    made = (driver_words.MODULES / "words/en-XA.json").read_text(encoding="utf-8")
    assert [one for one in english if json.dumps(pseudo(one), ensure_ascii=False) not in made] == []


#: Faults of the app itself, and what it answers without a word.
SILENT = {
    *("malformed_request", "authentication_error", "payload_too_large", "unsupported_media_type"),
    *("offer_taken", "offer_expired", "idempotency_mismatch"),
}
CALLS = (
    "POST /v1/driver/codes",
    "POST /v1/driver/tokens",
    "POST /v1/driver/duty",
    "POST /v1/offers/{offer_id}/accept",
    "POST /v1/driver/shifts",
    "DELETE /v1/driver/shifts/{shift_id}",
)
TAPS = ("arrive", "complete", "fail", "first", "undo", "messages")


def codes_of(operation: str) -> set[str]:
    """What a route may refuse with, as the reference has it."""
    method, path = operation.split()
    reference = json.loads(sources.read("tests/golden/openapi.json"))
    told = reference["paths"][path][method.lower()]["responses"].values()
    return {code for one in told for code in re.findall(r"`(\w+)`: ", one["description"])}


def sentences(*groups: str) -> set[str]:
    names = (one.context.split(".") for one in driver_words.messages())
    return {name[1] for name in names if name[0] in groups}


@pytest.mark.parametrize("operation", CALLS)
def test_a_driver_reads_every_refusal_in_the_language_of_the_app(operation: str) -> None:
    said = sentences("general", "needsPaper") | SILENT
    # A conflict of shifts is told by its reason; what is gone is as good as taken back.
    assert codes_of(operation) - said - {"conflict", "not_found"} == set()


@pytest.mark.parametrize("tap", TAPS)
def test_a_driver_reads_why_a_tap_did_not_count(tap: str) -> None:
    said = sentences("general", "trouble") | SILENT
    assert codes_of(f"POST /v1/stops/{{stop_id}}/{tap}") - said == set()


def test_every_reason_against_a_shift_and_every_paper_has_words() -> None:
    assert {one.value for one in ShiftReason} == sentences("refused")
    assert {one.value for one in DocumentKind} == sentences("papers")


@pytest.fixture
def app(tmp_path):
    """A small app: its English, its module, and what is amiss with them."""
    (tmp_path / "words").mkdir()

    def build(english: str = ENGLISH, module: str = MODULE) -> list[str]:
        (tmp_path / "en.toml").write_text(english, encoding="utf-8")
        (tmp_path / "a.js").write_text(module, encoding="utf-8")
        driver_words.update(tmp_path, tmp_path)
        return driver_words.faults(tmp_path, tmp_path)

    return build


def test_nothing_is_amiss_with_a_small_app(app) -> None:
    assert app() == []


@pytest.mark.parametrize(
    ("was", "now", "fault"),
    [
        ("words.why[code]", "words.how", "a.js: how is written nowhere"),
        ("{ name: first(one, 2) }", "{ nome: 1 }", "a.js: hello wants ['name'] and gets ['nome']"),
        ("say(words.hello, { name: first(one, 2) })", "words.hello", "values of hello"),
        ("count(words.stops, 3)", "say(words.stops, { n: 3 })", "stops is a sentence for several"),
        ("<p>", "<p>Hello ", "a.js: Hello stands in the module"),
        ('class="note"', 'aria-label="A note"', "a.js: A note stands in the module"),
    ],
)
def test_what_is_amiss_in_a_module_is_told(app, was, now, fault) -> None:
    assert fault in " | ".join(app(module=MODULE.replace(was, now)))


def test_what_nobody_says_is_told(app) -> None:
    assert app(english=ENGLISH + 'gone = "Gone"\n') == ["en: nobody says gone"]


def test_english_that_changed_makes_its_translation_fuzzy(app, tmp_path) -> None:
    header = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
    old = '\nmsgctxt "why.late"\nmsgid "Late"\nmsgstr "Zu spät"\n'
    (tmp_path / "de.po").write_text(header + old, encoding="utf-8")
    told = app()
    assert "de: fuzzy: Too late" in told
    assert "de: missing: {n} stop" in told
