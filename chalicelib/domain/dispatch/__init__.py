"""Dispatch: waves of deliveries become routes, routes find drivers, drivers work them off.

Owns waves, routes, offers. Here lies what all its parts speak: ``model``, ``store``, ``reasons``,
``itinerary`` (a route's steps, pure) and ``wages``. The parts, each importing only what follows it:
``under_way`` (on the road), ``plans`` (by the desk) and ``matching`` (whom to ask), ``today`` (a
hub's day as it stands), ``waves`` (what goes together, and when), ``rules`` (what may not be).
Emits ``route.*`` and ``offer.*``, and through the deliveries room ``delivery.*``.
"""
