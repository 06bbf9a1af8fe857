"""Every sentence is said in every language: whole, with its values, in all its numbers."""

import gettext
import io
from typing import get_args

import pytest

from chalicelib.entry.api.spoken import SpokenLanguage
from chalicelib.kit.languages import NAMES, Language, translator
from local import catalogues

HEADER = 'msgid ""\nmsgstr ""\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'


def test_every_catalogue_is_complete_and_compiled() -> None:
    assert catalogues.faults() == []


def test_every_language_but_english_has_a_catalogue_and_may_be_chosen() -> None:
    files = {path.stem for path in catalogues.CATALOGUES.glob("*.po")}
    assert files | {"en"} == {language.value for language in NAMES}
    assert set(get_args(SpokenLanguage)) == {language.value for language in NAMES}


@pytest.fixture
def house(tmp_path):
    """A small program with a catalogue: its sources, and what is amiss with it."""
    sources = tmp_path / "program"
    sources.mkdir()

    def build(python: str, po: str) -> list[str]:
        (sources / "a.py").write_text(python, encoding="utf-8")
        (tmp_path / "de.po").write_text(HEADER + po, encoding="utf-8")
        catalogues.update(tmp_path, sources)
        return catalogues.faults(tmp_path, sources)

    return build


def test_what_is_new_is_missing_and_what_is_gone_goes(house, tmp_path) -> None:
    po = '\nmsgid "Gone"\nmsgstr "Weg"\n'
    assert house('t.say("New")', po) == ["de: missing: New"]
    assert "Gone" not in (tmp_path / "de.po").read_text(encoding="utf-8")


def test_what_changed_a_little_keeps_its_translation_to_be_looked_at(house) -> None:
    po = '\nmsgid "Your parcel has come."\nmsgstr "Ihr Paket ist da."\n'
    assert house('t.say("Your parcel has come!")', po) == ["de: fuzzy: Your parcel has come!"]


@pytest.mark.parametrize("said", ["Hallo", "Hallo {nome}", "Hallo {name} {", "Hallo {name.x}"])
def test_a_translation_has_the_names_of_its_values(house, said) -> None:
    po = f'\nmsgid "Hi {{name}}"\nmsgstr "{said}"\n'
    assert house('t.say("Hi {name}", name=1)', po) == ["de: other names than in: Hi {name}"]


def test_every_plural_form_is_said(house) -> None:
    python = 't.count("{n} stop", "{n} stops", 3)'
    po = '\nmsgid "{n} stop"\nmsgid_plural "{n} stops"\nmsgstr[0] "ein Halt"\nmsgstr[1] ""\n'
    assert house(python, po) == ["de: missing: {n} stop"]
    assert house(python, po.replace('msgstr[1] ""', 'msgstr[1] "{n} Halte"')) == []


def test_a_sentence_that_is_put_together_is_refused(house) -> None:
    with pytest.raises(ValueError, match=r"a\.py:1"):
        house('t.say(f"Hi {name}")', "")


def test_what_is_compiled_is_what_gettext_reads() -> None:
    text = (catalogues.CATALOGUES / "ar.po").read_text(encoding="utf-8")
    read = gettext.GNUTranslations(io.BytesIO(catalogues.compile_mo(catalogues.parse(text))))
    assert read.gettext("Friday") == "الجمعة"


def test_arabic_counts_in_six_forms() -> None:
    arabic = translator(Language.AR, isolates=False)
    told = [arabic.count("{n} stop away", "{n} stops away", n) for n in (0, 1, 2, 3, 11, 100)]
    assert told[:3] == ["دورك التالي", "على بعد محطة", "على بعد محطتين"]
    assert ["محطات" in told[3], "محطة" in told[4], "100" in told[5]] == [True] * 3
