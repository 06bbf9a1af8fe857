"""Whatever a text is given, it fits one part and keeps its whole link."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.deliveries.model import FailureReason
from chalicelib.domain.deliveries.requirements import Requirements
from chalicelib.domain.messaging import sms, templates
from chalicelib.domain.messaging.templates import Facts, Template
from chalicelib.domain.tracking import needs

LINK = "https://abcdefghij.execute-api.eu-central-1.amazonaws.com/api/t/AbCdEfGhIjKlMnOpQrStUv"
SHORT_LINK = "https://lm.example/t/AbCdEfGhIjKlMnOpQrStUv"
ANY_TEXT = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=120)


@given(
    template=st.sampled_from(Template),
    brand=ANY_TEXT,
    name=ANY_TEXT,
    due=st.one_of(st.just("14:00–16:00"), st.just("11:00 am–1:00 pm"), ANY_TEXT),
    reason=st.one_of(st.none(), st.sampled_from(FailureReason)),
    padding=st.integers(0, 160 - len(SHORT_LINK)),
)
def test_every_text_fits_one_part_and_holds_the_whole_link(
    template, brand, name, due, reason, padding
):
    link = SHORT_LINK.replace("/t/", "/t/" + "p" * padding)
    text = templates.compose(template, Facts(brand, name, link, due, reason))
    assert sms.is_gsm(text)
    assert sms.parts(text) == 1
    assert text == link or text.endswith(" " + link)


@pytest.mark.parametrize("reason", FailureReason)
def test_a_failed_attempt_is_explained_in_full_with_a_short_link(reason):
    text = templates.compose(
        Template.ATTEMPT_FAILED, Facts("Blumen", "Anna Schmidt", SHORT_LINK, reason=reason)
    )
    assert text.startswith("Blumen: Sorry Anna, we could not deliver your parcel")
    assert templates.why(reason) in text


def test_a_text_says_who_when_and_where_to_look():
    text = templates.compose(
        Template.OUT_FOR_DELIVERY,
        Facts("Blumen & Söhne", "Anna Schmidt", SHORT_LINK, "14:00–16:00"),
    )
    assert text == (
        "Blumen & Söhne: Hi Anna, your parcel is on its way and due 14:00-16:00. "
        f"See where it is: {SHORT_LINK}"
    )


def test_a_long_link_shortens_the_words_and_never_itself():
    text = templates.compose(
        Template.OUT_FOR_DELIVERY, Facts("Blumen & Söhne", "Anna Schmidt", LINK, "14:00–16:00")
    )
    assert text == f"Blumen & Söhne: Your parcel is on its way and due 14:00-16:00. {LINK}"


@pytest.mark.parametrize(
    "name", ["win.evil.example", "http://evil.example", "CALL+4930", "A", "", "  ", "$$$", "x" * 40]
)
def test_a_name_that_could_be_an_advertisement_is_left_out(name):
    """Names come from whoever ordered, and the phone may be somebody else's."""
    text = templates.compose(Template.DELIVERED, Facts("Blumen", name, SHORT_LINK))
    assert text == f"Blumen: Your parcel has been delivered. Details: {SHORT_LINK}"


def test_a_shop_whose_name_cannot_be_spelt_is_called_by_ours():
    text = templates.compose(Template.DELIVERED, Facts("花屋", "Anna", SHORT_LINK))
    assert text.startswith("Lastmile: ")


def test_a_link_that_fits_no_text_is_a_fault_of_the_installation():
    with pytest.raises(ValueError, match="does not fit"):
        templates.compose(Template.DELIVERED, Facts("a", "b", "https://" + "x" * 160))


def test_the_sign_in_code_fits_one_part():
    assert sms.parts(templates.sign_in_code("123456")) == 1
    assert "123456" in templates.sign_in_code("123456")


def test_whoever_is_asked_for_the_door_reads_why_and_where():
    text = templates.compose(
        Template.ADDRESS_REVIEW, Facts("Blumen & Söhne", "Anna Schmidt", SHORT_LINK)
    )
    assert text == (
        "Blumen & Söhne: Hi Anna, we cannot find your door on our map. "
        f"Please show us where it is: {SHORT_LINK}"
    )


def test_a_text_says_what_to_have_ready_where_it_fits():
    asked = Requirements(pin=True, id_min_age=18, cash_minor=4590, currency="EUR")
    facts = Facts("Blumen", "Anna Schmidt", SHORT_LINK, ready=needs.in_brief(asked))
    text = templates.compose(Template.OUT_FOR_DELIVERY, facts)
    assert text == (
        "Blumen: Your parcel is on its way. "
        f"Have ready: EUR 45.90 cash, your ID, the PIN from the link. {SHORT_LINK}"
    )
    crowded = replace(facts, link=LINK, due="11:00 am–1:00 pm")
    assert "Have ready: EUR 45.90" in templates.compose(Template.OUT_FOR_DELIVERY, crowded)


def test_whoever_collects_is_told_where_when_and_by_which_code():
    facts = Facts("Blumen", "Anna", SHORT_LINK, place="Station", code="042137", until="Fri 4 Dec")
    text = templates.compose(Template.AT_PICKUP_POINT, facts)
    assert text == (
        "Blumen: Your parcel is ready at Station. Code 042137, until Fri 4 Dec. "
        f"Hours and way: {SHORT_LINK}"
    )
    reminder = templates.compose(Template.COLLECTION_DUE, facts)
    assert "still waits at Station and goes back after Fri 4 Dec. Code 042137." in reminder


@given(place=ANY_TEXT, until=ANY_TEXT, brand=ANY_TEXT)
def test_a_code_is_in_its_text_however_long_the_rest(place, until, brand):
    facts = Facts(brand, "Anna", LINK, place=place, code="042137", until=until)
    for template in (Template.AT_PICKUP_POINT, Template.COLLECTION_DUE):
        assert "042137" in templates.compose(template, facts)
