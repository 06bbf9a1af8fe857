"""Who keeps the passwords on AWS? Two user pools of Amazon Cognito, that know people by our ids.

Our pages ask, Cognito answers by the calls for servers (Admin...), and its ID token is verified by
our own code against the pool's published keys. Those are kept in memory and asked for again when a
token names one that we do not know, at most once in five minutes: so a rotated key is found, and
made-up key ids cannot make us call. Sources: Amazon Cognito user pools API reference
(AdminInitiateAuth, AdminRespondToAuthChallenge, AssociateSoftwareToken, VerifySoftwareToken);
developer guide, "Verifying JSON web tokens".
"""

import http.client
import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError
from joserfc.errors import JoseError
from joserfc.jwk import Key, KeySet

from chalicelib.kit.errors import Upstream
from chalicelib.kit.identity import Issuer, Step, Wanted

ASKED_AGAIN_AFTER_S = 300
_LARGEST_KEYS_BYTES = 64 * 1024
#: Its ways to say no, without telling us more than we would tell a stranger.
_NO = frozenset(
    {
        "NotAuthorizedException",
        "UserNotFoundException",
        "CodeMismatchException",
        "ExpiredCodeException",
        "EnableSoftwareTokenMFAException",
        "PasswordResetRequiredException",
        "UserNotConfirmedException",
        "InvalidParameterException",
    }
)


class Client(Protocol):
    """What is used of Cognito's client."""

    def admin_create_user(self, **arguments: Any) -> Any: ...
    def admin_delete_user(self, **arguments: Any) -> Any: ...
    def admin_set_user_password(self, **arguments: Any) -> Any: ...
    def admin_initiate_auth(self, **arguments: Any) -> Any: ...
    def admin_respond_to_auth_challenge(self, **arguments: Any) -> Any: ...
    def associate_software_token(self, **arguments: Any) -> Any: ...
    def verify_software_token(self, **arguments: Any) -> Any: ...


Fetch = Callable[[str], bytes]


@dataclass(frozen=True, slots=True)
class Pool:
    """A user pool and the one client of it that our pages are."""

    id: str
    client_id: str

    def address(self, region: str) -> str:
        return f"https://cognito-idp.{region}.amazonaws.com/{self.id}"


