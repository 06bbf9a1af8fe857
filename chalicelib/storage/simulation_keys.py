"""Where do simulations stand that somebody asked for? Part of the map of docs/keys.md.

In ``eph``: they can be asked for again, and go after a month. What is large lies in S3.
"""

from chalicelib.storage.keys import Key, TableName


def simulation(simulation_id: str) -> Key:
    return Key(TableName.EPH, f"SIM#{simulation_id}")


def simulation_asked(simulation_id: str) -> Key:
    """Its place in the list of all: ids begin with their time, and no two are alike."""
    return Key(TableName.EPH, "SIMS", simulation_id)


def simulation_asked_at_hub(hub_id: str, simulation_id: str) -> Key:
    """Its place in the list of its hub."""
    return Key(TableName.EPH, f"SIMS#{hub_id}", simulation_id)


def simulations_asked(hub_id: str | None) -> str:
    return "SIMS" if hub_id is None else f"SIMS#{hub_id}"


def simulation_run(simulation_id: str, scenario: int, seed: int) -> Key:
    return Key(TableName.EPH, f"SIM#{simulation_id}", f"R#{scenario:02d}#{seed:06d}")


def simulation_runs(simulation_id: str) -> tuple[str, str]:
    return f"SIM#{simulation_id}", "R#"
