"""Which instances are measured? Samples fixed by the order of names, before any result was known.

``wide``: all of Gehring-Homberger 1000 and ORTEC that there are here, and six sizes of X. ``core``:
every second one of it. ``others``: first, middle and last by name of every other family. ``pairs``:
those of ``others`` with pickups, 200 to 1,000 customers of Li-Lim, and Sartori-Buriol's.
"""

_GH1000 = [f"{kind}_10_{n}" for kind in ("c1", "c2", "r1", "r2", "rc1", "rc2") for n in (1, 4)]
_ORTEC = [
    f"ORTEC-VRPTW-ASYM-{name}"
    for name in (
        "180e9e8b-d1-n247-k16",
        "219c1a89-d1-n275-k18",
        "92f528a9-d1-n304-k35",
        "a57f2737-d1-n362-k21",
        "ab871b78-d1-n327-k22",
        "be9d7acd-d1-n221-k15",
        "c7de4e2f-d1-n471-k34",
        "cc05bba4-d1-n200-k15",
    )
]
_X = ["n1001-k43", "n209-k16", "n303-k21", "n411-k19", "n513-k21", "n641-k35"]
_OTHERS = {
    "cvrp_xxl": ("Antwerp1", "Ghent1", "Leuven1"),
    "hfvrp_x": ("X1001-FSMF", "X322-HD", "X916-FSMFD"),
    "mdvrptw": ("PR11A", "PR17A", "PR23A"),
    "mtvrptwr": ("C201R0.25", "R211R0.25", "RC2_2_10R0.25"),
    "pcvrptw_gh1000": ("C1_10_1", "R2_10_2", "RC2_10_6"),
    "pdptw_lilim100": ("lc101", "lr112", "lrc207"),
    "pdptw_lilim1000": ("LC1_10_1", "LR2_10_1", "LRC2_10_4"),
    "pdptw_lilim200": ("LC1_2_1", "LR1_2_8", "LRC2_2_8"),
    "pdptw_lilim400": ("LC1_4_1", "LR2_4_1", "LRC2_4_4"),
    "pdptw_lilim600": ("LC1_6_1", "LR2_6_1", "LRC2_6_4"),
    "pdptw_lilim800": ("LC1_8_1", "LR2_8_1", "LRC2_8_4"),
    "pdptw_sartori_osm": ("bar-n100-1", "ber-n100-3", "poa-n200-1"),
    "sdvrptw_skills": ("PR01", "PR15B", "PR23B"),
    "vrptw_gh200": ("c1_2_1", "r1_2_8", "rc2_2_8"),
    "vrptw_gh400": ("c1_4_1", "r1_4_7", "rc2_4_7"),
    "vrptw_gh600": ("c1_6_1", "r1_6_7", "rc2_6_7"),
    "vrptw_gh800": ("c1_8_1", "r2_8_1", "rc2_8_4"),
    "vrptw_solomon": ("C101", "R112", "RC207"),
}
_WITH_PAIRS = [f"pdptw_lilim{size}" for size in (200, 400, 600, 1000)] + ["pdptw_sartori_osm"]


def _within(families: list[str]) -> tuple[str, ...]:
    return tuple(f"{family}/{name}" for family in families for name in _OTHERS[family])


_WIDE = (
    *(f"cvrp_x/X-{name}" for name in _X),
    *(f"vrptw_gh1000/{name}" for name in _GH1000),
    *(f"vrptw_ortec_asym/{name}" for name in _ORTEC),
)

#: Names as family/instance, by sample.
SAMPLES: dict[str, tuple[str, ...]] = {
    "wide": _WIDE,
    "core": _WIDE[::2],
    "others": _within(list(_OTHERS)),
    "pairs": _within(_WITH_PAIRS),
}
