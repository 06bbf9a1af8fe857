"""Signatures, tokens and sealed secrets; the official package is the oracle."""

import base64
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from chalicelib.kit import signing, tokens
from tests.builders import NOON, SERVER_KEY

SECRET = tokens.new_webhook_secret()


def verifies(body: bytes, signatures: str, *, secrets: list[str], seconds: int = 0) -> bool:
    return signing.verify_standard_webhook(
        secrets,
        message_id="msg_1",
        timestamp=str(int(NOON.timestamp())),
        signatures=signatures,
        body=body,
        wall_now=NOON + timedelta(seconds=seconds),
    )


@given(st.binary(max_size=200))
def test_our_signature_is_the_standard_one(body: bytes) -> None:
    ours = signing.sign_standard_webhook(SECRET, "msg_1", NOON, body)
    text = body.decode("latin-1")
    theirs = Webhook(SECRET).sign("msg_1", NOON, text)
    assert signing.sign_standard_webhook(SECRET, "msg_1", NOON, text.encode()) == theirs
    assert verifies(body, ours, secrets=[SECRET])


@given(st.binary(min_size=1, max_size=60), st.integers(0), st.integers(1, 255))
def test_one_flipped_byte_is_refused(body: bytes, where: int, mask: int) -> None:
    signature = signing.sign_standard_webhook(SECRET, "msg_1", NOON, body)
    flipped = bytearray(body)
    flipped[where % len(body)] ^= mask
    assert not verifies(bytes(flipped), signature, secrets=[SECRET])


def test_the_older_of_two_live_secrets_still_counts() -> None:
    older, newer = SECRET, tokens.new_webhook_secret()
    signature = signing.sign_standard_webhook(older, "msg_1", NOON, b"{}")
    assert verifies(b"{}", signature, secrets=[newer, older])
    assert not verifies(b"{}", signature, secrets=[newer])


@pytest.mark.parametrize("seconds", [301, -301])
def test_a_message_from_another_time_is_refused(seconds: int) -> None:
    signature = signing.sign_standard_webhook(SECRET, "msg_1", NOON, b"{}")
    assert not verifies(b"{}", signature, secrets=[SECRET], seconds=seconds)


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "٣", "9" * 40, "-1"])
def test_a_senseless_timestamp_is_refused(timestamp: str) -> None:
    assert not signing.verify_standard_webhook(
        [SECRET],
        message_id="msg_1",
        timestamp=timestamp,
        signatures="v1,abc",
        body=b"",
        wall_now=NOON,
    )


def test_a_tracking_token_is_128_bits_and_stays_the_same() -> None:
    token = tokens.tracking_token(SERVER_KEY, "del_1")
    assert token == tokens.tracking_token(SERVER_KEY, "del_1")
    assert len(base64.urlsafe_b64decode(token + "==")) == 16
    assert token != tokens.tracking_token(SERVER_KEY, "del_2")
    assert token != tokens.tracking_token(bytes(32), "del_1")


@given(st.text(max_size=80), st.text(min_size=1, max_size=20))
def test_a_sealed_secret_opens_for_its_own_context_only(plain: str, context: str) -> None:
    sealed = tokens.seal(SERVER_KEY, plain, context)
    assert tokens.unseal(SERVER_KEY, sealed, context) == plain
    with pytest.raises(ValueError, match="context"):
        tokens.unseal(SERVER_KEY, sealed, context + "x")


def test_what_an_earlier_server_key_sealed_takes_nothing_along() -> None:
    sealed = [tokens.seal(key, str(key[:1]), "mer_1") for key in (SERVER_KEY, bytes(32))]
    assert tokens.unseal_all(SERVER_KEY, sealed, "mer_1") == [str(SERVER_KEY[:1])]
    assert tokens.unseal_all(bytes(32), sealed, "mer_1") == [str(bytes(1))]
    assert tokens.unseal_all(SERVER_KEY, sealed, "mer_2") == []


def test_an_api_key_has_256_random_bits_and_a_prefix_that_scanners_know() -> None:
    key = tokens.new_api_key()
    assert key.startswith("lm_live_")
    assert len(key.rpartition("_")[2]) == 43
    assert key.startswith(tokens.beginning_of(key))
    assert len(tokens.beginning_of(key)) == len("lm_live_") + 8
    assert key != tokens.new_api_key()


def test_a_pin_has_four_digits() -> None:
    pins = {tokens.delivery_pin(SERVER_KEY, f"del_{number}") for number in range(200)}
    assert all(len(pin) == 4 and pin.isdecimal() for pin in pins)
    assert len(pins) > 150
