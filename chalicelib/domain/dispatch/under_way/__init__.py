"""Under way: what happens to a route once its driver is on the road.

``driving``, ``handover`` and ``taps`` are the driver's own doing, ``choosing`` another stop first;
``following`` keeps routes in step with their deliveries and drivers. ``joining`` takes one more
along, ``reordering`` finds a better order, ``detours`` weighs another place for ``rerouting`` and
``second_visits``. ``town_pace`` learns from the taps.
"""
