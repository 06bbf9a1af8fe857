"""Papers: what is good until when, by the hub's clock, and when somebody is reminded."""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.domain.drivers.documents import (
    Document,
    DocumentKind,
    due_reminders,
    good_until,
    next_reminder_on,
    require_good,
)
from chalicelib.kit.crew_errors import DocumentExpired, DocumentMissing

BERLIN = "Europe/Berlin"
LICENCE, INSURANCE = DocumentKind.DRIVING_LICENCE, DocumentKind.INSURANCE
LAST_DAY = date(2026, 12, 24)
#: Berlin's midnight after the last day.
ENDS_AT = datetime(2026, 12, 24, 23, 0, tzinfo=UTC)


def a_licence(**changes: object) -> Document:
    return Document(**{"kind": LICENCE, "expires_on": LAST_DAY, "verified": True, **changes})  # type: ignore[arg-type]


def until(*held: Document, required: Collection[DocumentKind] = (LICENCE,)) -> datetime | None:
    return good_until(held, required, "veh_1", BERLIN)


def test_a_paper_is_good_to_the_end_of_its_last_day_at_the_hub() -> None:
    assert until(a_licence()) == ENDS_AT
    require_good([a_licence()], [LICENCE], "veh_1", BERLIN, ENDS_AT - timedelta(seconds=1))
    with pytest.raises(DocumentExpired) as refused:
        require_good([a_licence()], [LICENCE], "veh_1", BERLIN, ENDS_AT)
    assert refused.value.extra == {"document": "driving_licence"}


def test_of_several_papers_the_first_end_counts_and_of_one_kind_the_last() -> None:
    insurance = Document(INSURANCE, LAST_DAY + timedelta(days=9), True)
    renewed = a_licence(expires_on=LAST_DAY + timedelta(days=400))
    assert until(a_licence(), insurance, required=(LICENCE, INSURANCE)) == ENDS_AT
    assert until(a_licence(), insurance, renewed, required=(LICENCE, INSURANCE)) == (
        ENDS_AT + timedelta(days=9)
    )


def test_nothing_is_asked_for_where_nothing_is_required() -> None:
    assert until(required=()) is None


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        ((), "missing"),
        ((a_licence(verified=False),), "not_verified"),
        ((a_licence(vehicle_id="veh_2"),), "missing"),
        ((Document(INSURANCE, LAST_DAY, True),), "missing"),
    ],
)
def test_a_paper_that_is_not_there_says_which_and_why(
    held: tuple[Document, ...], reason: str
) -> None:
    with pytest.raises(DocumentMissing) as refused:
        until(*held)
    assert refused.value.extra == {"document": "driving_licence", "reason": reason}


def test_a_paper_of_the_vehicle_counts_for_it() -> None:
    assert until(a_licence(vehicle_id="veh_1")) == ENDS_AT


def noon(days_before: int) -> datetime:
    return datetime(2026, 12, 24, 12, 0, tzinfo=UTC) - timedelta(days=days_before)


@pytest.mark.parametrize(
    ("days_before", "reminded", "due"),
    [
        (31, (), []),
        (30, (), [30]),
        (12, (), [30]),
        (12, (30,), []),
        (7, (30,), [7]),
        (3, (), [7]),
        (0, (30,), [7]),
        (0, (30, 7), []),
        (-1, (), []),
    ],
)
def test_reminders_come_thirty_and_seven_days_before_once_each(
    days_before: int, reminded: tuple[int, ...], due: list[int]
) -> None:
    """Missed ones are not made up for: after a week's pause there is one text, not two."""
    document = a_licence(reminded_days=reminded)
    found = list(due_reminders([document], BERLIN, noon(days_before)))
    assert [days for _, days in found] == due


def test_the_next_reminder_is_known_beforehand() -> None:
    today = date(2026, 1, 1)
    assert next_reminder_on([a_licence()], today) == LAST_DAY - timedelta(days=30)
    assert next_reminder_on([a_licence(reminded_days=(30,))], today) == LAST_DAY - timedelta(days=7)
    assert next_reminder_on([a_licence(reminded_days=(7,))], today) is None
    assert next_reminder_on([a_licence()], LAST_DAY + timedelta(days=1)) is None
    assert next_reminder_on([], today) is None
