"""Instances of every family, small enough to be judged by hand."""

import json

import pytest

SOLOMON = """TINY

VEHICLE
NUMBER     CAPACITY
  2          10

CUSTOMER
CUST NO.  XCOORD.  YCOORD.  DEMAND  READY TIME  DUE DATE  SERVICE TIME

    0   0   0   0    0   100    0
    1   3   4   6    0    50   10
    2   6   8   4   20    60   10
    3   0   1   6    0    90    5
"""

LILIM = """2 10 1
0 0 0 0 0 100 0 0 0
1 3 4 6 0 50 1 0 2
2 6 8 -6 0 60 1 1 0
3 0 1 5 0 90 1 0 4
4 1 1 -5 0 90 1 3 0
"""

SARTORI = """NAME: tiny
LOCATION: Nowhere
TYPE: PDPTW
SIZE: 3
CAPACITY: 10
NODES
0 50.1 8.6 0 0 60 0 0 0
1 50.2 8.7 6 0 30 5 0 2
2 50.3 8.8 -6 10 60 5 1 0
EDGES
0 7 9
8 0 4
6 5 0
EOF
"""

CVRP = """NAME : tiny
TYPE : CVRP
DIMENSION : 4
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 1 1
DEMAND_SECTION
1 0
2 6
3 4
4 6
DEPOT_SECTION
 1
 -1
EOF
"""

ORTEC = """NAME : tiny
TYPE : VRPTW
DIMENSION : 3
EDGE_WEIGHT_TYPE : EXPLICIT
VEHICLES : 1
EDGE_WEIGHT_FORMAT : FULL_MATRIX
CAPACITY : 10
EDGE_WEIGHT_SECTION
0 10 20
11 0 5
22 6 0
DEMAND_SECTION
1 0
2 6
3 6
DEPOT_SECTION
1
-1
SERVICE_TIME_SECTION
1 0
2 3
3 3
TIME_WINDOW_SECTION
1 0 100
2 15 40
3 0 50
EOF
"""

HFVRP = """NAME: tiny
TYPE: HFVRP
DIMENSION: 3
VEHICLES: 2
EDGE_WEIGHT_TYPE: EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 6
3 4
CAPACITY_SECTION
1 6
2 10
VEHICLES_FIXED_COST_SECTION
1 300
2 1000
VEHICLES_UNIT_DISTANCE_COST_SECTION
1 100
2 150
DEPOT_SECTION
1
EOF
"""

MTVRPTWR = """NAME: tiny
TYPE: MTVRPTWR
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 3
VEHICLES: 2
CAPACITY: 6
SERVICE_TIME: 2
NODE_COORD_SECTION
1 0 0
2 3 4
3 0 5
DEMAND_SECTION
1 0
2 6
3 4
TIME_WINDOW_SECTION
1 0 60
2 0 30
3 0 40
RELEASE_TIME_SECTION
1 0
2 0
3 20
VEHICLES_RELOAD_DEPOT_SECTION
1 1
2 1
DEPOT_SECTION
1
EOF
"""

PCVRPTW = """NAME : tiny
TYPE : PCVRPTW
DIMENSION : 3
VEHICLES : 1
CAPACITY : 10
SERVICE_TIME : 2
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 6
3 4
TIME_WINDOW_SECTION
1 0 100
2 0 100
3 0 100
PRIZE_SECTION
1 0
2 25
3 3
DEPOT_SECTION
1
-1
EOF
"""

MDVRPTW = """NAME: tiny
TYPE: MDVRPTW
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 4
VEHICLES: 2
CAPACITY: 10
VEHICLES_MAX_DURATION: 20
NODE_COORD_SECTION
1 0 0
2 10 0
3 1 1
4 9.5 0
DEMAND_SECTION
1 0
2 0
3 6
4 6
SERVICE_TIME_SECTION
1 0
2 0
3 3
4 3
TIME_WINDOW_SECTION
1 0 100
2 0 100
3 40 50
4 0 50
VEHICLES_DEPOT_SECTION
1 1
2 2
DEPOT_SECTION
1
2
EOF
"""

SDVRPTW = """NAME: tiny
TYPE: SDVRPTW
EDGE_WEIGHT_TYPE: EUC_2D
DIMENSION: 3
VEHICLES: 2
VEHICLES_MAX_DURATION: 500
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
DEMAND_SECTION
1 0
2 6
3 4
SERVICE_TIME_SECTION
1 0
2 2
3 2
TIME_WINDOW_SECTION
1 0 100
2 0 100
3 0 100
CAPACITY_SECTION
1 10
2 10
VEHICLES_ALLOWED_CLIENTS_SECTION
1 2 3
2 3
EOF
"""

#: Family: (file, text, what its bks.json says, the best routes by truck).
FAMILIES = {
    "vrptw_solomon": (
        "tiny.txt",
        SOLOMON,
        {"distance_only": {"value": 22.0}, "hierarchical": {"vehicles": 2, "distance": 22.0}},
        [(0, [1, 2]), (1, [3])],
    ),
    "vrptw_gh1000": (
        "tiny.txt",
        SOLOMON,
        {"distance_dimacs": {"value": 22.0}},
        [(0, [1, 2]), (1, [3])],
    ),
    "pdptw_lilim100": (
        "tiny.txt",
        LILIM,
        {"distance_only": {"value": 20.606}},
        [(0, [3, 4, 1, 2])],
    ),
    "pdptw_sartori_osm": ("tiny.txt", SARTORI, {"vehicles": 1, "cost": 17}, [(0, [1, 2])]),
    "cvrp_x": ("tiny.vrp", CVRP, {"value": 22, "source": "CVRPLIB"}, [(0, [1, 2]), (1, [3])]),
    "vrptw_ortec_asym": ("tiny.txt", ORTEC, {"value": 63}, [(0, [1]), (1, [2])]),
    "hfvrp_x": ("tiny.vrp", HFVRP, {"value": 40.0, "source": "HFVRP"}, [(1, [1, 2])]),
    "mtvrptwr": ("tiny.vrp", MTVRPTWR, {"value": 200}, [(0, [1, 0, 2])]),
    "pcvrptw_gh1000": ("tiny.vrp", PCVRPTW, {"value": 130}, [(0, [1])]),
    "mdvrptw": ("tiny.vrp", MDVRPTW, {"value": 3828}, [(0, [2]), (1, [3])]),
    "sdvrptw_skills": ("tiny.vrp", SDVRPTW, {"value": 20000}, [(0, [1, 2])]),
}


@pytest.fixture
def a_file(tmp_path):
    """Writes a family's tiny instance, perhaps with something replaced; gives its path."""

    def write(family, *changes):
        name, text, known, _ = FAMILIES[family]
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        folder = tmp_path / family
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(text)
        (folder / "bks.json").write_text(json.dumps({"tiny": known}))
        return folder / name

    return write
