"""What a recipient sees: when first, kind words, and nothing that is nobody's business."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from chalicelib.domain.deliveries import commands as life
from chalicelib.domain.deliveries.model import FailureReason, Place, Status
from chalicelib.domain.deliveries.requirements import DoorAction, Requirements
from chalicelib.domain.tracking import links, needs, view
from chalicelib.domain.tracking.eta import Progress
from chalicelib.domain.tracking.headlines import Known, Tone
from chalicelib.domain.tracking.timeline import StepState
from chalicelib.domain.tracking.words import Reading
from chalicelib.kit.hours import Span, WeekHours
from tests.domain.pickup_points.test_room import a_point
from tests.telling import ANNA, BERLIN, NOON, lived, minutes, new_delivery, steps_to

READING = Reading(ZoneInfo("Europe/Berlin"))
HUB = Place("hub_a", "Mitte", BERLIN)


def seen(delivery, at_minute=100, **more):
    known = Known(
        delivery=delivery,
        recipient=ANNA,
        brand="Blumen",
        reading=READING,
        now=minutes(at_minute),
        **more,
    )
    return view.show(known)


def words_of(shown) -> str:
    steps = " ".join(f"{step.label} {step.note}" for step in shown.steps)
    return f"{shown.eyebrow} {shown.headline} {shown.lead} {shown.details} {steps}"


@pytest.mark.parametrize("status", Status)
def test_every_status_has_words_and_exactly_one_present_step(status):
    shown = seen(lived(*steps_to(status)))
    assert shown.eyebrow
    assert shown.headline
    assert shown.lead.endswith(".")
    states = [step.state for step in shown.steps]
    assert states.count(StepState.CURRENT) == 1
    assert states == sorted(states, key=list(StepState).index), "done, then current, then to come"


@pytest.mark.parametrize("status", Status)
def test_no_status_shows_a_phone_a_surname_a_floor_or_a_postcode(status):
    text = words_of(seen(lived(*steps_to(status))))
    for private in ("4915112345678", "Schmidt", "Maria", "4th floor", "10119", "ring twice"):
        assert private not in text


@pytest.mark.parametrize("status", Status)
def test_first_name_and_street_are_shown_only_while_the_parcel_is_to_come(status):
    text = words_of(seen(lived(*steps_to(status))))
    assert ("Anna" in text) is not status.is_final
    assert ("Torstraße" in text) is not status.is_final


def test_before_the_driver_has_it_the_promise_is_the_headline():
    shown = seen(lived(*steps_to(Status.PLANNED)), 10)
    assert shown.headline == "Today, 14:00–16:00"
    assert shown.tone is Tone.COMING


def test_on_the_way_the_expected_time_and_the_stops_before_are_shown():
    progress = Progress(minutes(75), minutes(70), minutes(90), 1)
    shown = seen(lived(*steps_to(Status.EN_ROUTE_TO_DROPOFF)), 40, progress=progress)
    assert shown.headline == "Today, 14:10–14:30"
    assert shown.near == ("about 35 minutes", "1 stop away")
    assert shown.stops_before == 1


def test_the_last_stop_before_yours_is_called_next():
    progress = Progress(minutes(75), minutes(70), minutes(90), 0)
    shown = seen(lived(*steps_to(Status.EN_ROUTE_TO_DROPOFF)), 40, progress=progress)
    assert shown.lead == "You are the driver’s next stop."
    assert shown.near[-1] == "you’re next"


def test_an_expected_time_after_the_promise_is_owned_up_to():
    progress = Progress(minutes(200), minutes(195), minutes(215), 2)
    shown = seen(lived(*steps_to(Status.EN_ROUTE_TO_DROPOFF)), 100, progress=progress)
    assert shown.tone is Tone.TROUBLE
    assert "Later than we promised, and we are sorry" in shown.lead


def test_a_promise_that_has_passed_is_not_shown_as_one():
    shown = seen(lived(*steps_to(Status.READY)), 181)
    assert shown.headline == "We are running late"
    assert "today, 14:00–16:00" in shown.lead


def test_a_failed_attempt_says_why_and_promises_no_way_that_recovery_has_not_chosen():
    shown = seen(lived(*steps_to(Status.ATTEMPT_FAILED)), 80)
    assert shown.headline == "Sorry we missed you"
    assert "At 14:15 nobody answered the door." in shown.lead
    assert "will get it to you" in shown.lead


def test_after_the_last_attempt_the_parcel_is_said_to_go_back():
    again = [
        life.Retry(minutes(80), HUB),
        life.Plan(minutes(81), "rte_b"),
        life.Assign(minutes(82), "drv_a"),
        life.PickUp(minutes(83)),
        life.FailAttempt(minutes(84), FailureReason.WRONG_ADDRESS),
    ]
    shown = seen(lived(*steps_to(Status.ATTEMPT_FAILED), *again, *again), 90)
    assert "goes back to Blumen" in shown.lead
    assert [step.label for step in shown.steps].count("Delivery attempt") == 3


def test_what_the_driver_took_back_is_not_on_the_timeline():
    delivery = lived(*steps_to(Status.DELIVERED), life.Undo(minutes(76)))
    shown = seen(delivery)
    assert [step.label for step in shown.steps] == [
        "Order received",
        "Out for delivery",
        "At your door",
        "Delivered",
    ]
    assert shown.steps[2].state is StepState.CURRENT
    assert shown.steps[3].state is StepState.TO_COME


def test_the_photo_is_shown_only_once_it_is_delivered():
    assert seen(lived(*steps_to(Status.DELIVERED)), has_photo=True).has_photo
    undone = lived(*steps_to(Status.DELIVERED), life.Undo(minutes(76)))
    assert not seen(undone, has_photo=True).has_photo


def test_a_link_lives_for_fourteen_days_after_the_end_and_no_end_means_no_limit():
    delivered = lived(*steps_to(Status.DELIVERED))
    end = links.ended_at(delivered)
    assert end == minutes(75)
    assert not links.is_expired(delivered, end + timedelta(days=14))
    assert links.is_expired(delivered, end + timedelta(days=14, milliseconds=1))
    assert not links.is_expired(new_delivery(), NOON + timedelta(days=400))


def test_times_are_read_the_way_people_there_read_them():
    chicago = Reading(ZoneInfo("America/Chicago"), half_days=True)
    assert chicago.span(minutes(300), minutes(420)) == "11:00 am–1:00 pm"
    assert chicago.span(minutes(420), minutes(540)) == "1:00–3:00 pm"
    assert READING.span(minutes(300), minutes(420)) == "18:00–20:00"


def test_a_day_is_named_by_the_recipients_calendar():
    """23:30 UTC on Friday is Saturday in Berlin."""
    late = minutes(690)
    assert READING.day(late, NOON) == "Tomorrow"
    assert READING.day(late + timedelta(days=3), NOON) == "Tuesday 1 December"
    assert READING.moment(late, NOON) == "Sat 28 Nov, 00:30"


def test_whoever_is_asked_for_the_door_learns_until_when_an_answer_helps():
    doubtful = lived(*steps_to(Status.ADDRESS_REVIEW))
    shown = seen(doubtful, at_minute=5)
    assert (shown.tone, shown.headline) == (Tone.TROUBLE, "Where is your door?")
    assert shown.asks_for_address
    assert "Answer by 14:00 and it can come as promised: today, 14:00–16:00." in shown.lead
    assert [step.label for step in shown.steps][:3] == [
        "Order received",
        "We asked for your door",
        "Waiting for your address",
    ]


def test_past_the_time_to_answer_nothing_is_promised():
    shown = seen(lived(*steps_to(Status.ADDRESS_REVIEW)), at_minute=61)
    assert "Answer by" not in shown.lead
    assert "next route" in shown.lead


def test_a_question_that_the_desk_has_asks_for_nothing_more():
    shown = seen(lived(*steps_to(Status.ADDRESS_REVIEW)), at_minute=5, is_with_the_desk=True)
    assert (shown.tone, shown.headline) == (Tone.COMING, "We are checking your address")


def test_nobody_else_is_asked_for_an_address():
    for status in set(Status) - {Status.ADDRESS_REVIEW}:
        assert not seen(lived(*steps_to(status))).asks_for_address


ASKED = Requirements(pin=True, signature=True, id_min_age=18, cash_minor=4590, currency="EUR")


@pytest.mark.parametrize("status", [Status.READY, Status.PLANNED, Status.EN_ROUTE_TO_DROPOFF])
def test_a_recipient_reads_what_to_have_ready(status):
    shown = seen(replace(lived(*steps_to(status)), requirements=ASKED), pin="1234")
    text = " ".join(shown.needs)
    assert "EUR 45.90 in cash" in text
    assert "an ID ready: whoever takes it must be 18 or older" in text
    assert "ask you to sign" in text
    assert "1234" not in text


def test_the_pin_is_told_when_the_driver_will_ask_for_it():
    on_the_way = lived(*steps_to(Status.EN_ROUTE_TO_DROPOFF))
    asked = seen(replace(on_the_way, requirements=ASKED), pin="1234")
    assert ("PIN", "1234, the driver will ask for it") in asked.details
    left = Requirements(action=DoorAction.LEAVE_AT_DOOR, photo=True)
    shown = seen(replace(on_the_way, requirements=left), pin="1234")
    assert "PIN" not in dict(shown.details)
    assert shown.needs == (needs.LEFT,)


@pytest.mark.parametrize("status", [Status.DELIVERED, Status.CANCELLED, Status.RETURNING])
def test_nothing_is_asked_of_whoever_gets_nothing_any_more(status):
    assert seen(replace(lived(*steps_to(status)), requirements=ASKED)).needs == ()


HOURS = WeekHours(((Span(9 * 60, 12 * 60), Span(14 * 60, 20 * 60)),) * 7)


def at_the_station(status, **more):
    delivery = replace(
        lived(*steps_to(status)), pickup_point_id="pup_1", collect_by=minutes(4 * 24 * 60)
    )
    return seen(delivery, point=a_point(HOURS), pin="1234", collection_code="042137", **more)


def test_whoever_collects_reads_where_when_and_by_which_code():
    shown = at_the_station(Status.AT_PICKUP_POINT)
    assert shown.headline == "Waiting to be collected"
    assert shown.lead.startswith("Show or enter your code at Station until ")
    details = dict(shown.details)
    assert details["Code"] == "042137"
    assert details["Pickup point"] == "Station, Square 1, 34117 Kassel"
    assert details["Open today"] == "09:00–12:00, 14:00–20:00"


@pytest.mark.parametrize("status", [one for one in Status if one is not Status.AT_PICKUP_POINT])
def test_the_code_is_shown_only_while_the_parcel_lies_there(status):
    shown = at_the_station(status)
    assert "042137" not in words_of(shown)
    assert "PIN" not in dict(shown.details)
    if status.is_final:
        assert "Pickup point" not in dict(shown.details)
