"""The driver's own profile: what is known of me, my papers, my home, my language."""

from collections.abc import Mapping
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.drivers import changes, store
from chalicelib.entry import work
from chalicelib.entry.api import crew_answers as answers
from chalicelib.entry.api import crew_forms as forms
from chalicelib.entry.auth import DRIVER
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Conflict
from chalicelib.kit.languages import Language
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Driver")


@doors.route("GET", "/v1/driver/profile", who=(DRIVER,), answers={200: answers.Profile})
def show_profile(driver_id: str) -> Mapping[str, Any]:
    """Show what is known of you: vehicles, skills, papers, home."""
    return work.read(lambda uow: _profile(uow, driver_id))


@doors.route(
    "POST",
    "/v1/driver/documents",
    who=(DRIVER,),
    answers={201: answers.Profile},
    errors=(Conflict,),
)
def hand_in_document(driver_id: str, body: forms.DocumentForm) -> Mapping[str, Any]:
    """Tell of a new or renewed paper; it counts once the desk has verified it."""
    work.run(lambda uow: changes.hand_in_document(uow, driver_id, body.wanted()))
    return work.read(lambda uow: _profile(uow, driver_id))


@doors.route("PUT", "/v1/driver/home", who=(DRIVER,), answers={200: answers.Profile})
def set_home(driver_id: str, body: forms.Home) -> Mapping[str, Any]:
    """Say where your way home leads, so that late routes can end near it.

    It is kept with your personal data; planning knows it to about a kilometre.
    """
    work.run(lambda uow: changes.set_home(uow, driver_id, body.position))
    return work.read(lambda uow: _profile(uow, driver_id))


@doors.route("DELETE", "/v1/driver/home", who=(DRIVER,), answers={200: answers.Profile})
def forget_home(driver_id: str) -> Mapping[str, Any]:
    """Take your home back: it is deleted at once."""
    work.run(lambda uow: changes.set_home(uow, driver_id, None))
    return work.read(lambda uow: _profile(uow, driver_id))


@doors.route("PUT", "/v1/driver/language", who=(DRIVER,), answers={200: answers.Profile})
def set_language(driver_id: str, body: forms.ReadLanguage) -> Mapping[str, Any]:
    """Say which language you read; texts to you are written in it. The app says so by itself."""
    work.run(lambda uow: changes.set_language(uow, driver_id, Language(body.language)))
    return work.read(lambda uow: _profile(uow, driver_id))


def _profile(uow: UnitOfWork, driver_id: str) -> dict[str, Any]:
    return answers.write_profile(store.load(uow, driver_id), store.load_person(uow, driver_id))
