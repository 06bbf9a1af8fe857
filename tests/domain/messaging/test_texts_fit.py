"""Whatever a text is given, in whatever language, it fits one part and keeps its whole link."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.deliveries.requirements import Requirements
from chalicelib.domain.drivers.documents import DocumentKind
from chalicelib.domain.merchants.texting import Tone
from chalicelib.domain.messaging import composing, crew_wordings, sms, wordings
from chalicelib.domain.messaging.composing import compose
from chalicelib.domain.messaging.facts import Links
from chalicelib.domain.messaging.templates import Facts, Template
from chalicelib.domain.tracking import needs
from chalicelib.kit.languages import ENGLISH, NAMES, Language, translator

LINK = "https://abcdefghij.execute-api.eu-central-1.amazonaws.com/api/t/AbCdEfGhIjKlMnOpQrStUv"
SHORT_LINK = "https://lm.link/t/AbCdEfGhIjKlMnOpQrStUv"
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120)
NASTY = ("", "花屋", "{name}", "\u202eevil", "€" * 60, "🚚" * 40, "Söhne & Töchter " * 8, "%s \x00")
SPOKEN = [one for one in Language if one is not Language.PSEUDO]


def speaking(language):
    return translator(language, isolates=False)


@given(
    template=st.sampled_from(Template),
    language=st.sampled_from(SPOKEN),
    brand=st.one_of(ANY_TEXT, st.sampled_from(NASTY)),
    name=st.one_of(ANY_TEXT, st.sampled_from(NASTY)),
    due=st.one_of(st.just("14:00–16:00"), st.just("11:00 am–1:00 pm"), ANY_TEXT),
    reason=st.one_of(st.none(), st.sampled_from(FailureReason)),
    padding=st.integers(0, 160 - len(SHORT_LINK)),
    stops=st.one_of(st.none(), st.integers(0, 200)),
    tone=st.sampled_from(Tone),
)
def test_every_text_fits_one_part_and_holds_the_whole_link(
    template, language, brand, name, due, reason, padding, stops, tone
):
    link = SHORT_LINK.replace("/t/", "/t/" + "p" * padding)
    facts = Facts(brand, name, link, due, reason, due, brand, "042137", due, due, stops)
    text = compose(template, replace(facts, t=speaking(language), tone=tone))
    assert sms.parts(text) == 1
    assert text == link or text.endswith(" " + link)
    assert language is Language.AR or sms.is_gsm(text)


EVERY_KIND = [
    *((template, None) for template in Template),
    *((Template.ATTEMPT_FAILED, reason) for reason in FailureReason),
]


@pytest.mark.parametrize("language", SPOKEN)
def test_with_a_short_link_every_text_names_the_shop_in_the_recipients_language(
    language,
):
    for template, reason in EVERY_KIND:
        facts = Facts("Blumen", "Anna", SHORT_LINK, "14:00–16:00", reason, code="042137", stops=2)
        text = compose(template, replace(facts, until="Fr 4.", place="Post", t=speaking(language)))
        assert text.startswith("Blumen: ")
        assert len(text) > len(f"Blumen:  {SHORT_LINK}")
        assert sms.is_gsm(text) is (language is not Language.AR)


def test_where_arabic_has_no_room_beside_a_long_link_english_has():
    speakers = composing.spoken(Language.AR)
    text = compose(Template.DELIVERED, *(Facts("Blumen", "Anna", LINK, t=t) for t in speakers))
    assert text == f"Blumen: Hi Anna! Your parcel has been delivered. Details: {LINK}"
    short = (Facts("Blumen", "Anna", SHORT_LINK, t=t) for t in speakers)
    assert compose(Template.DELIVERED, *short) == f"Blumen: تم تسليم طردك. {SHORT_LINK}"


def test_a_short_host_makes_a_link_of_forty_characters():
    links = Links("https://api.example/api", bytes(32), short_base_url="https://lm.link")
    assert len(links.to("del_01m83qpn9gec8xh7wbacsaen6x")) == 40
    assert links.to("del_1").startswith("https://lm.link/t/")
    assert (
        Links("https://api.example/api/", bytes(32))
        .to("del_1")
        .startswith("https://api.example/api/t/")
    )


@pytest.mark.parametrize("reason", FailureReason)
def test_a_failed_attempt_is_explained_in_full_with_a_short_link(reason):
    text = compose(
        Template.ATTEMPT_FAILED, Facts("Blumen", "Anna Schmidt", SHORT_LINK, reason=reason)
    )
    assert text.startswith("Blumen: Sorry, Anna. We could not deliver your parcel")
    assert wordings.why(reason, ENGLISH) in text


def test_a_text_says_who_when_and_where_to_look():
    facts = Facts("Blumen & Söhne", "Anna Schmidt", SHORT_LINK, "14:00–16:00")
    told = "Your parcel is on its way and due 14:00-16:00. See where it is:"
    kind = compose(Template.OUT_FOR_DELIVERY, facts)
    assert kind == f"Blumen & Söhne: Hi Anna! {told} {SHORT_LINK}"
    plain = compose(Template.OUT_FOR_DELIVERY, replace(facts, tone=Tone.PLAIN))
    assert plain == f"Blumen & Söhne: {told} {SHORT_LINK}"


def test_a_long_link_shortens_the_words_and_never_itself():
    text = compose(
        Template.OUT_FOR_DELIVERY, Facts("Blumen & Söhne", "Anna Schmidt", LINK, "14:00–16:00")
    )
    assert text == f"Blumen & Söhne: Your parcel is on its way and due 14:00-16:00. {LINK}"


@pytest.mark.parametrize(
    "name", ["win.evil.example", "http://evil.example", "CALL+4930", "A", "", "  ", "$$$", "x" * 40]
)
def test_a_name_that_could_be_an_advertisement_is_left_out(name):
    """Names come from whoever ordered, and the phone may be somebody else's."""
    text = compose(Template.DELIVERED, Facts("Blumen", name, SHORT_LINK))
    assert text == f"Blumen: Your parcel has been delivered. Details: {SHORT_LINK}"


