"""A case has a clock that knows the hub's hours, and words that its recipient may take with him."""

from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.deliveries import redaction
from chalicelib.domain.deliveries.model import Status
from chalicelib.domain.deliveries.service import ref_of
from chalicelib.domain.support import clock, pictures, service, store
from chalicelib.domain.support.model import CaseKind, CaseStatus, Late, Party
from chalicelib.domain.support.service import Report
from chalicelib.kit.errors import Conflict, Gone
from chalicelib.kit.hours import ALWAYS
from chalicelib.storage import support_keys
from tests.telling import NOON, World, minutes, steps_to

BERLIN = "Europe/Berlin"
#: A Friday, 13:00 in Berlin.
CANARY = "Der Fahrer war nie bei Anna Schmidt"


def at(day, hour, minute=0):
    """In November, UTC: an hour behind Berlin."""
    return datetime(2026, 11, day, hour - 1, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "minutes_", "due"),
    [
        (at(27, 13), 240, at(27, 17)),
        (at(27, 16), 240, at(28, 11)),
        (at(27, 7), 60, at(27, 10)),
        (at(28, 13), 120, at(30, 10)),
        (at(29, 12), 60, at(30, 10)),
        (at(27, 9), 540, at(27, 18)),
    ],
    ids=range(6),
)
def test_a_promise_is_counted_in_the_hours_of_support(start, minutes_, due):
    assert clock.due(start, minutes_, clock.USUAL_HOURS, BERLIN) == due
    assert clock.minutes_between(start, due, clock.USUAL_HOURS, BERLIN) == minutes_


def test_the_hour_that_the_clock_skips_is_no_hour_of_support():
    """On 29 March 2026 Berlin's clocks go from two to three."""
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert clock.due(start, 180, ALWAYS, BERLIN) == start + timedelta(hours=3)


class Desk:
    """A delivered parcel, its recipient's case, and everybody who writes."""

    def __init__(self, begin, moving):
        self.begin, self.clock, self.world = begin, moving, World(begin)
        self.delivery = self.world.deliver(*steps_to(Status.DELIVERED))
        self.ref = ref_of(self.delivery)
        self.clock.at = minutes(80)

    def do(self, use_case):
        uow = self.begin()
        done = use_case(uow)
        uow.commit()
        return done

    def report(self, text=CANARY, kind=CaseKind.NOT_RECEIVED, by=Party.RECIPIENT):
        return self.do(lambda uow: service.report(uow, self.delivery, by, Report(kind, text)))

    def write(self, case, by, text, **how):
        return self.do(lambda uow: service.write(uow, self.again(case), by, text, **how))

    def again(self, case):
        return store.load(self.begin(), case.merchant_id, case.id)

    def due(self):
        return store.list_due(self.begin(), self.delivery.hub_id, limit=50, after=None)[0]

    def events(self, case):
        item = self.begin().get(_key(case))
        return [(event["type"], event["data"]) for event in item["events"]]


@pytest.fixture
def desk(begin, clock):
    return Desk(begin, clock)


def test_a_report_opens_a_case_with_its_clock_and_names_nobody_in_its_news(desk):
    case = desk.report()
    assert (case.status, case.opened_by) == (CaseStatus.OPEN, Party.RECIPIENT)
    # Twenty past two in Berlin, and four hours until half of them are left for Saturday.
    assert case.due_at == case.first_due_at == at(28, 9, 20)
    assert case.seen_version == desk.delivery.version
    assert [one.id for one in desk.due()] == [case.id]
    ((what, data),) = desk.events(case)
    assert what == "support_case.opened"
    assert CANARY not in str(data)
    assert "Anna" not in str(desk.begin().get(_key(case)))


def _key(case):
    return support_keys.support_case(case.merchant_id, case.id)


def test_the_same_report_twice_is_one_message_and_another_one_goes_on_with_it(desk):
    first = desk.report()
    assert desk.report() == first
    second = desk.report("And it was raining", CaseKind.DAMAGED)
    assert second.id == first.id
    assert second.kinds == (CaseKind.NOT_RECEIVED, CaseKind.DAMAGED)
    assert len(second.entries) == 2


def test_a_recipients_case_and_a_merchants_stand_apart(desk):
    assert desk.report().id != desk.report(by=Party.MERCHANT).id


def test_the_clock_stands_still_while_the_recipient_has_the_word(desk):
    case = desk.report()
    desk.clock.advance(hours=1)
    answered = desk.write(case, Party.DESK, "Where was it left?", name="marta")
    assert (answered.status, answered.due_at) == (CaseStatus.WAITING_RECIPIENT, None)
    assert desk.due() == []
    desk.clock.at = NOON + timedelta(days=4)
    back = desk.write(case, Party.RECIPIENT, "Nowhere")
    assert back.status is CaseStatus.OPEN
    terms, zone = desk.do(lambda uow: service.terms_of(uow, case.hub_id))
    left = clock.minutes_between(answered.paused_at, case.resolve_due_at, terms.hours, zone)
    assert back.due_at == clock.due(desk.clock.at, left, terms.hours, zone)


