"""What can go wrong when somebody chooses what becomes of a failed delivery? Part of the one tree.

::

    Conflict                           409 conflict
    ├── NothingFailed                  409 nothing_failed
    ├── RecoverySettled                409 recovery_settled
    └── RemedyNotAllowed               409 remedy_not_allowed
"""

from chalicelib.kit.errors import Conflict


class NothingFailed(Conflict):
    """No attempt at this delivery has failed, or the failed one was taken back."""

    code = "nothing_failed"
    title = "No attempt has failed"


class RecoverySettled(Conflict):
    """It is too late, or somebody with more say has chosen: ``extra.state`` says how it stands."""

    code = "recovery_settled"
    title = "This can no longer be chosen"


class RemedyNotAllowed(Conflict):
    """Out of the question for this parcel: ``extra.why_not`` says why."""

    code = "remedy_not_allowed"
    title = "This cannot be done for this parcel"
