"""The portal's team: who signs in for the shop, as what; owners let people in and take them out."""

from chalice.app import Blueprint, Request, Response

from chalicelib import wiring
from chalicelib.domain.accounts import people, store
from chalicelib.domain.accounts.model import Person, TeamRole
from chalicelib.domain.accounts.people import Invited, NewPerson
from chalicelib.entry import forms, portal, rest, work
from chalicelib.entry.api.accounts import PersonId
from chalicelib.entry.auth import Caller, portal_page
from chalicelib.entry.invites_out import Handed, can_mail, hand_over
from chalicelib.entry.portal import Visit
from chalicelib.entry.surface import Doors
from chalicelib.kit.errors import Invalid
from chalicelib.storage.unit_of_work import UnitOfWork

bp = Blueprint(__name__)
doors = Doors(bp, tag="Portal")

VIEWER, OWNER = (portal_page(TeamRole.VIEWER),), (portal_page(TeamRole.OWNER),)
SAID = {
    "role": "The role has changed. It counts at once.",
    "removed": "Taken out of the team, and signed out everywhere.",
    "restored": "Back in the team.",
    "left": "Signed out on every device.",
}
ROLES = {
    TeamRole.VIEWER: "looks at everything",
    TeamRole.STAFF: "also changes deliveries and writes in cases",
    TeamRole.OWNER: "also settings, keys, webhooks and the team",
}


@doors.route("GET", "/m/team", who=VIEWER, answers=portal.PAGES)
@portal.in_words
def show_team(request: Request, caller: Caller) -> Response:
    """Show who signs in for the shop."""
    return _page(portal.visit(request, caller))


@doors.form("/m/team", who=OWNER, answers=portal.FORMS)
@portal.in_words
def invite_member(request: Request, caller: Caller, raw_body: bytes) -> Response:
    """Invite `name` with `email` as `role`: the link is mailed, or shown this once.

    It is mailed where the operator has named a sender, and shown where that did not work.
    """
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    name = rest.clean(given.get("name", ""))[:120]
    if not name:
        raise Invalid("Write the name, too.", fields=[{"field": "name", "error": "is missing"}])
    new = NewPerson(name, given.get("email", ""), given.get("role", ""), visit.merchant.id)
    server_key = wiring.vault().server_key()
    invited = work.run(lambda uow: people.invite(uow, new, server_key))
    return _page(visit, handed=hand_over(invited))


@doors.form("/m/team/{person_id}", who=OWNER, answers=portal.FORMS)
@portal.in_words
def change_member(
    request: Request, caller: Caller, person_id: PersonId, raw_body: bytes
) -> Response:
    """Change somebody of the team: `do` is `role` (with `role`), `remove`, `restore`, `sign-out`,
    `invite` (a new link to choose a password, mailed where it can be) or `link` (such a link,
    shown).

    A team keeps at least one owner.
    """
    visit = portal.visit(request, caller)
    given = forms.fields(raw_body)
    wanted = given.get("do", "")

    def change(uow: UnitOfWork) -> Invited | str:
        person = store.load_of(uow, visit.merchant.id, person_id)
        if wanted in ("invite", "link"):
            return people.invite_again(uow, person)
        return _change(uow, person, wanted, given.get("role", ""))

    done = work.run(change)
    if isinstance(done, Invited):
        return _page(visit, handed=hand_over(done, by_mail=wanted == "invite"))
    return portal.go(request, "m/team", said=done)


def _change(uow: UnitOfWork, person: Person, wanted: str, role: str) -> str:
    """Do it; the word for what was done."""
    if wanted == "role":
        people.change_role(uow, person, role)
        return "role"
    if wanted == "remove":
        people.deactivate(uow, person)
        return "removed"
    if wanted == "restore":
        people.reactivate(uow, person)
        return "restored"
    if wanted == "sign-out":
        people.sign_out_everywhere(uow, person)
        return "left"
    raise Invalid("Press one of the buttons.", fields=[{"field": "do", "error": "is unknown"}])


def _page(visit: Visit, *, handed: Handed | None = None) -> Response:
    return visit.show(
        "portal/team.html",
        section="team",
        title="Team",
        people=store.list_team(work.begin(), visit.merchant.id),
        roles=[(role.value, what) for role, what in ROLES.items()],
        may_save=visit.person.role.reaches(TeamRole.OWNER),
        handed=handed,
        can_mail=can_mail(),
        said=portal.asked(visit.request).get("said", ""),
        texts=SAID,
    )
