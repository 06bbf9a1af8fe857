"""Signing in and out, as a browser does it: what is let in, what a stranger learns (nothing)."""

import re
from typing import Any
from urllib.parse import urlencode

import pytest

from app import app
from chalicelib import wiring
from chalicelib.domain.accounts import people, signing_in, store
from chalicelib.domain.accounts.model import Audience, DeskRole, TeamRole
from chalicelib.entry import signed_in, to_sign_in
from chalicelib.entry.forms import FORM
from chalicelib.entry.surface import routes_of
from chalicelib.kit import passwords
from chalicelib.storage import office_keys
from tests.entry.conftest import Doors
from tests.entry.intake_stage import Answered
from tests.entry.visitors import FROM_OUR_PAGE, Visitor, a_person, a_token, a_visitor

PASSWORD = "four words in a row"
PLACES = {"ops": "/v1/hubs", "m": "/v1/deliveries"}


def send(doors: Doors, path: str, headers: dict[str, str] | None = None, **fields: str) -> Answered:
    sent = {"Content-Type": FORM, **FROM_OUR_PAGE, **(headers or {})}
    return doors.stage.call("POST", path, urlencode(fields).encode(), sent)


def invited(doors: Doors, **changes: Any) -> dict[str, Any]:
    number = id(changes) % 10**9
    body = {"name": "Marta Roth", "email": f"m{number}@shop.example", "role": "dispatcher"}
    made = doors.operate("POST", "/v1/accounts", {**body, **changes})
    assert made.status == 201, made.raw
    return dict(made.body)


def path_of(url: str) -> str:
    return url.removeprefix("https://track.example")


@pytest.fixture(scope="module")
def members(doors: Doors) -> dict[str, dict[str, Any]]:
    """Somebody of each audience who has followed the invite; hashing takes its time."""
    made = {
        "ops": invited(doors, email="desk@shop.example"),
        "m": invited(
            doors,
            email="Team@shop.example",
            role="owner",
            merchant_id=doors.stage.merchant_id,
        ),
    }
    for one in made.values():
        set_up = send(doors, path_of(one["invite_url"]), password=PASSWORD)
        assert (set_up.status, set_up.headers["Location"]) == (303, "../sign-in?said=chosen")
    return made


@pytest.fixture(autouse=True)
def a_new_quarter(doors: Doors) -> None:
    """No test uses up another one's tries."""
    doors.stage.clock.advance(minutes=16)


def cookie_of(answered: Answered) -> str:
    return str(answered.headers["Set-Cookie"]).partition(";")[0]


