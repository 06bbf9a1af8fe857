"""A driver's phone: a browser's context with the app in it, and what a thumb can do there."""

import re
from dataclasses import dataclass, field
from typing import Any

from chalicelib.web import driver_app
from tests.web.browser.driver_stage import HERE, DriverStage

PHONE = {"width": 360, "height": 740}
#: What the outbox holds: id, kind, stop, time and pictures of each tap, oldest first.
OUTBOX = """() => new Promise((resolve) => {
  const request = indexedDB.open("lastmile-driver");
  request.onsuccess = () => {
    const all = request.result.transaction("outbox").objectStore("outbox").getAll();
    all.onsuccess = () => resolve(all.result.map(({ id, kind, stop_id, at, images }) =>
      [id, kind, stop_id, at, images.map(({ blob }) => [blob.type, blob.size])]));
  };
})"""
#: What the driver is known by until it is renewed.
TOKEN = """() => new Promise((resolve) => {
  const request = indexedDB.open("lastmile-driver");
  request.onsuccess = () => {
    const tokens = request.result.transaction("kept").objectStore("kept").get("tokens");
    tokens.onsuccess = () => resolve(tokens.result.access_token);
  };
})"""
KEPT_BY_THE_WORKER = """(wanted) => navigator.serviceWorker.ready.then(async () => {
  for (const name of await caches.keys()) {
    if ((await (await caches.open(name)).keys()).length >= wanted) return true;
  }
  return false;
})"""


@dataclass
class Phone:
    """One phone with one tab open."""

    context: Any
    tab: Any
    stage: DriverStage
    complaints: list[str] = field(default_factory=list)
    photos: list[str] = field(default_factory=list)

    def ready(self) -> None:
        """Until a screen stands: the frame does before, and some screens are fetched."""
        self.tab.wait_for_selector("html[data-ready] main h1")

    def put_away(self) -> None:
        """No answer of ours may fail because its page has gone."""
        self.context.unroute_all(behavior="ignoreErrors")
        self.context.close()

    def own_complaints(self) -> list[str]:
        """What the app complained of, but for the signal that a test took away."""
        return [text for text in self.complaints if "ERR_INTERNET_DISCONNECTED" not in text]

    def press(self, name: str) -> None:
        self.tab.get_by_role("button", name=name, exact=True).click()

    def sign_in(self, phone: str) -> None:
        self.tab.get_by_label("Phone number").fill(phone)
        self.press("Text me a code")
        self.tab.locator("#code").wait_for()
        self.tab.locator("#code").fill(self.code(phone))
        self.tab.get_by_role("navigation").wait_for()

    def code(self, phone: str) -> str:
        """The code of the last text."""
        found = re.search(r"\d{6}", self.stage.doors.texts.to(phone)[-1])
        assert found is not None
        return found.group()

    def outbox(self) -> list[list[Any]]:
        return list(self.tab.evaluate(OUTBOX))

    def wait_until_kept(self) -> None:
        """Until the worker keeps the app, one language, and what is loaded later: from here on no
        signal is needed."""
        wanted = len({*driver_app.shell(), *driver_app.later()}) + 1
        for _ in range(600):
            if self.tab.evaluate(KEPT_BY_THE_WORKER, wanted):
                return
            self.tab.wait_for_timeout(100)
        raise AssertionError("the worker does not keep the app")

    def take_photo(self, picture: bytes) -> None:
        file = {"name": "door.png", "mimeType": "image/png", "buffer": picture}
        self.tab.locator("input[type=file]").set_input_files(file)


def a_phone(
    browser: Any, stage: DriverStage, *, init: str = "", fragment: str = "", **options: Any
) -> Phone:
    """Open the app, by a link that ends in ``fragment``.

    Uploads to the bucket of photos succeed and are noted.
    """
    here = {**HERE, "accuracy": 10}
    context = browser.new_context(
        **{"viewport": PHONE, "geolocation": here, "permissions": ["geolocation"], **options}
    )
    if init:
        context.add_init_script(init)
    tab = context.new_page()
    phone = Phone(context, tab, stage)
    tab.on("console", lambda message: phone.complaints.append(message.text))
    tab.on("pageerror", lambda error: phone.complaints.append(str(error)))

    def keep(route: Any) -> None:
        phone.photos.append(route.request.url)
        route.fulfill(status=204, headers={"Access-Control-Allow-Origin": "*"})

    context.route("https://*.amazonaws.com/**", keep)
    context.route("https://*.amazonaws.com/", keep)
    tab.goto(stage.address + fragment)
    phone.ready()
    return phone
