"""Today: a hub's day as it stands, for whoever asks often.

``day_sheets`` hold what lies ahead of every driver, and are kept by ``sheet_store``;
``routes_of_day`` are those that its waves made; ``last_seen`` is where the drivers are; ``marks``
are what has changed lately, for consoles.
"""
