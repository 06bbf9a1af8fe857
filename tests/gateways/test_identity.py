"""Cognito behind the seam: what it is asked, what its answers become, which of its keys count."""

import gzip
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import moto.cognitoidp
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from chalicelib.domain.accounts import sessions
from chalicelib.domain.accounts.sessions import verify
from chalicelib.gateways import identity
from chalicelib.gateways.identity import CognitoDirectory, Pool
from chalicelib.kit.errors import Unauthenticated, Upstream
from chalicelib.kit.identity import Step, Wanted

REGION = "eu-central-1"
PASSWORD = "four words in a row"
NOW = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)


def published(*keys: RSAKey) -> bytes:
    """As the pool publishes them: without what is secret."""
    return json.dumps(KeySet(list(keys)).as_dict(private=False)).encode()


@pytest.fixture(scope="module")
def key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "first"})


def directory_with(
    fetch: Callable[[str], bytes], client: Any = None
) -> tuple[CognitoDirectory, Pool]:
    pool = Pool("eu-central-1_desk", "client1")
    return CognitoDirectory(client, {"desk": pool}, REGION, fetch), pool


def token_of(pool: Pool, signing: RSAKey, kid: str = "", **changes: Any) -> str:
    """An ID token as Cognito makes them."""
    now_s = int(NOW.timestamp())
    claims = {
        "sub": "6e148339-76c7-48e8-bada-b1ee03eedff8",
        "iss": pool.address(REGION),
        "cognito:username": "prs_1",
        "origin_jti": "72f78c41-c845-4497-ad86-b7f4853058bf",
        "aud": pool.client_id,
        "token_use": "id",
        "auth_time": now_s,
        "iat": now_s,
        "exp": now_s + 8 * 3600,
        "jti": "c3c335eb-41f4-4d6a-a62c-d743fe411ef9",
        **changes,
    }
    return jwt.encode({"alg": "RS256", "kid": kid or signing.kid}, claims, signing)


def test_a_token_of_the_pool_is_read_by_its_published_key(key: RSAKey) -> None:
    asked: list[str] = []

    def fetch(address: str) -> bytes:
        asked.append(address)
        return published(key)

    directory, pool = directory_with(fetch)
    claims = verify(token_of(pool, key), directory.issuer("desk"), NOW)
    assert claims.person_id == "prs_1"
    verify(token_of(pool, key), directory.issuer("desk"), NOW)
    assert asked == [
        "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_desk/.well-known/jwks.json"
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another client"},
        {"iss": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_other"},
        {"token_use": "access"},
        {"exp": int(NOW.timestamp())},
        {"cognito:username": None},
    ],
)
def test_what_is_not_for_us_is_refused(key: RSAKey, changes: dict[str, Any]) -> None:
    directory, pool = directory_with(lambda _: published(key))
    with pytest.raises(Unauthenticated):
        verify(token_of(pool, key, **changes), directory.issuer("desk"), NOW)


def test_our_own_tokens_do_not_count_where_cognito_signs(key: RSAKey) -> None:
    """ES256 by a key that we know well, but not this issuer's."""
    directory, pool = directory_with(lambda _: published(key))
    ours = sessions.signing_key(b"s" * 32)
    token = jwt.encode({"alg": "ES256", "kid": "first"}, {"aud": pool.client_id}, ours)
    with pytest.raises(Unauthenticated):
        verify(token, directory.issuer("desk"), NOW)


