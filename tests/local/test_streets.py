"""How a street graph comes about: what cars may drive, and how fast, read off a map."""

from pathlib import Path

import boto3
import pytest

from chalicelib.domain.routing.streets import Streets
from local.streets import __main__ as tool
from local.streets.osm import read
from local.streets.raw import Tags, read_road

MAP = """<?xml version="1.0"?>
<osm version="0.6">
 <node id="1" lat="52.500" lon="13.400"/><node id="2" lat="52.500" lon="13.404"/>
 <node id="3" lat="52.500" lon="13.408"/><node id="4" lat="52.504" lon="13.408"/>
 <node id="5" lat="52.504" lon="13.400"/><node id="6" lat="52.600" lon="13.500"/>
 <way id="10"><nd ref="1"/><nd ref="2"/><nd ref="3"/><tag k="highway" v="residential"/></way>
 <way id="11"><nd ref="3"/><nd ref="4"/><tag k="highway" v="primary"/></way>
 <way id="12"><nd ref="4"/><nd ref="5"/><nd ref="1"/><tag k="highway" v="tertiary"/>
  <tag k="oneway" v="yes"/></way>
 <way id="13"><nd ref="2"/><nd ref="5"/><tag k="highway" v="footway"/></way>
 <way id="14"><nd ref="6"/><nd ref="99"/><tag k="highway" v="residential"/></way>
</osm>
"""


@pytest.fixture
def extract(tmp_path: Path) -> Path:
    path = tmp_path / "town.osm"
    path.write_text(MAP)
    return path


def test_a_map_becomes_stretches_that_cars_may_drive(extract: Path) -> None:
    driven = {(one.start, one.end) for one in read(extract).segments}
    assert {(1, 2), (2, 1), (4, 5), (5, 1)} <= driven
    assert not driven & {(5, 4), (1, 5), (2, 5), (6, 99)}


def test_what_leads_nowhere_falls_away(extract: Path) -> None:
    assert set(read(extract).largest_part().points) == {1, 2, 3, 4, 5}


@pytest.mark.parametrize(
    ("tags", "directions"),
    [
        ({"highway": "residential"}, (True, True)),
        ({"highway": "residential", "oneway": "-1"}, (False, True)),
        ({"highway": "primary", "junction": "roundabout"}, (True, False)),
        ({"highway": "motorway"}, (True, False)),
        ({"highway": "motorway", "oneway": "no"}, (True, True)),
    ],
)
def test_directions_are_those_of_the_map(tags: Tags, directions: tuple[bool, bool]) -> None:
    road = read_road(tags)
    assert road is not None
    assert (road.forward, road.backward) == directions


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway"},
        {"railway": "tram"},
        {"highway": "service", "access": "private"},
        {"highway": "residential", "motor_vehicle": "no", "access": "yes"},
        {"highway": "service", "area": "yes"},
    ],
)
def test_what_cars_may_not_drive_is_no_street(tags: Tags) -> None:
    assert read_road(tags) is None


@pytest.mark.parametrize(
    ("limit", "low", "high"),
    [("30", 26, 28), ("20 mph", 28, 30), ("none", 44, 52), ("walk", 44, 52), ("9999", 44, 52)],
)
def test_limits_are_kept_and_nonsense_is_none(limit: str, low: float, high: float) -> None:
    road = read_road({"highway": "primary", "maxspeed": limit})
    assert road is not None
    assert low <= road.kmh <= high


def test_the_tool_writes_what_the_product_reads(
    extract: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "town.streets"
    assert tool.main(["build", str(extract), "--out", str(out)]) == 0
    assert "5 points became" in capsys.readouterr().out
    assert Streets(out.read_bytes()).points > 10


def test_the_demo_town_has_streets_too(tmp_path: Path) -> None:
    out = tmp_path / "demo.streets"
    assert tool.main(["demo", "--out", str(out)]) == 0
    assert Streets(out.read_bytes()).nodes > 300


def test_a_map_without_streets_makes_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty = tmp_path / "sea.osm"
    empty.write_text('<osm version="0.6"></osm>')
    assert tool.main(["build", str(empty), "--out", str(tmp_path / "sea.streets")]) == 1
    assert not (tmp_path / "sea.streets").exists()
    assert "no streets" in capsys.readouterr().err


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"osm\.pbf"):
        read(tmp_path / "town.shp")


@pytest.mark.parametrize("name", ["town.shp", "not there.osm", "cut.osm"])
def test_what_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "cut.osm").write_text("<osm><node")
    assert tool.main(["build", str(tmp_path / name), "--out", str(tmp_path / "out")]) == 1
    assert "cannot be read" in capsys.readouterr().err


def test_a_graph_is_put_where_the_stack_looks(aws: None, tmp_path: Path) -> None:
    client = boto3.client("s3", region_name="us-east-1")
    client.create_bucket(Bucket="put-streets")
    file = tmp_path / "town.streets"
    file.write_bytes(b"LMST")
    assert tool.main(["put", str(file), "--bucket", "put-streets", "--hub", "hub_1"]) == 0
    kept = client.get_object(Bucket="put-streets", Key="streets/hub_1")["Body"]
    assert kept.read() == b"LMST"
    kept.close()
