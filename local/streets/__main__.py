"""``python -m local.streets``: make a hub's street graph, and put it where the stack looks for it.

::

    python -m local.streets build city.osm.pbf --out city.streets
    python -m local.streets demo --out town.streets
    python -m local.streets put city.streets --bucket BUCKET --hub hub_...

OpenStreetMap's data are under the ODbL: its contributors are named beneath every map that is drawn
of them. Streets of another origin are put with a credit of their own (``--credit TEXT``).
"""

import argparse
import sys
import time
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

from local.streets.contract import JUNCTION_S, contract, pack
from local.streets.osm import read
from local.streets.raw import Network

CREDIT = "Map: © OpenStreetMap contributors"


def key_of(hub_id: str) -> str:
    """Where the stack looks for a hub's streets (gateways.roads)."""
    return f"streets/{hub_id}"


def build(network: Network, out: Path, junction_s: float) -> None:
    started = time.process_time()
    network = network.largest_part()
    graph = contract(network, junction_s)
    packed = pack(graph)
    out.write_bytes(packed)
    print(
        f"{out}: {len(packed):,} bytes; {len(network.points):,} points became "
        f"{len(graph.nodes):,} junctions in {time.process_time() - started:.1f} s"
    )


def demo_town() -> Network:
    """The streets of the demo's town, as if they had been read from a map."""
    from local.town.places import build_town
    from local.town.streets import latlng

    streets = build_town().streets
    network = Network(dict(enumerate(latlng(point) for point in streets.crossings)))
    for street in streets.streets:
        kind = "secondary" if street.is_main else "residential"
        network.add_way([street.start, street.end], {"highway": kind})
    return network


def put(path: Path, bucket: str, hub_id: str, credit: str) -> None:
    import boto3

    # S3 keeps metadata in ASCII.
    told = {"credit": quote(credit)}
    body = path.read_bytes()
    boto3.client("s3").put_object(Bucket=bucket, Key=key_of(hub_id), Body=body, Metadata=told)
    print(f"s3://{bucket}/{key_of(hub_id)}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m local.streets", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (("build", "from an OpenStreetMap extract"), ("demo", "of the demo town")):
        command = commands.add_parser(name, help=what)
        if name == "build":
            command.add_argument("extract", type=Path)
        command.add_argument("--out", type=Path, required=True)
        command.add_argument("--junction-s", type=float, default=JUNCTION_S)
    command = commands.add_parser("put", help="to a stack's bucket")
    command.add_argument("file", type=Path)
    command.add_argument("--bucket", required=True)
    command.add_argument("--hub", required=True)
    command.add_argument("--credit", default=CREDIT, help="stands beneath every map")
    given = parser.parse_args(arguments)
    if given.command == "put":
        put(given.file, given.bucket, given.hub, given.credit)
        return 0
    try:
        network = demo_town() if given.command == "demo" else read(given.extract)
    except (OSError, ValueError, ElementTree.ParseError) as error:
        print(f"the extract cannot be read: {error}", file=sys.stderr)
        return 1
    if not network.segments:
        print("there are no streets in it", file=sys.stderr)
        return 1
    build(network, given.out, given.junction_s)
    return 0


if __name__ == "__main__":
    sys.exit(main())
