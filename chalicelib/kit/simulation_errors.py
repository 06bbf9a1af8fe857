"""What can go wrong with recorded and simulated days? A branch of ``kit/errors.py``.

::

    Conflict
    ├── RecordingTooLarge              409 recording_too_large
    ├── NothingRecorded                409 nothing_recorded
    └── SimulationNotReady             409 simulation_not_ready
"""

from chalicelib.kit.errors import Conflict


class RecordingTooLarge(Conflict):
    """The day has more routes, deliveries or drivers than a recording holds."""

    code = "recording_too_large"
    title = "The day is too large to be recorded"


class NothingRecorded(Conflict):
    """Nothing was delivered at the hub on that day, so there is nothing to replay."""

    code = "nothing_recorded"
    title = "Nothing happened on that day"


class SimulationNotReady(Conflict):
    """No scenario has been played to its end yet, or it was given up: ``state`` says which."""

    code = "simulation_not_ready"
    title = "The simulation has no result"