def test_a_note_of_the_desk_changes_nobodys_turn_and_is_shown_to_no_recipient(desk):
    case = desk.report()
    desk.write(case, Party.DESK, "Ask the driver", to=Party.DESK)
    noted = desk.write(case, Party.DESK, "Merchant: is it insured?", to=Party.MERCHANT)
    assert [entry.number for entry in noted.shown_to_recipient] == [1]
    assert noted.status is CaseStatus.WAITING_MERCHANT


def test_a_note_is_no_answer_and_takes_nobody_from_the_top_of_the_list(desk):
    case = desk.report()
    desk.do(lambda uow: service.ask_for_person(uow, desk.again(case)))
    noted = desk.write(case, Party.DESK, "Ask the driver", to=Party.DESK)
    assert noted.due_at == noted.escalated_at is not None
    desk.clock.at = case.first_due_at
    late = desk.do(lambda uow: service.note_late(uow, case.merchant_id, case.id))
    assert late is Late.FIRST_ANSWER


def test_whoever_is_asked_again_while_the_clock_stands_still_does_not_start_it(desk):
    case = desk.report()
    desk.clock.advance(hours=1)
    asked = desk.write(case, Party.DESK, "Where was it left?")
    desk.clock.at = NOON + timedelta(days=3)
    assert desk.write(case, Party.DESK, "Are you there?").paused_at == asked.paused_at
    solved = desk.do(lambda uow: service.resolve(uow, desk.again(case), Party.DESK))
    assert solved.paused_at == asked.paused_at
    back = desk.write(case, Party.RECIPIENT, "Nowhere")
    terms, zone = desk.do(lambda uow: service.terms_of(uow, case.hub_id))
    left = clock.minutes_between(asked.paused_at, case.resolve_due_at, terms.hours, zone)
    assert back.due_at == clock.due(desk.clock.at, left, terms.hours, zone)


def test_a_solved_case_opens_again_when_somebody_writes(desk):
    case = desk.report()
    solved = desk.write(case, Party.DESK, "It is with your neighbour", resolves=True)
    assert solved.status is CaseStatus.RESOLVED
    assert desk.do(lambda uow: service.resolve(uow, desk.again(case), Party.DESK)) == solved
    again = desk.write(case, Party.RECIPIENT, "It is not")
    assert again.status is CaseStatus.OPEN
    assert desk.events(case)[0][0] == "support_case.reopened"


def test_who_asks_for_a_person_comes_first(desk):
    first, second = desk.report(), desk.report(by=Party.MERCHANT)
    desk.clock.advance(minutes=5)
    desk.do(lambda uow: service.ask_for_person(uow, desk.again(second)))
    assert [case.id for case in desk.due()] == [second.id, first.id]


def test_what_is_late_is_told_once(desk):
    case = desk.report()
    note = lambda: desk.do(lambda uow: service.note_late(uow, case.merchant_id, case.id))  # noqa: E731
    assert note() is None
    desk.clock.at = case.first_due_at
    assert note() is Late.FIRST_ANSWER
    assert desk.events(case)[0][1]["late"] == "first_answer"
    assert note() is None
    desk.clock.at = case.resolve_due_at
    assert note() is Late.RESOLUTION
    assert note() is None
    assert desk.again(case).late == (Late.FIRST_ANSWER, Late.RESOLUTION)


def test_a_link_writes_fifteen_times_at_most(desk):
    case = desk.report("0")
    for number in range(1, 15):
        desk.write(case, Party.RECIPIENT, str(number))
    with pytest.raises(Conflict):
        desk.write(case, Party.RECIPIENT, "too much")


def test_room_for_three_pictures_is_made_with_the_case(desk):
    case = desk.report()
    first, *_ = case.pictures
    assert len(case.pictures) == 3
    record = lambda good: desk.do(  # noqa: E731
        lambda uow: pictures.record(uow, desk.ref, first, is_good=good)
    )
    assert record(False) is pictures.PictureState.REJECTED
    assert pictures.is_expected(desk.begin(), desk.ref, first), "another try is free"
    assert record(True) is pictures.PictureState.ARRIVED
    assert pictures.states(desk.begin(), case)[first] is pictures.PictureState.ARRIVED


def test_when_the_recipient_is_forgotten_the_words_go_and_no_more_come(desk):
    case = desk.report()
    erased = []
    while desk.do(lambda uow: redaction.forget_texts(uow, desk.ref)):
        pass
    assert desk.do(lambda uow: redaction.redact(uow, desk.ref, erased.append))
    assert store.texts(desk.begin(), case) == {}
    assert [pictures.is_expected(desk.begin(), desk.ref, one) for one in case.pictures] == [
        False
    ] * 3
    with pytest.raises(Gone):
        desk.write(case, Party.RECIPIENT, "Hello?")
