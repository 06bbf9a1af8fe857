"""The driver's app without a browser: what is served, how large it is, what it may load."""

import base64
import gzip
import hashlib
import itertools
import json
import re
import string
import struct
import tomllib
from pathlib import Path

import pytest
from chalice.test import Client

from chalicelib.kit import money
from chalicelib.kit.languages import NAMES, Language
from chalicelib.web import assets, driver_app
from tests.house import sources

WEB = Path("chalicelib/web")
MOST_SHELL_BYTES = 40_000
MOST_WEB_BYTES = 1_000_000


def gzipped(content: str) -> int:
    return len(gzip.compress(content.encode(), 9))


@pytest.fixture
def get(client: Client):
    def get(path: str, **headers: str):
        return client.http.get(path, headers={"Accept": "*/*", **headers})

    return get


# -- what is served ------------------------------------------------------------------------------


def test_the_page_names_only_files_that_are_there(get) -> None:
    page = get("/d").body.decode()
    named = re.findall(r'(?:href|src)="([^"]+)"', page)
    assert "d/manifest.webmanifest" in named
    assert len(named) > 15
    for path in named:
        assert get(f"/{path}").status_code == 200, path


def test_every_file_names_only_files_that_are_there(get) -> None:
    for asset in assets.by_name().values():
        if not asset.name.endswith(".js") or asset.name.startswith("vendor-"):
            continue
        named = re.findall(r'"(\.{1,2}/[^"]+\.\w+)"', asset.content)
        assert [one for one in named if one.removeprefix("./") not in assets.by_name()] == []


def test_links_are_relative_because_a_stage_stands_in_front(get) -> None:
    told = [get("/d").body.decode(), get("/d/manifest.webmanifest").body.decode()]
    assert [path for text in told for path in re.findall(r'"(/[^"]*)"', text)] == []
    assert [p for p in (*driver_app.shell(), *driver_app.later()) if p.startswith("/")] == []


