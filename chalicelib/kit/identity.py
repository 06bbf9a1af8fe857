"""Who keeps the passwords, if not we, and whose tokens count? The seam to a directory like Cognito.

A directory knows people by our ids alone: names, addresses and roles stay with us. It answers a
sign-in with a token, or with a further step.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from joserfc.jwk import Key


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens count for an audience; ``key`` finds one by its id, None for an unknown one."""

    name: str
    audience: str
    algorithm: str
    key: Callable[[str], Key | None]


class Wanted(StrEnum):
    """What a further step asks for: a code, or first an authenticator that makes codes."""

    CODE = "code"
    ENROL = "enrol"


@dataclass(frozen=True, slots=True)
class Step:
    """What comes after the password; ``secret`` is what the authenticator is set up with."""

    wanted: Wanted
    session: str
    secret: str = ""


class Directory(Protocol):
    """What we ask of it, for an audience by name; None is its no, without a reason."""

    def issuer(self, audience: str) -> Issuer: ...

    def start_over(self, audience: str, person_id: str, password: str) -> None:
        """Let somebody sign in with this password, and no second factor of before."""

    def set_password(self, audience: str, person_id: str, password: str) -> None:
        """A new password for somebody who is there; the second factor stays."""

    def sign_in(self, audience: str, person_id: str, password: str) -> str | Step | None: ...

    def answer(self, audience: str, person_id: str, step: Step, code: str) -> str | None: ...
