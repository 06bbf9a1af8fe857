"""People who have signed in, as their browsers call us: with the cookie, from a page of ours."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from chalicelib import wiring
from chalicelib.domain.accounts import people, sessions
from chalicelib.domain.accounts.model import AnyRole, Person, TeamRole
from chalicelib.domain.accounts.people import NewPerson
from chalicelib.entry import signed_in
from chalicelib.entry.forms import FORM
from tests.builders import SERVER_KEY
from tests.entry.intake_stage import Answered, Stage

_NUMBERS = itertools.count(1)
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Visitor:
    """Somebody with an account, and the token of a session."""

    stage: Stage
    person: Person
    token: str

    @property
    def cookie(self) -> dict[str, str]:
        return {"Cookie": f"{signed_in.COOKIES[self.person.audience]}={self.token}"}

    def call(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answered:
        """A call by the cookie, as a script of our own page makes it."""
        sent = {**self.cookie, **FROM_OUR_PAGE, **(headers or {})}
        return self.stage.call(method, path, body, sent)

    def get(self, path: str) -> Answered:
        return self.call("GET", path)

    def send(self, path: str, **fields: str) -> Answered:
        """A form of a page."""
        return self.call("POST", path, urlencode(fields).encode(), {"Content-Type": FORM})


def a_person(stage: Stage, role: AnyRole, merchant_id: str | None = None, **new: Any) -> Person:
    """Somebody with this role; of the stage's first merchant, if it is a team's."""
    if isinstance(role, TeamRole):
        merchant_id = merchant_id or stage.merchant_id
    values = {"name": "Marta Roth", "email": f"person{next(_NUMBERS)}@shop.example", **new}
    uow = wiring.unit_of_work()
    wanted = NewPerson(role=role.value, merchant_id=merchant_id, **values)
    invited = people.invite(uow, wanted, SERVER_KEY)
    uow.commit()
    return invited.person


def a_token(person: Person) -> str:
    return sessions.issue(wiring.unit_of_work(), person, SERVER_KEY)


def a_visitor(stage: Stage, role: AnyRole, merchant_id: str | None = None) -> Visitor:
    person = a_person(stage, role, merchant_id)
    return Visitor(stage, person, a_token(person))
