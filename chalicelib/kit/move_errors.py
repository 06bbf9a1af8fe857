"""What can go wrong when a delivery shall go elsewhere or come later? Part of the one tree.

::

    Conflict                           409 conflict
    ├── PointFull                      409 point_full
    ├── DoesNotFit                     409 does_not_fit
    ├── PointClosed                    409 point_closed
    ├── NeedsADoor                     409 needs_a_door
    ├── HomeUnknown                    409 home_unknown
    ├── WindowNotBookable              409 window_not_bookable
    ├── OthersWouldBeLate              409 others_would_be_late
    └── ExtensionRefused               409 extension_refused
"""

from chalicelib.kit.errors import Conflict


class PointFull(Conflict):
    """Every compartment that the parcel fits in is taken: another point may have one."""

    code = "point_full"
    title = "The pickup point has no room left"


class DoesNotFit(Conflict):
    """The point has no compartment of that size at all."""

    code = "does_not_fit"
    title = "The parcel does not fit in this pickup point"


class PointClosed(Conflict):
    """The point takes no parcels, or does not open before the promise ends."""

    code = "point_closed"
    title = "The pickup point is closed at that time"


class NeedsADoor(Conflict):
    """Cash or an ID is asked for: nobody at a pickup point takes the one or reads the other."""

    code = "needs_a_door"
    title = "This parcel has to be handed over in person"


class HomeUnknown(Conflict):
    """It was ordered to a pickup point, or the door was never found."""

    code = "home_unknown"
    title = "There is no door that it could go to"


class WindowNotBookable(Conflict):
    """The window is not one of those that can be booked now."""

    code = "window_not_bookable"
    title = "This window cannot be booked"


class OthersWouldBeLate(Conflict):
    """The parcel is on its way, and the detour breaks promises; ``extra.late`` says how many."""

    code = "others_would_be_late"
    title = "Others would get their parcels late"


class ExtensionRefused(Conflict):
    """It was kept longer once already, or others wait for the compartment."""

    code = "extension_refused"
    title = "The parcel cannot be kept longer"