def test_a_rotated_key_is_found_and_made_up_ones_do_not_make_us_ask(
    key: RSAKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = RSAKey.generate_key(2048, {"kid": "second"})
    shown = [published(key), published(second)]
    asked: list[str] = []
    at_s = [1000.0]
    monkeypatch.setattr(time, "perf_counter", lambda: at_s[0])

    def fetch(address: str) -> bytes:
        asked.append(address)
        return shown[min(len(asked), len(shown)) - 1]

    directory, pool = directory_with(fetch)
    issuer = directory.issuer("desk")
    verify(token_of(pool, key), issuer, NOW)
    for number in range(5):
        with pytest.raises(Unauthenticated):
            verify(token_of(pool, second, kid=f"made-up-{number}"), issuer, NOW)
    assert len(asked) == 1
    at_s[0] += identity.ASKED_AGAIN_AFTER_S + 1
    verify(token_of(pool, second), issuer, NOW)
    assert len(asked) == 2
    with pytest.raises(Unauthenticated):
        verify(token_of(pool, key), issuer, NOW)


@pytest.mark.parametrize("told", [b"", b"[]", b'{"keys": 1}', b'{"keys": [{"kty": "x"}]}', b"\xff"])
def test_keys_that_cannot_be_read_are_a_fault_of_theirs_and_not_a_crash(told: bytes) -> None:
    directory, _ = directory_with(lambda _: told)
    with pytest.raises(Upstream):
        directory.issuer("desk").key("first")


def test_a_password_that_was_set_signs_in_with_a_token_of_the_shape_of_ours(aws: None) -> None:
    """Against an imitation of Cognito; it publishes the key that it signs with."""
    client = boto3.client("cognito-idp", region_name=REGION)
    pool_id = client.create_user_pool(
        PoolName="desk",
        Policies={
            "PasswordPolicy": {
                "MinimumLength": 12,
                **dict.fromkeys(
                    ("RequireLowercase", "RequireNumbers", "RequireSymbols", "RequireUppercase"),
                    False,
                ),
            }
        },
    )["UserPool"]["Id"]
    client_id = client.create_user_pool_client(
        UserPoolId=pool_id, ClientName="pages", ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    )["UserPoolClient"]["ClientId"]
    place = Path(moto.cognitoidp.__file__).parent / "resources/jwks-public.json.gz"
    directory = CognitoDirectory(
        client,
        {"desk": Pool(pool_id, client_id)},
        REGION,
        lambda _: gzip.decompress(place.read_bytes()),
    )
    assert directory.sign_in("desk", "prs_1", PASSWORD) is None
    for word in ("an older password", PASSWORD):
        directory.start_over("desk", "prs_1", word)
    assert directory.sign_in("desk", "prs_1", "an older password") is None
    token = directory.sign_in("desk", "prs_1", PASSWORD)
    assert isinstance(token, str)
    claims = verify(token, directory.issuer("desk"), datetime.now(UTC))
    assert claims.person_id == "prs_1"
    directory.set_password("desk", "prs_1", "another Word of 26!")
    assert directory.sign_in("desk", "prs_1", PASSWORD) is None
    assert isinstance(directory.sign_in("desk", "prs_1", "another Word of 26!"), str)


class FakeCognito:
    """Answers as the reference says, in the order that is asked for."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.asked = answers, []

    def __getattr__(self, name: str) -> Any:
        def ask(**arguments: Any) -> Any:
            self.asked.append((name, arguments))
            answer = self.answers[name]
            if isinstance(answer, Exception):
                raise answer
            return answer

        return ask


TOKEN = {"AuthenticationResult": {"IdToken": "a.b.c"}}


def test_the_first_sign_in_sets_an_authenticator_up(key: RSAKey) -> None:
    client = FakeCognito(
        admin_initiate_auth={"ChallengeName": "MFA_SETUP", "Session": "s1"},
        associate_software_token={"SecretCode": "ABCD2345", "Session": "s2"},
        verify_software_token={"Status": "SUCCESS", "Session": "s3"},
        admin_respond_to_auth_challenge=TOKEN,
    )
    directory, _ = directory_with(lambda _: published(key), client)
    step = directory.sign_in("desk", "prs_1", PASSWORD)
    assert step == Step(Wanted.ENROL, "s2", "ABCD2345")
    assert directory.answer("desk", "prs_1", step, "123456") == "a.b.c"
    name, arguments = client.asked[-1]
    assert name == "admin_respond_to_auth_challenge"
    assert (arguments["ChallengeName"], arguments["Session"]) == ("MFA_SETUP", "s3")


def test_the_next_ones_ask_for_its_code(key: RSAKey) -> None:
    client = FakeCognito(
        admin_initiate_auth={"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "s1"},
        admin_respond_to_auth_challenge=TOKEN,
    )
    directory, _ = directory_with(lambda _: published(key), client)
    step = directory.sign_in("desk", "prs_1", PASSWORD)
    assert isinstance(step, Step)
    assert directory.answer("desk", "prs_1", step, "123456") == "a.b.c"
    assert client.asked[-1][1]["ChallengeResponses"] == {
        "USERNAME": "prs_1",
        "SOFTWARE_TOKEN_MFA_CODE": "123456",
    }


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": "prs_1 is known"}}, "x")


@pytest.mark.parametrize("code", ["NotAuthorizedException", "UserNotFoundException"])
def test_its_no_has_no_reason(key: RSAKey, code: str) -> None:
    directory, _ = directory_with(
        lambda _: published(key), FakeCognito(admin_initiate_auth=refusal(code))
    )
    assert directory.sign_in("desk", "prs_1", PASSWORD) is None


def test_a_wrong_code_is_a_no(key: RSAKey) -> None:
    client = FakeCognito(admin_respond_to_auth_challenge=refusal("CodeMismatchException"))
    directory, _ = directory_with(lambda _: published(key), client)
    assert directory.answer("desk", "prs_1", Step(Wanted.CODE, "s1"), "000000") is None


@pytest.mark.parametrize(
    "error",
    [
        refusal("TooManyRequestsException"),
        EndpointConnectionError(endpoint_url="https://x.example"),
    ],
)
def test_what_fails_there_is_not_a_wrong_password(key: RSAKey, error: Exception) -> None:
    directory, _ = directory_with(lambda _: published(key), FakeCognito(admin_initiate_auth=error))
    with pytest.raises(Upstream):
        directory.sign_in("desk", "prs_1", PASSWORD)


def test_a_step_that_we_never_asked_for_lets_nobody_in(key: RSAKey) -> None:
    client = FakeCognito(admin_initiate_auth={"ChallengeName": "SMS_MFA", "Session": "s"})
    directory, _ = directory_with(lambda _: published(key), client)
    assert directory.sign_in("desk", "prs_1", PASSWORD) is None
