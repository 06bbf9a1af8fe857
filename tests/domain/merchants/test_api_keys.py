"""A key opens one merchant's door, for as long as it should, and never more than it was given."""

from datetime import date, timedelta

import pytest

from chalicelib.domain.merchants import api_keys
from chalicelib.domain.merchants.model import Scope
from chalicelib.kit.errors import Conflict, NotAllowed, NotFound, Unauthenticated
from chalicelib.storage.keys import TableName
from tests.builders import NOON


@pytest.fixture
def issue(begin):
    def make(merchant_id="mer_1", name="checkout", **wishes) -> api_keys.Issued:
        uow = begin()
        issued = api_keys.issue(uow, merchant_id, name, **wishes)
        uow.commit()
        return issued

    return make


def shown(begin, merchant_id="mer_1") -> list[str]:
    return [key.id for key in api_keys.list_keys(begin(), merchant_id)]


def test_a_key_opens_its_own_merchant(begin, issue) -> None:
    issued = issue(scopes=frozenset({Scope.QUOTES}))
    opened = api_keys.authenticate(begin(), issued.text)
    assert opened.merchant_id == "mer_1"
    assert opened.may(Scope.QUOTES)
    assert not opened.may(Scope.DELIVERIES_WRITE)


def test_nothing_that_is_kept_holds_the_key(begin, issue, tables) -> None:
    """Whoever reads the table cannot call the API."""
    issued = issue()
    secret = issued.text.rpartition("_")[2]
    items = tables.query(TableName.CORE, "M#mer_1").items
    assert items
    assert not any(secret in str(item) for item in items)
    assert issued.text.startswith(items[0]["shown"])


def test_a_key_without_scopes_may_do_everything(begin, issue) -> None:
    assert all(api_keys.authenticate(begin(), issue().text).may(scope) for scope in Scope)


def test_a_rotated_key_works_for_another_day_beside_its_successor(begin, clock, issue) -> None:
    first = issue(scopes=frozenset({Scope.QUOTES}))
    uow = begin()
    second = api_keys.rotate(uow, "mer_1", first.key.id)
    uow.commit()
    assert second.key.name == first.key.name
    assert second.key.scopes == first.key.scopes
    for text in (first.text, second.text):
        api_keys.authenticate(begin(), text)
    clock.advance(hours=24)
    with pytest.raises(Unauthenticated):
        api_keys.authenticate(begin(), first.text)
    assert api_keys.authenticate(begin(), second.text).key_id == second.key.id
    assert shown(begin) == [second.key.id]


def test_rotation_does_not_lengthen_a_life(begin, clock, issue) -> None:
    first = issue(expires_at=NOON + timedelta(hours=1))
    uow = begin()
    second = api_keys.rotate(uow, "mer_1", first.key.id)
    uow.commit()
    clock.advance(hours=1)
    for text in (first.text, second.text):
        with pytest.raises(Unauthenticated):
            api_keys.authenticate(begin(), text)


def test_whoever_rotates_twice_is_shown_a_key_that_lives_as_long(begin, clock, issue) -> None:
    """The form was sent twice: the second key, the one that is seen, ended with the first."""
    first = issue(expires_at=NOON + timedelta(days=90))
    for _ in range(2):
        uow = begin()
        latest = api_keys.rotate(uow, "mer_1", first.key.id)
        uow.commit()
    clock.advance(hours=25)
    assert api_keys.authenticate(begin(), latest.text).key_id == latest.key.id
    assert latest.key.expires_at == first.key.expires_at


def test_however_often_keys_are_rotated_a_day_later_there_is_room_again(
    begin, clock, issue
) -> None:
    """What had ended was deleted in one commit, and was more than one commit takes."""
    latest = issue()
    while len(shown(begin)) < api_keys.MOST_WITH_ROTATED:
        uow = begin()
        latest = api_keys.rotate(uow, "mer_1", latest.key.id)
        uow.commit()
    with pytest.raises(Conflict):
        api_keys.rotate(begin(), "mer_1", latest.key.id)
    clock.advance(hours=25)
    assert api_keys.authenticate(begin(), issue().text)


def test_a_revoked_key_ends_at_once_and_is_gone(begin, issue) -> None:
    issued = issue()
    uow = begin()
    api_keys.revoke(uow, "mer_1", issued.key.id)
    uow.commit()
    with pytest.raises(Unauthenticated):
        api_keys.authenticate(begin(), issued.text)
    with pytest.raises(NotFound):
        api_keys.revoke(begin(), "mer_1", issued.key.id)


def test_another_merchants_key_is_not_found(begin, issue) -> None:
    issued = issue()
    for change in (api_keys.rotate, api_keys.revoke):
        with pytest.raises(NotFound):
            change(begin(), "mer_2", issued.key.id)


def test_keys_that_are_over_leave_room_for_new_ones(begin, clock, issue) -> None:
    for _ in range(api_keys.MOST_KEYS):
        issue(expires_at=NOON + timedelta(hours=1))
    with pytest.raises(Conflict):
        issue()
    clock.advance(hours=2)
    assert shown(begin) == []
    assert shown(begin) == [] != [issue().key.id]


def test_a_days_first_use_is_written_down_once(begin, clock, issue) -> None:
    text = issue().text
    opened = api_keys.authenticate(begin(), text)
    assert not opened.used_today
    api_keys.note_use(begin(), opened)
    assert api_keys.authenticate(begin(), text).used_today
    assert api_keys.list_keys(begin(), "mer_1")[0].last_used_on == date(2026, 11, 27)
    clock.advance(hours=13)
    assert not api_keys.authenticate(begin(), text).used_today


def test_two_first_uses_at_once_do_no_harm(begin, issue) -> None:
    opened = api_keys.authenticate(begin(), issue().text)
    late = begin()
    api_keys.note_use(begin(), opened)
    api_keys.note_use(late, opened)


@pytest.mark.parametrize(
    ("asked", "owner", "given"),
    [
        (None, None, None),
        ({Scope.QUOTES}, None, {Scope.QUOTES}),
        ({Scope.QUOTES}, {Scope.QUOTES, Scope.WEBHOOKS}, {Scope.QUOTES}),
        (None, {Scope.QUOTES}, NotAllowed),
        ({Scope.WEBHOOKS}, {Scope.QUOTES}, NotAllowed),
    ],
)
def test_a_key_gives_no_more_than_it_has(asked, owner, given) -> None:
    owner = None if owner is None else frozenset(owner)
    if given is NotAllowed:
        with pytest.raises(NotAllowed):
            api_keys.allowed(asked, owner)
    else:
        assert api_keys.allowed(asked, owner) == given