def test_the_policy_lets_in_our_own_files_and_the_bucket_of_photos_and_nobody_else(get) -> None:
    policy = get("/d").headers["Content-Security-Policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == rules["style-src"] == "'self'"
    assert "unsafe" not in policy
    assert re.fullmatch(r"'self' https://\S+amazonaws\.com", rules["connect-src"])
    assert get("/d").headers["Permissions-Policy"].startswith("camera=(self), geolocation=(self)")


def test_nothing_of_ours_asks_a_third_party() -> None:
    """The ways to navigate are links that a finger follows."""
    linked = {"www.google.com", "maps.apple.com", "waze.com", "www.w3.org"}
    found = {
        host
        for file in (WEB / "static").rglob("*.*")
        if file.suffix in (".js", ".css", ".svg")
        for host in re.findall(r"https?://([\w.-]+)", file.read_text())
    }
    assert found <= linked


def test_a_file_is_good_for_ever_and_known_again(get) -> None:
    name = assets.served("static/driver/app.js")
    first = get(f"/s/{name}")
    assert "immutable" in first.headers["Cache-Control"]
    again = get(f"/s/{name}", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.body) == (304, b"")
    assert get("/s/driver-app.000000000000.js").status_code == 404


def test_the_page_is_asked_for_anew_and_known_again(get) -> None:
    first = get("/d")
    assert first.headers["Cache-Control"] == "no-cache"
    assert get("/d", **{"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_all_of_it_is_text(get) -> None:
    """API Gateway would hand out pictures in base64: browsers wish for other types first."""
    kinds = {asset.content_type.partition(";")[0] for asset in assets.by_name().values()}
    assert kinds == {"text/javascript", "text/css", "image/svg+xml", "application/json"}


def test_the_worker_keeps_the_shell_and_may_look_after_the_page(get) -> None:
    worker = get("/d/sw.js")
    assert worker.headers["Service-Worker-Allowed"] == "../d"
    kept = json.loads(re.match(r"const KEPT = (.*);\n", worker.body.decode())[1])
    named = re.findall(r'"(s/[^"]+)"', get("/d").body.decode())
    assert set(named) <= set(kept["shell"])
    assert not set(kept["shell"]) & set(kept["later"])


def test_what_the_app_loads_later_is_kept_by_the_worker_as_well() -> None:
    """A module that nobody named would be missed on the first day without a signal."""
    known = {*driver_app.shell(), *driver_app.later(), *driver_app.words().values()}
    for asset in assets.by_name().values():
        if asset.name.startswith("driver-"):
            assert f"s/{asset.name}" in known
            named = re.findall(r'"\./([^"]+)"', asset.content)
            assert [one for one in named if f"s/{one}" not in known] == []


def test_the_worker_keeps_the_words_of_the_language_that_its_address_names(get) -> None:
    worker = get("/d/sw.js?language=ar")
    assert worker.status_code == 200
    kept = json.loads(re.match(r"const KEPT = (.*);\n", worker.body.decode())[1])
    assert kept["words"].keys() == {language.value for language in Language}
    for path in kept["words"].values():
        assert json.loads(get(f"/{path}").body)["brand"] == "Lastmile" or "en-XA" in path


def test_the_phone_can_install_it(get) -> None:
    told = json.loads(get("/d/manifest.webmanifest").body)
    assert told["display"] == "standalone"
    sizes = {icon["sizes"] for icon in told["icons"]}
    assert {"192x192", "512x512"} <= sizes
    drawn, *pictures = told["icons"]
    assert get(drawn["src"].removeprefix("..")).status_code == 200
    for icon in pictures:
        content = base64.b64decode(icon["src"].removeprefix("data:image/png;base64,"))
        assert content.startswith(b"\x89PNG")
        assert f"{struct.unpack('>I', content[16:20])[0]}x" in icon["sizes"]


def test_files_that_name_each_other_are_an_error(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / f"{name}.js").write_text(f'import "./{other}.js";')
    with pytest.raises(ValueError, match="name each other"):
        assets._make(tmp_path / "a.js", {}, ())


# -- how large it is -----------------------------------------------------------------------------


@pytest.mark.parametrize("language", NAMES)
def test_the_shell_is_small_in_every_language(language: Language) -> None:
    """A slow phone network loads it in a second, with the words of the one language that it
    speaks; the map and the reader of codes come later."""
    pages = {"d": driver_app.page()}
    contents = [
        pages.get(path) or assets.by_name()[path.removeprefix("s/")].content
        for path in (*driver_app.shell(), driver_app.words()[language])
    ]
    assert sum(gzipped(content) for content in contents) <= MOST_SHELL_BYTES
    heavy = ("vendor-leaflet", "vendor-jsqr")
    assert [path for path in driver_app.shell() if any(one in path for one in heavy)] == []


def test_the_web_part_of_the_zip_is_small() -> None:
    files = [file for file in WEB.rglob("*") if file.is_file() and "__pycache__" not in file.parts]
    assert sum(file.stat().st_size for file in files) <= MOST_WEB_BYTES


# -- what is vendored ----------------------------------------------------------------------------

LIST = tomllib.loads((WEB / "vendor/VENDOR.toml").read_text())["file"]


@pytest.mark.parametrize("file", LIST, ids=lambda file: file["name"])
def test_a_vendored_library_is_the_one_that_was_looked_at(file) -> None:
    content = (WEB / "vendor" / file["name"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert all(re.fullmatch(r"[\w@/-]+@\d+\.\d+\.\d+", one) for one in file["packages"])
    notice = sources.read("NOTICE")
    assert all(one in notice for one in file["packages"]), "say its licence in NOTICE"


def test_nothing_is_vendored_unlisted() -> None:
    there = {file.name for file in (WEB / "vendor").iterdir()}
    assert there == {file["name"] for file in LIST} | {"VENDOR.toml", "LICENSES.txt"}


@pytest.mark.parametrize("module", ["driver/words.js", "ops/disputes.js"])
def test_amounts_are_written_with_the_digits_that_they_are_counted_with(module: str) -> None:
    """A browser's own digits for a forint are none: cash of 4,590.00 was shown as 459,000."""
    text = (WEB / "static" / module).read_text(encoding="utf-8")
    listed = dict(re.findall(r'const (WHOLE|IN_THOUSANDTHS) = "([A-Z ]+)";', text))
    codes = {"".join(three) for three in itertools.product(string.ascii_uppercase, repeat=3)}
    odd = {code: money.decimals(code) for code in codes if money.decimals(code) != 2}
    assert odd == {
        **dict.fromkeys(listed["WHOLE"].split(), 0),
        **dict.fromkeys(listed["IN_THOUSANDTHS"].split(), 3),
    }
    assert "minimumFractionDigits: digits, maximumFractionDigits: digits" in text
    assert "resolvedOptions().maximumFractionDigits" not in text
