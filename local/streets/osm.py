"""How is an OpenStreetMap extract read? XML by the standard library, PBF by ``osmium`` if it is
installed (``pip install osmium``: a tool for this machine, nothing of the product).
"""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from local.streets.raw import Network, read_road


def read(path: Path) -> Network:
    """The network of an ``.osm``, ``.osm.xml`` or ``.osm.pbf``; raise ValueError for another."""
    name = path.name.lower()
    if name.endswith(".pbf"):
        return _read_pbf(path)
    if name.endswith((".osm", ".xml")):
        return _read_xml(path)
    raise ValueError("an extract is called *.osm, *.osm.xml or *.osm.pbf")


def _read_xml(path: Path) -> Network:
    network = Network()
    ways = []
    # A file that its user chose, on its user's machine.
    for _, element in ElementTree.iterparse(path):  # noqa: S314
        if element.tag == "node":
            position = float(element.attrib["lat"]), float(element.attrib["lon"])
            network.points[int(element.attrib["id"])] = position
        elif element.tag == "way":
            tags = {tag.attrib["k"]: tag.attrib["v"] for tag in element.iter("tag")}
            if read_road(tags) is not None:
                ways.append(([int(nd.attrib["ref"]) for nd in element.iter("nd")], tags))
        else:
            continue
        element.clear()
    for nodes, tags in ways:
        network.add_way(nodes, tags)
    return network


def _read_pbf(path: Path) -> Network:
    try:
        import osmium
    except ImportError:
        raise SystemExit("reading .pbf needs osmium: pip install osmium") from None
    network = Network()
    ways = []

    class Handler(osmium.SimpleHandler):  # type: ignore[misc]
        def node(self, node: Any) -> None:
            network.points[node.id] = (node.location.lat, node.location.lon)

        def way(self, way: Any) -> None:
            tags = {tag.k: tag.v for tag in way.tags}
            if read_road(tags) is not None:
                ways.append(([node.ref for node in way.nodes], tags))

    Handler().apply_file(str(path))
    for nodes, tags in ways:
        network.add_way(nodes, tags)
    return network
