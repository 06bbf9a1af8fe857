"""Who keeps the passwords, if not we? The seam to a directory such as Cognito.

A directory knows people by our ids alone: names, addresses and roles stay with us. It answers a
sign-in with a token of the shape of ``sessions``, or with a further step.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.accounts.model import Audience
from chalicelib.domain.accounts.sessions import Issuer


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
    """What we ask of it; None is its no, without a reason."""

    def issuer(self, audience: Audience) -> Issuer: ...

    def start_over(self, audience: Audience, person_id: str, password: str) -> None:
        """Let somebody sign in with this password, and no second factor of before."""

    def sign_in(self, audience: Audience, person_id: str, password: str) -> str | Step | None: ...

    def answer(self, audience: Audience, person_id: str, step: Step, code: str) -> str | None: ...
