"""What can go wrong at the desk, with rules, changes and plans? Branches of ``kit/errors.py``.

::

    Conflict
    ├── RuleConflict                   409 rule_conflict
    ├── RuleBroken                     409 rule_broken
    ├── MoveImpossible                 409 move_impossible
    ├── MoveNeedsForce                 409 move_needs_force
    ├── PreviewStale                   409 preview_stale
    ├── DriverUnsuitable               409 driver_unsuitable
    ├── StopsLocked                    409 stops_locked
    ├── UndoRefused                    409 undo_refused
    └── PlanNotReady                   409 plan_not_ready
    Gone
    └── PlanExpired                    410 plan_expired
"""

from chalicelib.kit.errors import Conflict, Gone


class RuleConflict(Conflict):
    """A rule of the desk contradicts another one, ``rule_id``; or it is one too many."""

    code = "rule_conflict"
    title = "Another rule says otherwise"


class RuleBroken(Conflict):
    """A pin, an exclusion or a group stands in the way; ``violations`` names which."""

    code = "rule_broken"
    title = "A rule of the desk stands in the way"


class MoveImpossible(Conflict):
    """The stop cannot go there, whoever forces it; ``reason`` says why."""

    code = "move_impossible"
    title = "The stop cannot go there"


class MoveNeedsForce(Conflict):
    """It overloads, or outlasts a shift: ``violations`` says what; repeat it with ``force``."""

    code = "move_needs_force"
    title = "The change breaks a limit"


class PreviewStale(Conflict):
    """Somebody changed a route after the preview was made: ``route_id``, ``version``, ``by``."""

    code = "preview_stale"
    title = "A route changed after the preview"


class DriverUnsuitable(Conflict):
    """The driver cannot take the route; ``extra.bar`` says what stops him or her."""

    code = "driver_unsuitable"
    title = "This driver cannot take the route"


class StopsLocked(Conflict):
    """Parcels of the route are on board: they can only be handed over."""

    code = "stops_locked"
    title = "Parcels are on board already; hand the route over instead"


class UndoRefused(Conflict):
    """Too late, or something later rests on it: ``reason`` says which."""

    code = "undo_refused"
    title = "The change cannot be undone any more"


class PlanNotReady(Conflict):
    """The plan is still being made, was refused, or there was nothing to plan."""

    code = "plan_not_ready"
    title = "The plan cannot be committed"


class PlanExpired(Gone):
    """The proposal is half an hour old: the day has moved on, ask for a new one."""

    code = "plan_expired"
    title = "The plan has expired"