def test_a_shop_whose_name_cannot_be_spelt_is_called_by_ours():
    text = compose(Template.DELIVERED, Facts("花屋", "Anna", SHORT_LINK))
    assert text.startswith("Lastmile: ")


def test_a_link_that_fits_no_text_is_a_fault_of_the_installation():
    with pytest.raises(ValueError, match="does not fit"):
        compose(Template.DELIVERED, Facts("a", "b", "https://" + "x" * 160))


@pytest.mark.parametrize("language", NAMES)
def test_texts_to_drivers_fit_one_part_in_every_language(language):
    code = crew_wordings.sign_in_code("123456", language)
    start = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
    shift = crew_wordings.shift("Depot Süd am alten Güterbahnhof, Halle 12 b", start, language)
    papers = [crew_wordings.paper(kind, start.date(), language) for kind in DocumentKind]
    assert [sms.parts(text) for text in (code, shift, *papers)] == [1] * 6
    assert "123456" in code
    assert "08:00" in shift
    assert all("27.11.2026" in text for text in papers)


def test_a_sign_in_code_is_written_in_the_drivers_language():
    assert "رمز" in crew_wordings.sign_in_code("123456", Language.AR)
    assert crew_wordings.sign_in_code("123456", Language.EN).startswith("Your Lastmile sign-in")


def test_whoever_is_asked_for_the_door_reads_why_and_where():
    text = compose(Template.ADDRESS_REVIEW, Facts("Blumen & Söhne", "Anna Schmidt", SHORT_LINK))
    assert text == (
        "Blumen & Söhne: Hi Anna! We cannot find your door on our map. "
        f"Please show us where it is: {SHORT_LINK}"
    )


def test_a_text_says_what_to_have_ready_where_it_fits():
    asked = Requirements(pin=True, id_min_age=18, cash_minor=4590, currency="EUR")
    facts = Facts("Blumen", "Anna Schmidt", SHORT_LINK, ready=needs.in_brief(asked))
    text = compose(Template.OUT_FOR_DELIVERY, facts)
    assert text == (
        "Blumen: Your parcel is on its way. "
        f"Have ready: EUR 45.90 cash, your ID, the PIN from the link. {SHORT_LINK}"
    )
    crowded = replace(facts, link=LINK, due="11:00 am–1:00 pm")
    assert "Have ready: EUR 45.90" in compose(Template.OUT_FOR_DELIVERY, crowded)


def test_whoever_collects_is_told_where_when_and_by_which_code():
    facts = Facts("Blumen", "Anna", SHORT_LINK, place="Station", code="042137", until="Fri 4 Dec")
    text = compose(Template.AT_PICKUP_POINT, facts)
    assert text == (
        "Blumen: Your parcel is ready at Station. Code 042137, until Fri 4 Dec. "
        f"Hours and way: {SHORT_LINK}"
    )
    reminder = compose(Template.COLLECTION_DUE, facts)
    assert "still waits at Station and goes back after Fri 4 Dec. Code 042137." in reminder


@given(place=ANY_TEXT, until=ANY_TEXT, brand=ANY_TEXT, language=st.sampled_from(SPOKEN))
def test_a_code_is_in_its_text_however_long_the_rest(place, until, brand, language):
    for link in (LINK, SHORT_LINK):
        facts = Facts(brand, "Anna", link, place=place, code="042137", until=until)
        for template in (Template.AT_PICKUP_POINT, Template.COLLECTION_DUE):
            said = (replace(facts, t=t) for t in composing.spoken(language))
            assert "042137" in compose(template, *said)
