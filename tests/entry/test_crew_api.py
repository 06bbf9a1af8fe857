"""Shifts, rules, rates and earnings by their doors; texts to drivers; the crew's clock."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.domain.drivers import rota, service, store
from chalicelib.domain.messaging import crew_texts
from chalicelib.domain.messaging.store import Fate
from chalicelib.entry import work
from chalicelib.kit.errors import TextNotSent, Upstream
from chalicelib.kit.events import Event
from chalicelib.kit.timewindow import write_instant
from tests.builders import SERVER_KEY
from tests.entry.belongings import a_driven_route
from tests.entry.conftest import HUB, VEHICLE, Doors

HERE = {"latitude": 51.2, "longitude": 9.4}
LONG_AGO = {
    "earliest_at": "2020-01-01T00:00:00Z",
    "latest_at": "2020-01-01T01:00:00Z",
    "duration_s": 600,
}


def a_shift(doors: Doors, start_h: float = 24, hours: float = 6, **more: Any) -> dict[str, Any]:
    start = doors.stage.clock.now() + timedelta(hours=start_h)
    ends = start + timedelta(hours=hours)
    return {"start_at": write_instant(start), "end_at": write_instant(ends), **more}


def test_a_driver_plans_shows_and_takes_back_a_shift(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    planned = doors.call("POST", "/v1/driver/shifts", a_shift(doors), token)
    assert (planned.status, planned.body["by"]) == (201, "driver")
    assert doors.call("GET", "/v1/driver/shifts", token=token).body["shifts"] == [planned.body]
    overlapping = doors.call("POST", "/v1/driver/shifts", a_shift(doors, 26), token)
    assert (overlapping.status, overlapping.body["reason"]) == (409, "shift_overlaps")
    by_desk = doors.operate("GET", f"/v1/drivers/{driver_id}/shifts").body
    assert by_desk["shifts"] == [planned.body]
    mine = f"/v1/driver/shifts/{planned.body['id']}"
    for _ in range(2):
        assert doors.call("DELETE", mine, token=token).status == 204
    assert doors.call("GET", "/v1/driver/shifts", token=token).body["shifts"] == []


def test_the_desk_plans_and_sees_who_is_there_by_the_hour(doors: Doors) -> None:
    hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
    body = {"name": "Kim", "phone_number": doors.a_phone(), "hub_id": hub_id, "vehicle": VEHICLE}
    driver_id = doors.operate("POST", "/v1/drivers", body).body["id"]
    path = f"/v1/drivers/{driver_id}/shifts"
    # 10 to 16 o'clock in Berlin, tomorrow.
    day = doors.stage.clock.now().date() + timedelta(days=1)
    times = {"start_at": f"{day}T09:00:00Z", "end_at": f"{day}T15:00:00Z"}
    planned = doors.operate("POST", path, times)
    assert (planned.status, planned.body["by"]) == (201, "desk")
    shown = doors.operate("GET", f"/v1/hubs/{hub_id}/shifts?day={day}").body
    assert [one["id"] for one in shown["shifts"]] == [planned.body["id"]]
    assert [one["drivers"] for one in shown["hours"]] == [0] * 10 + [1] * 6 + [0] * 8
    assert doors.operate("DELETE", f"{path}/{planned.body['id']}").status == 204
    assert doors.operate("GET", f"/v1/hubs/{hub_id}/shifts?day={day}").body["shifts"] == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"end_at": "2020-01-01T00:00:00Z"}, "end_at"),
        ({"vehicle_id": "veh_01m83qpnbb853jczmpgmk52m8t"}, "vehicle_id"),
        ({"breaks": [LONG_AGO]}, "breaks"),
    ],
)
def test_a_shift_that_cannot_be_is_refused_by_its_field(
    doors: Doors, changes: dict[str, Any], field: str
) -> None:
    _, token = doors.a_driver()
    refused = doors.call("POST", "/v1/driver/shifts", {**a_shift(doors), **changes}, token)
    assert (refused.status, refused.body["fields"][0]["field"]) == (422, field)


def test_the_app_sees_the_shift_and_its_breaks_with_duty(doors: Doors) -> None:
    _, token = doors.a_driver()
    now = doors.stage.clock.now()
    rest = {
        "earliest_at": write_instant(now + timedelta(hours=2)),
        "latest_at": write_instant(now + timedelta(hours=3)),
        "duration_s": 1800,
    }
    body = a_shift(doors, 0.25, 6, breaks=[rest])
    planned = doors.call("POST", "/v1/driver/shifts", body, token)
    assert planned.status == 201, planned.raw
    on = doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token).body
    assert (on["shift_id"], on["breaks"]) == (planned.body["id"], planned.body["breaks"])
    assert on["shift_ends_at"] == planned.body["end_at"]


def test_rules_are_set_and_count(doors: Doors) -> None:
    hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
    path = f"/v1/hubs/{hub_id}/crew-rules"
    assert doors.operate("GET", path).body["most_minutes_a_day"] == 600
    wanted = {"required_documents": {"van": ["insurance"]}, "most_minutes_a_day": 240}
    saved = doors.operate("PUT", path, wanted)
    assert (saved.status, saved.body["required_documents"]) == (200, {"van": ["insurance"]})
    assert doors.operate("GET", path).body == saved.body
    body = {"name": "Kim", "phone_number": doors.a_phone(), "hub_id": hub_id, "vehicle": VEHICLE}
    driver_id = doors.operate("POST", "/v1/drivers", body).body["id"]
    refused = doors.operate("POST", f"/v1/drivers/{driver_id}/shifts", a_shift(doors))
    assert refused.body["reason"] == "shift_day_limit"
    token = doors.sign_in(body["phone_number"])["access_token"]
    duty = doors.call("POST", "/v1/driver/duty", {"on_duty": True, **HERE}, token)
    assert duty.body["code"] == "document_missing"
    assert doors.operate("PUT", path, {"required_documents": {"boat": []}}).status == 422


def test_rates_have_versions(doors: Doors) -> None:
    hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
    path = f"/v1/hubs/{hub_id}/pay-rates"
    first = doors.operate("GET", path).body
    assert (first["current"]["version"], first["current"]["currency"]) == (0, "EUR")
    wanted = {"currency": "EUR", "default": {"guarantee_minor": 900}}
    for version in (1, 2):
        assert doors.operate("POST", path, wanted).body["version"] == version
    shown = doors.operate("GET", f"{path}?limit=1").body
    assert shown["current"]["version"] == 2
    assert [one["version"] for one in shown["pay_rates"]] == [2]
    for wrong in (
        {"currency": "Euro", "default": {}},
        {"currency": "EUR", "default": {"per_km_minor": -1}},
        {"currency": "EUR", "default": {}, "by_vehicle": {"boat": {}}},
    ):
        assert doors.operate("POST", path, wrong).status == 422


def one_floor(doors: Doors) -> int:
    """Rates with an hourly floor, as they are read again."""
    hub_id = doors.operate("POST", "/v1/hubs", HUB).body["id"]
    wanted = {"currency": "EUR", "default": {"hourly_floor_minor": 1_400}}
    doors.operate("POST", f"/v1/hubs/{hub_id}/pay-rates", wanted)
    shown = doors.operate("GET", f"/v1/hubs/{hub_id}/pay-rates").body["current"]
    return int(shown["default"]["hourly_floor_minor"])


def test_a_driven_route_is_earned_line_by_line(doors: Doors) -> None:
    route = a_driven_route(doors)
    shown = doors.call("GET", f"/v1/driver/earnings/{route.id}", token=route.token).body
    (paid,) = shown["statements"]
    assert paid["pay"] == paid["agreed"]
    assert paid["happened"]["done_stops"] == 3
    assert (paid["floor_minor"], one_floor(doors)) == (0, 1_400)
    assert paid["change_minor"] == paid["pay"]["total_minor"] > 0
    week = doors.call("GET", "/v1/driver/earnings", token=route.token).body
    headers = {"Authorization": f"Bearer {route.token}"}
    table = doors.stage.client.http.get("/v1/driver/statements.csv", headers=headers).body
    rows = list(csv.DictReader(io.StringIO(table.decode())))
    earned = week["totals"][0]["amount_minor"]
    assert round(100 * sum(float(row["amount"]) for row in rows)) == earned
    assert {row["route_id"] for row in rows} == {route.id}
    listed = doors.call("GET", "/v1/driver/statements", token=route.token).body
    (one,) = listed["statements"]
    lines = [*one["stops"], *one["route_lines"]]
    assert [f"{line['amount_minor'] / 100:.2f}" for line in lines] == [
        row["amount"] for row in rows
    ]
    assert sum(line["amount_minor"] for line in lines) == one["total_minor"] == earned
    assert [stop["end"] for stop in one["stops"]] == ["done"] * 3
    assert [one["route_id"] for day in week["days"] for one in day["routes"]] == [route.id]
    assert week["totals"] == [{"currency": "EUR", "amount_minor": paid["change_minor"]}]
    driver_id = doors.call("GET", "/v1/driver/profile", token=route.token).body["id"]
    assert doors.operate("GET", f"/v1/drivers/{driver_id}/statements").body == listed
    none = doors.call(
        "GET", "/v1/driver/earnings?from=2020-01-01&to=2020-01-31", token=route.token
    ).body
    assert none == {"totals": [], "days": []}


@pytest.mark.parametrize(
    "query", ["from=2026-02-01&to=2026-01-01", "from=2020-01-01&to=2026-01-01", "from=soon"]
)
def test_a_span_that_cannot_be_is_refused(doors: Doors, query: str) -> None:
    _, token = doors.a_driver()
    assert doors.call("GET", f"/v1/driver/earnings?{query}", token=token).status == 422


class Phones:
    """A text service that answers as it is told."""

    def __init__(self, *faults: Exception) -> None:
        self.faults, self.sent = list(faults), []  # type: ignore[var-annotated]

    def send(self, phone: str, body: str, kind: str) -> Any:
        if self.faults:
            raise self.faults.pop(0)
        self.sent.append((phone, body))
        return type("Answer", (), {"message_id": "1", "refusal": None})()


def a_reminder(doors: Doors, driver: tuple[str, str] | None = None) -> dict[str, Any]:
    driver_id, token = driver or doors.a_driver()
    planned = doors.call("POST", "/v1/driver/shifts", a_shift(doors), token).body
    data = {"hub_id": doors.hub_id, "driver_id": driver_id, "starts_at": planned["start_at"]}
    return crew_texts.message_for(
        Event("shift.reminded", planned["id"], 2, doors.stage.clock.now(), data)
    )


def test_a_driver_is_texted_once_whatever_is_lost(doors: Doors) -> None:
    message, phones = a_reminder(doors), Phones(TextNotSent())
    with pytest.raises(TextNotSent):
        crew_texts.send_text(work.run, phones, SERVER_KEY, message)
    assert crew_texts.send_text(work.run, phones, SERVER_KEY, message) is Fate.SENT
    assert crew_texts.send_text(work.run, phones, SERVER_KEY, message) is None
    ((_, body),) = phones.sent
    assert body.startswith("Lastmile: your shift at Hub North begins at")
    lost = Phones(Upstream())
    other = a_reminder(doors)
    assert crew_texts.send_text(work.run, lost, SERVER_KEY, other) is Fate.UNKNOWN
    assert crew_texts.send_text(work.run, lost, SERVER_KEY, other) is None
    assert lost.sent == []


def test_a_driver_is_reminded_in_the_language_that_the_app_speaks(doors: Doors) -> None:
    """What the app said last counts; a desk that changes the profile leaves it alone."""
    driver_id, token = doors.a_driver()
    assert doors.call("GET", "/v1/driver/profile", token=token).body["language"] is None
    for language in ("de", "es"):
        said = doors.call("PUT", "/v1/driver/language", {"language": language}, token)
        assert said.body["language"] == language
    renamed = doors.operate("PATCH", f"/v1/drivers/{driver_id}", {"name": "Dora Lindt"})
    assert renamed.status == 200
    message, phones = a_reminder(doors, (driver_id, token)), Phones()
    assert crew_texts.send_text(work.run, phones, SERVER_KEY, message) is Fate.SENT
    ((_, body),) = phones.sent
    assert body.startswith("Lastmile: tu turno en Hub North empieza a las ")


def test_nobody_is_reminded_of_a_shift_that_was_taken_back(doors: Doors) -> None:
    message, phones = a_reminder(doors), Phones()
    work.run(lambda uow: rota.cancel(uow, message["driver_id"], message["subject"]))
    assert crew_texts.send_text(work.run, phones, SERVER_KEY, message) is Fate.SKIPPED
    assert phones.sent == []


def test_a_paper_that_ends_is_named_with_its_day(doors: Doors) -> None:
    driver_id, _ = doors.a_driver()
    papers = [{"document": "driving_licence", "expires_on": "2026-12-24"}]
    data = {"hub_id": doors.hub_id, "driver_id": driver_id, "documents": papers}
    news = Event("driver.document_expiring", driver_id, 5, doors.stage.clock.now(), data)
    phones = Phones()
    assert (
        crew_texts.send_text(work.run, phones, SERVER_KEY, crew_texts.message_for(news))
        is Fate.SENT
    )
    assert "driving licence expires on 24.12.2026" in phones.sent[0][1]


def test_the_crews_clock_ends_duty_that_nobody_ended(doors: Doors) -> None:
    driver_id, token = doors.a_driver()
    ends_at = write_instant(doors.stage.clock.now() + timedelta(minutes=5))
    duty = {"on_duty": True, "shift_ends_at": ends_at, **HERE}
    assert doors.call("POST", "/v1/driver/duty", duty, token).status == 200
    doors.stage.clock.advance(minutes=30)
    assert wiring.clock().now() > store.load_work(work.begin(), driver_id).shift_ends_at  # type: ignore[operator]
    ended = work.run(lambda uow: service.end_overdue_duty(uow, driver_id))
    assert ended
    assert not store.load_work(work.begin(), driver_id).on_duty