class CognitoDirectory:
    """A ``kit.identity.Directory``: one pool for the desk, one for all teams."""

    def __init__(
        self,
        client: Client,
        pools: Mapping[str, Pool],
        region: str,
        fetch: Fetch | None = None,
    ) -> None:
        self._client, self._pools, self._region = client, pools, region
        ask = fetch or fetch_keys
        self._keys = {
            audience: _Keys(f"{pool.address(region)}/.well-known/jwks.json", ask)
            for audience, pool in pools.items()
        }

    def issuer(self, audience: str) -> Issuer:
        pool = self._pools[audience]
        return Issuer(
            pool.address(self._region), pool.client_id, "RS256", self._keys[audience].find
        )

    def start_over(self, audience: str, person_id: str, password: str) -> None:
        """Made anew: the password, and no authenticator of before."""
        pool = {"UserPoolId": self._pools[audience].id, "Username": person_id}
        try:
            self._ask("admin_delete_user", **pool)
            self._ask("admin_create_user", **pool, MessageAction="SUPPRESS")
            self._ask("admin_set_user_password", **pool, Password=password, Permanent=True)
        except _No as error:
            raise Upstream("the directory did not take the account") from error

    def set_password(self, audience: str, person_id: str, password: str) -> None:
        pool = {"UserPoolId": self._pools[audience].id, "Username": person_id}
        try:
            self._ask("admin_set_user_password", **pool, Password=password, Permanent=True)
        except _No as error:
            raise Upstream("the directory did not take the password") from error

    def sign_in(self, audience: str, person_id: str, password: str) -> str | Step | None:
        pool = self._pools[audience]
        try:
            answer = self._ask(
                "admin_initiate_auth",
                UserPoolId=pool.id,
                ClientId=pool.client_id,
                AuthFlow="ADMIN_USER_PASSWORD_AUTH",
                AuthParameters={"USERNAME": person_id, "PASSWORD": password},
            )
            return self._next(answer)
        except _No:
            return None

    def answer(self, audience: str, person_id: str, step: Step, code: str) -> str | None:
        pool = self._pools[audience]
        responses = {"USERNAME": person_id}
        session = step.session
        try:
            if step.wanted is Wanted.ENROL:
                checked = self._ask("verify_software_token", Session=session, UserCode=code)
                session = checked.get("Session", session)
            else:
                responses["SOFTWARE_TOKEN_MFA_CODE"] = code
            answer = self._ask(
                "admin_respond_to_auth_challenge",
                UserPoolId=pool.id,
                ClientId=pool.client_id,
                ChallengeName=_CHALLENGES[step.wanted],
                Session=session,
                ChallengeResponses=responses,
            )
        except _No:
            return None
        said = self._next(answer)
        return said if isinstance(said, str) else None

    def _next(self, answer: Mapping[str, Any]) -> str | Step | None:
        result = answer.get("AuthenticationResult")
        if result:
            return str(result["IdToken"])
        session = str(answer.get("Session", ""))
        if answer.get("ChallengeName") == _CHALLENGES[Wanted.CODE]:
            return Step(Wanted.CODE, session)
        if answer.get("ChallengeName") == _CHALLENGES[Wanted.ENROL]:
            begun = self._ask("associate_software_token", Session=session)
            return Step(Wanted.ENROL, str(begun["Session"]), str(begun["SecretCode"]))
        # A step that our pools never ask for.
        return None

    def _ask(self, name: str, **arguments: Any) -> Mapping[str, Any]:
        try:
            answer: Mapping[str, Any] = getattr(self._client, name)(**arguments) or {}
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            if name == "admin_delete_user" and code == "UserNotFoundException":
                return {}
            if code in _NO:
                raise _No from None
            raise Upstream("the directory failed") from None
        except BotoCoreError:
            raise Upstream("the directory did not answer") from None
        return answer


_CHALLENGES = {Wanted.CODE: "SOFTWARE_TOKEN_MFA", Wanted.ENROL: "MFA_SETUP"}


class _No(Exception):
    """The directory's no."""


@dataclass
class _Keys:
    """A pool's published keys, by their ids."""

    address: str
    fetch: Fetch
    known: dict[str, Key] = field(default_factory=dict)
    asked_at_s: float | None = None

    def find(self, kid: str) -> Key | None:
        if kid not in self.known:
            self._ask_again()
        return self.known.get(kid)

    def _ask_again(self) -> None:
        # perf_counter measures a span; nothing here asks what time it is.
        now_s = time.perf_counter()
        if self.asked_at_s is not None and now_s - self.asked_at_s < ASKED_AGAIN_AFTER_S:
            return
        told = self.fetch(self.address)
        self.asked_at_s = now_s
        try:
            keys = KeySet.import_key_set(json.loads(told)).keys
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Upstream("the directory's keys cannot be read") from error
        self.known = {str(key.kid): key for key in keys if key.key_type == "RSA" and key.kid}


def fetch_keys(address: str) -> bytes:
    """What the pool publishes; raise Upstream when nothing whole came."""
    parts = urlsplit(address)
    connection = http.client.HTTPSConnection(
        parts.netloc, timeout=3, context=ssl.create_default_context()
    )
    try:
        connection.request("GET", parts.path, headers={"Accept": "application/json"})
        response = connection.getresponse()
        told = response.read(_LARGEST_KEYS_BYTES + 1)
    except (OSError, http.client.HTTPException) as error:
        raise Upstream("the directory's keys did not come") from error
    finally:
        connection.close()
    if response.status != http.client.OK or len(told) > _LARGEST_KEYS_BYTES:
        raise Upstream("the directory's keys did not come")
    return told
