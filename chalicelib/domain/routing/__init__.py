"""Routing: which vehicle visits which places, in which order, and when?

Owns the vehicle routing problem (``problem``), travel times (``travel``, ``calibration``,
``streets``; ``cell_roads`` asks a provider that it is given, and keeps its answers), the plan
(``plan``, ``schedule``), the engines that make one (``construct`` in pure Python, and
``ortools_engine`` in a process of its own) and the independent judge of every plan (``check``).
Pure but for those answers: integers in, integers out; it knows no delivery, driver or merchant,
and emits no events.

Called by dispatch (waves, re-planning) and by later rooms that need a matrix or a plan; the doors
are ``solve.solve``, ``travel.matrix`` and ``check.check``. Only ``ortools_engine`` imports
OR-Tools, and only the child process imports ``ortools_engine``.
"""
