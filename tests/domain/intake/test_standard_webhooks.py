"""Our door for shops of their own against the standard's official library, signature by signature.

The library compares with the real clock, so these tests run at the real time: each at its own, for
a whole suite takes longer than the library believes a timestamp.
"""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.domain.intake import generic
from chalicelib.kit import signing
from tests.domain.intake.shops import OTHER_SECRET, SECRET, golden, written

NOW = datetime.now(UTC).replace(microsecond=0)
BODY = written(golden("generic"))


def setup_function() -> None:
    global NOW
    NOW = datetime.now(UTC).replace(microsecond=0)


def signed_by_the_library(
    body: bytes = BODY, secret: str = SECRET, at: datetime | None = None, message: str = "msg_1"
) -> dict[str, str]:
    at = at or NOW
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(secret).sign(message, at, body.decode()),
    }


def believed(headers: dict[str, str], *secrets: str, body: bytes = BODY) -> bool:
    return generic.verify(headers, body, secrets or (SECRET,), NOW)


@given(
    message=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=60),
    payload=st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=30)),
    shift_s=st.integers(-290, 290),
)
def test_what_the_library_signs_is_believed_and_the_other_way_round(
    message: str, payload: dict[str, object], shift_s: int
) -> None:
    body = json.dumps(payload).encode()
    at = NOW + timedelta(seconds=shift_s)
    theirs = signed_by_the_library(body, at=at, message=message)
    assert believed(theirs, body=body)
    ours = signing.sign_standard_webhook(SECRET, message, at, body)
    assert ours == theirs["webhook-signature"]


def test_the_library_believes_what_we_sign() -> None:
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(int(NOW.timestamp())),
        "webhook-signature": signing.sign_standard_webhook(SECRET, "msg_1", NOW, BODY),
    }
    assert Webhook(SECRET).verify(BODY, headers) == json.loads(BODY)


@pytest.mark.parametrize("shift_s", [-301, 301])
def test_both_refuse_a_message_that_is_more_than_five_minutes_away(shift_s: int) -> None:
    # Ten more seconds for the library, whose clock goes on while the tests run.
    headers = signed_by_the_library(at=NOW + timedelta(seconds=shift_s * 3))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers)
    assert not believed(headers)
    assert not believed(signed_by_the_library(at=NOW + timedelta(seconds=shift_s)))
    assert believed(signed_by_the_library(at=NOW + timedelta(seconds=shift_s * 300 // 301)))


def test_while_a_secret_is_rotated_either_of_two_signatures_will_do() -> None:
    old, new = signed_by_the_library(), signed_by_the_library(secret=OTHER_SECRET)
    both = {**old, "webhook-signature": f"{new['webhook-signature']} {old['webhook-signature']}"}
    assert Webhook(SECRET).verify(BODY, both)
    assert Webhook(OTHER_SECRET).verify(BODY, both)
    for secrets in ((SECRET,), (OTHER_SECRET,), (OTHER_SECRET, SECRET)):
        assert believed(both, *secrets)
    assert not believed(both, "whsec_" + "QUFB" * 10)


def test_signatures_of_other_versions_are_passed_over() -> None:
    headers = signed_by_the_library()
    other = headers["webhook-signature"].replace("v1,", "v1a,")
    mixed = {**headers, "webhook-signature": f"{other} {headers['webhook-signature']}"}
    assert believed(mixed)
    assert not believed({**headers, "webhook-signature": other})


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_without_any_of_the_three_headers_nothing_is_believed(name: str) -> None:
    headers = signed_by_the_library()
    del headers[name]
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY, headers)
    assert not believed(headers)
    assert not believed({**headers, name: ""})


def test_another_id_or_another_time_under_the_same_signature_is_a_forgery() -> None:
    headers = signed_by_the_library()
    later = str(int(NOW.timestamp()) + 1)
    assert not believed({**headers, "webhook-id": "msg_2"})
    assert not believed({**headers, "webhook-timestamp": later})


def test_a_secret_without_its_padding_is_the_same_secret() -> None:
    assert believed(signed_by_the_library(), SECRET.rstrip("="))