@pytest.mark.parametrize("place", PLACES)
def test_by_invite_and_password_one_is_in_for_eight_hours(
    doors: Doors, members: dict[str, Any], place: str
) -> None:
    answered = send(
        doors, f"/{place}/sign-in", email=members[place]["email"].upper(), password=PASSWORD
    )
    assert (answered.status, answered.headers["Location"]) == (303, f"../{place}")
    flags = answered.headers["Set-Cookie"].split("; ")[1:]
    assert set(flags) == {"Max-Age=28800", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"}
    assert answered.headers["Set-Cookie"].startswith("__Host-")
    cookie = {"Cookie": cookie_of(answered)}
    assert doors.stage.call("GET", PLACES[place], b"", cookie).status == 200
    doors.stage.clock.advance(hours=8)
    assert doors.stage.call("GET", PLACES[place], b"", cookie).status == 401


def test_one_audiences_account_signs_in_nowhere_else(doors: Doors, members: Any) -> None:
    for place, other in (("ops", "m"), ("m", "ops")):
        wrong = send(doors, f"/{place}/sign-in", email=members[other]["email"], password=PASSWORD)
        assert wrong.status == 401
        assert "Set-Cookie" not in wrong.headers


def plain(answered: Answered, email: str) -> str:
    return answered.raw.decode().replace(email, "")


def test_a_stranger_learns_nothing_and_costs_the_same(
    doors: Doors, members: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unknown, not set up, ended and wrong are one answer, one hash and as many reads."""
    ended = invited(doors)
    doors.operate("PATCH", f"/v1/accounts/{ended['id']}", {"active": False})
    waiting = invited(doors, email="waiting@shop.example")
    hashed: list[str | None] = []

    def counted(password: str, kept: str | None) -> bool:
        hashed.append(kept)
        return False

    monkeypatch.setattr(signing_in.passwords, "fits", counted)
    answers, reads = [], []
    for email in (members["ops"]["email"], ended["email"], waiting["email"], "no@one.example"):
        with counting_reads(monkeypatch) as counts:
            answered = send(doors, "/ops/sign-in", email=email, password="wrong one here")
        assert answered.status == 401
        answers.append(plain(answered, email))
        reads.append(len(counts))
    assert len(set(answers)) == 1
    assert len(hashed) == 4
    assert len(set(reads)) == 1


class counting_reads:
    """Counts what is asked of the tables."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._patch, self._calls = monkeypatch, []

    def __enter__(self) -> list[str]:
        tables = wiring.tables()
        for name in ("get", "get_many"):
            self._patch.setattr(type(tables), name, self._wrapped(getattr(type(tables), name)))
        return self._calls

    def _wrapped(self, real: Any) -> Any:
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            self._calls.append(real.__name__)
            return real(*args, **kwargs)

        wrapper.__name__ = real.__name__
        self._real = {**getattr(self, "_real", {}), real.__name__: real}
        return wrapper

    def __exit__(self, *_: object) -> None:
        for name, real in self._real.items():
            self._patch.setattr(type(wiring.tables()), name, real)


def test_an_unknown_address_is_hashed_as_long_as_a_known_one() -> None:
    """The costs of nobody's hash are those of everybody's."""
    mine = passwords.hash_password(PASSWORD).split("$")[:4]
    assert passwords._NOBODY.split("$")[:4] == mine


def test_after_ten_tries_the_account_rests_whoever_asks(
    doors: Doors, members: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing_in.passwords, "fits", lambda *_: False)
    email = members["ops"]["email"]
    statuses = [
        send(
            doors,
            "/ops/sign-in",
            {"X-Forwarded-For": f"203.0.113.{n}, 10.0.0.1"},
            email=email,
            password="guess",
        ).status
        for n in range(12)
    ]
    assert statuses == [401] * 10 + [429] * 2
    doors.stage.clock.advance(minutes=16)
    assert send(doors, "/ops/sign-in", email=email, password="guess").status == 401


def test_a_sign_in_that_another_site_sends_is_refused(doors: Doors, members: Any) -> None:
    """Else it could sign somebody in to an account of its own."""
    answered = send(
        doors,
        "/ops/sign-in",
        {"Sec-Fetch-Site": "cross-site"},
        email=members["ops"]["email"],
        password=PASSWORD,
    )
    assert answered.status == 403
    assert "Set-Cookie" not in answered.headers


@pytest.mark.parametrize(
    "place",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "m/../../evil",
        "m/..",
        "ops",
        "m//evil.example",
        "m/\r\nSet-Cookie: x=1",
        "javascript:alert(1)",
        "mm/orders",
        "m/orders#x",
        "m" + "/a" * 300,
    ],
)
def test_the_way_back_leads_to_the_portal_and_nowhere_else(place: str) -> None:
    assert to_sign_in.safe_next(Audience.TEAM, place) == "m"


@pytest.mark.parametrize(
    "place", ["m", "m/orders", "m/orders/del_01", "m/orders?day=2026-11-27&x=%C3"]
)
def test_the_way_back_keeps_the_page(place: str) -> None:
    assert to_sign_in.safe_next(Audience.TEAM, place) == place


def test_a_page_leads_to_the_sign_in_and_back(doors: Doors, members: Any) -> None:
    asked = doors.stage.call("GET", "/m/sign-in?next=m%2Forders%3Fday%3D2026-11-27")
    assert 'name="next" value="m/orders?day=2026-11-27"' in asked.raw.decode()
    led = send(
        doors,
        "/m/sign-in",
        email=members["m"]["email"],
        password=PASSWORD,
        next="m/orders?day=2026-11-27",
    )
    assert led.headers["Location"] == "../m/orders?day=2026-11-27"
    outside = send(doors, "/m/sign-out")
    assert (outside.status, outside.headers["Location"]) == (303, "../m/sign-in")


@pytest.mark.parametrize("place", PLACES)
def test_signing_out_ends_the_session_also_for_a_copy_of_its_token(
    doors: Doors, place: str
) -> None:
    visitor = a_visitor(doors.stage, DeskRole.VIEWER if place == "ops" else TeamRole.VIEWER)
    assert visitor.get(PLACES[place]).status == 200
    left = visitor.send(f"/{place}/sign-out")
    assert (left.status, left.headers["Location"]) == (303, "sign-in?said=left")
    assert "Max-Age=0" in left.headers["Set-Cookie"]
    assert visitor.get(PLACES[place]).status == 401


def test_a_session_from_before_the_sign_in_does_not_outlive_it(doors: Doors, members: Any) -> None:
    """Whoever planted a cookie in somebody's browser keeps nothing."""
    planted = a_visitor(doors.stage, DeskRole.VIEWER)
    signed = send(
        doors,
        "/ops/sign-in",
        planted.cookie,
        email=members["ops"]["email"],
        password=PASSWORD,
    )
    assert cookie_of(signed) != planted.cookie["Cookie"]
    assert planted.get("/v1/hubs").status == 401


def test_an_invite_works_once_for_three_days_and_only_the_last_one(doors: Doors) -> None:
    first = invited(doors, email="once@shop.example")
    again = doors.operate("POST", f"/v1/accounts/{first['id']}/invite")
    old, new = path_of(first["invite_url"]), path_of(again.body["invite_url"])
    assert doors.stage.call("GET", old).status == 410
    assert doors.stage.call("GET", new.replace("/ops/", "/m/")).status == 410
    assert b"once@shop.example" in doors.stage.call("GET", new).raw
    assert send(doors, new, {"Sec-Fetch-Site": "cross-site"}, password=PASSWORD).status == 403
    weak = send(doors, new, password="once")
    assert weak.status == 422
    assert b"at least 12" in weak.raw
    doors.stage.clock.advance(hours=73)
    assert send(doors, new, password=PASSWORD).status == 410
    last = doors.operate("POST", f"/v1/accounts/{first['id']}/invite").body["invite_url"]
    assert send(doors, path_of(last), password=PASSWORD).status == 303
    assert send(doors, path_of(last), password=PASSWORD).status == 410


def test_a_new_password_ends_the_sessions_of_before(doors: Doors, members: Any) -> None:
    person = store.load(wiring.unit_of_work(), members["m"]["id"])
    visitor = Visitor(doors.stage, person, a_token(person))
    assert visitor.get("/v1/deliveries").status == 200
    link = doors.operate("POST", f"/v1/accounts/{person.id}/invite").body["invite_url"]
    assert visitor.get("/v1/deliveries").status == 200, "asking for a link ends nothing"
    assert send(doors, path_of(link), password=PASSWORD).status == 303
    assert visitor.get("/v1/deliveries").status == 401


def test_an_address_has_one_account_however_it_is_written(doors: Doors) -> None:
    invited(doors, email="One@shop.example")
    body = {"name": "Two", "email": "oNE@SHOP.example", "role": "viewer"}
    again = doors.operate("POST", "/v1/accounts", body)
    assert (again.status, again.body["code"]) == (409, "email_taken")
    bad = doors.operate("POST", "/v1/accounts", {**body, "email": "nobody"})
    assert (bad.status, bad.body["fields"][0]["field"]) == (422, "email")
    wrong = doors.operate("POST", "/v1/accounts", {**body, "email": "x@y.example", "role": "owner"})
    assert (wrong.status, wrong.body["fields"][0]["field"]) == (422, "role")


def test_a_team_keeps_somebody_who_lets_others_in(doors: Doors) -> None:
    merchant_id = "mer_01m83qpnc10y2w525st46371np"
    owner = a_person(doors.stage, TeamRole.OWNER, merchant_id)
    second = a_person(doors.stage, TeamRole.STAFF, merchant_id)
    for change in ({"active": False}, {"role": "staff"}):
        kept = doors.operate("PATCH", f"/v1/accounts/{owner.id}", change)
        assert (kept.status, kept.body["code"]) == (409, "last_of_its_role")
    assert doors.operate("PATCH", f"/v1/accounts/{second.id}", {"role": "owner"}).status == 200
    assert doors.operate("PATCH", f"/v1/accounts/{owner.id}", {"active": False}).status == 200


def test_two_owners_who_take_each_other_away_leave_one(doors: Doors) -> None:
    merchant_id = "mer_01m83qpnc10y2w525st46371nq"
    first, second = (a_person(doors.stage, TeamRole.OWNER, merchant_id) for _ in range(2))
    one, other = wiring.unit_of_work(), wiring.unit_of_work()
    people.deactivate(one, store.load(one, first.id))
    people.deactivate(other, store.load(other, second.id))
    one.commit()
    with pytest.raises(Exception, match="changed"):
        other.commit()


def test_no_log_bears_an_address_a_password_or_a_token(
    doors: Doors, members: Any, caplog: pytest.LogCaptureFixture
) -> None:
    signed = send(doors, "/ops/sign-in", email=members["ops"]["email"], password=PASSWORD)
    send(doors, "/ops/sign-in", email="no@one.example", password="hunter2hunter2")
    doors.stage.call("GET", path_of(members["m"]["invite_url"]))
    logged = str([record.__dict__ for record in caplog.records])
    token = cookie_of(signed).partition("=")[2]
    invite = members["m"]["invite_url"].rpartition("/")[2]
    assert "'resource': '/ops/sign-in'" in logged
    for secret in (members["ops"]["email"], PASSWORD, "no@one", "hunter2", token, invite):
        assert secret not in logged


def test_core_knows_no_names_and_no_addresses(doors: Doors, members: Any) -> None:
    """They stand in the table of people, which has no stream."""
    item = wiring.tables().get(office_keys.account(members["ops"]["id"]))
    assert "Marta" not in str(item)
    assert "@" not in str(item)
    assert "scrypt" not in str(item)
    kept = wiring.tables().get(office_keys.password(members["ops"]["id"]))
    assert kept is not None
    assert passwords.fits(PASSWORD, kept["hash"])


def test_pages_of_people_may_be_kept_by_nobody_and_framed_by_nobody(doors: Doors) -> None:
    for path in ("/ops/sign-in", "/m/sign-in"):
        headers = doors.stage.call("GET", path).headers
        assert headers["Cache-Control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "script" not in headers["Content-Security-Policy"]
        assert headers["Referrer-Policy"] == "same-origin"


def test_every_page_of_a_person_says_which_role_it_needs() -> None:
    pages = [who for one in routes_of(app) for who in one.who if any(r.is_page for r in one.roles)]
    assert pages
    assert all(who.least is not None for who in pages)
    assert re.fullmatch(r"__Host-[a-z-]+", signed_in.COOKIES[Audience.DESK])
