"""Drivers: who drives, with what, from which hub; papers, shifts, duty, and what they are paid.

Owns the driver, the sign-in codes and tokens, the driver's work item (duty, live offer, current
route), shifts, pay rates and statements. Emits ``driver.*`` and ``shift.*``. Dispatch changes the
work item through ``store`` when it offers and assigns, and writes the statement of a route through
``earnings`` when it ends.
"""
