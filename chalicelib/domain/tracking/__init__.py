"""Tracking: what a recipient may see, where drivers are, when they will be there.

Owns the view behind a recipient's link (``view``: pure, every word and every privacy rule), the
positions and trails of drivers (``whereabouts``; ``positions`` decides), the outlook of routes
(``outlooks``; ``forecast``, ``windows``, ``eta``, ``geofence`` and ``learning`` are pure), and the
check of uploaded proofs. Listens to ``route.*`` and ``driver.off_duty``; has ``delivery.announced``
and ``delivery.delayed`` told. The pages, the drivers' and the desk's API, ``take_positions`` and
``check_proof`` call it.
"""
