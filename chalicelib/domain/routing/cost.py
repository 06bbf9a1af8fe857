"""What is a plan's cost made of? Its parts, in points (see ``problem``)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cost:
    """The parts of a plan's cost [points].

    Parameters
    ----------
    vehicles, distance, duration, overtime
        What the vehicles' prices make of the routes.
    lateness
        Of handing over after ``Job.due_s``.
    fairness
        Of routes longer than ``Problem.fairness`` calls their share.
    changes
        Of jobs that are not on their ``planned_vehicle``, served ones only.
    penalties
        Of what is left out.
    """

    vehicles: int = 0
    distance: int = 0
    duration: int = 0
    overtime: int = 0
    lateness: int = 0
    fairness: int = 0
    changes: int = 0
    penalties: int = 0

    @property
    def driven(self) -> int:
        """Everything but the penalties."""
        parts = (self.vehicles, self.distance, self.duration, self.overtime)
        return sum(parts) + self.lateness + self.fairness + self.changes

    @property
    def total(self) -> int:
        return self.driven + self.penalties
