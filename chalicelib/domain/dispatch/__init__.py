"""Dispatch: waves of deliveries become routes, routes find drivers, drivers work them off.

Owns waves, routes, offers. ``waves`` and ``planning`` form and solve, ``adoption`` commits plans,
``matching`` and ``offers`` find a driver, ``driving`` is what happens on the road, ``following``
listens to deliveries and keeps routes in step with them. Emits ``route.*`` and ``offer.*``, and
through the deliveries room ``delivery.*``.
"""
