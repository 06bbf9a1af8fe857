"""Large answers are packed on the way: by API Gateway there, by the front door here, alike."""

import json
from pathlib import Path

from local import front_door


def test_the_front_door_packs_what_api_gateway_packs():
    config = json.loads(Path(".chalice/config.json").read_text())
    stage = config["stages"]["stack"]
    assert stage["minimum_compression_size"] == front_door.MINIMUM_COMPRESSION_BYTES


def test_only_large_text_for_who_can_read_it_is_packed():
    html, large = {"Content-Type": "text/html; charset=utf-8"}, b"x" * 1000
    assert front_door._is_packed("gzip, br", html, large)
    assert not front_door._is_packed("gzip", html, large[1:])
    assert not front_door._is_packed("br", html, large)
    assert not front_door._is_packed("gzip", {"content-type": "image/jpeg"}, large)
    assert not front_door._is_packed("gzip", {**html, "Content-Encoding": "gzip"}, large)
